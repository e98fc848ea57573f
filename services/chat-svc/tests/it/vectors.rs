//! The envelopes of `crates/pgp/tests/vectors` through the whole path: chat-svc says what the manifest says.

use std::path::PathBuf;

use sealcast_bus::CallError;
use sealcast_contracts::{
    Base64, RoomId,
    auth::Role,
    chat::{Admission, ChatRefusal, RoomKind, SetCompliance},
};
use sealcast_pgp::{certificate::Certificate, keyring::SecretKey};
use serde_json::Value;
use time::OffsetDateTime;

use crate::world::{Draft, RoomKeys, World};

pub fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../crates/pgp/tests/vectors").join(file)
}

fn read(file: &str) -> Vec<u8> {
    std::fs::read(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn vectors() -> Vec<Value> {
    let manifest: Value = serde_json::from_slice(&read("manifest.json")).expect("the manifest");
    manifest["vectors"].as_array().expect("vectors").iter().filter(|vector| vector["kind"] == "envelope").cloned().collect()
}

/// The vectors of one organisation: every pair of a room and a compliance certificate is a world of its own.
async fn run(room: &str, compliance: &str) -> usize {
    let world = World::start().await;
    let admin = world.admin();
    let certificate = read(compliance);
    if Certificate::parse_compliance(&certificate, OffsetDateTime::now_utc()).is_err() {
        panic!("{compliance} does not follow the profile");
    }
    world.ok(&SetCompliance { caller: admin.caller.clone(), certificate: Base64(certificate) }).await;
    let alice =
        world.person_with("alice", Role::Member, SecretKey::generate_user("alice", crate::world::an_hour_ago()).expect("a key"));
    let key = SecretKey::from_octets(&read(&room.replace(".pub.", ".sec."))).expect("a room key");
    let keys = RoomKeys::of(RoomId::generate(), 1, None, key);
    world.ok(&keys.creation(&alice, "Vectors", RoomKind::Private, Admission::Invite)).await;

    let mut checked = 0;
    for vector in vectors().iter().filter(|vector| vector["room"] == room && vector["compliance"] == compliance) {
        let file = vector["file"].as_str().expect("a file");
        let env = read(file);
        let outcome = world.call(&Draft::with_env(keys.room_id, 1, &alice, env).sign()).await;
        let expected_ok = vector["server"] == "ok";
        match &outcome {
            Ok(_) => assert!(expected_ok, "{file} was accepted, the manifest says {}", vector["server"]),
            Err(CallError::Refused(refusal)) => {
                assert!(!expected_ok, "{file} was refused: {refusal}");
                assert_eq!(refusal_kind(refusal), expected_kind(vector), "{file}: {refusal}");
            }
            Err(error) => panic!("{file}: {error:?}"),
        }
        checked += 1;
    }
    checked
}

/// The manifest's verdicts that have a refusal of their own; every other one is a malformed envelope.
fn expected_kind(vector: &Value) -> &'static str {
    match vector["file"].as_str().expect("a file") {
        "envelopes/missing-compliance.pgp" => "compliance",
        "envelopes/missing-room.pgp" => "room",
        "envelopes/oversized.pgp" => "size",
        "envelopes/extra-pkesk.pgp" | "envelopes/cross-room.pgp" | "envelopes/wrong-epoch.pgp" => "unexpected",
        "envelopes/no-pkesk.pgp" => "compliance",
        _ => "malformed",
    }
}

fn refusal_kind(refusal: &ChatRefusal) -> &'static str {
    match refusal {
        ChatRefusal::ComplianceRecipientMissing => "compliance",
        ChatRefusal::RoomRecipientMissing => "room",
        ChatRefusal::RecipientUnexpected => "unexpected",
        ChatRefusal::EnvelopeTooLarge { .. } => "size",
        ChatRefusal::EnvelopeMalformed { .. } => "malformed",
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_envelope_gets_the_manifests_verdict() {
    let mut pairs: Vec<(String, String)> = vectors()
        .iter()
        .map(|vector| {
            (vector["room"].as_str().expect("a room").to_owned(), vector["compliance"].as_str().expect("compliance").to_owned())
        })
        .collect();
    pairs.sort();
    pairs.dedup();
    let mut checked = 0;
    for (room, compliance) in &pairs {
        checked += run(room, compliance).await;
    }
    assert_eq!(checked, vectors().len());
    assert!(checked >= 40, "only {checked} vectors");
}
