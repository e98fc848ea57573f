use std::net::SocketAddr;

use figment::{
    Figment,
    providers::{Env, Format, Toml},
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::TracesConfig;

/// Names the configuration file.
pub(crate) const FILE_VARIABLE: &str = "SEALCAST_CONFIG";
const ENV_PREFIX: &str = "SEALCAST_";

/// The sections that every service has. A service's `Config` holds them beside its own, nested, with `deny_unknown_fields`.
pub trait Base {
    fn log(&self) -> &LogConfig;
    fn admin(&self) -> &AdminConfig;
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// A filter such as `info` or `info,sealcast_edge_svc=debug`.
    pub level: String,
    /// Loki's base URL; empty means stdout only.
    #[serde(default)]
    pub loki_url: String,
    #[serde(default)]
    pub traces: TracesConfig,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminConfig {
    /// Where `/live`, `/ready` and `/metrics` answer; never a public address.
    pub listen: SocketAddr,
    /// How long a drain may take after SIGTERM, seconds.
    pub drain_grace_s: u64,
}

/// Reads the configuration: embedded defaults, then the file named by `SEALCAST_CONFIG`, then `SEALCAST_<SECTION>__<KEY>`.
///
/// # Errors
/// An unknown or malformed key, named with the place it comes from; a named file that does not exist.
pub fn load<C: DeserializeOwned>(defaults: &str) -> Result<C, Box<figment::Error>> {
    let mut figment = Figment::from(Toml::string(defaults));
    if let Some(file) = std::env::var_os(FILE_VARIABLE) {
        figment = figment.merge(Toml::file_exact(std::path::PathBuf::from(file)));
    }
    // Only names with a section count: SEALCAST_CONFIG and launcher variables are not keys.
    let env = Env::prefixed(ENV_PREFIX).filter(|key| key.as_str().contains("__")).split("__");
    figment.merge(env).extract().map_err(Box::new)
}

#[cfg(test)]
mod tests {
    use figment::Jail;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Config {
        log: LogConfig,
    }

    const DEFAULTS: &str = "[log]\nlevel = \"info\"\n";

    #[test]
    #[allow(clippy::result_large_err)]
    fn file_overrides_defaults_and_env_overrides_both() {
        Jail::expect_with(|jail| {
            jail.create_file("s.toml", "[log]\nlevel = \"warn\"\nloki_url = \"http://loki\"\n")?;
            jail.set_env("SEALCAST_CONFIG", "s.toml");
            jail.set_env("SEALCAST_LOG__LEVEL", "debug");
            let config: Config = load(DEFAULTS).map_err(|error| *error)?;
            assert_eq!((config.log.level.as_str(), config.log.loki_url.as_str()), ("debug", "http://loki"));
            Ok(())
        });
    }

    #[test]
    #[allow(clippy::result_large_err)]
    fn a_misspelt_key_is_named() {
        Jail::expect_with(|jail| {
            jail.set_env("SEALCAST_LOG__LEVLE", "debug");
            let error = load::<Config>(DEFAULTS).expect_err("unknown key").to_string();
            assert!(error.contains("levle"), "{error}");
            Ok(())
        });
    }

    #[test]
    #[allow(clippy::result_large_err)]
    fn a_missing_file_stops_the_start() {
        Jail::expect_with(|jail| {
            jail.set_env("SEALCAST_CONFIG", "absent.toml");
            assert!(load::<Config>(DEFAULTS).is_err());
            Ok(())
        });
    }
}
