use std::process::Command;

use sealcast_audit_svc::{
    data_keys::DataKeys,
    sealing::Keks,
    verify::{Finding, Report, verify},
};
use sealcast_contracts::{RoomId, audit::GetCheckpoint};
use sealcast_merkle::{checkpoint::TreeHead, tree};

use crate::harness::{Stack, logged_out, message};

/// An archive of eight messages, five events and their checkpoints, with the service stopped.
struct Archive {
    stack: Stack,
    vkey: String,
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
        let vkey = stack.bus.call(&GetCheckpoint::default()).await.unwrap().vkey;
        service.stop().await;
        let superuser = stack.superuser();
        for table in ["records", "events", "log_hashes", "checkpoints", "data_keys"] {
            sqlx::query(&format!("alter table audit.{table} disable trigger all")).execute(&superuser).await.unwrap();
        }
        Self { stack, vkey }
    }

    async fn verify(&self) -> Report {
        let data_keys = DataKeys::new(Keks::read(self.stack.keys.path()).unwrap(), 8);
        verify(&self.stack.superuser(), &self.vkey, Some(&data_keys), &[]).await.unwrap()
    }

    /// Runs a statement as a superuser who switched the triggers off, and gives the findings.
    async fn after(&self, statement: &str) -> Vec<Finding> {
        assert_eq!(self.verify().await.findings, []);
        let changed = sqlx::query(statement).execute(&self.stack.superuser()).await.unwrap();
        assert!(changed.rows_affected() > 0, "{statement}");
        self.verify().await.findings
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
    sqlx::query("update audit.records set epoch = 1 where seq = 3").execute(&archive.stack.superuser()).await.unwrap();

    // The body of an event.
    let found =
        archive.after("update audit.events set body = '{}' where leaf_index = (select min(leaf_index) from audit.events)").await;
    assert!(matches!(&found[..], [Finding::Changed { row, .. }] if row.starts_with("event ")), "{found:?}");
}

#[tokio::test]
async fn two_rows_in_each_others_place_are_named() {
    let archive = Archive::make().await;
    let (three, five) = (archive.leaf_of(3).await, archive.leaf_of(5).await);
    let superuser = archive.stack.superuser();
    for (seq, leaf) in [(3, 1_000_i64), (5, three as i64), (3, five as i64)] {
        sqlx::query("update audit.records set leaf_index = $2 where seq = $1")
            .bind(seq)
            .bind(leaf)
            .execute(&superuser)
            .await
            .unwrap();
    }
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
    assert_eq!(found, [Finding::Removed { leaf_index: inner }]);
    // With the hashes gone too, the signed checkpoint still knows.
    let superuser = archive.stack.superuser();
    sqlx::query("delete from audit.records where seq = 8").execute(&superuser).await.unwrap();
    let first = i64::try_from(tree::stored_count(tail)).unwrap();
    sqlx::query("delete from audit.log_hashes where idx >= $1").bind(first).execute(&superuser).await.unwrap();
    let found = archive.verify().await.findings;
    assert_eq!(found, [Finding::Removed { leaf_index: inner }, Finding::Removed { leaf_index: tail }]);
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
    let superuser = archive.stack.superuser();
    let found = archive.after("update audit.log_hashes set hash = sha256(hash) where idx = 0").await;
    assert!(found.iter().any(|finding| matches!(finding, Finding::HashChanged { .. })), "{found:?}");
    assert!(found.iter().any(|finding| matches!(finding, Finding::HistoryRewritten { from: 0, .. })), "{found:?}");
    let found = {
        sqlx::query("update audit.checkpoints set root = sha256(root)").execute(&superuser).await.unwrap();
        archive.verify().await.findings
    };
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
    sqlx::query("update audit.records set epoch = 9 where seq = 3").execute(&archive.stack.superuser()).await.unwrap();
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
    let with = async |seen| verify(&archive.stack.superuser(), &archive.vkey, None, &[seen]).await.unwrap().findings;
    assert_eq!(with(seen).await, []);
    assert_eq!(with(TreeHead { root: [7; 32], ..seen }).await, [Finding::Forked { size: seen.size }]);
    let kept: i64 = sqlx::query_scalar("select max(size) from audit.checkpoints where size < $1")
        .bind(size)
        .fetch_one(&superuser)
        .await
        .unwrap();
    let first = i64::try_from(tree::stored_count(kept as u64)).unwrap();
    for (statement, bound) in [
        ("delete from audit.records where leaf_index >= $1", kept),
        ("delete from audit.events where leaf_index >= $1", kept),
        ("delete from audit.log_hashes where idx >= $1", first),
        ("delete from audit.checkpoints where size > $1", kept),
    ] {
        sqlx::query(statement).bind(bound).execute(&superuser).await.unwrap();
    }
    assert_eq!(archive.verify().await.findings, []);
    assert_eq!(with(seen).await, [Finding::RolledBack { size: kept as u64, seen: seen.size }]);
}

#[tokio::test]
async fn what_a_checkpoint_covers_cannot_be_moved() {
    let archive = Archive::make().await;
    let found = archive.after("update audit.checkpoints set covers_seq = covers_seq + 1 where size = (select min(size) from audit.checkpoints where covers_seq is not null)").await;
    assert!(matches!(found[..], [Finding::CoversChanged { .. }]), "{found:?}");
}
