//! The configuration; `defaults.toml` is its manual.

use sealcast_bus::BusConfig;
use sealcast_contracts::auth::Role;
use sealcast_runtime::{AdminConfig, Base, LogConfig, SecretFile, postgres::PostgresConfig};
use sealcast_signals::SignalsConfig;
use serde::Deserialize;

use crate::{passwords::PasswordsConfig, sessions::SessionsConfig, throttle::ThrottleConfig};

/// The embedded defaults.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// Everything that auth-svc can be told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    #[serde(default)]
    pub accounts: AccountsConfig,
    pub passwords: PasswordsConfig,
    pub sessions: SessionsConfig,
    pub throttle: ThrottleConfig,
    pub postgres: PostgresConfig,
    pub nats: BusConfig,
    pub redis: SignalsConfig,
    pub log: LogConfig,
    pub admin: AdminConfig,
}

impl Base for Config {
    fn log(&self) -> &LogConfig {
        &self.log
    }

    fn admin(&self) -> &AdminConfig {
        &self.admin
    }
}

/// The section `[accounts]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountsConfig {
    /// The token that makes the first admin; absent: nobody can become admin by a token.
    #[serde(default)]
    pub bootstrap_token_file: Option<SecretFile>,
    /// Roles that count only in sessions that were opened with a one-time code.
    #[serde(default)]
    pub second_factor_for: Vec<Role>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_complete() {
        let config: Config = sealcast_runtime::load(DEFAULTS).expect("defaults");
        assert!(config.passwords.workers() >= 1);
        assert!(config.accounts.bootstrap_token_file.is_none());
    }
}
