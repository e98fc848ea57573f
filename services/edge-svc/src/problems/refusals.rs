//! The refusals of the services as problems. The slug is the refusal's code with dashes.

use axum::http::StatusCode;
use sealcast_contracts::{audit::AuditRefusal, auth::AuthRefusal, chat::ChatRefusal};

use super::Problem;

impl From<AuthRefusal> for Problem {
    fn from(refusal: AuthRefusal) -> Self {
        use AuthRefusal as R;
        let (status, slug, title) = match &refusal {
            R::UsernameTaken => (StatusCode::CONFLICT, "username-taken", "The user name is taken"),
            R::UsernameInvalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "username-invalid", "The user name is not allowed"),
            R::CertificateRefused { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "certificate-refused", "The certificate is refused"),
            R::Malformed { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "malformed", "A field is malformed"),
            R::KdfOutOfRange => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "kdf-out-of-range",
                "The key-derivation parameters are outside the allowed range",
            ),
            R::InvalidCredentials => (StatusCode::UNAUTHORIZED, "invalid-credentials", "The user name or the password is wrong"),
            R::AccountLocked => (StatusCode::FORBIDDEN, "account-locked", "The account is locked"),
            R::SecondFactorRequired => {
                (StatusCode::UNAUTHORIZED, "second-factor-required", "A code of the second factor is needed")
            }
            R::SecondFactorWrong => (StatusCode::UNAUTHORIZED, "second-factor-wrong", "The code is wrong, too old, or was used"),
            R::SecondFactorActive => (StatusCode::CONFLICT, "second-factor-active", "There is a second factor already"),
            R::Throttled { .. } => (StatusCode::TOO_MANY_REQUESTS, "throttled", "Too many attempts"),
            R::Busy { .. } => (StatusCode::SERVICE_UNAVAILABLE, "busy", "The server is busy"),
            R::SessionInvalid => return super::session_invalid(),
            R::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is nothing here"),
            R::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Your role does not allow this"),
            R::BootstrapRefused => (StatusCode::FORBIDDEN, "bootstrap-refused", "The bootstrap token is wrong or was used"),
        };
        let problem = Self::new(status, slug, title).detail(refusal.to_string());
        match refusal {
            R::Malformed { field, reason } => problem.field(format!("/{field}"), reason),
            R::UsernameInvalid { reason } => problem.field("/username", reason),
            R::CertificateRefused { reason } => problem.field("/certificate", reason),
            R::Throttled { retry_after_s } => problem.retry_after(retry_after_s),
            R::Busy { retry_after_s } => problem.retry_after(retry_after_s).rejected().busy(),
            _ => problem,
        }
    }
}

impl From<ChatRefusal> for Problem {
    fn from(refusal: ChatRefusal) -> Self {
        let (status, slug, title) = chat_entry(&refusal);
        let problem = Self::new(status, slug, title).detail(refusal.to_string());
        match refusal {
            ChatRefusal::Malformed { field, reason } => problem.field(format!("/{field}"), reason),
            ChatRefusal::EnvelopeMalformed { rule } => problem.field("/env", rule),
            ChatRefusal::SignatureInvalid { rule } => problem.field("/sig", rule),
            ChatRefusal::ContextMismatch { field } => problem.field("/sig", format!("`{field}` of the signed context")),
            ChatRefusal::EpochStale { current } => problem.field("/epoch", format!("the current epoch is {current}")),
            ChatRefusal::CertificateRefused { reason } => problem.field("/certificate", reason),
            ChatRefusal::RateLimited { retry_after_s } => problem.retry_after(retry_after_s),
            _ => problem,
        }
    }
}

fn chat_entry(refusal: &ChatRefusal) -> (StatusCode, &'static str, &'static str) {
    use ChatRefusal as R;
    const INVALID: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    match refusal {
        R::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is nothing here"),
        R::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Your role does not allow this"),
        R::Malformed { .. } => (INVALID, "malformed", "A field is malformed"),
        R::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "rate-limited", "Too many messages"),
        R::EnvelopeTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "envelope-too-large", "The envelope is too large"),
        R::EnvelopeMalformed { .. } => (INVALID, "envelope-malformed", "The envelope does not follow the profile"),
        R::ComplianceRecipientMissing => {
            (INVALID, "compliance-recipient-missing", "The envelope is not encrypted to the compliance certificate")
        }
        R::RoomRecipientMissing => {
            (INVALID, "room-recipient-missing", "The envelope is not encrypted to the room's current certificate")
        }
        R::RecipientUnexpected => (INVALID, "recipient-unexpected", "The envelope is encrypted to somebody else as well"),
        R::SignatureInvalid { .. } => (INVALID, "signature-invalid", "The signature is not valid"),
        R::ContextMismatch { .. } => (INVALID, "context-mismatch", "The signed context does not match the request"),
        R::EpochStale { .. } => (StatusCode::CONFLICT, "epoch-stale", "The room has another key epoch"),
        R::IdempotencyConflict => (StatusCode::CONFLICT, "idempotency-conflict", "Another message was accepted under this key"),
        R::CertificateRefused { .. } => (INVALID, "certificate-refused", "The certificate is refused"),
        R::GrantRefused { .. } => (INVALID, "grant-refused", "The grant is refused"),
        R::InviteInvalid => (StatusCode::NOT_FOUND, "invite-invalid", "The invite is unknown, expired, used up or revoked"),
        R::InviteOnly => (StatusCode::FORBIDDEN, "invite-only", "The room takes newcomers by invite link only"),
        R::LobbyIsForAll => (StatusCode::CONFLICT, "lobby-is-for-all", "Nobody leaves the lobby"),
        R::DirectIsForTwo => (StatusCode::CONFLICT, "direct-is-for-two", "A direct conversation stays between its two people"),
        R::Conflict => (StatusCode::CONFLICT, "conflict", "It exists already"),
        R::OrganisationNotReady => (StatusCode::CONFLICT, "organisation-not-ready", "The organisation is not set up yet"),
        R::LimitReached { .. } => (StatusCode::CONFLICT, "limit-reached", "A limit is reached"),
    }
}

impl From<AuditRefusal> for Problem {
    fn from(refusal: AuditRefusal) -> Self {
        use AuditRefusal as R;
        let (status, slug, title) = match &refusal {
            R::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is nothing here"),
            R::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Your role does not allow this"),
            R::Malformed { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "malformed", "A field is malformed"),
            R::NotYetLogged { .. } => (StatusCode::CONFLICT, "not-yet-logged", "The message is not in the log yet"),
            R::CaseRequired => (StatusCode::FORBIDDEN, "case-required", "Other people's messages are looked at within a case only"),
            R::CaseClosed => (StatusCode::CONFLICT, "case-closed", "The case is closed or has expired"),
            R::OutOfScope { .. } => (StatusCode::FORBIDDEN, "out-of-scope", "The case is about something else"),
            R::ApprovalRequired { .. } => {
                (StatusCode::FORBIDDEN, "approval-required", "A second officer has to approve this first")
            }
            R::SameOfficer => (StatusCode::FORBIDDEN, "same-officer", "It takes a second officer"),
            R::AlreadyDecided => (StatusCode::CONFLICT, "already-decided", "This was decided before"),
            R::NumberTaken => (StatusCode::CONFLICT, "number-taken", "Another case has this number"),
            R::LimitReached { .. } => (StatusCode::CONFLICT, "limit-reached", "A limit is reached"),
        };
        let problem = Self::new(status, slug, title).detail(refusal.to_string());
        match refusal {
            R::Malformed { field, reason } => problem.field(format!("/{field}"), reason),
            R::NotYetLogged { retry_after_s } => problem.retry_after(retry_after_s),
            R::OutOfScope { field } => problem.field(format!("/{field}"), "the case does not cover it"),
            _ => problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use sealcast_contracts::audit::AccessAction;
    use serde::Serialize;

    use super::*;

    #[test]
    fn slugs_are_the_codes_with_dashes() {
        let text = || "x".to_owned();
        for refusal in [
            AuthRefusal::UsernameTaken,
            AuthRefusal::UsernameInvalid { reason: text() },
            AuthRefusal::CertificateRefused { reason: text() },
            AuthRefusal::Malformed { field: text(), reason: text() },
            AuthRefusal::KdfOutOfRange,
            AuthRefusal::InvalidCredentials,
            AuthRefusal::AccountLocked,
            AuthRefusal::SecondFactorRequired,
            AuthRefusal::SecondFactorWrong,
            AuthRefusal::SecondFactorActive,
            AuthRefusal::Throttled { retry_after_s: 1 },
            AuthRefusal::Busy { retry_after_s: 1 },
            AuthRefusal::SessionInvalid,
            AuthRefusal::NotFound,
            AuthRefusal::Forbidden,
            AuthRefusal::BootstrapRefused,
        ] {
            check(refusal);
        }
        for refusal in [
            ChatRefusal::NotFound,
            ChatRefusal::Forbidden,
            ChatRefusal::Malformed { field: text(), reason: text() },
            ChatRefusal::RateLimited { retry_after_s: 1 },
            ChatRefusal::EnvelopeTooLarge { limit: 1 },
            ChatRefusal::EnvelopeMalformed { rule: text() },
            ChatRefusal::ComplianceRecipientMissing,
            ChatRefusal::RoomRecipientMissing,
            ChatRefusal::RecipientUnexpected,
            ChatRefusal::SignatureInvalid { rule: text() },
            ChatRefusal::ContextMismatch { field: text() },
            ChatRefusal::EpochStale { current: 1 },
            ChatRefusal::IdempotencyConflict,
            ChatRefusal::CertificateRefused { reason: text() },
            ChatRefusal::GrantRefused { reason: text() },
            ChatRefusal::InviteInvalid,
            ChatRefusal::InviteOnly,
            ChatRefusal::LobbyIsForAll,
            ChatRefusal::DirectIsForTwo,
            ChatRefusal::Conflict,
            ChatRefusal::OrganisationNotReady,
            ChatRefusal::LimitReached { what: text(), limit: 1 },
        ] {
            check(refusal);
        }
        check(AuditRefusal::NotFound);
        check(AuditRefusal::Forbidden);
        check(AuditRefusal::Malformed { field: text(), reason: text() });
        check(AuditRefusal::NotYetLogged { retry_after_s: 1 });
        check(AuditRefusal::CaseRequired);
        check(AuditRefusal::CaseClosed);
        check(AuditRefusal::OutOfScope { field: text() });
        check(AuditRefusal::ApprovalRequired { action: AccessAction::Export });
        check(AuditRefusal::SameOfficer);
        check(AuditRefusal::AlreadyDecided);
        check(AuditRefusal::NumberTaken);
        check(AuditRefusal::LimitReached { what: text(), limit: 1 });
    }

    fn check<R: Serialize + Into<Problem>>(refusal: R) {
        let code = serde_json::to_value(&refusal).unwrap()["code"].as_str().unwrap().replace('_', "-");
        let problem: Problem = refusal.into();
        assert_eq!(problem.body.slug(), code);
        assert!(problem.body.status < 500 || problem.rejected, "{code} does not say that nothing was changed");
    }
}
