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
    use std::{path::PathBuf, process::Command};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Config {
        log: LogConfig,
    }

    const DEFAULTS: &str = "[log]\nlevel = \"info\"\n";
    /// Says to `child` that it is one.
    const CHILD: &str = "CONFIG_CHILD";

    /// What the others start: the environment of a process belongs to all of its tests.
    #[test]
    fn child() {
        if std::env::var_os(CHILD).is_none() {
            return;
        }
        match load::<Config>(DEFAULTS) {
            Ok(config) => println!("level={} loki={}", config.log.level, config.log.loki_url),
            Err(error) => println!("refused: {error}"),
        }
    }

    fn loaded_with(variables: &[(&str, &str)]) -> String {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "config::tests::child", "--nocapture"]).env(CHILD, "1").envs(variables.iter().copied());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    fn file(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("sealcast-config-{}-{name}", std::process::id()))
    }

    #[test]
    fn file_overrides_defaults_and_env_overrides_both() {
        let file = file("s.toml");
        std::fs::write(&file, "[log]\nlevel = \"warn\"\nloki_url = \"http://loki\"\n").unwrap();
        let named = [("SEALCAST_CONFIG", file.to_str().unwrap())];
        let (alone, both) = (loaded_with(&named), loaded_with(&[named[0], ("SEALCAST_LOG__LEVEL", "debug")]));
        std::fs::remove_file(&file).unwrap();
        assert!(loaded_with(&[]).contains("level=info loki=\n"));
        assert!(alone.contains("level=warn loki=http://loki\n"), "{alone}");
        assert!(both.contains("level=debug loki=http://loki\n"), "{both}");
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let said = loaded_with(&[("SEALCAST_LOG__LEVLE", "debug")]);
        assert!(said.contains("refused: unknown field") && said.contains("levle"), "{said}");
    }

    #[test]
    fn a_missing_file_stops_the_start() {
        let said = loaded_with(&[("SEALCAST_CONFIG", file("absent.toml").to_str().unwrap())]);
        assert!(said.contains("refused: "), "{said}");
    }
}
