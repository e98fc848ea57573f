//! An exporter who is dishonest: it signs whatever it likes, and the log contradicts it.

use sealcast_bundle::{CertificateLine, Report};
use sealcast_contracts::{
    Base64,
    audit::leaves::{LeafPage, LogLeaf},
    context::SeenCheckpoint,
};

use sealcast_pgp::keyring::SecretKey;
use time::{OffsetDateTime, macros::datetime};

use crate::log::{Export, Log};

/// What is found when every leaf passes through `change` on its way into a bundle that is signed all the same.
fn after(log: &Log, change: impl Fn(&mut LogLeaf)) -> Report {
    let export = Export { opened: false, ..Export::whole(log) };
    export.write_with(|from, to| {
        let mut page = log.page(from, to);
        page.items.iter_mut().for_each(&change);
        page
    });
    export.verify()
}

fn named(report: &Report, part: &str, reason: &str) {
    let found = report.faults.iter().any(|fault| fault.part == part && fault.reason.contains(reason));
    assert!(found && !report.verified, "{part}: {reason}\n{report}");
}

#[test]
fn a_message_under_another_leaf_is_found() {
    let log = Log::new(12);
    let foreign = log.page(6, 7).items.remove(0).message;
    let report = after(&log, |leaf| {
        if leaf.leaf.contains("\nid=1-5\n") || leaf.leaf.contains("id=1-5\n") {
            leaf.message.clone_from(&foreign);
        }
    });
    named(&report, "messages.ndjson", "message 1-5");
}

#[test]
fn a_message_that_becomes_another_room_s_breaks_the_root() {
    let log = Log::new(12);
    let report = after(&log, |leaf| {
        if leaf.leaf.contains("id=1-5\n") {
            leaf.leaf = leaf.leaf.replace(&log.room.to_string(), &log.other.to_string());
        }
    });
    named(&report, "leaves.ndjson", "the root that the log signed");
}

#[test]
fn a_membership_that_never_was_is_found() {
    let log = Log::new(12);
    let report = after(&log, |leaf| {
        if let Some(body) = leaf.body.as_mut().filter(|_| leaf.leaf_index == 2) {
            *body = body.replace("invite", "approval");
        }
    });
    named(&report, "events.ndjson", "leaf 2");
}

#[test]
fn what_is_left_out_of_the_middle_is_missed() {
    let log = Log::new(12);
    let export = Export::whole(&log);
    // The exporter closes the gap by counting anew.
    let mut draft = export.draft();
    let shifted = |from: u64| LeafPage {
        items: log
            .page(from, log.size())
            .items
            .into_iter()
            .map(|leaf| LogLeaf { leaf_index: leaf.leaf_index - 1, ..leaf })
            .collect(),
    };
    draft.add(LeafPage { items: log.page(0, 6).items }).unwrap();
    while draft.state().next_leaf < log.size() - 1 {
        draft.add(shifted(draft.state().next_leaf + 1)).unwrap();
    }
    export.finish(draft);
    let report = export.verify();
    named(&report, "leaves.ndjson", "it ends at leaf");
    named(&report, "leaves.ndjson", "the root that the log signed");
}

#[test]
fn a_split_view_is_told_by_whoever_saw_the_other_log() {
    let mut log = Log::new(12);
    let size = log.size() - 2;
    log.say_having_seen(log.room, 13, "I saw something else", SeenCheckpoint { size, root: [9; 16] });
    let export = Export::whole(&log);
    export.write();
    named(&export.verify(), "messages.ndjson", "a split view");
}

#[test]
fn the_end_of_time_is_not_the_end_of_the_log() {
    let log = Log::new(12);
    let (to, size) = (Some(datetime!(9999-12-31 23:59:59 UTC)), log.size());
    let mut export = Export::whole(&log);
    (export.query.to, export.range) = (to, log.range((None, to), 0, size - 4));
    export.write();
    named(&export.verify(), "leaves.ndjson", "messages may be left out");
}

#[test]
fn a_name_beside_the_one_that_signatures_lead_to_is_found() {
    let log = Log::new(12);
    let export = Export::whole(&log);
    let mut draft = export.draft();
    while !draft.is_complete() {
        draft.add(log.page(draft.state().next_leaf, log.size())).unwrap();
    }
    let stranger = SecretKey::generate_user("mallory", OffsetDateTime::now_utc()).unwrap();
    let certificate = Base64(stranger.certificate_octets().unwrap());
    let line = CertificateLine::Account { user_id: log.people[1].id, username: "mallory".to_owned(), certificate };
    let mut certificates = log.certificates();
    certificates.push(line);
    export.finish_with(draft, certificates);
    named(&export.verify(), "certificates.ndjson", "two names");
}
