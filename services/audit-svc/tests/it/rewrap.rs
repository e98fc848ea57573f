use sealcast_audit_svc::{config::Config, keygen, rewrap};
use sealcast_contracts::RoomId;

use crate::harness::{Stack, message};

#[tokio::test]
async fn an_old_key_encryption_key_can_be_destroyed_after_a_rewrap() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let first = stack.publish(&message(RoomId::generate())).await;
    stack.covered(first).await;
    service.stop().await;
    let file = |version: u32| stack.keys.path().join(format!("{version}.key"));
    keygen::run(&["--kek".to_owned(), file(2).display().to_string()]).unwrap();
    // The service's role may add data keys, and change none.
    let refused = rewrap::run(stack.config()).await.expect_err("it is not the owner");
    assert!(format!("{refused:#}").contains("permission denied"), "{refused:#}");
    let owner = || Config { postgres: stack.database.config("audit_owner"), ..stack.config() };
    let events = stack.count("events").await;
    rewrap::run(owner()).await.unwrap();
    rewrap::run(owner()).await.unwrap();
    assert_eq!(stack.count("events").await, events + 1, "one act, one event");
    std::fs::remove_file(file(1)).unwrap();
    let service = stack.serve().await;
    let second = stack.publish(&message(RoomId::generate())).await;
    stack.covered(second).await;
    service.stop().await;
    // Every stored message is opened.
    let report = stack.verify().await;
    assert_eq!((report.opened, report.findings), (2, Vec::new()));
}
