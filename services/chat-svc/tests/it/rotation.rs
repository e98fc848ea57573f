//! One compliance key follows another.

use std::sync::atomic::{AtomicI64, Ordering};

use sealcast_chat_svc::RateConfig;
use sealcast_contracts::{
    Base64,
    auth::Role,
    chat::{AcceptMessage, Admission, ChatRefusal, ComplianceRotation, GetOrganisation, RoomKind, RotateCompliance},
    context::COMPLIANCE_NOTATION,
};
use sealcast_pgp::{keyring::SecretKey, message::seal, rotation};
use time::{Duration, OffsetDateTime};

use crate::world::{Draft, Person, Scene, World, an_hour_ago};

/// The delay of the tests' configuration.
const DELAY: Duration = Duration::HOUR;

/// What the service's clock is ahead of ours: only one test moves it.
static AHEAD_S: AtomicI64 = AtomicI64::new(0);

fn moved() -> OffsetDateTime {
    OffsetDateTime::now_utc() + Duration::seconds(AHEAD_S.load(Ordering::SeqCst))
}

fn key() -> SecretKey {
    SecretKey::generate_user("Compliance", an_hour_ago()).expect("a key")
}

fn whole(time: OffsetDateTime) -> OffsetDateTime {
    time.replace_nanosecond(0).expect("a time")
}

/// `old` names `new`.
fn rotate(by: &Person, old: &SecretKey, new: &SecretKey, effective_at: OffsetDateTime) -> RotateCompliance {
    let certificate = new.certificate_octets().expect("a certificate");
    let statement = rotation::statement(&old.fingerprint(), &new.fingerprint(), &certificate, effective_at);
    let sig = old.sign(statement.as_bytes(), COMPLIANCE_NOTATION, rotation::VERSION, an_hour_ago()).expect("a signature");
    let rotation = ComplianceRotation { effective_at, sig: Base64(sig) };
    RotateCompliance { caller: by.caller.clone(), certificate: Base64(certificate), rotation }
}

#[tokio::test]
async fn only_the_newest_key_names_its_successor_and_not_for_too_soon() {
    let world = World::start().await;
    let (early, (old, new, stranger)) = (world.person_with("early", Role::Admin, key()), (key(), key(), key()));
    let at = whole(OffsetDateTime::now_utc() + DELAY + Duration::minutes(10));
    assert_eq!(world.refused(&rotate(&early, &old, &new, at)).await, ChatRefusal::OrganisationNotReady);
    let (admin, old) = world.organisation().await;

    let by_stranger = world.refused(&rotate(&admin, &stranger, &new, at)).await;
    assert_eq!(by_stranger, ChatRefusal::SignatureInvalid { rule: "issuer".to_owned() });
    let moved_time = RotateCompliance {
        rotation: ComplianceRotation { effective_at: at + Duration::DAY, ..rotate(&admin, &old, &new, at).rotation },
        ..rotate(&admin, &old, &new, at)
    };
    assert_eq!(world.refused(&moved_time).await, ChatRefusal::SignatureInvalid { rule: "bad".to_owned() });
    let other_certificate =
        RotateCompliance { certificate: rotate(&admin, &old, &stranger, at).certificate, ..rotate(&admin, &old, &new, at) };
    assert_eq!(world.refused(&other_certificate).await, ChatRefusal::SignatureInvalid { rule: "bad".to_owned() });
    let now = OffsetDateTime::now_utc();
    for wrong in [whole(now + DELAY - Duration::minutes(1)), whole(now + Duration::days(91)), at + Duration::milliseconds(1)] {
        let refused = world.refused(&rotate(&admin, &old, &new, wrong)).await;
        assert!(matches!(&refused, ChatRefusal::Malformed { field, .. } if field == "effective_at"), "{refused:?}");
    }
    assert_eq!(world.refused(&rotate(&admin, &old, &old, at)).await, ChatRefusal::Conflict);
    let member = world.person("mallory");
    assert_eq!(world.refused(&rotate(&member, &old, &new, at)).await, ChatRefusal::Forbidden);

    let call = rotate(&admin, &old, &new, at);
    let organisation = world.ok(&call).await;
    assert_eq!(organisation.compliance.as_ref().map(|compliance| compliance.fingerprint), Some(old.fingerprint()), "not yet");
    let fingerprints: Vec<_> = organisation.compliance_succession.iter().map(|step| step.fingerprint).collect();
    assert_eq!(fingerprints, [old.fingerprint(), new.fingerprint()]);
    assert_eq!(organisation.compliance_succession[0].rotation, None);
    assert_eq!(organisation.compliance_succession[1].rotation, Some(call.rotation.clone()));
    assert_eq!(world.ok(&call).await, organisation, "a second time is harmless");
    assert_eq!(world.ok(&GetOrganisation {}).await, organisation);
    // One at a time: nobody could follow a change that is changed before its time.
    assert_eq!(world.refused(&rotate(&admin, &new, &stranger, at + Duration::DAY)).await, ChatRefusal::Conflict);

    let events = world.wait_for_events("compliance_rotated", 1).await;
    assert_eq!(events.len(), 1);
    let body = &events[0]["body"];
    assert_eq!(body["old_fp"], old.fingerprint().to_string());
    assert_eq!(body["fingerprint"], new.fingerprint().to_string());
    assert!(body["certificate_sha256"].as_str().is_some_and(|hash| hash.len() == 64));
    assert!(body["effective_at"].is_string());
}

#[tokio::test]
async fn messages_follow_the_key_with_an_hour_behind_and_five_minutes_ahead() {
    let world = World::start_at(moved, RateConfig { messages: 1_000, read_markers: 1_000, window_s: 60 }).await;
    let scene = world.room(RoomKind::Lobby, Admission::Invite).await;
    let (alice, new, stranger) = (world.person("alice"), key(), key());
    let at = whole(moved() + DELAY + Duration::minutes(10));
    world.ok(&rotate(&scene.admin, &scene.compliance, &new, at)).await;
    let (old, new) = (&scene.compliance, &new);

    let reach = |time: OffsetDateTime| AHEAD_S.store((time - OffsetDateTime::now_utc()).whole_seconds(), Ordering::SeqCst);
    let accepted = async |key: &SecretKey| world.call(&message(&scene, &alice, key)).await.is_ok();
    let missing = async |key: &SecretKey| world.refused(&message(&scene, &alice, key)).await;
    assert!(accepted(old).await);
    assert_eq!(missing(new).await, ChatRefusal::ComplianceRecipientMissing, "long before its time");
    assert_eq!(missing(&stranger).await, ChatRefusal::RecipientUnexpected);

    reach(at - Duration::minutes(4));
    assert!(accepted(old).await && accepted(new).await, "five minutes ahead");
    reach(at + Duration::minutes(58));
    assert!(accepted(old).await && accepted(new).await, "an hour behind");
    let last = message(&scene, &alice, old);
    let id = world.ok(&last).await.id;
    reach(at + Duration::minutes(61));
    assert!(accepted(new).await);
    assert_eq!(missing(old).await, ChatRefusal::ComplianceRecipientMissing, "its time is over");
    assert_eq!(world.ok(&last).await.id, id, "whoever heard nothing of the last one hears it now");
    let in_force = world.ok(&GetOrganisation {}).await.compliance.map(|compliance| compliance.fingerprint);
    assert_eq!(in_force, Some(new.fingerprint()));

    // And so on: the next one is named by the second.
    let next = whole(moved() + DELAY + Duration::minutes(10));
    let refused = world.refused(&rotate(&scene.admin, old, &stranger, next)).await;
    assert_eq!(refused, ChatRefusal::SignatureInvalid { rule: "issuer".to_owned() });
    let organisation = world.ok(&rotate(&scene.admin, new, &stranger, next)).await;
    assert_eq!(organisation.compliance_succession.len(), 3);
}

/// A message of the service's time, for compliance encrypted to this key.
fn message(scene: &Scene, sender: &Person, compliance: &SecretKey) -> AcceptMessage {
    let sealed =
        seal(&scene.keys.key.certificate().encryption, &compliance.certificate().encryption, b"hello").expect("an envelope");
    let mut draft = Draft::with_env(scene.room_id(), 1, sender, sealed.env);
    draft.context.skc = sealed.session_key.commitment();
    draft.at = moved();
    draft.sign()
}
