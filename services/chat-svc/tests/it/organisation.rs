use sealcast_contracts::{
    Base64,
    chat::{ChatRefusal, CreateRoom, GetOrganisation, SetCompliance},
};
use sealcast_pgp::keyring::SecretKey;

use crate::world::{RoomKeys, World, an_hour_ago};

#[tokio::test]
async fn compliance_is_published_once_by_an_admin() {
    let world = World::start().await;
    let before = world.ok(&GetOrganisation {}).await;
    assert!(before.compliance.is_none() && before.lobby.is_none());

    let (admin, compliance) = world.organisation().await;
    let certificate = Base64(compliance.certificate_octets().expect("a certificate"));
    let again = SetCompliance { caller: admin.caller.clone(), certificate: certificate.clone() };
    assert_eq!(world.ok(&again).await.compliance.expect("published").certificate, certificate);

    let other = SecretKey::generate_user("Other", an_hour_ago()).expect("a key").certificate_octets().expect("a certificate");
    let other = SetCompliance { caller: admin.caller.clone(), certificate: Base64(other) };
    assert_eq!(world.refused(&other).await, ChatRefusal::Conflict);
    let garbage = SetCompliance { caller: admin.caller.clone(), certificate: Base64(vec![1, 2, 3]) };
    assert!(matches!(world.refused(&garbage).await, ChatRefusal::CertificateRefused { .. }));
    let member = world.person("mallory");
    let by_member = SetCompliance { caller: member.caller, certificate };
    assert_eq!(world.refused(&by_member).await, ChatRefusal::Forbidden);

    let events = world.wait_for_events("compliance_published", 1).await;
    assert_eq!(events[0]["body"]["fingerprint"], compliance.fingerprint().to_string());
}

#[tokio::test]
async fn without_compliance_there_are_no_rooms() {
    let world = World::start().await;
    let alice = world.person("alice");
    let keys = RoomKeys::generate(sealcast_contracts::RoomId::generate(), 1, None);
    let creation: CreateRoom = keys.creation(
        &alice,
        "Too early",
        sealcast_contracts::chat::RoomKind::Private,
        sealcast_contracts::chat::Admission::Invite,
    );
    assert_eq!(world.refused(&creation).await, ChatRefusal::OrganisationNotReady);
}
