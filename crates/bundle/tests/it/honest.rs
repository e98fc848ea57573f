use sealcast_bundle::{Anchors, Draft, Query, verify};
use sealcast_contracts::{Fingerprint, audit::leaves::LeafPage};
use sealcast_merkle::checkpoint::{SigningKey, TreeHead, generate_skey};
use time::Duration;

use crate::log::{Export, Log};

#[test]
fn an_export_verifies_with_its_texts() {
    let log = Log::new(20);
    let export = Export::whole(&log);
    let manifest = export.write();
    let report = export.verify();
    assert_eq!(report.faults, []);
    assert!(report.verified, "{report}");
    let counts = manifest.counts;
    assert_eq!((counts.leaves, counts.messages, counts.shredded, counts.events, counts.views), (26, 10, 0, 6, 10));
    let names: Vec<_> = report.steps.iter().map(|step| step.name).collect();
    assert_eq!(names, ["parts", "manifest", "checkpoint", "messages", "log", "gossip", "membership", "texts"]);
    // The folder of the draft is gone.
    assert_eq!(std::fs::read_dir(export.dir.path()).unwrap().count(), 1);
}

#[test]
fn an_export_across_a_change_of_the_compliance_key_holds_both_certificates() {
    let mut log = Log::new(10);
    log.rotate_compliance();
    log.say(log.room, 11, "for the next key");
    let export = Export::whole(&log);
    let manifest = export.write();
    assert_eq!((manifest.counts.messages, manifest.counts.views), (6, 6));
    assert_eq!(manifest.compliance, Some(log.compliance.fingerprint()));
    let report = export.verify();
    assert!(report.verified, "{report}");

    // The one in force stands last: the manifest names it.
    let mut turned = log.certificates();
    turned.rotate_right(1);
    let export = Export::whole(&log);
    let mut draft = export.draft();
    while !draft.is_complete() {
        draft.add(log.page(draft.state().next_leaf, export.range.to)).unwrap();
    }
    export.finish_with(draft, turned);
    let report = export.verify();
    assert!(report.faults.iter().any(|fault| fault.reason.contains("compliance certificate")), "{report}");
}

#[test]
fn a_range_in_the_middle_verifies_from_its_frontier() {
    let log = Log::new(60);
    let minute = |minute| Some(log.begin + Duration::minutes(minute));
    // Messages of the minutes 30 to 35; the margin is ten minutes on both sides.
    let mut export = Export::whole(&log);
    let times = (minute(30), minute(36));
    export.range = log.range(times, 6 + 18, 6 + 47);
    let manifest = export.write();
    assert_eq!((manifest.counts.messages, manifest.counts.events), (3, 3));
    let report = export.verify();
    assert!(report.verified, "{report}");
    assert!(report.caveats.iter().any(|caveat| caveat.contains("before leaf 24")), "{report}");

    // A narrower range could hide a message at its edge.
    for (from, to, says) in [(6 + 25, 6 + 47, "begin before"), (6 + 18, 6 + 40, "end after")] {
        let mut narrow = Export::whole(&log);
        narrow.range = log.range(times, from, to);
        narrow.write();
        let report = narrow.verify();
        assert!(report.faults.iter().any(|fault| fault.reason.contains(says)), "{report}");
    }
}

#[test]
fn a_run_that_broke_off_is_gone_on_with() {
    let log = Log::new(20);
    let export = Export::whole(&log);
    let mut draft = export.draft();
    draft.add(log.page(0, log.size())).unwrap();
    let reached = draft.state().next_leaf;
    drop(draft);
    // It broke off while it wrote the next page.
    let dir = export.dir.path().join("export.tar.part");
    let leaves = dir.join("leaves.ndjson");
    let whole = std::fs::read(&leaves).unwrap();
    std::fs::write(&leaves, [whole, b"{\"leaf_index\":7,\"le".to_vec()].concat()).unwrap();

    let other = Query { room_id: log.other, ..export.query.clone() };
    assert!(Draft::resume(&dir, &other).is_err());
    let mut draft = Draft::resume(&dir, &export.query).unwrap().unwrap();
    assert_eq!(draft.state().next_leaf, reached);
    while !draft.is_complete() {
        draft.add(log.page(draft.state().next_leaf, log.size())).unwrap();
    }
    export.finish(draft);
    assert!(export.verify().verified);
    assert!(Draft::resume(&dir, &export.query).unwrap().is_none());
}

#[test]
fn a_server_that_skips_or_repeats_leaves_is_refused_at_once() {
    let log = Log::new(20);
    let export = Export::whole(&log);
    let mut draft = export.draft();
    assert!(draft.add(log.page(1, log.size())).is_err());
    assert!(draft.add(LeafPage { items: Vec::new() }).is_err());
    draft.add(log.page(0, log.size())).unwrap();
    assert!(draft.add(log.page(0, log.size())).is_err());
}

#[test]
fn what_was_shredded_is_said_and_still_in_the_log() {
    let log = Log::new(10);
    let export = Export::whole(&log);
    let manifest = export.write_with(|from, to| {
        let mut page = log.page(from, to);
        page.items.iter_mut().filter(|leaf| leaf.leaf.contains("id=1-3\n")).for_each(|leaf| leaf.message = None);
        page
    });
    assert_eq!((manifest.counts.messages, manifest.counts.shredded), (4, 1));
    let report = export.verify();
    assert!(report.verified, "{report}");
    // The exporter may have dropped it: that is no step, but something to know.
    assert!(report.caveats.iter().any(|caveat| caveat.starts_with("1 messages are given without content")), "{report}");
}

#[test]
fn another_log_another_officer_or_another_state_is_not_accepted() {
    let log = Log::new(10);
    let export = Export::whole(&log);
    export.write();
    let with = |anchors: Anchors| verify(&export.file(), &anchors).unwrap();
    let other = SigningKey::parse(&generate_skey().unwrap()).unwrap();
    assert!(!with(Anchors { log_vkey: Some(other.vkey().to_owned()), ..Anchors::default() }).verified);
    assert!(!with(Anchors { exporter: Some(Fingerprint([1; 32])), ..log.anchors() }).verified);
    assert!(!with(Anchors { witnesses: vec![other.vkey().to_owned()], ..log.anchors() }).verified);
    assert!(!with(Anchors { seen: Some(TreeHead { root: [3; 32], ..log.head() }), ..log.anchors() }).verified);
    assert!(with(Anchors { seen: Some(log.head()), ..log.anchors() }).verified);
    // An older state lies within the leaves.
    let older = |root| Anchors { seen: Some(TreeHead { size: 5, root }), ..log.anchors() };
    assert!(!with(older([3; 32])).verified);
    assert!(with(older(log.root_of(5))).verified);
    // Without a pin it verifies, and says what it believed.
    let report = with(Anchors::default());
    assert!(report.verified && report.caveats.iter().any(|caveat| caveat.contains(log.key.vkey())), "{report}");
}

/// The browser's verifier is tested with what this writes; the file that is checked in stays until the format changes.
#[test]
fn the_vector_of_the_browser_verifies() {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../frontend/test/vectors/export"));
    if std::env::var_os("SEALCAST_WRITE_VECTORS").is_some() {
        let log = Log::new(6);
        let export = Export::whole(&log);
        export.write();
        std::fs::create_dir_all(folder).unwrap();
        std::fs::copy(export.file(), folder.join("export.tar")).unwrap();
        std::fs::write(folder.join("log-key.txt"), format!("{}\n", log.key.vkey())).unwrap();
    }
    let key = std::fs::read_to_string(folder.join("log-key.txt")).unwrap();
    let anchors = Anchors { log_vkey: Some(key.trim().to_owned()), ..Anchors::default() };
    let report = verify(&folder.join("export.tar"), &anchors).unwrap();
    assert!(report.verified, "{report}");
}

/// The console makes exports in the browser (`frontend/test/exporter.test.ts` writes this one): the same check takes them.
#[test]
fn what_the_browser_wrote_verifies() {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../frontend/test/vectors/export"));
    let key = std::fs::read_to_string(folder.join("log-key.txt")).unwrap();
    let anchors = Anchors { log_vkey: Some(key.trim().to_owned()), ..Anchors::default() };
    let report = verify(&folder.join("browser.tar"), &anchors).unwrap();
    assert!(report.verified && report.steps.iter().any(|step| step.name == "texts"), "{report}");
}
