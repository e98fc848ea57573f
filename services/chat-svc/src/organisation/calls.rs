use sealcast_contracts::{
    auth::Role,
    chat::{ChatRefusal, ComplianceStep, GetOrganisation, Organisation, RotateCompliance, SetCompliance},
    events::AuditEventKind,
    limits::COMPLIANCE_SUCCESSION_OCTETS_MAX,
};
use sealcast_pgp::certificate::Validity;
use time::{Duration, OffsetDateTime};

use super::store::{self, CheckedRotation};
use crate::{
    Chat, checks,
    error::{Failure, commit, malformed},
    events, limits,
};

impl Chat {
    /// What everybody may know of the organisation, with or without an account.
    pub(crate) async fn get_organisation(&self, _: GetOrganisation) -> Result<Organisation, Failure> {
        Ok(store::get(&mut *self.pool.acquire().await?, self.now()).await?)
    }

    /// Publishes the first compliance certificate. Repeating it with the same certificate is harmless.
    pub(crate) async fn set_compliance(&self, call: SetCompliance) -> Result<Organisation, Failure> {
        if call.caller.role != Role::Admin {
            return Err(ChatRefusal::Forbidden.into());
        }
        self.meet(&call.caller).await?;
        let now = self.now();
        let certificate = checks::compliance_certificate(call.certificate.as_slice(), now)?;
        let mut tx = self.pool.begin().await?;
        if !store::set_compliance(
            &mut tx,
            call.certificate.as_slice(),
            &certificate.key.fingerprint,
            &certificate.encryption.fingerprint,
        )
        .await?
        {
            let organisation = store::get(&mut tx, now).await?;
            let same = organisation.compliance_succession.first().is_some_and(|first| first.certificate == call.certificate);
            return if same { Ok(organisation) } else { Err(ChatRefusal::Conflict.into()) };
        }
        let what = AuditEventKind::CompliancePublished {
            fingerprint: certificate.key.fingerprint,
            certificate_sha256: checks::sha256_hex(call.certificate.as_slice()),
        };
        events::record(&mut tx, call.caller.user_id, now, what).await?;
        let organisation = store::get(&mut tx, now).await?;
        commit(tx).await?;
        Ok(organisation)
    }

    /// Publishes the compliance certificate that follows the newest one. Repeating it is harmless.
    pub(crate) async fn rotate_compliance(&self, call: RotateCompliance) -> Result<Organisation, Failure> {
        if call.caller.role != Role::Admin {
            return Err(ChatRefusal::Forbidden.into());
        }
        self.meet(&call.caller).await?;
        let now = self.now();
        let octets = call.certificate.as_slice();
        let certificate = checks::compliance_certificate(octets, now)?;
        let (fp, rotation) = (certificate.key.fingerprint, &call.rotation);
        let mut tx = self.pool.begin().await?;
        store::lock(&mut tx).await?;
        let organisation = store::get(&mut tx, now).await?;
        let Some(newest) = organisation.compliance_succession.last() else {
            return Err(ChatRefusal::OrganisationNotReady.into());
        };
        if newest.certificate == call.certificate && newest.rotation.as_ref() == Some(rotation) {
            return Ok(organisation);
        }
        checks::rotation_signature(newest.certificate.as_slice(), &certificate, octets, rotation, now)?;
        self.check_time(rotation.effective_at, now)?;
        // Nothing could take its place: it signs for no successor once it has run out.
        if certificate.key.validity(rotation.effective_at) != Validity::Current {
            return Err(malformed("certificate", "it does not hold any more when it comes into force"));
        }
        if newest.rotation.as_ref().is_some_and(|pending| pending.effective_at > now) {
            return Err(ChatRefusal::Conflict.into());
        }
        let all: usize = organisation.compliance_succession.iter().map(octets_of).sum();
        if all + octets.len() + rotation.sig.as_slice().len() > COMPLIANCE_SUCCESSION_OCTETS_MAX {
            let limit = u32::try_from(COMPLIANCE_SUCCESSION_OCTETS_MAX).unwrap_or(u32::MAX);
            return Err(ChatRefusal::LimitReached { what: "octets of compliance certificates".to_owned(), limit }.into());
        }
        let checked = CheckedRotation {
            fp,
            encryption_fp: certificate.encryption.fingerprint,
            certificate: octets,
            sig: rotation.sig.as_slice(),
            effective_at: rotation.effective_at,
        };
        let is_first = organisation.compliance_succession.first().is_some_and(|first| first.fingerprint == fp);
        if is_first || !store::rotate_compliance(&mut tx, &checked, call.caller.user_id, now).await? {
            return Err(ChatRefusal::Conflict.into());
        }
        let what = AuditEventKind::ComplianceRotated {
            old_fp: newest.fingerprint,
            fingerprint: fp,
            certificate_sha256: checks::sha256_hex(octets),
            effective_at: rotation.effective_at,
        };
        events::record(&mut tx, call.caller.user_id, now, what).await?;
        let organisation = store::get(&mut tx, now).await?;
        commit(tx).await?;
        Ok(organisation)
    }

    /// Late enough that people see it come, and whole seconds: the database and every client keep the same time.
    fn check_time(&self, effective_at: OffsetDateTime, now: OffsetDateTime) -> Result<(), Failure> {
        let (soonest, latest) = (now + self.rotation_delay, now + limits::ROTATION_AHEAD_MAX);
        if effective_at.nanosecond() != 0 {
            return Err(malformed("effective_at", "whole seconds only"));
        }
        if effective_at < soonest {
            return Err(malformed("effective_at", format!("at the earliest {} from now", people_say(self.rotation_delay))));
        }
        if effective_at > latest {
            return Err(malformed("effective_at", format!("at the latest {} from now", people_say(limits::ROTATION_AHEAD_MAX))));
        }
        Ok(())
    }
}

fn octets_of(step: &ComplianceStep) -> usize {
    step.certificate.as_slice().len() + step.rotation.as_ref().map_or(0, |rotation| rotation.sig.as_slice().len())
}

fn people_say(span: Duration) -> String {
    if span >= Duration::DAY { format!("{} days", span.whole_days()) } else { format!("{} s", span.whole_seconds()) }
}
