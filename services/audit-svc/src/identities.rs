//! A set of identities as one hash, so that a leaf can speak of many.

use std::fmt::{Display, Write as _};

use aws_lc_rs::digest;

/// Hex SHA-256 over identities, sorted, each on a line (docs/protocol.md section 8).
pub fn sha256_of_lines<'a, T: Display + Ord + 'a>(identities: impl IntoIterator<Item = &'a T>) -> String {
    let mut sorted: Vec<&T> = identities.into_iter().collect();
    sorted.sort_unstable();
    let text = sorted.into_iter().fold(String::new(), |mut text, identity| {
        let _ = writeln!(text, "{identity}");
        text
    });
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hash.as_ref().iter().fold(String::new(), |mut hex, octet| {
        let _ = write!(hex, "{octet:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use sealcast_contracts::UserId;
    use uuid::uuid;

    use super::*;

    #[test]
    fn the_order_does_not_matter_and_each_member_does() {
        let (one, two) =
            (UserId(uuid!("01890a5d-ac96-774b-bcce-b302099a8057")), UserId(uuid!("01890a5d-ac96-774b-bcce-b302099a8058")));
        assert_eq!(sha256_of_lines(&[one, two]), sha256_of_lines(&[two, one]));
        assert_ne!(sha256_of_lines(&[one, two]), sha256_of_lines(&[one]));
        // printf '01890a5d-ac96-774b-bcce-b302099a8057\n' | sha256sum
        assert_eq!(sha256_of_lines(&[one]), "e821cd3c3b4cce8aa961cf4948921594b02001577474359bc791afaed967aee9");
        assert_eq!(sha256_of_lines::<UserId>(&[]), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
