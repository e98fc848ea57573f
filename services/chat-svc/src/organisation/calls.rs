use sealcast_contracts::{
    auth::Role,
    chat::{ChatRefusal, GetOrganisation, Organisation, SetCompliance},
    events::AuditEventKind,
};

use super::store;
use crate::{
    Chat, checks,
    error::{Failure, commit},
    events,
};

impl Chat {
    /// What everybody may know of the organisation, with or without an account.
    pub(crate) async fn get_organisation(&self, _: GetOrganisation) -> Result<Organisation, Failure> {
        Ok(store::get(&mut *self.pool.acquire().await?).await?)
    }

    /// Publishes the compliance certificate. Repeating it with the same certificate is harmless.
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
            let organisation = store::get(&mut tx).await?;
            let same = organisation.compliance.as_ref().is_some_and(|compliance| compliance.certificate == call.certificate);
            return if same { Ok(organisation) } else { Err(ChatRefusal::Conflict.into()) };
        }
        let what = AuditEventKind::CompliancePublished {
            fingerprint: certificate.key.fingerprint,
            certificate_sha256: checks::sha256_hex(call.certificate.as_slice()),
        };
        events::record(&mut tx, call.caller.user_id, now, what).await?;
        let organisation = store::get(&mut tx).await?;
        commit(tx).await?;
        Ok(organisation)
    }
}
