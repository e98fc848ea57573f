//! A server that shows two trees under one key, one that forgets, and one that is merely late.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use sealcast_contracts::{
    Base64, ClientMessageId, RoomId,
    audit::{Checkpoint, ConsistencyProof},
    context::{MESSAGE_NOTATION, MessageContext},
    sse,
};
use sealcast_merkle::{
    checkpoint::{SigningKey, generate_skey},
    leaf,
    tree::{Frontier, StoredHashes},
};
use sealcast_pgp::{certificate::Certificate, keyring::SecretKey};
use time::OffsetDateTime;

use super::*;
use crate::{Problem, log::refresh, reading::signed_context};

const LEAVES: u64 = 24;
/// Where the two trees part.
const FORKED_AT: u64 = 4;

/// What a server shows to one of its clients.
struct Shown {
    key: Arc<SigningKey>,
    stored: StoredHashes,
    roots: Vec<Hash>,
    size: AtomicU64,
    /// Requests that are still answered as from a moment ago.
    late: AtomicUsize,
    proofs: AtomicUsize,
    /// It answers no question about consistency.
    broken: AtomicBool,
}

impl Shown {
    fn pair() -> (Self, Self) {
        let key = Arc::new(SigningKey::parse(&generate_skey().unwrap()).unwrap());
        (Self::new(&key, "real"), Self::new(&key, "forged"))
    }

    fn new(key: &Arc<SigningKey>, name: &str) -> Self {
        let (mut frontier, mut stored) = (Frontier::default(), StoredHashes::new());
        let mut roots = vec![frontier.root()];
        for at in 0..LEAVES {
            let name = if at < FORKED_AT { "both" } else { name };
            stored.extend(frontier.append(leaf::hash(&format!("{name} {at}"))));
            roots.push(frontier.root());
        }
        let (size, late, proofs) = (AtomicU64::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        Self { key: Arc::clone(key), stored, roots, size, late, proofs, broken: AtomicBool::new(false) }
    }

    fn up_to(&self, size: u64) -> &Self {
        self.size.store(size, Ordering::Relaxed);
        self
    }

    fn late_for(&self, requests: usize) -> &Self {
        self.late.store(requests, Ordering::Relaxed);
        self
    }

    fn is_late(&self) -> bool {
        self.late.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    fn root(&self, size: u64) -> Hash {
        self.roots[usize::try_from(size).unwrap()]
    }

    fn seen(&self, size: u64) -> SeenCheckpoint {
        SeenCheckpoint { size, root: beginning(&self.root(size)) }
    }
}

impl Source for Shown {
    async fn checkpoint(&self, _: bool) -> Result<Checkpoint, Error> {
        let size = if self.is_late() { FORKED_AT } else { self.size.load(Ordering::Relaxed) };
        if size == 0 {
            return Err(refused(404));
        }
        let head = TreeHead { size, root: self.root(size) };
        let (note, vkey) = (self.key.sign(&head), self.key.vkey().to_owned());
        Ok(Checkpoint { size, root: Base64(head.root.to_vec()), note, vkey, covers: None, cosignatures: Vec::new() })
    }

    async fn consistency_proof(&self, from: u64, to: u64) -> Result<ConsistencyProof, Error> {
        self.proofs.fetch_add(1, Ordering::Relaxed);
        if self.broken.load(Ordering::Relaxed) {
            return Err(Error::Unavailable { reason: "busy".to_owned(), retry_after: None });
        }
        if self.is_late() || to > self.size.load(Ordering::Relaxed) {
            return Err(refused(404));
        }
        let path = tree::consistency_proof(from, to, &self.stored).unwrap();
        Ok(ConsistencyProof { from, to, path: path.into_iter().map(|hash| Base64(hash.to_vec())).collect() })
    }
}

fn refused(status: u16) -> Error {
    let problem = serde_json::json!({"type": "/problems/no", "title": "no", "status": status});
    Error::Refused(Box::new(serde_json::from_value::<Problem>(problem).unwrap()))
}

struct Person {
    key: SecretKey,
    known: Known,
    gossip: Gossip,
}

impl Person {
    fn new(name: &str) -> Self {
        let now = OffsetDateTime::now_utc();
        let key = SecretKey::generate_user(name, now).unwrap();
        let certificate = Certificate::parse_sender(&key.certificate_octets().unwrap(), name, now).unwrap();
        let known = Known { user_id: UserId::generate(), username: name.to_owned(), certificate };
        Self { key, known, gossip: Gossip::new(Arc::default()) }
    }

    /// Is shown the log up to `size`, and verifies it.
    async fn looks(&self, log: &Shown, size: u64) -> Result<(), Error> {
        let mut trust = lock(&self.gossip.trust).clone();
        let outcome = refresh(log.up_to(size), &mut trust).await.map(drop);
        lock(&self.gossip.trust).merge(&trust);
        outcome
    }

    /// Signs a message with what was seen of the log.
    fn writes(&self) -> sse::Message {
        let (room_id, cid, env, accepted_at) =
            (RoomId::generate(), ClientMessageId::generate(), b"sealed".to_vec(), OffsetDateTime::now_utc());
        let cp = lock(&self.gossip.trust).seen_checkpoint();
        let context = MessageContext { room_id, epoch: 1, cid, prev: [0; 16], skc: [0; 32], cp };
        let sig = self.key.sign(&env, MESSAGE_NOTATION, &context.to_string(), accepted_at).unwrap();
        sse::Message {
            id: "1-7".parse().unwrap(),
            room_id,
            cid,
            sender: self.known.user_id,
            sender_fp: self.key.fingerprint(),
            epoch: 1,
            env: Base64(env),
            sig: Base64(sig),
            accepted_at,
        }
    }

    async fn compares(&self, log: &Shown) -> Result<(), Error> {
        self.gossip.finish(log).await
    }
}

fn alarm(outcome: Result<(), Error>, what: &str) {
    match outcome {
        Err(Error::Verification(said)) => assert!(said.contains(what), "it says {said}"),
        other => panic!("no alarm of {what}: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_from_whoever_was_shown_another_tree_is_an_alarm() {
    let (real, forged) = Shown::pair();
    let (ann, ben) = (Person::new("ann"), Person::new("ben"));
    ann.looks(&forged, 9).await.unwrap();
    ben.looks(&real, 12).await.unwrap();
    let context = signed_context(&ann.writes(), &ann.known).unwrap();
    ben.gossip.hear(&ann.known, context.cp);
    alarm(ben.compares(&real).await, "that ann was shown is not the one that this client is shown: a split view");
    ben.compares(&real).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_split_shows_at_every_size_after_it_and_never_before() {
    let (real, forged) = Shown::pair();
    let ann = Person::new("ann");
    for ours in 2..=LEAVES {
        for theirs in 0..=ours {
            let ben = Person::new("ben");
            ben.looks(&real, ours).await.unwrap();
            ben.gossip.hear(&ann.known, real.seen(theirs));
            ben.compares(&real).await.unwrap();
            ben.gossip.hear(&ann.known, forged.seen(theirs));
            let outcome = ben.compares(&real).await;
            // Below one more leaf than a power of two the root cannot be shown.
            let hidden = theirs + 1 == ours && theirs.is_power_of_two();
            if theirs <= FORKED_AT || hidden { outcome.unwrap() } else { alarm(outcome, "a split view") }
        }
    }
}

/// Pages come newest first: what was seen before the trees parted says nothing, in whatever order it is read.
#[tokio::test(start_paused = true)]
async fn an_older_message_does_not_hide_what_a_newer_one_says() {
    let (real, forged) = Shown::pair();
    let (ann, ben) = (Person::new("ann"), Person::new("ben"));
    ben.looks(&real, 12).await.unwrap();
    ben.gossip.hear(&ann.known, forged.seen(9));
    ben.gossip.hear(&ann.known, real.seen(3));
    alarm(ben.compares(&real).await, "a split view");
}

/// A server that answers about others, and not about one, keeps nobody else from being compared.
#[tokio::test(start_paused = true)]
async fn who_cannot_be_compared_waits_behind_the_others() {
    let (real, forged) = Shown::pair();
    let (ann, cy, ben) = (Person::new("ann"), Person::new("cy"), Person::new("ben"));
    ben.looks(&real, 12).await.unwrap();
    ben.gossip.hear(&ann.known, real.seen(10));
    ben.gossip.hear(&cy.known, forged.seen(11));
    real.broken.store(true, Ordering::Relaxed);
    assert!(matches!(ben.gossip.turn(&real).await, Err(Error::Unavailable { .. })));
    real.broken.store(false, Ordering::Relaxed);
    alarm(ben.gossip.turn(&real).await.map(drop), "that cy was shown");
    assert_eq!(ben.gossip.turn(&real).await.unwrap(), Compared::Same);
}

#[tokio::test(start_paused = true)]
async fn what_a_sender_has_seen_first_is_looked_for() {
    let (real, forged) = Shown::pair();
    let (ann, ben) = (Person::new("ann"), Person::new("ben"));
    ben.looks(&real, 9).await.unwrap();
    ben.gossip.hear(&ann.known, real.seen(12));
    assert_eq!(ben.gossip.turn(&real).await.unwrap(), Compared::Ahead);
    assert_eq!(ben.gossip.turn(real.up_to(14)).await.unwrap(), Compared::Same);
    assert_eq!(lock(&ben.gossip.trust).head().unwrap().size, 14, "what was verified is pinned");
    ben.gossip.hear(&ann.known, forged.seen(18));
    // A sender who goes on writing does not keep the alarm away.
    for size in [19, 20] {
        assert_eq!(ben.gossip.turn(&real).await.unwrap(), Compared::Ahead);
        ben.gossip.hear(&ann.known, forged.seen(size));
    }
    alarm(ben.compares(&real).await, "rolled back or split");
    let newcomer = Person::new("cy");
    newcomer.gossip.hear(&ann.known, forged.seen(5));
    alarm(newcomer.compares(real.up_to(0)).await, "rolled back or split");
}

#[tokio::test(start_paused = true)]
async fn a_log_that_becomes_smaller_is_an_alarm_and_one_that_is_late_is_none() {
    let (real, _) = Shown::pair();
    let ben = Person::new("ben");
    ben.looks(&real, 12).await.unwrap();
    for late in 1..=3 {
        ben.looks(real.late_for(late), 12 + late as u64).await.unwrap();
    }
    alarm(ben.looks(&real, 9).await, "rolled back");
    alarm(ben.looks(&real, 0).await, "rolled back");
    let ann = Person::new("ann");
    ben.gossip.hear(&ann.known, real.seen(7));
    alarm(ben.compares(real.up_to(9)).await, "rolled back");
    assert_eq!(lock(&ben.gossip.trust).head().unwrap().size, 15, "the pin stays");
}

#[tokio::test(start_paused = true)]
async fn what_is_known_is_not_asked_for_again_and_a_crowd_is_sampled() {
    let (real, forged) = Shown::pair();
    let ben = Person::new("ben");
    ben.looks(&real, 20).await.unwrap();
    let people: Vec<_> =
        (0..TOLD_MAX + 5).map(|at| Known { user_id: UserId::generate(), ..Person::new(&format!("p{at}")).known }).collect();
    for (person, size) in people.iter().zip((2..20).cycle()) {
        ben.gossip.hear(person, real.seen(size));
    }
    assert_eq!(lock(&ben.gossip.state).told.len(), TOLD_MAX);
    ben.compares(&real).await.unwrap();
    assert_eq!(real.proofs.load(Ordering::Relaxed), 18, "one of each size");
    people.iter().for_each(|person| ben.gossip.hear(person, real.seen(7)));
    assert!(lock(&ben.gossip.state).told.is_empty());
    ben.gossip.hear(&people[0], forged.seen(7));
    alarm(ben.compares(&real).await, "a split view");
}

#[tokio::test(start_paused = true)]
async fn a_required_witness_keeps_nothing_from_being_compared() {
    let (real, forged) = Shown::pair();
    let (ann, ben) = (Person::new("ann"), Person::new("ben"));
    ben.looks(&real, 6).await.unwrap();
    let witness =
        sealcast_merkle::cosignature::WitnessKey::parse(&sealcast_merkle::cosignature::generate_skey("w").unwrap()).unwrap();
    lock(&ben.gossip.trust).require_witness(&witness.vkey()).unwrap();
    ben.gossip.hear(&ann.known, real.seen(12));
    ben.compares(real.up_to(14)).await.unwrap();
    assert_eq!(lock(&ben.gossip.trust).head().unwrap().size, 6, "what nobody has cosigned is not pinned");
    ben.gossip.hear(&ann.known, forged.seen(13));
    alarm(ben.compares(&real).await, "a split view");
}
