//! What a new password must be. The server never sees one, so this is checked where it is chosen.

use std::{collections::HashSet, sync::LazyLock};

/// The password alone guards the key: NIST SP 800-63B asks for as many characters.
pub const CHARS_MIN: usize = 15;
const OCTETS_MAX: usize = 1_024;
/// Lengths of the passwords on the list.
const LISTED: std::ops::RangeInclusive<usize> = 8..=24;
/// Characters beside listed passwords that make another password of it.
const REST_CHARS_MIN: usize = 8;

/// Passwords that were stolen and published often.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("common-passwords.txt").lines().collect());

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    #[error("a password has 15 characters at least; four or five unrelated words work well")]
    Short,
    #[error("the password is too long")]
    Long,
    #[error("the password is made of passwords that were stolen before")]
    Common,
    #[error("the password is made of the user name")]
    Username,
}

/// Whether a new password may guard a key.
///
/// # Errors
/// Says why not.
pub fn check(password: &str, username: &str) -> Result<(), Weak> {
    if password.chars().count() < CHARS_MIN {
        return Err(Weak::Short);
    }
    if password.len() > OCTETS_MAX {
        return Err(Weak::Long);
    }
    let password = password.to_lowercase();
    let rest = without_common(&password);
    if rest.chars().count() < REST_CHARS_MIN {
        return Err(Weak::Common);
    }
    let name = username.trim().to_lowercase();
    if !name.is_empty() && rest.replace(&name, "").chars().count() < REST_CHARS_MIN {
        return Err(Weak::Username);
    }
    Ok(())
}

/// Takes out what is on the list.
fn without_common(password: &str) -> String {
    let chars: Vec<char> = password.chars().collect();
    let (mut rest, mut at) = (String::new(), 0);
    while let Some(first) = chars.get(at) {
        let listed = LISTED.rev().find(|len| {
            let part: Option<String> = chars.get(at..at + len).map(|part| part.iter().collect());
            part.is_some_and(|part| COMMON.contains(part.as_str()))
        });
        if listed.is_none() {
            rest.push(*first);
        }
        at += listed.unwrap_or(1);
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_unheard_of_is_taken() {
        for good in
            ["correct horse battery staple", "gT7kLq92xVbn4pQ", "alice grows eleven sunflowers", "Grüße aus dem Gänsegehege"]
        {
            assert_eq!(check(good, "alice"), Ok(()), "{good}");
        }
    }

    #[test]
    fn short_stolen_or_ones_own_name_is_not() {
        assert_eq!(check("gT7kLq92xVbn4p", "alice"), Err(Weak::Short));
        assert_eq!(check(&"a b".repeat(400), "alice"), Err(Weak::Long));
        for stolen in ["1qaz2wsx3edc4rfv", "Password12345678", "iloveyou123456789!", "mailcreated5240"] {
            assert_eq!(check(stolen, "alice"), Err(Weak::Common), "{stolen}");
        }
        assert_eq!(check("alicealicealice2026", "alice"), Err(Weak::Username));
    }
}
