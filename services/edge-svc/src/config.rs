//! The configuration; `defaults.toml` is its manual.

use std::{net::SocketAddr, path::PathBuf};

use sealcast_bus::BusConfig;
use sealcast_runtime::{AdminConfig, Base, LogConfig};
use sealcast_signals::SignalsConfig;
use serde::{Deserialize, Serialize};

/// The embedded defaults.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// Everything that edge-svc can be told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub edge: EdgeConfig,
    pub listen: ListenConfig,
    pub tls: TlsConfig,
    pub streams: StreamsConfig,
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

/// What this node is and offers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeConfig {
    pub node: String,
    pub registration: Registration,
    /// The built front end; empty: none is served.
    pub assets: PathBuf,
    pub docs: bool,
    pub requests_per_minute: u32,
    pub unsigned_requests_per_minute: u32,
    pub session_believed_s: u64,
}

impl EdgeConfig {
    /// The node's name.
    pub fn node_name(&self) -> String {
        if self.node.is_empty() { sealcast_runtime::host_name() } else { self.node.clone() }
    }
}

/// Who may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Everybody.
    Open,
    /// Whoever has a valid invite link.
    Invite,
}

/// The public port.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenConfig {
    pub address: SocketAddr,
    pub connections_max: usize,
    pub connections_per_address_max: usize,
    pub handshake_timeout_s: u64,
    pub header_timeout_s: u64,
    pub send_buffer_octets: usize,
    pub proxy_trusted: Vec<String>,
}

/// The public certificate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    pub certificates: PathBuf,
    pub key: PathBuf,
    pub reload_interval_s: u64,
    pub tls12: bool,
}

/// The live streams.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamsConfig {
    /// 0: one for each core.
    pub shards: usize,
    pub record_path: RecordPath,
    pub io_uring: bool,
    pub streams_max: usize,
    pub streams_per_account_max: usize,
    pub ring_frames_max: usize,
    pub ring_octets_max: usize,
    pub lag_frames_max: u32,
    pub lag_octets_max: u32,
    pub window_max_ms: u64,
    pub replay_messages_max: u64,
    pub age_max_s: u64,
    pub drain_settle_ms: u64,
    pub drain_spread_ms: u32,
}

/// Who seals what streams carry over a connection of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordPath {
    /// We do, with keys taken from rustls after the handshake.
    Extracted,
    /// rustls does, and keeps its connection.
    Rustls,
}
