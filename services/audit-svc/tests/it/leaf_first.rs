//! Whatever the audit API shows of other people's messages, a leaf said so before.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{
    collection::vec,
    option,
    prelude::{Strategy, prop_oneof},
    prop_assert, prop_assert_eq,
    test_runner::{Config, TestCaseError, TestRunner},
};
use sealcast_contracts::{
    Caller, CaseId, EventId, RoomId, UserId,
    audit::{AccessAction, CloseCase, GetInclusionProof, GrantDecryption, MessageFilter, Order, QueryMessages, Scope, StartExport},
    auth::Role,
};
use sealcast_merkle::leaf::EventLeaf;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::harness::{Stack, caller, message, new_case};

const ROOMS: usize = 3;
const MESSAGES: usize = 12;
const CASES: u32 = 40;

#[derive(Clone, Copy, Debug)]
enum Ask {
    Query { room: Option<usize>, limit: u32 },
    Proof(usize),
    Decrypt(usize),
    Export { room: Option<usize> },
}

/// Who asks, under which case, for what.
type Question = (usize, Option<usize>, Ask);

struct World {
    stack: Stack,
    rooms: Vec<RoomId>,
    /// Each message with its room and sender.
    messages: BTreeMap<EventId, (RoomId, UserId)>,
    callers: Vec<Caller>,
    memberships: BTreeMap<UserId, BTreeSet<RoomId>>,
    cases: Vec<CaseId>,
}

#[test]
fn nothing_of_others_is_shown_before_its_leaf() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (world, service, chat) = runtime.block_on(async {
        let stack = Stack::start().await;
        let (service, chat) = (stack.serve().await, stack.serve_memberships().await);
        (prepare(stack).await, service, chat)
    });
    let ask = prop_oneof![
        4 => (option::of(0..ROOMS), 1..8_u32).prop_map(|(room, limit)| Ask::Query { room, limit }),
        2 => (0..MESSAGES).prop_map(Ask::Proof),
        2 => (0..MESSAGES).prop_map(Ask::Decrypt),
        1 => option::of(0..ROOMS).prop_map(|room| Ask::Export { room }),
    ];
    let questions = vec((0..world.callers.len(), option::weighted(0.7, 0..world.cases.len()), ask), 1..6);
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&questions, |questions| {
        runtime.block_on(async {
            for question in questions {
                world.check(question).await?;
            }
            Ok(())
        })
    });
    outcome.unwrap();
    runtime.block_on(async {
        // The property is not true because nothing was ever shown.
        assert!(world.stack.count("concerned").await > 0);
        service.stop().await;
        chat.stop().await;
    });
}

async fn prepare(stack: Stack) -> World {
    let rooms: Vec<RoomId> = (0..ROOMS).map(|_| RoomId::generate()).collect();
    let callers = vec![
        stack.officer(&rooms[..1]),
        stack.officer(&[]),
        stack.member(&rooms[1..]),
        stack.in_rooms(caller(Role::Admin), &rooms[..1]),
    ];
    let memberships = [&rooms[..1], &[], &rooms[1..], &rooms[..1]];
    let memberships = callers.iter().zip(memberships).map(|(caller, rooms)| (caller.user_id, rooms.iter().copied().collect()));
    let (mut messages, mut last) = (BTreeMap::new(), None);
    for i in 0..MESSAGES {
        let mut sent = message(rooms[i % ROOMS]);
        // Officers write as well.
        if i % 5 == 0 {
            sent.sender = callers[i % callers.len()].user_id;
        }
        let id = stack.publish(&sent).await;
        messages.insert(id, (sent.room_id, sent.sender));
        last = Some(id);
    }
    stack.covered(last.unwrap()).await;
    let everything = stack.approved_case(&callers[0], Scope::default()).await.case_id;
    let one_room = stack.approved_case(&callers[1], Scope { rooms: vec![rooms[2]], ..Scope::default() }).await.case_id;
    let own = stack.approve_by(&callers[0], &callers[1]).await;
    let closed = stack.approved_case(&callers[0], Scope::default()).await.case_id;
    let close = CloseCase { caller: callers[1].clone(), case_id: closed, note: "done".to_owned() };
    stack.bus.call(&close).await.unwrap();
    let memberships = memberships.collect();
    World { stack, rooms, messages, callers, memberships, cases: vec![everything, one_room, own, closed] }
}

impl Stack {
    /// A case that `second` approved everything of.
    async fn approve_by(&self, first: &Caller, second: &Caller) -> CaseId {
        let call = sealcast_contracts::audit::OpenCase { caller: first.clone(), case: new_case(Scope::default()) };
        let case_id = self.bus.call(&call).await.unwrap().case_id;
        for action in [AccessAction::Query, AccessAction::Export] {
            self.approve(first, second, case_id, action).await;
        }
        case_id
    }
}

impl World {
    async fn check(&self, (who, case, ask): Question) -> Result<(), TestCaseError> {
        let (caller, case_id) = (&self.callers[who], case.map(|case| self.cases[case]));
        let before = self.newest_leaf().await;
        let shown = self.ask(caller, case_id, ask).await;
        let after = self.accesses(before).await;
        let mine = |id: &EventId| {
            let (room, sender) = self.messages[id];
            self.memberships[&caller.user_id].contains(&room) || sender == caller.user_id
        };
        let Some(shown) = shown else {
            prop_assert_eq!(after.len(), 0, "a refusal shows nothing, so it says nothing");
            return Ok(());
        };
        if case_id.is_none() {
            prop_assert!(shown.iter().all(mine), "without a case only one's own: {:?}", ask);
            return Ok(());
        }
        let others: BTreeSet<UserId> =
            shown.iter().map(|id| self.messages[id].1).filter(|sender| *sender != caller.user_id).collect();
        if after.is_empty() {
            prop_assert!(matches!(ask, Ask::Proof(_)) && others.is_empty(), "{:?} left no leaf", ask);
            return Ok(());
        }
        prop_assert_eq!(after.len(), 1, "{:?}", ask);
        let access = &after[0];
        prop_assert_eq!(access.actor, caller.user_id);
        let named = case_id.map(|case_id| case_id.to_string());
        prop_assert_eq!(access.body["case_id"].as_str(), named.as_deref());
        prop_assert_eq!(access.body["count"].as_u64(), Some(shown.len() as u64));
        prop_assert_eq!(&access.told, &others, "everybody who was shown is told, and nobody else");
        let approver = access.body["approver"].as_str();
        let needs = !matches!(ask, Ask::Decrypt(_));
        prop_assert_eq!(approver.is_some(), needs);
        prop_assert!(approver != Some(caller.user_id.to_string().as_str()));
        Ok(())
    }

    /// The messages that an answer shows; `None` for a refusal.
    async fn ask(&self, caller: &Caller, case_id: Option<CaseId>, ask: Ask) -> Option<Vec<EventId>> {
        let (bus, caller) = (&self.stack.bus, caller.clone());
        let filter = |room: Option<usize>| MessageFilter { room_id: room.map(|room| self.rooms[room]), ..MessageFilter::default() };
        let nth = |number: usize| *self.messages.keys().nth(number).unwrap();
        match ask {
            Ask::Query { room, limit } => {
                let order = Order::OldestFirst;
                let call = QueryMessages { caller, filter: filter(room), order, cursor: None, limit, case_id };
                Some(bus.call(&call).await.ok()?.items.into_iter().map(|item| item.id).collect())
            }
            Ask::Proof(number) => {
                let id = nth(number);
                bus.call(&GetInclusionProof { caller, id, case_id, witnessed: false }).await.ok().map(|_| vec![id])
            }
            Ask::Decrypt(number) => {
                let id = nth(number);
                bus.call(&GrantDecryption { caller, case_id: case_id?, ids: vec![id] }).await.ok().map(|_| vec![id])
            }
            Ask::Export { room } => {
                let export = bus.call(&StartExport { caller, case_id: case_id?, filter: filter(room) }).await.ok()?;
                let scope = case_id.filter(|case_id| *case_id == self.cases[1]).map(|_| self.rooms[2]);
                let inside = |(room, _): &(RoomId, UserId)| {
                    export.filter.room_id.is_none_or(|asked| asked == *room) && scope.is_none_or(|scope| scope == *room)
                };
                Some(self.messages.iter().filter(|(_, place)| inside(place)).map(|(id, _)| *id).collect())
            }
        }
    }

    async fn newest_leaf(&self) -> i64 {
        let newest = sqlx::query_scalar("select coalesce(max(leaf_index), -1) from audit.events");
        newest.fetch_one(&self.stack.superuser()).await.unwrap()
    }

    /// The accesses that were logged after a leaf; each of their leaves is in the tree.
    async fn accesses(&self, after: i64) -> Vec<Access> {
        let superuser = self.stack.superuser();
        let rows: Vec<(i64, Uuid, String, Uuid, OffsetDateTime, String)> = sqlx::query_as(
            "select leaf_index, event_id, kind, actor, at, body::text from audit.events where leaf_index > $1 order by leaf_index",
        )
        .bind(after)
        .fetch_all(&superuser)
        .await
        .unwrap();
        let mut accesses = Vec::new();
        for (leaf_index, event_id, kind, actor, at, body) in rows {
            let text = EventLeaf { event_id, kind: &kind, actor: Some(UserId(actor)), at, body: body.as_bytes() }.to_string();
            let stored: Vec<u8> = sqlx::query_scalar("select hash from audit.log_hashes where idx = $1")
                .bind(i64::try_from(sealcast_merkle::tree::stored_count(leaf_index as u64)).unwrap())
                .fetch_one(&superuser)
                .await
                .unwrap();
            assert_eq!(stored, sealcast_merkle::leaf::hash(&text));
            let told: Vec<Uuid> = sqlx::query_scalar("select user_id from audit.concerned where leaf_index = $1")
                .bind(leaf_index)
                .fetch_all(&superuser)
                .await
                .unwrap();
            let told = told.into_iter().map(UserId).collect();
            accesses.push(Access { actor: UserId(actor), body: serde_json::from_str(&body).unwrap(), told });
        }
        accesses
    }
}

struct Access {
    actor: UserId,
    body: serde_json::Value,
    told: BTreeSet<UserId>,
}
