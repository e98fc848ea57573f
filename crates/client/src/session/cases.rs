//! Cases, consent, access, exports, retention and holds; what an officer does, and what the people concerned see.

use reqwest::Method;
use sealcast_contracts::{
    ApprovalId, CaseId, EventId, HoldId, RoomId,
    audit::{
        Access, AccessAction, AccessReceipt, Approval, Case, Export, Hold, InclusionProof, MessageFilter, NewCase, Policy,
        RetentionRule, Scope,
    },
};
use time::OffsetDateTime;

use super::Session;
use crate::{
    Error,
    bodies::{ApprovalDecision, ApprovalRequest, CaseClosing, DecryptionRequest, ExportRequest, HoldRequest, Reason, Retention},
};

/// Fails as every request does.
impl Session {
    /// What the organisation asks of its officers.
    pub async fn audit_policy(&self) -> Result<Policy, Error> {
        self.get("audit/policy", &[]).await
    }

    /// Opens a case; auditors only, as for everything about cases.
    pub async fn open_case(&self, case: &NewCase) -> Result<Case, Error> {
        self.write(Method::POST, "audit/cases", case).await
    }

    pub async fn case(&self, case_id: CaseId) -> Result<Case, Error> {
        self.get(&format!("audit/cases/{case_id}"), &[]).await
    }

    /// All cases, newest first.
    pub async fn cases(&self) -> Result<Vec<Case>, Error> {
        self.all_pages("audit/cases").await
    }

    pub async fn close_case(&self, case_id: CaseId, note: &str) -> Result<Case, Error> {
        self.write(Method::POST, &format!("audit/cases/{case_id}/close"), &CaseClosing { note }).await
    }

    /// Asks for a second officer's consent.
    pub async fn request_approval(&self, case_id: CaseId, action: AccessAction, reason: &str) -> Result<Approval, Error> {
        self.write(Method::POST, &format!("audit/cases/{case_id}/approvals"), &ApprovalRequest { action, reason }).await
    }

    /// Grants or refuses what another officer asked for.
    pub async fn decide_approval(
        &self,
        case_id: CaseId,
        approval_id: ApprovalId,
        granted: bool,
        reason: &str,
        valid_until: Option<OffsetDateTime>,
    ) -> Result<Approval, Error> {
        let decision = ApprovalDecision { granted, reason, valid_until };
        self.write(Method::POST, &format!("audit/cases/{case_id}/approvals/{approval_id}"), &decision).await
    }

    /// Logs which messages are about to be opened with the compliance key.
    pub async fn grant_decryption(&self, case_id: CaseId, ids: &[EventId]) -> Result<AccessReceipt, Error> {
        self.write(Method::POST, &format!("audit/cases/{case_id}/decryptions"), &DecryptionRequest { ids }).await
    }

    /// Begins an export; of `filter`, ids do not narrow it.
    pub async fn start_export(&self, case_id: CaseId, filter: &MessageFilter) -> Result<Export, Error> {
        let MessageFilter { room_id, sender, from, to, .. } = *filter;
        let request = ExportRequest { room_id, sender, from, to };
        self.write(Method::POST, &format!("audit/cases/{case_id}/exports"), &request).await
    }

    /// When officers looked at the caller's own messages, newest first.
    pub async fn accesses(&self) -> Result<Vec<Access>, Error> {
        self.all_pages("me/accesses").await
    }

    /// The proof that such an access is in the log, unchecked.
    pub async fn access_proof(&self, leaf_index: u64) -> Result<InclusionProof, Error> {
        self.get(&format!("me/accesses/{leaf_index}/proof"), &[]).await
    }

    /// All retention rules.
    pub async fn retention(&self) -> Result<Vec<RetentionRule>, Error> {
        self.get("audit/retention", &[]).await
    }

    /// Sets a retention rule; admins only.
    pub async fn set_retention(&self, room_id: Option<RoomId>, days: Option<u32>) -> Result<RetentionRule, Error> {
        self.write(Method::PUT, "audit/retention", &Retention { room_id, days }).await
    }

    pub async fn place_hold(&self, case_id: CaseId, scope: &Scope, reason: &str) -> Result<Hold, Error> {
        self.write(Method::POST, &format!("audit/cases/{case_id}/holds"), &HoldRequest { scope, reason }).await
    }

    /// All holds, newest first.
    pub async fn holds(&self) -> Result<Vec<Hold>, Error> {
        self.all_pages("audit/holds").await
    }

    pub async fn release_hold(&self, hold_id: HoldId, reason: &str) -> Result<Hold, Error> {
        self.write(Method::POST, &format!("audit/holds/{hold_id}/release"), &Reason { reason }).await
    }
}
