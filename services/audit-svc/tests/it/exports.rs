use sealcast_bus::CallError;
use sealcast_contracts::{
    RoomId,
    audit::{AccessAction, AuditRefusal, MessageFilter, OpenCase, Scope, StartExport},
    auth::Role,
};

use crate::harness::{Stack, caller, message, new_case};

/// One leaf speaks for all that an export hands out, so it takes a second officer and concerns everybody who is in it.
#[tokio::test]
async fn an_export_is_approved_and_concerns_everybody_in_it() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let (room, other) = (RoomId::generate(), RoomId::generate());
    let mut last = None;
    for i in 0..9 {
        last = Some(stack.publish(&message(if i % 3 == 1 { other } else { room })).await);
    }
    stack.covered(last.unwrap()).await;
    let officer = caller(Role::Auditor);
    let scope = Scope { rooms: vec![room], ..Scope::default() };
    let case_id = stack.bus.call(&OpenCase { caller: officer.clone(), case: new_case(scope) }).await.unwrap().case_id;
    let start = |filter| StartExport { caller: officer.clone(), case_id, filter };
    let refused = stack.bus.call(&start(MessageFilter::default())).await;
    let needed = AuditRefusal::ApprovalRequired { action: AccessAction::Export };
    assert!(matches!(&refused, Err(CallError::Refused(refusal)) if *refusal == needed), "{refused:?}");
    assert_eq!(stack.count("concerned").await, 0);

    stack.approve(&officer, &caller(Role::Auditor), case_id, AccessAction::Export).await;
    let export = stack.bus.call(&start(MessageFilter::default())).await.unwrap();
    assert_eq!((export.messages, stack.count("concerned").await), (6, 6));
    assert!(export.leaf_index >= export.size);
    let elsewhere = MessageFilter { room_id: Some(other), ..MessageFilter::default() };
    let refused = stack.bus.call(&start(elsewhere)).await;
    assert!(matches!(refused, Err(CallError::Refused(AuditRefusal::OutOfScope { .. }))), "{refused:?}");
    service.stop().await;
}
