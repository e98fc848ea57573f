//! A key in shares: any `threshold` of them give it back, one less gives nothing at all (Shamir's scheme over GF(256)).
//!
//! A share is thirty words: what is written on paper and typed in again carries its own checksum.

use std::{fmt, str::FromStr};

use aws_lc_rs::{digest, rand};
use bip39::Language;
use vsss_rs::Gf256;
use zeroize::Zeroizing;

use crate::Error;

/// Octets of what is split.
pub const SECRET_OCTETS: usize = 32;
/// The most holders; all shares must fit a meeting room.
pub const SHARES_MAX: u8 = 16;
/// One holder alone would be no split.
pub const THRESHOLD_MIN: u8 = 2;
/// Set (2), threshold, number, share.
const BODY_OCTETS: usize = 4 + SECRET_OCTETS;
/// Bits of a word, and words of a share: 330 bits, 42 of them checksum.
const WORD_BITS: usize = 11;
const WORDS: usize = 30;

/// One holder's part.
#[derive(Clone, PartialEq, Eq)]
pub struct Share {
    /// Which split it is from.
    set: [u8; 2],
    /// Shares that are needed.
    pub threshold: u8,
    /// Counted from 1.
    pub number: u8,
    value: Zeroizing<[u8; SECRET_OCTETS]>,
}

/// Splits a secret into `count` shares of which `threshold` are needed.
///
/// # Errors
/// [`Error::Usage`] for numbers that make no sense, [`Error::Key`] when the system has no randomness.
pub fn split(secret: &[u8; SECRET_OCTETS], threshold: u8, count: u8) -> Result<Vec<Share>, Error> {
    if threshold < THRESHOLD_MIN || threshold > count || count > SHARES_MAX {
        let text =
            format!("at least {THRESHOLD_MIN} shares must be needed, at most as many as there are, and at most {SHARES_MAX}");
        return Err(Error::Usage(text));
    }
    let failed = |what: &str| Error::Key(format!("splitting the key: {what}"));
    let mut set = [0; 2];
    rand::fill(&mut set).map_err(|_| failed("no randomness"))?;
    let rng = ::rand::rand_core::UnwrapErr(::rand::rngs::SysRng);
    let parts = Gf256::split_bytes(threshold.into(), count.into(), secret, rng).map_err(|error| failed(&error.to_string()))?;
    let share = |mut part: Vec<u8>| {
        let (number, value) = (*part.first()?, Zeroizing::new(part.get(1..)?.try_into().ok()?));
        zeroize::Zeroize::zeroize(&mut part);
        Some(Share { set, threshold, number, value })
    };
    parts.into_iter().map(share).collect::<Option<_>>().ok_or_else(|| failed("a share of another length"))
}

/// The secret that the shares are of.
///
/// # Errors
/// [`Error::Usage`] when they are of different splits, too few, or one is given twice.
pub fn combine(shares: &[Share]) -> Result<Zeroizing<[u8; SECRET_OCTETS]>, Error> {
    let usage = |text: String| Error::Usage(text);
    let Some(first) = shares.first() else { return Err(usage("no share was given".to_owned())) };
    if shares.iter().any(|share| (share.set, share.threshold) != (first.set, first.threshold)) {
        return Err(usage("the shares are not of the same split".to_owned()));
    }
    let mut numbers: Vec<u8> = shares.iter().map(|share| share.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() < shares.len() {
        return Err(usage("a share was given twice".to_owned()));
    }
    if numbers.len() < first.threshold.into() {
        return Err(usage(format!("{} shares are needed, {} were given", first.threshold, numbers.len())));
    }
    let parts: Zeroizing<Vec<Vec<u8>>> =
        Zeroizing::new(shares.iter().map(|share| [&[share.number], &share.value[..]].concat()).collect());
    let secret = Gf256::combine_bytes(&*parts).map(Zeroizing::new).map_err(|error| Error::Key(error.to_string()))?;
    secret.as_slice().try_into().map(Zeroizing::new).map_err(|_| Error::Key("the secret is of another length".to_owned()))
}

impl Share {
    fn body(&self) -> Zeroizing<[u8; BODY_OCTETS]> {
        let mut body = Zeroizing::new([0; BODY_OCTETS]);
        body[..2].copy_from_slice(&self.set);
        body[2..4].copy_from_slice(&[self.threshold, self.number]);
        body[4..].copy_from_slice(&*self.value);
        body
    }

    /// The split that it is from, so that holders can tell theirs apart.
    pub fn set(&self) -> String {
        self.set.iter().map(|octet| format!("{octet:02x}")).collect()
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Share({} of {})", self.number, self.set())
    }
}

/// Writes the words, ten a line.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = checked(&self.body());
        for word in 0..WORDS {
            let index = (0..WORD_BITS).fold(0, |index, bit| index << 1 | usize::from(bit_at(&bits[..], word * WORD_BITS + bit)));
            let end = if word + 1 == WORDS {
                ""
            } else if word % 10 == 9 {
                "\n"
            } else {
                " "
            };
            write!(f, "{}{end}", Language::English.word_list()[index])?;
        }
        Ok(())
    }
}

impl FromStr for Share {
    type Err = Error;

    /// Takes the words in any case, with any white space between.
    fn from_str(text: &str) -> Result<Self, Error> {
        let usage = |what: String| Error::Usage(format!("this is not a share: {what}"));
        let text = Zeroizing::new(text.to_lowercase());
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.len() != WORDS {
            return Err(usage(format!("it has {} words instead of {WORDS}", words.len())));
        }
        let mut bits = Zeroizing::new([0_u8; (WORDS * WORD_BITS).div_ceil(8)]);
        for (at, word) in words.iter().enumerate() {
            // The word itself may be the secret's: only its place is told.
            let index = Language::English.find_word(word).ok_or_else(|| usage(format!("word {} is not in the list", at + 1)))?;
            for bit in (0..WORD_BITS).filter(|bit| index >> (WORD_BITS - 1 - bit) & 1 == 1) {
                let place = at * WORD_BITS + bit;
                bits[place / 8] |= 0x80 >> (place % 8);
            }
        }
        let mut body = Zeroizing::new([0; BODY_OCTETS]);
        body.copy_from_slice(&bits[..BODY_OCTETS]);
        if *checked(&body) != *bits {
            return Err(usage("its checksum is wrong: a word is mistyped or out of place".to_owned()));
        }
        let mut value = Zeroizing::new([0; SECRET_OCTETS]);
        value.copy_from_slice(&body[4..]);
        Ok(Self { set: [body[0], body[1]], threshold: body[2], number: body[3], value })
    }
}

/// The body and as much of its SHA-256 as the words have room for.
fn checked(body: &[u8; BODY_OCTETS]) -> Zeroizing<[u8; (WORDS * WORD_BITS).div_ceil(8)]> {
    let mut bits = Zeroizing::new([0; (WORDS * WORD_BITS).div_ceil(8)]);
    let hash = digest::digest(&digest::SHA256, body);
    bits[..BODY_OCTETS].copy_from_slice(body);
    let rest = bits.len() - BODY_OCTETS;
    bits[BODY_OCTETS..].copy_from_slice(&hash.as_ref()[..rest]);
    let unused = bits.len() * 8 - WORDS * WORD_BITS;
    if let Some(last) = bits.last_mut() {
        *last &= 0xff << unused;
    }
    bits
}

fn bit_at(bits: &[u8], place: usize) -> bool {
    bits[place / 8] & 0x80 >> (place % 8) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; SECRET_OCTETS] = [0xa5; SECRET_OCTETS];

    #[test]
    fn any_threshold_of_them_give_the_secret_back() {
        let shares = split(&SECRET, 3, 5).unwrap();
        for (a, b, c) in [(0, 1, 2), (4, 2, 0), (1, 3, 4)] {
            let chosen = [shares[a].clone(), shares[b].clone(), shares[c].clone()];
            assert_eq!(*combine(&chosen).unwrap(), SECRET);
        }
        assert_eq!(*combine(&shares).unwrap(), SECRET);
    }

    #[test]
    fn one_less_is_refused_and_would_not_help() {
        let shares = split(&SECRET, 3, 5).unwrap();
        assert!(matches!(combine(&shares[..2]), Err(Error::Usage(_))));
        // Somebody who lies about the threshold gets octets that are not the secret.
        let lied: Vec<Share> = shares[..2].iter().map(|share| Share { threshold: 2, ..share.clone() }).collect();
        assert_ne!(*combine(&lied).unwrap(), SECRET);
    }

    #[test]
    fn shares_of_two_splits_and_one_share_twice_are_refused() {
        let (mine, other) = (split(&SECRET, 2, 3).unwrap(), split(&SECRET, 3, 3).unwrap());
        assert!(combine(&[mine[0].clone(), other[1].clone()]).is_err());
        assert!(combine(&[mine[0].clone(), mine[0].clone()]).is_err());
        assert!(combine(&[]).is_err());
        for (threshold, count) in [(1, 3), (4, 3), (2, 17), (0, 0)] {
            assert!(split(&SECRET, threshold, count).is_err(), "{threshold} of {count}");
        }
    }

    #[test]
    fn words_come_back_and_a_wrong_one_is_found() {
        let share = split(&SECRET, 2, 3).unwrap().remove(1);
        let text = share.to_string();
        assert_eq!(text.split_whitespace().count(), WORDS);
        assert!(text.to_uppercase().replace(' ', "   ").parse::<Share>().unwrap() == share);
        let words: Vec<&str> = text.split_whitespace().collect();
        for at in 0..WORDS {
            let mut wrong = words.clone();
            wrong[at] = if wrong[at] == "abandon" { "ability" } else { "abandon" };
            assert!(wrong.join(" ").parse::<Share>().is_err(), "word {at}");
        }
        let swapped = [&words[1..2], &words[..1], &words[2..]].concat().join(" ");
        assert!(words[0] == words[1] || swapped.parse::<Share>().is_err());
        assert!(words[1..].join(" ").parse::<Share>().is_err());
    }
}
