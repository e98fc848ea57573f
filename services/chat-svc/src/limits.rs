//! The limits of this service. Those that clients must know stand in the contract (`sealcast_contracts::limits`).

use std::time::Duration;

/// Rooms in one listing, the caller's own first: as many as fit a bus message (256 KiB) with the longest names.
pub const ROOMS_LISTED_MAX: i64 = 380;
/// Rooms that one account creates.
pub const ROOMS_CREATED_PER_USER_MAX: u32 = 200;
/// Direct conversations that one account opens within a day: each is also a room of somebody who was not asked.
pub const DIRECTS_OPENED_PER_DAY_MAX: u32 = 50;
/// Key epochs of one room.
pub const EPOCHS_PER_ROOM_MAX: u32 = 10_000;
/// Epochs in one answer, the newest; a reader that lacks older ones cannot read the oldest history.
pub const EPOCHS_LISTED_MAX: i64 = 64;
/// Octets of epochs in one answer, before base64, so that it fits a bus message.
pub const EPOCHS_LISTED_OCTETS_MAX: usize = 81_920;
/// Grants of the caller in one answer, the newest.
pub const GRANTS_LISTED_MAX: i64 = 96;
/// Waiting accounts in one listing, oldest first.
pub const REQUESTS_LISTED_MAX: i64 = 200;
/// Requests that one account has open.
pub const REQUESTS_PER_USER_MAX: u32 = 100;
/// Invites in one listing, newest first.
pub const INVITES_LISTED_MAX: i64 = 200;
/// Invites of one member that work at the same time, per room.
pub const INVITES_PER_MEMBER_MAX: u32 = 50;
/// Accounts that one invite takes.
pub const INVITE_USES_MAX: u32 = 100_000;
/// How long an invite can live.
pub const INVITE_LIFE_MAX: time::Duration = time::Duration::days(366);
/// How far ahead a compliance certificate can be named: people forget what comes later.
pub const ROTATION_AHEAD_MAX: time::Duration = time::Duration::days(90);
/// How long a compliance certificate is accepted after its successor came into force: what was sealed before is still under way.
pub const COMPLIANCE_LATE_MAX: time::Duration = time::Duration::HOUR;
/// How long before its time it is accepted: clients' clocks are not the server's.
pub const COMPLIANCE_EARLY_MAX: time::Duration = time::Duration::minutes(5);
/// Accounts whose certificate is kept in memory, and for how long.
pub const DIRECTORY_CACHE_MAX: usize = 20_000;
pub const DIRECTORY_CACHE_AGE: Duration = Duration::from_secs(30);
/// How long they stand in while auth-svc cannot say.
pub const DIRECTORY_STAND_IN_AGE: Duration = Duration::from_secs(120);
/// Accounts that this process knows to be in the lobby.
pub const MET_CACHE_MAX: usize = 50_000;
/// Look-ups in the directory at the same time, for one request with many grants.
pub const DIRECTORY_LOOKUPS_AT_ONCE: usize = 16;
/// Attachments of one account that are begun and not complete.
pub const ATTACHMENTS_UNFINISHED_MAX: u32 = 50;
/// How long an attachment may stay incomplete, and how often one looks.
pub const ATTACHMENT_UNFINISHED_MAX: time::Duration = time::Duration::DAY;
pub const ATTACHMENT_SWEEP_INTERVAL: Duration = Duration::from_secs(600);
/// Readings of attachments by auditors that are remembered as recorded, and for how long.
pub const AUDITED_READS_MAX: usize = 10_000;
pub const AUDITED_READ_AGE: Duration = Duration::from_secs(600);
/// How long one publish waits for its acknowledgement before the same message is sent again.
pub const ACK_TIMEOUT: Duration = Duration::from_millis(1_500);
/// How long a message is retried before its outcome is given up as unknown: the last try begins before that.
pub const PUBLISH_DEADLINE: Duration = Duration::from_secs(7);
/// Between two tries.
pub const PUBLISH_PAUSE: Duration = Duration::from_millis(150);
/// Tries to read a stored message: a follower may lag behind its leader.
pub const READ_TRIES: u32 = 4;
/// Senders whose standing in a room is remembered for an outage of Postgres, and for how long.
pub const STANDINGS_MAX: usize = 50_000;
pub const STANDING_AGE_MAX: Duration = Duration::from_secs(120);
/// How long a message waits for Postgres before what was read earlier stands in, and how soon Postgres is asked again.
pub const POSTGRES_PATIENCE: Duration = Duration::from_millis(1_500);
pub const POSTGRES_ASK_AGAIN: Duration = Duration::from_secs(1);
/// How often the stream's state is compared with what Postgres remembers.
pub const STREAM_WATCH_INTERVAL: Duration = Duration::from_secs(2);
