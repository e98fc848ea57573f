//! Limits that are part of the contract: both sides of a boundary check the same number.

/// An OpenPGP envelope, octets.
pub const ENVELOPE_OCTETS_MAX: usize = 65_536;
/// A detached signature packet, octets.
pub const SIGNATURE_OCTETS_MAX: usize = 1_024;
/// An OpenPGP certificate, octets.
pub const CERTIFICATE_OCTETS_MAX: usize = 4_096;
/// All compliance certificates of an organisation with the signatures that join them, octets: what one answer carries.
pub const COMPLIANCE_SUCCESSION_OCTETS_MAX: usize = 131_072;
/// A locked secret key, octets.
pub const LOCKED_KEY_OCTETS_MAX: usize = 4_096;
/// The encrypted secret key of an epoch, octets.
pub const EPOCH_BLOB_OCTETS_MAX: usize = 8_192;
/// One PKESK packet of the profile, octets (RFC 9580 section 5.1.2 with X25519).
pub const PKESK_OCTETS: usize = 111;
/// A room key locked under an invite secret: nonce (12), key (32), tag (16).
pub const INVITE_LOCKED_OCTETS: usize = 60;
/// Older keys that one invite link opens besides the current one: as many as a room's answer has epochs.
pub const INVITE_OLDER_KEYS_MAX: usize = 63;
/// How far somebody has read: an event id padded to 32 octets under AES-256-GCM, with its nonce.
pub const READ_MARKER_OCTETS: usize = 60;
/// The derived `auth` secret, octets.
pub const AUTH_SECRET_OCTETS: usize = 32;
/// Bearer token and invite secrets, octets before base64url.
pub const TOKEN_OCTETS: usize = 32;
/// Items of a page.
pub const PAGE_ITEMS_MAX: u32 = 200;
pub const PAGE_ITEMS_DEFAULT: u32 = 50;
/// Grants in one request.
pub const GRANTS_PER_REQUEST_MAX: usize = 500;
/// Characters of a room name.
pub const ROOM_NAME_CHARS_MAX: usize = 80;
/// Characters of the reason for which an account is locked.
pub const LOCK_REASON_CHARS_MAX: usize = 200;
/// Rooms that one account can be in.
pub const ROOMS_PER_USER_MAX: usize = 1_000;
/// Tokens or accounts in one call between services that asks for many at once.
pub const BATCH_MAX: usize = 256;
/// Rooms in one reply to [`crate::chat::ListMembershipsOf`]: at 39 octets each they stay below a bus message's 256 KiB.
pub const MEMBERSHIPS_PER_REPLY_MAX: usize = 5_000;
/// The body of any REST request, octets; the largest is a message in base64.
pub const REST_BODY_OCTETS_MAX: usize = 196_608;
/// Characters of a case's number.
pub const CASE_NUMBER_CHARS_MAX: usize = 64;
/// Characters of a reason, a legal basis, or a note in the audit log.
pub const REASON_CHARS_MAX: usize = 500;
/// Rooms, and people, that a case or a hold names.
pub const SCOPE_NAMES_MAX: usize = 100;
/// Requests for approval of one case.
pub const APPROVALS_PER_CASE_MAX: usize = 40;
/// Holds that are active at the same time.
pub const HOLDS_ACTIVE_MAX: usize = 1_000;
/// Messages in one decryption grant.
pub const DECRYPTIONS_PER_GRANT_MAX: usize = 200;
/// Days that a retention period can have.
pub const RETENTION_DAYS_MAX: u32 = 36_500;
/// Rooms with a retention rule of their own; one answer holds all rules.
pub const RETENTION_RULES_MAX: usize = 500;
/// A chunk of an attachment before it is sealed, octets; only the last one is shorter.
pub const ATTACHMENT_CHUNK_OCTETS: u64 = 131_072;
/// What sealing adds to a chunk: the tag of AES-GCM.
pub const ATTACHMENT_TAG_OCTETS: u64 = 16;
/// Chunks of one attachment: 25 MiB.
pub const ATTACHMENT_CHUNKS_MAX: u32 = 200;
/// Attachments that one message names.
pub const ATTACHMENTS_PER_MESSAGE_MAX: usize = 10;
/// How far a signature's creation time may be from the server's clock, seconds.
///
/// It is less than [`crate::stream::DUPLICATE_WINDOW_S`]: a message that is too old for deduplication is refused as stale.
pub const SIGNATURE_SKEW_S: u64 = 300;
/// The least Argon2id parameters that a client accepts from a server, and auth-svc from a client.
pub const KDF_M_KIB_MIN: u32 = 19_456;
pub const KDF_T_MIN: u32 = 2;
/// The most, so that a server cannot exhaust a client.
pub const KDF_M_KIB_MAX: u32 = 262_144;
pub const KDF_T_MAX: u32 = 10;
/// What clients choose for a new password.
pub const KDF_M_KIB: u32 = 65_536;
pub const KDF_T: u32 = 3;
