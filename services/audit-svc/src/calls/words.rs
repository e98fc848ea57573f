//! What officers write into the log.

use sealcast_contracts::{audit::Scope, limits::SCOPE_NAMES_MAX};

use super::{CallFailure, malformed};

/// One line, without blanks around it.
pub fn line(field: &str, text: &str, chars_max: usize) -> Result<String, CallFailure> {
    checked(field, text, chars_max, |_| false)
}

/// A few lines, without blanks around them.
pub fn text(field: &str, text: &str, chars_max: usize) -> Result<String, CallFailure> {
    checked(field, text, chars_max, |letter| letter == '\n')
}

/// How many names a scope has, and that its times are in order.
pub fn check_scope(scope: &Scope) -> Result<(), CallFailure> {
    for (field, names) in [("scope/rooms", scope.rooms.len()), ("scope/people", scope.people.len())] {
        if names > SCOPE_NAMES_MAX {
            return Err(malformed(field, &format!("at most {SCOPE_NAMES_MAX}")));
        }
    }
    match (scope.from, scope.to) {
        (Some(from), Some(to)) if from >= to => Err(malformed("scope/to", "it must be after `from`")),
        _ => Ok(()),
    }
}

fn checked(field: &str, text: &str, chars_max: usize, allowed: fn(char) -> bool) -> Result<String, CallFailure> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > chars_max {
        return Err(malformed(field, &format!("1 to {chars_max} characters")));
    }
    if text.chars().any(|letter| letter.is_control() && !allowed(letter)) {
        return Err(malformed(field, "it has control characters"));
    }
    Ok(text.to_owned())
}
