//! Choices that a seed repeats.

use std::time::Duration;

/// SplitMix64: enough for choices, and the same everywhere.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The dice of one drill: another drill with the same seed makes other choices.
    pub fn new(seed: u64, name: &str) -> Self {
        // FNV-1a of the name.
        let hash =
            name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, octet| (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3));
        Self(seed ^ hash)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % bound as u64).unwrap_or_default()
    }

    /// One of them.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() { None } else { all.get(self.below(all.len())) }
    }

    /// A time between two.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let span = most.saturating_sub(least).as_millis().max(1);
        least + Duration::from_millis(self.roll() % u64::try_from(span).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_choices_and_names_differ() {
        let rolls = |seed, name| {
            let mut dice = Dice::new(seed, name);
            (0..8).map(|_| dice.below(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(rolls(1, "a"), rolls(1, "a"));
        assert_ne!(rolls(1, "a"), rolls(2, "a"));
        assert_ne!(rolls(1, "a"), rolls(1, "b"));
    }

    #[test]
    fn a_time_is_between_its_bounds() {
        let (least, most) = (Duration::from_millis(10), Duration::from_millis(20));
        let mut dice = Dice::new(1, "time");
        assert!((0..100).map(|_| dice.between(least, most)).all(|time| time >= least && time < most));
    }
}
