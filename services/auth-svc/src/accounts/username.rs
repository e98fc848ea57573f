use std::fmt;

use precis_profiles::{UsernameCaseMapped, precis_core::profile::PrecisFastInvocation as _};
use sealcast_contracts::auth::AuthRefusal;
use unicode_security::{MixedScript as _, confusable_detection::skeleton};

const CHARS_MIN: usize = 3;
const CHARS_MAX: usize = 32;
/// No input that normalises to [`CHARS_MAX`] characters is longer.
const INPUT_OCTETS_MAX: usize = 512;

/// A user name in its one form: PRECIS UsernameCaseMapped (RFC 8265), 3 to 32 letters, digits, dots, dashes, underscores.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// Brings a name into its one form.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn normalise(text: &str) -> Result<Self, AuthRefusal> {
        let invalid = |reason: &str| AuthRefusal::UsernameInvalid { reason: reason.to_owned() };
        if text.len() > INPUT_OCTETS_MAX {
            return Err(invalid("it is too long"));
        }
        let name = UsernameCaseMapped::enforce(text).map_err(|_| invalid("it has characters that user names cannot have"))?;
        let count = name.chars().count();
        if !(CHARS_MIN..=CHARS_MAX).contains(&count) {
            return Err(invalid("it must have 3 to 32 characters"));
        }
        if !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-')) {
            return Err(invalid("only letters, digits, dots, dashes and underscores are allowed"));
        }
        if !name.starts_with(char::is_alphanumeric) || !name.ends_with(char::is_alphanumeric) {
            return Err(invalid("it must begin and end with a letter or a digit"));
        }
        // One script per name keeps a Cyrillic "а" out of a Latin one; the skeleton below catches whole names.
        if !name.is_single_script() {
            return Err(invalid("its letters must be of one script"));
        }
        Ok(Self(name.into_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it looks like (UTS 39): two names with one skeleton cannot be told apart by eye.
    pub fn skeleton(&self) -> String {
        skeleton(&self.0).collect()
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalised(text: &str) -> Option<String> {
        Username::normalise(text).ok().map(|name| name.0)
    }

    #[test]
    fn one_name_has_one_form() {
        assert_eq!(normalised("Alice"), Some("alice".to_owned()));
        assert_eq!(normalised("ａｌｉｃｅ"), Some("alice".to_owned()));
        assert_eq!(normalised("JO\u{0308}RG"), Some("j\u{f6}rg".to_owned()));
        assert_eq!(normalised("Мария"), Some("мария".to_owned()));
        assert_eq!(normalised("a.b-c_1"), Some("a.b-c_1".to_owned()));
    }

    #[test]
    fn bad_names_are_refused() {
        let long = "a".repeat(33);
        for bad in [
            "",
            "al",
            &long,
            "a b",
            "a@b.c",
            ".abc",
            "abc-",
            "a\u{200b}bc",
            "a\u{202e}bc",
            "tab\tbed",
            "p\u{430}ypal",
            "a\u{1F600}bc",
        ] {
            assert_eq!(normalised(bad), None, "{bad:?} was accepted");
        }
        assert_eq!(normalised(&"é".repeat(5000)), None);
    }

    #[test]
    fn names_that_look_alike_share_a_skeleton() {
        let skeleton = |text| Username::normalise(text).expect("a user name").skeleton();
        assert_eq!(skeleton("paypal"), skeleton("paypa1"));
        // A whole name in Cyrillic letters.
        assert_eq!(skeleton("cope"), skeleton("с\u{43e}ре"));
        assert_ne!(skeleton("user-10"), skeleton("user-11"));
    }
}
