//! One hash, in the memory of a worker, written as a PHC string.

use argon2::{
    ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use serde::Deserialize;

use super::HashError;

/// Octets of a hash.
const OUTPUT_OCTETS: usize = 32;
const SALT_OCTETS: usize = 16;

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// Memory, KiB.
    pub m_kib: u32,
    /// Passes.
    pub t: u32,
    /// Lanes.
    pub p: u32,
}

impl Costs {
    /// # Errors
    /// Argon2 does not allow these.
    pub fn params(self) -> Result<Params, HashError> {
        Params::new(self.m_kib, self.t, self.p, Some(OUTPUT_OCTETS)).map_err(HashError::Params)
    }
}

/// Hashes a secret under a new salt.
pub(super) fn hash(secret: &[u8], costs: Costs, memory: &mut Vec<Block>) -> Result<String, HashError> {
    let params = costs.params()?;
    let mut salt = [0; SALT_OCTETS];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| HashError::Random)?;
    let output = derive(secret, &salt, &params, memory)?;
    let phc = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(HashError::Phc)?,
        salt: Some(Salt::new(&salt).map_err(HashError::Format)?),
        hash: Some(Output::new(&output).map_err(HashError::Format)?),
    };
    Ok(phc.to_string())
}

/// Whether a secret is the one behind a stored PHC string.
pub(super) fn verify(secret: &[u8], phc: &str, memory: &mut Vec<Block>) -> Result<bool, HashError> {
    let stored = PasswordHash::new(phc).map_err(HashError::Format)?;
    let params = Params::try_from(&stored).map_err(HashError::Phc)?;
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else { return Err(HashError::Incomplete) };
    if stored.algorithm != ARGON2ID_IDENT || expected.len() != OUTPUT_OCTETS {
        return Err(HashError::Incomplete);
    }
    let output = derive(secret, salt, &params, memory)?;
    Ok(aws_lc_rs::constant_time::verify_slices_are_equal(&output, expected.as_bytes()).is_ok())
}

/// Whether a stored PHC string was made with less than today's costs.
pub(super) fn is_weaker(phc: &str, costs: Costs) -> Result<bool, HashError> {
    let stored = PasswordHash::new(phc).map_err(HashError::Format)?;
    let params = Params::try_from(&stored).map_err(HashError::Phc)?;
    Ok(params.m_cost() < costs.m_kib || params.t_cost() < costs.t)
}

fn derive(secret: &[u8], salt: &[u8], params: &Params, memory: &mut Vec<Block>) -> Result<[u8; OUTPUT_OCTETS], HashError> {
    // Only a hash made with more memory than today's grows the buffer.
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::default());
    }
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut output = [0; OUTPUT_OCTETS];
    argon2.hash_password_into_with_memory(secret, salt, &mut output, memory).map_err(HashError::Params)?;
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COSTS: Costs = Costs { m_kib: 64, t: 1, p: 1 };

    #[test]
    fn hash_verifies_only_its_secret() {
        let mut memory = Vec::new();
        let phc = hash(b"secret", COSTS, &mut memory).expect("hash");
        assert!(phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{phc}");
        assert!(verify(b"secret", &phc, &mut memory).expect("verify"));
        assert!(!verify(b"Secret", &phc, &mut memory).expect("verify"));
        assert!(verify(b"secret", "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$AAAA", &mut memory).is_err());
        assert!(verify(b"secret", "plain", &mut memory).is_err());
    }

    #[test]
    fn a_hash_of_another_program_verifies() {
        // argon2 "password" with salt "somesalt": the reference implementation's own vector, -id -t 2 -m 16 -p 1.
        let phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert!(verify(b"password", phc, &mut Vec::new()).expect("verify"));
    }

    #[test]
    fn less_than_todays_costs_is_weaker() {
        let phc = hash(b"secret", COSTS, &mut Vec::new()).expect("hash");
        assert!(!is_weaker(&phc, COSTS).expect("costs"));
        assert!(is_weaker(&phc, Costs { m_kib: 128, ..COSTS }).expect("costs"));
        assert!(is_weaker(&phc, Costs { t: 2, ..COSTS }).expect("costs"));
        assert!(!is_weaker(&phc, Costs { m_kib: 32, ..COSTS }).expect("costs"));
    }
}
