//! Passwords: what the client derived from them is hashed again, in a bounded pool.

mod calls;
mod phc;
mod pool;
pub(crate) mod store;

pub(crate) use calls::check_kdf;
pub use calls::{change_password, prelogin};
pub use phc::Costs;
pub use pool::{HashError, HashPool, Rank, Verdict};
use sealcast_runtime::SecretFile;
use serde::Deserialize;

/// The section `[passwords]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordsConfig {
    pub costs: Costs,
    /// Hashing threads; 0: one less than there are cores, and at least one.
    pub workers: usize,
    /// At least 32 octets of text, the same for all replicas and for ever.
    pub prelogin_key_file: SecretFile,
}

impl PasswordsConfig {
    pub(crate) fn workers(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(1, |cores| cores.get() - 1).max(1),
            workers => workers,
        }
    }
}
