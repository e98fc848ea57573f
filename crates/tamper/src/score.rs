//! What was found, of what was done.

use std::{collections::BTreeMap, fmt};

use serde_json::{Value, json};

use crate::damage::{Damage, Outcome};

#[derive(Clone, Copy, Default)]
struct Count {
    rounds: u32,
    detected: u32,
    named: u32,
}

pub struct Score {
    seed: u64,
    kinds: BTreeMap<&'static str, Count>,
    missed: Vec<String>,
}

impl Score {
    pub fn new(seed: u64) -> Self {
        Self { seed, kinds: BTreeMap::new(), missed: Vec::new() }
    }

    pub fn add(&mut self, damage: Damage, outcome: Outcome) {
        let count = self.kinds.entry(damage.name()).or_default();
        count.rounds += 1;
        count.detected += u32::from(outcome.detected);
        count.named += u32::from(outcome.named);
        if !outcome.named {
            self.missed.push(outcome.what);
        }
    }

    fn total(&self) -> Count {
        self.kinds.values().fold(Count::default(), |sum, count| Count {
            rounds: sum.rounds + count.rounds,
            detected: sum.detected + count.detected,
            named: sum.named + count.named,
        })
    }

    /// Whether every change was found and named.
    pub fn is_perfect(&self) -> bool {
        let total = self.total();
        total.named == total.rounds
    }

    pub fn to_json(&self) -> Value {
        let total = self.total();
        let count = |count: &Count| json!({"rounds": count.rounds, "detected": count.detected, "named": count.named});
        let kinds: BTreeMap<_, _> = self.kinds.iter().map(|(name, kind)| (*name, count(kind))).collect();
        json!({
            "drill": "tamper", "seed": self.seed, "rounds": total.rounds, "detected": total.detected, "named": total.named,
            "passed": self.is_perfect(), "kinds": kinds, "missed": self.missed,
        })
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, Count { rounds, detected, named }) in &self.kinds {
            writeln!(f, "{name:<42} {rounds:>5} done {detected:>5} found {named:>5} named")?;
        }
        let Count { rounds, detected, named } = self.total();
        write!(f, "tamper drill, seed {}: {detected} of {rounds} found, {named} of {rounds} named", self.seed)
    }
}
