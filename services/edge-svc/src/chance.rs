//! Random times, so that many clients do not do the same at the same moment.

use std::time::Duration;

/// A random time up to `max`.
pub fn within(max: Duration) -> Duration {
    max.mul_f64(fraction())
}

/// `middle`, give or take a fifth.
pub fn around(middle: Duration) -> Duration {
    middle.mul_f64(0.8 + 0.4 * fraction())
}

/// A number in `[0, 1)`.
fn fraction() -> f64 {
    let mut octets = [0; 4];
    // Spreading load needs no secrecy: without randomness everybody gets the middle.
    match aws_lc_rs::rand::fill(&mut octets) {
        Ok(()) => f64::from(u32::from_le_bytes(octets)) / (f64::from(u32::MAX) + 1.0),
        Err(_) => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stay_in_their_range() {
        let second = Duration::from_secs(1);
        for _ in 0..1_000 {
            assert!(within(second) < second);
            assert!((Duration::from_millis(800)..Duration::from_millis(1_200)).contains(&around(second)));
        }
    }
}
