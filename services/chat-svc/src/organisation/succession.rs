//! Which compliance certificate counts when.

use sealcast_contracts::Fingerprint;
use time::OffsetDateTime;

use crate::limits;

/// A compliance certificate as a recipient of messages.
#[derive(Debug)]
pub(crate) struct Recipient {
    /// Of its encryption subkey.
    pub encryption_fp: Fingerprint,
    /// Absent of the first one.
    pub effective_at: Option<OffsetDateTime>,
}

/// The place of the last one whose time has come; the first one's always has.
pub(crate) fn in_force(times: impl IntoIterator<Item = Option<OffsetDateTime>>, now: OffsetDateTime) -> usize {
    times.into_iter().skip(1).take_while(|at| at.is_some_and(|at| at <= now)).count()
}

/// Those that a message may be encrypted to, the one in force first. The one before counts a while longer, the next one a little
/// earlier.
pub(crate) fn accepted(all: &[Recipient], now: OffsetDateTime) -> Vec<&Fingerprint> {
    let current = in_force(all.iter().map(|recipient| recipient.effective_at), now);
    let since = all.get(current).and_then(|recipient| recipient.effective_at);
    let before = current.checked_sub(1).filter(|_| since.is_some_and(|since| now < since + limits::COMPLIANCE_LATE_MAX));
    let next = all.get(current + 1).and_then(|next| next.effective_at);
    let next = next.filter(|at| *at <= now + limits::COMPLIANCE_EARLY_MAX).map(|_| current + 1);
    [Some(current), before, next].into_iter().flatten().filter_map(|at| Some(&all.get(at)?.encryption_fp)).collect()
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    const AT: OffsetDateTime = time::macros::datetime!(2026-01-05 00:00 UTC);

    fn fp(number: u8) -> Fingerprint {
        Fingerprint([number; 32])
    }

    fn at(offset: Duration) -> Vec<Fingerprint> {
        let recipient = |number, effective_at| Recipient { encryption_fp: fp(number), effective_at };
        let all = [recipient(1, None), recipient(2, Some(AT)), recipient(3, Some(AT + Duration::DAY))];
        accepted(&all, AT + offset).into_iter().copied().collect()
    }

    #[test]
    fn the_one_before_counts_an_hour_longer_and_the_next_one_five_minutes_earlier() {
        assert_eq!(at(-Duration::HOUR), [fp(1)]);
        assert_eq!(at(-Duration::minutes(5)), [fp(1), fp(2)]);
        assert_eq!(at(Duration::ZERO), [fp(2), fp(1)]);
        assert_eq!(at(Duration::HOUR - Duration::SECOND), [fp(2), fp(1)]);
        assert_eq!(at(Duration::HOUR), [fp(2)]);
        assert_eq!(at(Duration::DAY), [fp(3), fp(2)]);
        assert_eq!(at(Duration::days(2)), [fp(3)]);
        assert!(accepted(&[], AT).is_empty());
    }
}
