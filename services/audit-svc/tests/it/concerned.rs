use sealcast_bus::CallError;
use sealcast_contracts::{
    Caller, Page, RoomId,
    audit::{
        Access, AccessAction, AuditRefusal, GetAccessProof, GrantDecryption, ListAccesses, MessageFilter, NewCase, OpenCase, Scope,
    },
    auth::Role,
};
use sealcast_merkle::{Hash, checkpoint, leaf, tree};
use sealcast_testkit::eventually;
use time::{Duration, OffsetDateTime};

use crate::harness::{Stack, caller, message, new_case};

async fn told(stack: &Stack, person: &Caller) -> Page<Access> {
    stack.bus.call(&ListAccesses { caller: person.clone(), cursor: None, limit: 50 }).await.unwrap()
}

#[tokio::test]
async fn the_people_concerned_see_each_access_and_can_prove_it() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let room = RoomId::generate();
    let (writer, other, officer) = (caller(Role::Member), caller(Role::Member), caller(Role::Auditor));
    let (mut ids, mut last) = (Vec::new(), None);
    for sender in [&writer, &writer, &other, &officer] {
        let mut sent = message(room);
        sent.sender = sender.user_id;
        last = Some(stack.publish(&sent).await);
        ids.extend(last);
    }
    stack.covered(last.unwrap()).await;
    let case = stack.approved_case(&officer, Scope { rooms: vec![room], ..Scope::default() }).await;
    assert_eq!(told(&stack, &writer).await.items, [], "opening a case looks at nothing");
    stack.query_in(&officer, case.case_id, MessageFilter::default()).await.unwrap();
    let call = GrantDecryption { caller: officer.clone(), case_id: case.case_id, ids: vec![ids[0]] };
    let receipt = stack.bus.call(&call).await.unwrap();

    let page = told(&stack, &writer).await;
    let seen: Vec<_> = page.items.iter().map(|access| (access.action, access.messages)).collect();
    assert_eq!(seen, [(AccessAction::Decrypt, 1), (AccessAction::Query, 2)]);
    assert_eq!(page.items[0].event_id, receipt.event_id);
    let query = &page.items[1];
    assert_eq!((query.officer, &query.case_number), (officer.user_id, &case.number));
    assert!(query.approver.is_some_and(|approver| approver != officer.user_id));
    assert_eq!(told(&stack, &other).await.items.len(), 1);
    assert_eq!(told(&stack, &officer).await.items, [], "nobody is told of looking at one's own");

    // The proof is for those who are told, and for nobody else.
    let prove = |person: &Caller| GetAccessProof { caller: person.clone(), leaf_index: query.leaf_index };
    let proof = eventually("a checkpoint covers the access", async || stack.bus.call(&prove(&writer)).await.ok()).await;
    let head = checkpoint::verify(&proof.checkpoint.note, &proof.checkpoint.vkey).unwrap();
    let path: Vec<Hash> = proof.path.iter().map(|hash| hash.as_slice().try_into().unwrap()).collect();
    tree::verify_inclusion(proof.leaf_index, head.size, &leaf::hash(&proof.leaf), &path, &head.root).unwrap();
    assert!(proof.leaf.contains("\nkind=messages_queried\n"), "{}", proof.leaf);
    let refused = stack.bus.call(&prove(&caller(Role::Admin))).await;
    assert!(matches!(refused, Err(CallError::Refused(AuditRefusal::NotFound))), "{refused:?}");
    service.stop().await;
}

/// Sealed is a time that the case was opened with; until then nobody is told, and then everybody.
#[tokio::test]
async fn a_sealed_access_is_told_when_the_period_ends() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let writer = caller(Role::Member);
    let mut sent = message(RoomId::generate());
    sent.sender = writer.user_id;
    let id = stack.publish(&sent).await;
    stack.covered(id).await;
    let officer = caller(Role::Auditor);
    let sealed_until = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap() + Duration::days(30);
    let case = NewCase { sealed_until: Some(sealed_until), expires_at: sealed_until + Duration::DAY, ..new_case(Scope::default()) };
    let case = stack.bus.call(&OpenCase { caller: officer.clone(), case }).await.unwrap();
    stack.approve(&officer, &caller(Role::Auditor), case.case_id, AccessAction::Query).await;
    stack.query_in(&officer, case.case_id, MessageFilter::default()).await.unwrap();
    assert_eq!(told(&stack, &writer).await.items, []);
    let superuser = stack.superuser();
    let visible_from: OffsetDateTime =
        sqlx::query_scalar("select visible_from from audit.concerned").fetch_one(&superuser).await.unwrap();
    assert_eq!(visible_from, sealed_until);
    // Thirty days later.
    for statement in
        ["alter table audit.concerned disable trigger all", "update audit.concerned set visible_from = now() - interval '1 second'"]
    {
        sqlx::query(statement).execute(&superuser).await.unwrap();
    }
    assert_eq!(told(&stack, &writer).await.items.len(), 1);
    service.stop().await;
}
