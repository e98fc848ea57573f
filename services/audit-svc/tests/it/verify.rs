use std::{collections::BTreeSet, process::Command};

use sealcast_audit_svc::verify::{Finding, Report};
use sealcast_contracts::{
    EventId, RoomId,
    audit::{GetCheckpoint, OpenCase, Scope},
    auth::Role,
};
use sealcast_merkle::{
    checkpoint::TreeHead,
    leaf::{self, EventLeaf},
    tree,
};
use sqlx::PgConnection;

use crate::harness::{Stack, caller, logged_out, message, new_case};

/// An archive of eight messages, five events and their checkpoints, with the service stopped.
struct Archive {
    stack: Stack,
}

impl Archive {
    async fn make() -> Self {
        let stack = Stack::start().await;
        let service = stack.serve().await;
        let room = RoomId::generate();
        let mut last = None;
        for i in 0..8 {
            if i < 5 {
                stack.publish_event(&logged_out()).await;
                stack.idle("EVENTS").await;
            }
            let id = stack.publish(&message(room)).await;
            stack.covered(id).await;
            last = Some(id);
        }
        stack.covered(last.unwrap()).await;
        service.stop().await;
        Self { stack }
    }

    async fn verify(&self) -> Report {
        self.stack.verify().await
    }

    /// Runs statements as a superuser who switches the triggers off meanwhile.
    async fn change(&self, statements: &[&str]) {
        let mut tx = self.stack.superuser().begin().await.unwrap();
        guard(&mut tx, false).await;
        for statement in statements {
            let changed = sqlx::query(statement).execute(&mut *tx).await.unwrap();
            assert!(changed.rows_affected() > 0, "{statement}");
        }
        guard(&mut tx, true).await;
        tx.commit().await.unwrap();
    }

    /// What is found after that, where nothing was before.
    async fn after(&self, statement: &str) -> Vec<Finding> {
        assert_eq!(self.verify().await.findings, []);
        self.change(&[statement]).await;
        self.verify().await.findings
    }

    /// Cuts the log off, with all that speaks of what was behind.
    async fn roll_back(&self, size: i64) {
        let first = tree::stored_count(size as u64);
        let statements = [
            format!("delete from audit.records where leaf_index >= {size}"),
            format!("delete from audit.log_hashes where idx >= {first}"),
            format!("delete from audit.checkpoints where size > {size}"),
            format!("delete from audit.appends where size > {size}"),
        ];
        self.change(&statements.each_ref().map(String::as_str)).await;
        self.try_change(&format!("delete from audit.events where leaf_index >= {size}")).await;
    }

    async fn after_ddl(&self, statement: &str) -> Vec<Finding> {
        sqlx::query(statement).execute(&self.stack.superuser()).await.unwrap();
        self.verify().await.findings
    }

    /// The right edge of the tree.
    async fn frontier(&self, size: u64) -> tree::Frontier {
        let rows: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("select idx, hash from audit.log_hashes").fetch_all(&self.stack.superuser()).await.unwrap();
        let stored = rows.into_iter().map(|(index, hash)| (index as u64, hash.try_into().unwrap())).collect();
        tree::Frontier::restore(size, &stored).unwrap()
    }

    /// As [`Self::change`]; it may change nothing.
    async fn try_change(&self, statement: &str) {
        let mut tx = self.stack.superuser().begin().await.unwrap();
        guard(&mut tx, false).await;
        sqlx::query(statement).execute(&mut *tx).await.unwrap();
        guard(&mut tx, true).await;
        tx.commit().await.unwrap();
    }

    async fn leaf_of(&self, seq: i64) -> u64 {
        let leaf: i64 = sqlx::query_scalar("select leaf_index from audit.records where seq = $1")
            .bind(seq)
            .fetch_one(&self.stack.superuser())
            .await
            .unwrap();
        leaf as u64
    }
}

/// Switches all triggers of the schema on, as they were, or off.
async fn guard(conn: &mut PgConnection, on: bool) {
    let ours: Vec<(String, String)> = sqlx::query_as(
        "select c.relname::text, t.tgname::text from pg_trigger t join pg_class c on c.oid = t.tgrelid
         join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'audit' and not t.tgisinternal",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    let tables: BTreeSet<&String> = ours.iter().map(|(table, _)| table).collect();
    for table in tables {
        let how = if on { "enable" } else { "disable" };
        sqlx::query(&format!("alter table audit.{table} {how} trigger all")).execute(&mut *conn).await.unwrap();
    }
    for (table, trigger) in ours.iter().filter(|_| on) {
        let always = format!("alter table audit.{table} enable always trigger {trigger}");
        sqlx::query(&always).execute(&mut *conn).await.unwrap();
    }
}

#[tokio::test]
async fn an_untouched_archive_is_intact() {
    let archive = Archive::make().await;
    let report = archive.verify().await;
    assert_eq!((report.leaves, report.opened, report.shredded), (13, 8, 0));
    assert!(report.checkpoints > 0);
    assert_eq!(report.findings, []);
}

/// A data key that is gone without its destruction record is not retention: somebody took it.
#[tokio::test]
async fn a_key_that_vanished_is_named() {
    let archive = Archive::make().await;
    let found = archive.after("delete from audit.data_keys").await;
    assert_eq!(found.len(), 8);
    assert!(found.iter().all(|finding| matches!(finding, Finding::ShreddedSilently { .. })), "{found:?}");
}

#[tokio::test]
async fn a_changed_row_is_named() {
    let archive = Archive::make().await;
    let leaf = archive.leaf_of(3).await;
    let row = "message 1-3".to_owned();

    // Metadata of a row.
    let found = archive.after("update audit.records set epoch = 9 where seq = 3").await;
    assert_eq!(found, [Finding::Changed { row: row.clone(), leaf_index: leaf }]);
    archive.change(&["update audit.records set epoch = 1 where seq = 3"]).await;

    // The body of an event.
    let found =
        archive.after("update audit.events set body = '{}' where leaf_index = (select min(leaf_index) from audit.events)").await;
    assert!(matches!(&found[..], [Finding::Changed { row, .. }] if row.starts_with("event ")), "{found:?}");
}

#[tokio::test]
async fn two_rows_in_each_others_place_are_named() {
    let archive = Archive::make().await;
    let (three, five) = (archive.leaf_of(3).await, archive.leaf_of(5).await);
    let moved = [(3, 1_000), (5, three), (3, five)];
    let moved = moved.map(|(seq, leaf)| format!("update audit.records set leaf_index = {leaf} where seq = {seq}"));
    archive.change(&moved.each_ref().map(String::as_str)).await;
    let found = archive.verify().await.findings;
    let expected = [
        Finding::Moved { row: "message 1-5".to_owned(), leaf_index: three, belongs: five },
        Finding::Moved { row: "message 1-3".to_owned(), leaf_index: five, belongs: three },
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_removed_row_is_named_also_at_the_tail() {
    let archive = Archive::make().await;
    let (inner, tail) = (archive.leaf_of(4).await, archive.leaf_of(8).await);
    let found = archive.after("delete from audit.records where seq = 4").await;
    let missing = |seq| Finding::NeverArrived { from: EventId { stream_epoch: 1, seq }, to: seq };
    assert_eq!(found, [Finding::Removed { leaf_index: inner }, missing(4)]);
    // With the hashes gone too, the signed checkpoint still knows.
    let first = tree::stored_count(tail);
    let hashes = format!("delete from audit.log_hashes where idx >= {first}");
    archive.change(&["delete from audit.records where seq = 8", &hashes]).await;
    let found = archive.verify().await.findings;
    assert_eq!(found, [Finding::Removed { leaf_index: inner }, Finding::Removed { leaf_index: tail }, missing(4)]);
}

/// Who claims that the log is longer than any can be keeps nobody busy until the end of days.
#[tokio::test]
async fn a_row_far_behind_the_log_is_named_with_all_that_is_missing() {
    let archive = Archive::make().await;
    let size = archive.verify().await.leaves;
    archive.change(&["update audit.records set leaf_index = 9223372036854775807 where seq = 8"]).await;
    let found = archive.verify().await.findings;
    assert!(found.contains(&Finding::Removed { leaf_index: size - 1 }), "{found:?}");
    assert!(found.iter().any(|finding| matches!(finding, Finding::AllRemoved { .. })), "{found:?}");
    archive.change(&["insert into audit.appends (size, mac) values (1::bigint << 40, sha256(''))"]).await;
    let found = archive.verify().await.findings;
    assert!(found.iter().any(|finding| matches!(finding, Finding::AllRemoved { .. })), "{found:?}");
}

#[tokio::test]
async fn exchanged_content_is_named() {
    let archive = Archive::make().await;
    let found =
        archive.after("update audit.records r set sealed = o.sealed from audit.records o where r.seq = 3 and o.seq = 5").await;
    assert!(matches!(&found[..], [Finding::Content { row, .. }] if row == "message 1-3"), "{found:?}");
}

/// Whoever rewrites a row and the hash of its leaf together is found by the inner nodes; whoever rewrites those as well, by
/// the signed roots; whoever rewrites those, by the signature.
#[tokio::test]
async fn a_rewritten_history_is_found_by_what_was_signed() {
    let archive = Archive::make().await;
    let found = archive.after("update audit.log_hashes set hash = sha256(hash) where idx = 0").await;
    assert!(found.iter().any(|finding| matches!(finding, Finding::HashChanged { .. })), "{found:?}");
    assert!(found.iter().any(|finding| matches!(finding, Finding::HistoryRewritten { from: 0, .. })), "{found:?}");
    archive.change(&["update audit.checkpoints set root = sha256(root)"]).await;
    let found = archive.verify().await.findings;
    assert!(found.iter().any(|finding| matches!(finding, Finding::CheckpointForged { .. })), "{found:?}");
}

#[tokio::test]
async fn the_command_names_rows_and_exits_with_5() {
    let archive = Archive::make().await;
    let run = || {
        let keys = archive.stack.keys.path();
        Command::new(env!("CARGO_BIN_EXE_audit-svc"))
            .arg("verify")
            .env("SEALCAST_POSTGRES__URL", archive.stack.database.url("audit_svc"))
            .env("SEALCAST_SEALING__KEK_DIR", keys)
            .env("SEALCAST_LOG_KEY__FILE", keys.join("log"))
            .output()
            .unwrap()
    };
    let clean = run();
    assert_eq!(clean.status.code(), Some(0), "{clean:?}");
    archive.change(&["update audit.records set epoch = 9 where seq = 3"]).await;
    let dirty = run();
    assert_eq!(dirty.status.code(), Some(5), "{dirty:?}");
    assert!(String::from_utf8_lossy(&dirty.stdout).contains("changed: message 1-3 (leaf "), "{dirty:?}");
}

/// Rows, hashes and checkpoints cut off together leave a log that is whole, only older: what a client saw tells.
#[tokio::test]
async fn a_log_that_was_rolled_back_is_found_by_what_was_seen() {
    let archive = Archive::make().await;
    let superuser = archive.stack.superuser();
    let (size, root): (i64, Vec<u8>) =
        sqlx::query_as("select size, root from audit.checkpoints order by size desc limit 1").fetch_one(&superuser).await.unwrap();
    let seen = TreeHead { size: size as u64, root: root.try_into().unwrap() };
    let with = async |seen| archive.stack.verify_seen(&[seen]).await.findings;
    assert_eq!(with(seen).await, []);
    assert_eq!(with(TreeHead { root: [7; 32], ..seen }).await, [Finding::Forked { size: seen.size }]);
    let kept: i64 = sqlx::query_scalar("select max(size) from audit.checkpoints where size < $1")
        .bind(size)
        .fetch_one(&superuser)
        .await
        .unwrap();
    archive.roll_back(kept).await;
    assert_eq!(archive.verify().await.findings, []);
    assert_eq!(with(seen).await, [Finding::RolledBack { size: kept as u64, seen: seen.size }]);
}

#[tokio::test]
async fn what_a_checkpoint_covers_cannot_be_moved() {
    let archive = Archive::make().await;
    let found = archive.after("update audit.checkpoints set covers_seq = covers_seq + 1 where size = (select min(size) from audit.checkpoints where covers_seq is not null)").await;
    assert!(matches!(found[..], [Finding::CoversChanged { .. }]), "{found:?}");
}

/// The leaf does not say which key seals a row: whoever gives it the key of a destroyed day has destroyed it as if by retention.
#[tokio::test]
async fn a_row_under_the_key_of_another_day_is_named() {
    let archive = Archive::make().await;
    archive
        .change(&[
            "insert into audit.data_keys (dek_id, room_id, day, wrapped, kek_version)
             select gen_random_uuid(), room_id, day - 1, wrapped, kek_version from audit.data_keys limit 1",
            "update audit.records set dek_id = (select dek_id from audit.data_keys order by day limit 1), sealed = '\\x00' where seq = 3",
        ])
        .await;
    let found = archive.verify().await.findings;
    assert!(found.contains(&Finding::KeyOfAnother { row: "message 1-3".to_owned() }), "{found:?}");
}

/// Leaves that somebody appends with the right hashes are no part of what audit-svc made; no checkpoint will vouch for them.
#[tokio::test]
async fn leaves_that_somebody_else_appended_are_named_and_never_signed() {
    let archive = Archive::make().await;
    let size = archive.verify().await.leaves;
    let mut frontier = archive.frontier(size).await;
    let event = (uuid::Uuid::now_v7(), time::OffsetDateTime::now_utc().replace_nanosecond(0).unwrap());
    let text = EventLeaf { event_id: event.0, kind: "logged_out", actor: None, at: event.1, body: b"{}" };
    let superuser = archive.stack.superuser();
    sqlx::query("insert into audit.events (event_id, kind, at, body, leaf_index) values ($1, 'logged_out', $2, '{}', $3)")
        .bind(event.0)
        .bind(event.1)
        .bind(size as i64)
        .execute(&superuser)
        .await
        .unwrap();
    for (index, hash) in frontier.append(leaf::hash(&text.to_string())) {
        let insert = sqlx::query("insert into audit.log_hashes (idx, hash) values ($1, $2)").bind(index as i64).bind(hash.to_vec());
        insert.execute(&superuser).await.unwrap();
    }
    assert_eq!(archive.verify().await.findings, [Finding::Foreign { size: size + 1 }]);
    // A copied MAC is of another state.
    sqlx::query("insert into audit.appends (size, mac) select $1, mac from audit.appends order by size desc limit 1")
        .bind(size as i64 + 1)
        .execute(&superuser)
        .await
        .unwrap();
    assert_eq!(archive.verify().await.findings, [Finding::Foreign { size: size + 1 }]);
    // The service neither signs it nor builds on it.
    let service = archive.stack.serve().await;
    let call = OpenCase { caller: caller(Role::Auditor), case: new_case(Scope::default()) };
    assert!(archive.stack.bus.call(&call).await.is_err());
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(archive.stack.bus.call(&GetCheckpoint::default()).await.unwrap().size, size);
    service.stop().await;
}

#[tokio::test]
async fn checkpoints_that_were_removed_or_put_out_of_order_are_named() {
    let archive = Archive::make().await;
    let found = archive
        .after(
            "insert into audit.checkpoints (size, root, note, covers_stream_epoch, covers_seq) select size, root, note, covers_stream_epoch, covers_seq from audit.checkpoints order by size limit 1",
        )
        .await;
    assert!(matches!(found[..], [Finding::CheckpointOutOfOrder { .. }]), "{found:?}");
    archive.change(&["delete from audit.checkpoints"]).await;
    assert_eq!(archive.verify().await.findings, [], "within a minute none need have been signed");
}

/// Leaves that lie further apart than a checkpoint can be late have seen one.
#[tokio::test]
async fn an_archive_without_checkpoints_is_named() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let mut old = message(RoomId::generate());
    old.accepted_at -= time::Duration::HOUR;
    stack.publish(&old).await;
    let id = stack.publish(&message(old.room_id)).await;
    stack.covered(id).await;
    service.stop().await;
    let archive = Archive { stack };
    let found = archive.after("delete from audit.checkpoints").await;
    assert_eq!(found, [Finding::Unsigned { from: 0, to: 2 }]);
}

#[tokio::test]
async fn a_line_that_no_witness_signed_is_named() {
    let archive = Archive::make().await;
    let found = archive
        .after("insert into audit.cosignatures (witness, size, line) select 'w+1+x', max(size), 'x' from audit.checkpoints")
        .await;
    assert!(matches!(&found[..], [Finding::CosignatureForged { witness, .. }] if witness == "w+1+x"), "{found:?}");
    archive.change(&["insert into audit.cosignatures (witness, size, line) values ('w+1+x', 99999999, 'x')"]).await;
    let found = archive.verify().await.findings;
    assert!(found.contains(&Finding::CheckpointRemoved { size: 99_999_999 }), "{found:?}");
}

/// What no message could be made of is evidence as well: taken away, exchanged or invented, it is named.
#[tokio::test]
async fn what_is_kept_apart_is_what_its_events_say() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    stack.publish_raw("room.nonsense", &[], b"plain nonsense".to_vec()).await;
    let id = stack.publish(&message(RoomId::generate())).await;
    stack.covered(id).await;
    service.stop().await;
    let archive = Archive { stack };
    let changed = [Finding::QuarantineChanged { stream: "ENVELOPES".to_owned(), seq: 1 }];
    assert_eq!(archive.after("update audit.quarantine set payload_sha256 = sha256('other')").await, changed);
    archive.change(&["update audit.quarantine set payload_sha256 = sha256('plain nonsense')"]).await;
    let invented = "insert into audit.quarantine (stream, seq, subject, reason, payload_sha256, sealed, dek_id)
                    select stream, 9, subject, reason, payload_sha256, sealed, dek_id from audit.quarantine";
    assert_eq!(archive.after(invented).await, [Finding::QuarantineChanged { stream: "ENVELOPES".to_owned(), seq: 9 }]);
    archive.change(&["update audit.quarantine set seq = -1 where seq = 9"]).await;
    assert_eq!(archive.verify().await.findings, [Finding::QuarantineChanged { stream: "ENVELOPES".to_owned(), seq: 0 }]);
    archive.change(&["delete from audit.quarantine where seq = -1"]).await;
    assert_eq!(archive.after("delete from audit.quarantine").await, changed);
}

/// Rows that decide or tell, and stand on no event.
#[tokio::test]
async fn holds_and_people_that_no_event_speaks_of_are_named() {
    let archive = Archive::make().await;
    let found = archive
        .after("insert into audit.concerned select gen_random_uuid(), min(leaf_index), 1, 'infinity' from audit.events")
        .await;
    assert!(matches!(found[..], [Finding::ToldOfNothing { .. }]), "{found:?}");
    archive.change(&["delete from audit.concerned"]).await;
    let found = archive.after("insert into audit.holds (hold_id, case_id, rooms, people, placed_leaf) select gen_random_uuid(), gen_random_uuid(), '{}', '{}', min(leaf_index) from audit.events").await;
    assert!(matches!(found[..], [Finding::HoldChanged { .. }]), "{found:?}");
}

#[tokio::test]
async fn messages_that_never_came_into_the_archive_are_named() {
    let archive = Archive::make().await;
    let leaf = archive.leaf_of(4).await;
    let found = archive.after("delete from audit.records where seq = 4").await;
    let at = EventId { stream_epoch: 1, seq: 4 };
    assert_eq!(found, [Finding::Removed { leaf_index: leaf }, Finding::NeverArrived { from: at, to: 4 }]);
}

#[tokio::test]
async fn what_keeps_the_archive_append_only_must_be_there() {
    let archive = Archive::make().await;
    let found = archive.after_ddl("alter table audit.records disable trigger no_rewrite").await;
    assert_eq!(found, [Finding::GuardGone { guard: "trigger no_rewrite of audit.records".to_owned() }]);
    archive.after_ddl("alter table audit.records enable always trigger no_rewrite").await;
    let narrowed = [
        "drop trigger no_rewrite on audit.records",
        "create trigger no_rewrite before delete or update of cid on audit.records for each row execute function audit.refuse_rewrite()",
    ];
    for statement in narrowed {
        archive.after_ddl(statement).await;
    }
    let found = archive.after_ddl("alter table audit.records enable always trigger no_rewrite").await;
    assert_eq!(found, [Finding::GuardGone { guard: "trigger no_rewrite of audit.records".to_owned() }]);
    archive.after_ddl("drop trigger no_rewrite on audit.records").await;
    archive
        .after_ddl("create trigger no_rewrite before delete or update on audit.records for each row execute function audit.refuse_rewrite()")
        .await;
    archive.after_ddl("alter table audit.records enable always trigger no_rewrite").await;
    let found = archive
        .after_ddl(
            "create or replace function audit.active_holds_on(room uuid, on_day date) returns setof uuid language sql stable as
             $$ select null::uuid where false $$",
        )
        .await;
    assert_eq!(found, [Finding::GuardGone { guard: "function audit.active_holds_on".to_owned() }]);
}
