use sealcast_bus::CallError;
use sealcast_contracts::{
    Base64, EventId, RoomId,
    audit::{AuditRefusal, Checkpoint, GetCheckpoint, GetConsistencyProof, GetInclusionProof, Scope},
    control::{CheckpointPublished, Signal as _},
    stream::StreamMessage,
};
use sealcast_merkle::{Hash, checkpoint, leaf, leaf::MessageLeaf, tree};

use crate::harness::{Stack, logged_out, message};

#[tokio::test]
async fn proofs_and_checkpoints_verify_for_whoever_may_see_the_message() {
    let stack = Stack::start().await;
    let mut signals = stack.bus.subscribe(CheckpointPublished::SUBJECT).await.unwrap();
    let service = stack.serve().await;
    let _chat = stack.serve_memberships().await;
    let room = RoomId::generate();
    let sent = message(room);
    let id = stack.publish(&sent).await;
    stack.covered(id).await;
    let early = stack.bus.call(&GetCheckpoint::default()).await.unwrap();
    for _ in 0..12 {
        stack.publish_event(&logged_out()).await;
    }
    let last = stack.publish(&message(room)).await;
    stack.covered(last).await;
    let announced: CheckpointPublished = serde_json::from_slice(&signals.next().await.unwrap().payload).unwrap();
    assert_eq!(announced.checkpoint.covers, Some(announced.covers));
    root(&announced.checkpoint);

    let proof =
        stack.bus.call(&GetInclusionProof { caller: stack.member(&[room]), id, case_id: None, witnessed: false }).await.unwrap();
    // The sender rebuilds the leaf from what it sent.
    let text = leaf_text(id, &sent);
    assert_eq!(proof.leaf, text);
    let root_hash = root(&proof.checkpoint);
    let path: Vec<Hash> = hashes(&proof.path);
    tree::verify_inclusion(proof.leaf_index, proof.checkpoint.size, &leaf::hash(&text), &path, &root_hash).unwrap();
    let mut other = sent.clone();
    other.env[0] ^= 1;
    let forged = leaf::hash(&leaf_text(id, &other));
    assert!(tree::verify_inclusion(proof.leaf_index, proof.checkpoint.size, &forged, &path, &root_hash).is_err());

    let late = stack.bus.call(&GetCheckpoint::default()).await.unwrap();
    assert!(late.size > early.size);
    let consistency = stack.bus.call(&GetConsistencyProof { from: early.size, to: late.size }).await.unwrap();
    tree::verify_consistency(early.size, &root(&early), late.size, &root(&late), &hashes(&consistency.path)).unwrap();

    let outsider = stack.member(&[RoomId::generate()]);
    let refused = stack.bus.call(&GetInclusionProof { caller: outsider, id, case_id: None, witnessed: false }).await;
    assert!(matches!(refused, Err(CallError::Refused(AuditRefusal::NotFound))), "{refused:?}");
    let unknown = EventId { seq: 4_711, ..id };
    let refused =
        stack.bus.call(&GetInclusionProof { caller: stack.member(&[room]), id: unknown, case_id: None, witnessed: false }).await;
    assert!(matches!(refused, Err(CallError::Refused(AuditRefusal::NotFound))), "{refused:?}");
    let refused = stack.bus.call(&GetConsistencyProof { from: 1, to: late.size + 1_000 }).await;
    assert!(matches!(refused, Err(CallError::Refused(AuditRefusal::NotFound))), "{refused:?}");
    let refused = stack.bus.call(&GetConsistencyProof { from: 2, to: 1 }).await;
    assert!(matches!(refused, Err(CallError::Refused(AuditRefusal::Malformed { .. }))), "{refused:?}");
    service.stop().await;
}

/// An auditor's look at somebody's message takes a case and leaves a leaf, as a query does; at its own it does not.
#[tokio::test]
async fn an_auditors_proof_of_anothers_message_is_in_the_log() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let _chat = stack.serve_memberships().await;
    let (auditor, room) = (stack.officer(&[]), RoomId::generate());
    let mut own = message(room);
    own.sender = auditor.user_id;
    let own = stack.publish(&own).await;
    let other = stack.publish(&message(room)).await;
    stack.covered(other).await;
    let ask = |id, case_id| GetInclusionProof { caller: auditor.clone(), id, case_id, witnessed: false };
    stack.bus.call(&ask(own, None)).await.unwrap();
    let refused = stack.bus.call(&ask(other, None)).await;
    assert!(matches!(refused, Err(CallError::Refused(AuditRefusal::CaseRequired))), "{refused:?}");
    assert_eq!(stack.count("events").await, 0);
    let elsewhere = Scope { rooms: vec![RoomId::generate()], ..Scope::default() };
    let wrong = stack.approved_case(&auditor, elsewhere).await.case_id;
    let right = stack.approved_case(&auditor, Scope { rooms: vec![room], ..Scope::default() }).await.case_id;
    let before = stack.count("events").await;
    let refused = stack.bus.call(&ask(other, Some(wrong))).await;
    assert!(matches!(refused, Err(CallError::Refused(AuditRefusal::OutOfScope { .. }))), "{refused:?}");
    assert_eq!(stack.count("events").await, before);
    stack.bus.call(&ask(other, Some(right))).await.unwrap();
    assert_eq!(stack.count("events").await, before + 1);
    service.stop().await;
}

#[tokio::test]
async fn a_changed_row_is_found_by_its_proof() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let _chat = stack.serve_memberships().await;
    let room = RoomId::generate();
    let id = stack.publish(&message(room)).await;
    stack.publish(&message(room)).await;
    let last = stack.publish(&message(room)).await;
    stack.covered(last).await;
    let superuser = stack.superuser();
    sqlx::query("alter table audit.records disable trigger all").execute(&superuser).await.unwrap();
    sqlx::query("update audit.records set sender = gen_random_uuid() where seq = 1").execute(&superuser).await.unwrap();
    let proof =
        stack.bus.call(&GetInclusionProof { caller: stack.member(&[room]), id, case_id: None, witnessed: false }).await.unwrap();
    let verified = tree::verify_inclusion(
        proof.leaf_index,
        proof.checkpoint.size,
        &leaf::hash(&proof.leaf),
        &hashes(&proof.path),
        &root(&proof.checkpoint),
    );
    assert!(verified.is_err());
    service.stop().await;
}

/// The checkpoint's root, after its signature is checked against the log's key.
fn root(checkpoint: &Checkpoint) -> Hash {
    let head = checkpoint::verify(&checkpoint.note, &checkpoint.vkey).unwrap();
    assert_eq!((head.size, head.root.as_slice()), (checkpoint.size, checkpoint.root.as_slice()));
    head.root
}

fn hashes(path: &[Base64]) -> Vec<Hash> {
    path.iter().map(|hash| hash.as_slice().try_into().unwrap()).collect()
}

fn leaf_text(id: EventId, message: &StreamMessage) -> String {
    let StreamMessage { room_id, sender, sender_fp, cid, epoch, accepted_at, env, sig, .. } = message;
    MessageLeaf {
        id,
        room_id: *room_id,
        epoch: *epoch,
        cid: *cid,
        sender: *sender,
        sender_fp: *sender_fp,
        accepted_at: *accepted_at,
        env,
        sig,
    }
    .to_string()
}
