//! The compliance certificates of an organisation, one after the other, each named by the signature of the one before.

use sealcast_contracts::{
    Fingerprint,
    chat::{ComplianceStep, Organisation},
};
use sealcast_pgp::{
    certificate::{Certificate, Validity},
    rotation,
};
use time::OffsetDateTime;

use crate::Error;

/// A compliance certificate in its place.
#[derive(Clone, Debug)]
pub struct Step {
    pub certificate: Certificate,
    /// From when messages are encrypted to it; absent of the first one.
    pub effective_at: Option<OffsetDateTime>,
}

/// A chain whose every signature was checked: from the first certificate to the newest, which may not be in force yet.
///
/// It says which certificates follow one another, not where it may begin: that is what a pin is for.
#[derive(Clone, Debug)]
pub struct Succession(Vec<Step>);

impl Succession {
    /// Checks what a server says; `None` when the organisation is not set up.
    ///
    /// # Errors
    /// [`Error::Verification`] when a certificate is not of the profile, or is not what the one before signed.
    pub fn verify(organisation: &Organisation, now: OffsetDateTime) -> Result<Option<Self>, Error> {
        let alone = organisation.compliance.iter().map(|compliance| ComplianceStep {
            fingerprint: compliance.fingerprint,
            certificate: compliance.certificate.clone(),
            rotation: None,
        });
        // A server that is older than rotations has one certificate.
        let alone: Vec<_> = if organisation.compliance_succession.is_empty() { alone.collect() } else { Vec::new() };
        let mut steps: Vec<Step> = Vec::new();
        for step in organisation.compliance_succession.iter().chain(&alone) {
            let next = check(steps.last(), step, now)?;
            if steps.iter().any(|earlier| earlier.certificate.key.fingerprint == next.certificate.key.fingerprint) {
                return Err(broken(step, "it stands there twice"));
            }
            steps.push(next);
        }
        Ok(if steps.is_empty() { None } else { Some(Self(steps)) })
    }

    /// Every certificate, the first one first.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Those that are or were in force, the one in force last.
    pub fn until(&self, now: OffsetDateTime) -> &[Step] {
        let started = self.0.iter().skip(1).take_while(|step| step.effective_at.is_some_and(|at| at <= now)).count();
        self.0.get(..=started).unwrap_or(&self.0)
    }

    /// The one in force for somebody who has pinned a certificate, or none yet. It is never one before the pin.
    ///
    /// # Errors
    /// [`Error::Verification`] when the chain does not lead through the pin, or the certificate does not hold any more.
    pub fn in_force(&self, pin: Option<Fingerprint>, now: OffsetDateTime) -> Result<&Step, Error> {
        let current = self.until(now).len() - 1;
        let place = match pin {
            None => current,
            Some(pin) => self.place(&pin).ok_or_else(|| self.stranger(pin, current))?.max(current),
        };
        let step = &self.0[place];
        match step.certificate.key.validity(now.max(step.certificate.key.created)) {
            Validity::Current => Ok(step),
            _ => Err(Error::Verification("the compliance certificate: it is expired or revoked".to_owned())),
        }
    }

    /// The certificate that comes next, when one was named.
    pub fn pending(&self, now: OffsetDateTime) -> Option<&Step> {
        self.0.get(self.until(now).len())
    }

    /// From the first of these that stands in it, itself included. What stands before was signed by nobody for whom one of them
    /// speaks: it is the server's word alone.
    pub fn following(mut self, known: &[Fingerprint]) -> Option<Self> {
        let first = self.0.iter().position(|step| known.contains(&step.certificate.key.fingerprint))?;
        Some(Self(self.0.split_off(first)))
    }

    /// The certificate to whose encryption key a message is sealed.
    pub fn of_recipient(&self, encryption_fp: &Fingerprint) -> Option<&Step> {
        self.0.iter().find(|step| step.certificate.encryption.fingerprint == *encryption_fp)
    }

    /// Where a certificate stands.
    pub fn place(&self, fingerprint: &Fingerprint) -> Option<usize> {
        self.0.iter().position(|step| step.certificate.key.fingerprint == *fingerprint)
    }

    fn stranger(&self, pin: Fingerprint, current: usize) -> Error {
        let offered = self.0[current].certificate.key.fingerprint;
        Error::Verification(format!("the compliance certificate is {offered}, but {pin} is pinned and did not name it"))
    }
}

fn check(before: Option<&Step>, step: &ComplianceStep, now: OffsetDateTime) -> Result<Step, Error> {
    let certificate = Certificate::parse_past_compliance(step.certificate.as_slice(), now)
        .map_err(|error| Error::Verification(format!("the compliance certificate: {error}")))?;
    if certificate.key.fingerprint != step.fingerprint {
        return Err(broken(step, "it is another certificate"));
    }
    let effective_at = match (before, &step.rotation) {
        (None, None) => None,
        (Some(before), Some(rotation)) => {
            let new = (&step.fingerprint, step.certificate.as_slice());
            rotation::verify(&before.certificate.key, new, rotation.effective_at, rotation.sig.as_slice())
                .map_err(|error| broken(step, &format!("the signature of the one before: {error}")))?;
            if before.effective_at.is_some_and(|earlier| rotation.effective_at <= earlier) {
                return Err(broken(step, "it comes into force before the one that named it"));
            }
            Some(rotation.effective_at)
        }
        _ => return Err(broken(step, "exactly the first certificate has no signature of one before")),
    };
    Ok(Step { certificate, effective_at })
}

fn broken(step: &ComplianceStep, what: &str) -> Error {
    Error::Verification(format!("the compliance certificate {}: {what}", step.fingerprint))
}

#[cfg(test)]
mod tests {
    use sealcast_contracts::{
        Base64,
        chat::{Certificate as Published, ComplianceRotation},
        context::COMPLIANCE_NOTATION,
    };
    use sealcast_pgp::keyring::SecretKey;
    use time::Duration;

    use super::*;
    use crate::trust::Trust;

    const T: OffsetDateTime = time::macros::datetime!(2026-03-01 00:00 UTC);

    fn key() -> SecretKey {
        SecretKey::generate_user("Compliance", T - Duration::days(30)).unwrap()
    }

    fn first(key: &SecretKey) -> ComplianceStep {
        ComplianceStep { fingerprint: key.fingerprint(), certificate: Base64(key.certificate_octets().unwrap()), rotation: None }
    }

    /// `signer` names `key`.
    fn next(signer: &SecretKey, key: &SecretKey, effective_at: OffsetDateTime) -> ComplianceStep {
        let step = first(key);
        let statement = rotation::statement(&signer.fingerprint(), &step.fingerprint, step.certificate.as_slice(), effective_at);
        let sig = signer.sign(statement.as_bytes(), COMPLIANCE_NOTATION, rotation::VERSION, T - Duration::DAY).unwrap();
        ComplianceStep { rotation: Some(ComplianceRotation { effective_at, sig: Base64(sig) }), ..step }
    }

    fn of(steps: Vec<ComplianceStep>) -> Organisation {
        Organisation { compliance: None, compliance_succession: steps, lobby: None }
    }

    fn verified(steps: Vec<ComplianceStep>) -> Succession {
        Succession::verify(&of(steps), T).unwrap().unwrap()
    }

    fn refused(steps: Vec<ComplianceStep>) -> bool {
        matches!(Succession::verify(&of(steps), T), Err(Error::Verification(_)))
    }

    #[test]
    fn the_pin_moves_along_the_chain_when_the_time_has_come() {
        let [a, b, c] = [key(), key(), key()];
        let chain = verified(vec![first(&a), next(&a, &b, T), next(&b, &c, T + Duration::days(7))]);
        let mut trust = Trust::default();
        let mut meets = |at| trust.meet_compliance(&chain, at).unwrap().key.fingerprint;
        assert_eq!(meets(T - Duration::SECOND), a.fingerprint());
        assert_eq!(meets(T), b.fingerprint());
        assert_eq!(meets(T - Duration::HOUR), b.fingerprint(), "a clock that goes back does not bring the old key back");
        assert_eq!(chain.pending(T).map(|step| step.certificate.key.fingerprint), Some(c.fingerprint()));
        assert_eq!(meets(T + Duration::days(8)), c.fingerprint());
        assert!(chain.pending(T + Duration::days(8)).is_none());
        assert_eq!(trust.compliance, Some(c.fingerprint()));
        assert_eq!(chain.until(T).len(), 2);
        assert_eq!(chain.of_recipient(&b.certificate().encryption.fingerprint).unwrap().certificate, *b.certificate());
    }

    #[test]
    fn a_pin_in_the_middle_is_followed_and_one_outside_is_not() {
        let [a, b, c, stranger] = [key(), key(), key(), key()];
        let steps = || vec![first(&a), next(&a, &b, T - Duration::DAY), next(&b, &c, T)];
        let chain = verified(steps());
        assert_eq!(chain.in_force(Some(b.fingerprint()), T).unwrap().certificate, *c.certificate());
        assert!(chain.in_force(Some(stranger.fingerprint()), T).is_err());
        // A server that takes the newest back, or forks the chain behind a pin, has a chain without the pin.
        let fork = verified(vec![first(&a), next(&a, &stranger, T - Duration::DAY)]);
        assert!(fork.in_force(Some(b.fingerprint()), T).is_err());
        assert!(verified(steps()[..1].to_vec()).in_force(Some(b.fingerprint()), T).is_err());
        let mut trust = Trust::default();
        trust.meet_compliance(&verified(steps()[..2].to_vec()), T).unwrap();
        assert!(trust.meet_compliance(&fork, T).is_err());
        assert_eq!(trust.compliance, Some(b.fingerprint()));
    }

    #[test]
    fn what_stands_before_every_key_that_one_knows_is_left_out() {
        let [invented, a, b] = [key(), key(), key()];
        let chain = || verified(vec![first(&invented), next(&invented, &a, T - Duration::DAY), next(&a, &b, T)]);
        let recipient = |key: &SecretKey| key.certificate().encryption.fingerprint;
        let known = chain().following(&[b.fingerprint(), a.fingerprint()]).unwrap();
        assert!(known.of_recipient(&recipient(&invented)).is_none());
        assert!(known.of_recipient(&recipient(&a)).is_some() && known.of_recipient(&recipient(&b)).is_some());
        assert!(chain().following(&[key().fingerprint()]).is_none());
    }

    #[test]
    fn a_broken_chain_is_refused() {
        let [a, b, c] = [key(), key(), key()];
        let (second, third) = (next(&a, &b, T), next(&b, &c, T + Duration::DAY));
        assert!(!refused(vec![first(&a), second.clone(), third.clone()]));
        assert!(refused(vec![first(&a), third.clone()]), "a link is missing");
        assert!(refused(vec![first(&a), third, second.clone()]), "the wrong order");
        assert!(refused(vec![first(&a), next(&c, &b, T)]), "signed by a stranger");
        assert!(refused(vec![second.clone()]), "no first one");
        assert!(refused(vec![first(&a), first(&b)]), "no signature");
        assert!(refused(vec![first(&a), second.clone(), next(&b, &c, T)]), "not later than the one before");
        assert!(refused(vec![first(&a), second.clone(), next(&b, &a, T + Duration::DAY)]), "in a circle");
        let mut moved = second.clone();
        moved.rotation.as_mut().unwrap().effective_at -= Duration::DAY;
        assert!(refused(vec![first(&a), moved]), "another time than the one that was signed");
        let swapped = ComplianceStep { fingerprint: c.fingerprint(), ..second };
        assert!(refused(vec![first(&a), swapped]), "another name than the certificate has");
    }

    #[test]
    fn an_older_server_has_one_certificate() {
        let a = key();
        let ComplianceStep { fingerprint, certificate, .. } = first(&a);
        let alone = Organisation { compliance: Some(Published { fingerprint, certificate }), ..of(Vec::new()) };
        let chain = Succession::verify(&alone, T).unwrap().unwrap();
        assert_eq!(chain.in_force(None, T).unwrap().certificate, *a.certificate());
        assert!(Succession::verify(&of(Vec::new()), T).unwrap().is_none());
    }
}
