//! The recovery key: 18 random octets that a person writes down (docs/protocol.md section 2).

use std::{fmt, str::FromStr};

use aws_lc_rs::digest;
use zeroize::Zeroizing;

use crate::{
    Error,
    secrets::{Derived, Origin, random},
};

const KEY_OCTETS: usize = 18;
const CHECK_OCTETS: usize = 2;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The recovery key; its text is what [`fmt::Display`] writes.
pub struct RecoveryKey(Zeroizing<[u8; KEY_OCTETS]>);

impl RecoveryKey {
    /// A new one.
    pub fn generate() -> Self {
        Self(Zeroizing::new(random()))
    }

    /// The secrets that it stands for.
    pub fn derive(&self) -> Derived {
        Derived::from_random(&*self.0, Origin::Recovery)
    }
}

impl fmt::Display for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let octets = Zeroizing::new([&self.0[..], &check(&self.0)].concat());
        // 20 octets are four groups of 40 bits, each eight characters.
        let groups = octets.chunks_exact(5).flat_map(|five| {
            let bits = five.iter().fold(0u64, |bits, octet| bits << 8 | u64::from(*octet));
            [bits >> 20, bits & 0xf_ffff]
        });
        for (index, group) in groups.enumerate() {
            if index > 0 {
                f.write_str("-")?;
            }
            for shift in [15, 10, 5, 0] {
                write!(f, "{}", char::from(ALPHABET[usize::try_from(group >> shift & 31).unwrap_or_default()]))?;
            }
        }
        Ok(())
    }
}

impl FromStr for RecoveryKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Usage("this is not a recovery key: a character is wrong or missing".to_owned());
        let (mut bits, mut count, mut octets) = (0u64, 0u32, Zeroizing::new(Vec::with_capacity(KEY_OCTETS + CHECK_OCTETS)));
        for character in text.chars().filter(|character| *character != '-' && !character.is_whitespace()) {
            bits = bits << 5 | value(character).ok_or_else(wrong)?;
            count += 5;
            if count >= 8 {
                count -= 8;
                octets.push(u8::try_from(bits >> count & 0xff).unwrap_or_default());
                bits &= (1 << count) - 1;
            }
            if octets.len() > KEY_OCTETS + CHECK_OCTETS {
                return Err(wrong());
            }
        }
        let (key, sum) = octets.split_first_chunk::<KEY_OCTETS>().ok_or_else(wrong)?;
        if count != 0 || sum != check(key) {
            return Err(wrong());
        }
        Ok(Self(Zeroizing::new(*key)))
    }
}

fn check(key: &[u8; KEY_OCTETS]) -> [u8; CHECK_OCTETS] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"sealcast/v1/recovery-key");
    context.update(key);
    let digest = context.finish();
    [digest.as_ref()[0], digest.as_ref()[1]]
}

fn value(character: char) -> Option<u64> {
    let character = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|known| char::from(*known) == character).and_then(|index| u64::try_from(index).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_forgives_handwriting() {
        let key = RecoveryKey::generate();
        let text = key.to_string();
        assert_eq!(text.len(), 39);
        assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [4; 8]);
        let sloppy = text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        let read: RecoveryKey = sloppy.parse().unwrap();
        assert_eq!(*read.0, *key.0);
        assert_eq!(*read.derive().lock, *key.derive().lock);
    }

    #[test]
    fn zeros_have_a_known_text() {
        // SHA-256("sealcast/v1/recovery-key" and 18 zeros), computed with Python's hashlib.
        let text = RecoveryKey(Zeroizing::new([0; 18])).to_string();
        assert!(text == "0000-0000-0000-0000-0000-0000-0000-1426", "{text}");
        assert!(text.parse::<RecoveryKey>().is_ok());
    }

    #[test]
    fn a_slip_of_the_pen_is_noticed() {
        let text = RecoveryKey(Zeroizing::new([0; 18])).to_string();
        let slip = text.replacen('0', "2", 1);
        for bad in [slip.as_str(), &text[..38], &format!("{text}0"), &format!("{text}-0000"), "U", "", "ab€"] {
            assert!(bad.parse::<RecoveryKey>().is_err(), "{bad}");
        }
    }
}
