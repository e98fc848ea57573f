//! What a drill measured, each figure beside its bound.

use std::{fmt, time::Duration};

use serde_json::{Map, Value, json};

use crate::ledger::Verdict;

/// What a figure must not leave.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    /// It is only told.
    None,
    AtMost(f64),
}

#[derive(Clone, Debug)]
struct Figure {
    name: &'static str,
    value: f64,
    bound: Bound,
}

/// All of one drill, in the order of their telling.
#[derive(Clone, Debug, Default)]
pub struct Figures(Vec<Figure>);

impl Figures {
    /// A figure without a bound.
    pub fn tell(&mut self, name: &'static str, value: f64) {
        self.0.push(Figure { name, value, bound: Bound::None });
    }

    pub fn at_most(&mut self, name: &'static str, value: f64, most: f64) {
        self.0.push(Figure { name, value, bound: Bound::AtMost(most) });
    }

    /// A count that must be 0.
    pub fn none(&mut self, name: &'static str, count: usize) {
        self.at_most(name, to_f64(count), 0.0);
    }

    pub fn count(&mut self, name: &'static str, count: usize) {
        self.tell(name, to_f64(count));
    }

    /// Everything that the ledger says.
    pub fn verdict(&mut self, verdict: &Verdict) {
        self.count("accepted", verdict.acked);
        self.count("unknown", verdict.unknown);
        for (name, count) in [
            ("lost", verdict.lost),
            ("invented", verdict.invented),
            ("stored twice", verdict.stored_twice),
            ("undelivered", verdict.undelivered),
            ("foreign", verdict.foreign),
            ("repeated", verdict.repeated),
            ("out of order", verdict.disordered),
        ] {
            self.none(name, count);
        }
    }

    /// The figures that left their bounds.
    pub fn broken(&self) -> Vec<String> {
        self.0.iter().filter(|figure| !figure.holds()).map(ToString::to_string).collect()
    }

    /// By name: the value, and the bound if there is one.
    pub fn to_json(&self) -> Map<String, Value> {
        let figure = |figure: &Figure| match figure.bound {
            Bound::None => json!({"value": figure.value}),
            Bound::AtMost(most) => json!({"value": figure.value, "at_most": most}),
        };
        self.0.iter().map(|each| (each.name.replace(' ', "_"), figure(each))).collect()
    }
}

impl Figure {
    fn holds(&self) -> bool {
        match self.bound {
            Bound::None => true,
            Bound::AtMost(most) => self.value <= most,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, Short(self.value))?;
        match self.bound {
            Bound::AtMost(most) if most != 0.0 => write!(f, " (≤ {})", Short(most)),
            Bound::None | Bound::AtMost(_) => Ok(()),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, figure) in self.0.iter().enumerate() {
            write!(f, "{}{figure}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// Counts without decimals, everything else with two.
struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.fract() == 0.0 { write!(f, "{:.0}", self.0) } else { write!(f, "{:.2}", self.0) }
    }
}

/// A count as a figure.
#[allow(clippy::cast_precision_loss, reason = "counts of a drill are far below 2^52")]
pub fn to_f64(count: usize) -> f64 {
    count as f64
}

/// Seconds, to the hundredth.
pub fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100.0).round() / 100.0
}

/// The value that `part` of 100 do not exceed; 0 of none.
pub fn percentile(durations: &[Duration], part: usize) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * part).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_left_its_bound_is_broken() {
        let mut figures = Figures::default();
        figures.tell("told", 7.0);
        figures.at_most("pause s", 2.5, 2.5);
        figures.none("lost", 0);
        assert!(figures.broken().is_empty());
        figures.at_most("restarts", 3.0, 2.0);
        figures.none("doubled", 1);
        assert_eq!(figures.broken(), ["restarts 3 (≤ 2)", "doubled 1"]);
        assert_eq!(figures.to_string(), "told 7, pause s 2.50 (≤ 2.50), lost 0, restarts 3 (≤ 2), doubled 1");
        assert_eq!(figures.to_json()["pause_s"], json!({"value": 2.5, "at_most": 2.5}));
    }

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let all: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&all, 99), Duration::from_millis(198));
        assert_eq!(percentile(&all, 100), Duration::from_millis(200));
        assert_eq!(percentile(&all[..1], 50), Duration::from_millis(1));
        assert_eq!(percentile(&[], 99), Duration::ZERO);
    }
}
