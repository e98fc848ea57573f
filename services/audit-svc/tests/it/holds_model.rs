//! Holds against retention, in any order: a model says what may be destroyed, and Postgres agrees.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{
    collection::{btree_set, vec},
    option,
    prelude::{Just, Strategy, any, prop_oneof},
    test_runner::{Config, TestCaseError, TestRunner},
};
use sealcast_audit_svc::{retention::shred_due, verify::Finding};
use sealcast_contracts::{
    Caller, CaseId, HoldId, RoomId, UserId,
    audit::{PlaceHold, ReleaseHold, Scope, SetRetention},
    auth::Role,
};
use time::{Date, Duration, OffsetDateTime, Time};
use tokio_util::sync::CancellationToken;

use crate::harness::{Stack, caller, message};

const ROOMS: usize = 3;
const PEOPLE: usize = 3;
/// Days on which messages were sent, counted from the first.
const DAYS: i64 = 4;
/// Each has a database of its own.
const CASES: u32 = 8;
const STEPS_MAX: usize = 24;

/// A room and a day, counted from the first.
type Cell = (usize, i64);

#[derive(Clone, Debug)]
enum Step {
    Place {
        rooms: BTreeSet<usize>,
        people: BTreeSet<usize>,
        from: Option<i64>,
        days: Option<i64>,
    },
    /// The how-manieth hold, if there is one.
    Release(usize),
    Retain {
        room: Option<usize>,
        days: Option<u32>,
    },
    /// Lets so many days pass, and retention run.
    Pass(i64),
}

#[derive(Debug)]
struct ModelHold {
    rooms: BTreeSet<usize>,
    people: BTreeSet<usize>,
    from: Option<i64>,
    to: Option<i64>,
    active: bool,
}

/// What ought to be.
struct Model {
    /// Who wrote in each cell that is still readable.
    readable: BTreeMap<Cell, BTreeSet<usize>>,
    holds: Vec<ModelHold>,
    organisation: Option<u32>,
    rooms: [Option<u32>; ROOMS],
    today: i64,
}

impl Model {
    fn is_held(&self, (room, day): Cell, authors: &BTreeSet<usize>) -> bool {
        self.holds.iter().filter(|hold| hold.active).any(|hold| {
            (hold.rooms.is_empty() || hold.rooms.contains(&room))
                && (hold.people.is_empty() || !hold.people.is_disjoint(authors))
                && hold.from.is_none_or(|from| day >= from)
                && hold.to.is_none_or(|to| day < to)
        })
    }

    fn pass(&mut self, days: i64) {
        self.today += days;
        let mut readable = std::mem::take(&mut self.readable);
        readable.retain(|cell, authors| {
            let rule = self.rooms[cell.0].or(self.organisation);
            let over = rule.is_some_and(|days| self.today - cell.1 > i64::from(days));
            !over || self.is_held(*cell, authors)
        });
        self.readable = readable;
    }
}

/// The stack, and what the numbers of the model stand for.
struct World<'a> {
    stack: &'a Stack,
    first: Date,
    rooms: Vec<RoomId>,
    people: Vec<UserId>,
    officer: Caller,
    case_id: CaseId,
    holds: Vec<HoldId>,
}

impl World<'_> {
    fn at(&self, day: i64) -> OffsetDateTime {
        (self.first + Duration::days(day)).with_time(Time::MIDNIGHT).assume_utc()
    }

    async fn apply(&mut self, model: &mut Model, step: &Step) {
        let caller_of_admin = caller(Role::Admin);
        match step.clone() {
            Step::Place { rooms, people, from, days } => {
                let to = days.map(|days| from.unwrap_or(0) + days);
                let scope = Scope {
                    rooms: rooms.iter().map(|room| self.rooms[*room]).collect(),
                    people: people.iter().map(|person| self.people[*person]).collect(),
                    from: from.map(|from| self.at(from)),
                    to: to.map(|to| self.at(to)),
                };
                let (caller, case_id) = (self.officer.clone(), self.case_id);
                let call = PlaceHold { caller, case_id, scope, reason: "litigation".to_owned() };
                self.holds.push(self.stack.bus.call(&call).await.unwrap().hold_id);
                model.holds.push(ModelHold { rooms, people, from, to, active: true });
            }
            Step::Release(number) => {
                let Some(place) = number.checked_rem(self.holds.len()) else { return };
                let (caller, hold_id) = (self.officer.clone(), self.holds[place]);
                let released = self.stack.bus.call(&ReleaseHold { caller, hold_id, reason: "settled".to_owned() }).await;
                assert_eq!(released.is_ok(), model.holds[place].active);
                model.holds[place].active = false;
            }
            Step::Retain { room, days } => {
                let room_id = room.map(|room| self.rooms[room]);
                self.stack.bus.call(&SetRetention { caller: caller_of_admin, room_id, days }).await.unwrap();
                match room {
                    Some(room) => model.rooms[room] = days,
                    None => model.organisation = days,
                }
            }
            Step::Pass(days) => {
                model.pass(days);
                let today = self.first + Duration::days(model.today);
                shred_due(&self.stack.database.pool("audit_svc"), &self.stack.append_key(), today, 0, &CancellationToken::new())
                    .await
                    .unwrap();
            }
        }
    }

    async fn readable(&self) -> BTreeSet<Cell> {
        let rows: Vec<(uuid::Uuid, Date)> =
            sqlx::query_as("select room_id, day from audit.data_keys").fetch_all(&self.stack.superuser()).await.unwrap();
        let cell = |(room_id, day): (uuid::Uuid, Date)| {
            let room = self.rooms.iter().position(|room| room.0 == room_id).unwrap();
            (room, (day - self.first).whole_days())
        };
        rows.into_iter().map(cell).collect()
    }
}

fn step() -> impl Strategy<Value = Step> {
    let rooms = || btree_set(0..ROOMS, 0..ROOMS);
    let people = || btree_set(0..PEOPLE, 0..PEOPLE);
    prop_oneof![
        3 => (rooms(), people(), option::of(0..DAYS), option::of(1..=DAYS))
            .prop_map(|(rooms, people, from, days)| Step::Place { rooms, people, from, days }),
        2 => any::<usize>().prop_map(Step::Release),
        3 => (option::of(0..ROOMS), prop_oneof![1 => Just(None), 4 => (1..6_u32).prop_map(Some)])
            .prop_map(|(room, days)| Step::Retain { room, days }),
        3 => (0..4_i64).prop_map(Step::Pass),
    ]
}

/// Who wrote in which room on which day.
fn conversation() -> impl Strategy<Value = BTreeSet<(usize, i64, usize)>> {
    btree_set((0..ROOMS, 0..DAYS, 0..PEOPLE), 6..16)
}

#[test]
fn no_interleaving_destroys_what_is_held_or_keeps_what_is_over() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut stack = runtime.block_on(Stack::start());
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, max_shrink_iters: 64, ..Config::default() });
    let stack = std::cell::RefCell::new(&mut stack);
    let outcome = runner.run(&(conversation(), vec(step(), 1..STEPS_MAX)), |(conversation, steps)| {
        let mut stack = stack.borrow_mut();
        runtime.block_on(async {
            stack.renew_database().await;
            play(&stack, &conversation, &steps).await
        })
    });
    outcome.unwrap();
}

async fn play(stack: &Stack, conversation: &BTreeSet<(usize, i64, usize)>, steps: &[Step]) -> Result<(), TestCaseError> {
    let service = stack.serve().await;
    let first = OffsetDateTime::now_utc().date() - Duration::days(30);
    let (rooms, people) = ((0..ROOMS).map(|_| RoomId::generate()), (0..PEOPLE).map(|_| UserId::generate()));
    let officer = caller(Role::Auditor);
    let case_id = stack.approved_case(&officer, Scope::default()).await.case_id;
    let mut world = World { stack, first, rooms: rooms.collect(), people: people.collect(), officer, case_id, holds: Vec::new() };
    let mut model = Model { readable: BTreeMap::new(), holds: Vec::new(), organisation: None, rooms: [None; ROOMS], today: DAYS };
    let mut last = None;
    for (room, day, person) in conversation {
        let mut sent = message(world.rooms[*room]);
        sent.sender = world.people[*person];
        // The last moment of a day belongs to it.
        sent.accepted_at = world.at(day + 1) - Duration::MILLISECOND;
        last = Some(stack.publish(&sent).await);
        model.readable.entry((*room, *day)).or_default().insert(*person);
    }
    stack.covered(last.unwrap()).await;
    for (number, step) in steps.iter().enumerate() {
        world.apply(&mut model, step).await;
        let (found, expected) = (world.readable().await, model.readable.keys().copied().collect::<BTreeSet<_>>());
        proptest::prop_assert_eq!(found, expected, "after step {} of {:?}", number, steps);
    }
    // There is no auth-svc here that would have made the officers what they are.
    let found = stack.verify().await.findings.into_iter().filter(|finding| !matches!(finding, Finding::NoOfficer { .. }));
    proptest::prop_assert_eq!(found.collect::<Vec<_>>(), vec![]);
    service.stop().await;
    Ok(())
}
