//! What an officer's key signs.

use sealcast_contracts::context::EXPORT_NOTATION;
use time::OffsetDateTime;

use crate::{Client, Error, account::key_error};

impl Client {
    /// Signs an export's manifest as the account that made it.
    ///
    /// # Errors
    /// [`Error::Key`].
    pub fn sign_export(&self, manifest: &[u8], at: OffsetDateTime) -> Result<Vec<u8>, Error> {
        self.key.sign(manifest, EXPORT_NOTATION, "v1", at).map_err(key_error)
    }
}
