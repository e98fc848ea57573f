//! One-time codes beside the password (RFC 6238).

use reqwest::Method;
use sealcast_contracts::auth::{Kdf, NewSecondFactor, Proof, SecondFactor};

use super::Session;
use crate::{
    Error,
    bodies::{SecondFactorConfirmation, SecondFactorRemoval, SecondFactorRequest},
    secrets::Derived,
};

const PATH: &str = "account/second-factor";

/// Fails as every request does.
impl Session {
    /// Whether the account has a second factor, and needs one.
    pub async fn second_factor(&self) -> Result<SecondFactor, Error> {
        self.get(PATH, &[]).await
    }

    /// Draws a secret for an authenticator; [`Self::confirm_second_factor`] puts it into force.
    pub async fn begin_second_factor(&self, password: &str, kdf: &Kdf) -> Result<NewSecondFactor, Error> {
        self.write(Method::POST, PATH, &SecondFactorRequest { proof: proof(password, kdf).await? }).await
    }

    /// Shows with a first code that the authenticator has it.
    pub async fn confirm_second_factor(&self, code: &str) -> Result<SecondFactor, Error> {
        self.write(Method::POST, &format!("{PATH}/confirmation"), &SecondFactorConfirmation { code }).await
    }

    /// Does away with it.
    pub async fn remove_second_factor(&self, password: &str, kdf: &Kdf, code: &str) -> Result<SecondFactor, Error> {
        let removal = SecondFactorRemoval { proof: proof(password, kdf).await?, code };
        self.write(Method::POST, &format!("{PATH}/removal"), &removal).await
    }
}

async fn proof(password: &str, kdf: &Kdf) -> Result<Proof, Error> {
    Ok(Proof::Password(Derived::from_password(password, kdf).await?.auth_base64()))
}
