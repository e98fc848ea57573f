//! The people: the same names and passwords every time, so that they can be printed, learned and found again.

/// Who appears in the script, in order of appearance.
pub const NAMES: [&str; 12] = ["ada", "bruno", "chen", "dara", "elif", "farid", "grace", "hugo", "ines", "jonas", "kofi", "lena"];
/// The accounts that get the role of auditor: two, because one officer's access takes another's consent.
pub const AUDITORS: [&str; 2] = ["quinn", "rosa"];
/// Accounts beside the auditors.
pub const USERS_MAX: usize = 2_000;

/// The user name of person `index`: the script's people, then numbered ones.
pub fn username(index: usize) -> String {
    match NAMES.get(index) {
        Some(name) => (*name).to_owned(),
        None => format!("{}{}", NAMES[index % NAMES.len()], index / NAMES.len() + 1),
    }
}

/// A password for demonstrations: whoever knows the name knows it.
pub fn password(username: &str) -> String {
    format!("demo password of {username}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = (0..USERS_MAX).map(username).chain(AUDITORS.map(str::to_owned)).collect();
        assert_eq!(names.len(), USERS_MAX + AUDITORS.len());
    }
}
