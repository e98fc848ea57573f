//! Pages: how many items, and where to go on.

use sealcast_contracts::limits::{PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problems::{self, Problem};

/// Characters of a cursor that is passed on to the service that made it.
const CURSOR_CHARS_MAX: usize = 256;

/// The part of a listing that is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    pub cursor: Option<String>,
    /// Items of the page; 50 when absent.
    #[param(nullable = false, minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

impl PageQuery {
    /// The cursor and the number of items, within their limits.
    ///
    /// # Errors
    /// A problem that names the parameter outside its range.
    pub fn bounded(self) -> Result<(Option<String>, u32), Problem> {
        bounded(self.cursor, self.limit)
    }
}

/// See [`PageQuery::bounded`]; for operations whose query has more fields.
pub fn bounded(cursor: Option<String>, limit: Option<u32>) -> Result<(Option<String>, u32), Problem> {
    if cursor.as_ref().is_some_and(|cursor| cursor.len() > CURSOR_CHARS_MAX) {
        return Err(problems::parameter("cursor", "is not a cursor of this listing"));
    }
    match limit.unwrap_or(PAGE_ITEMS_DEFAULT) {
        limit @ 1..=PAGE_ITEMS_MAX => Ok((cursor, limit)),
        _ => Err(problems::parameter("limit", "must be between 1 and 200")),
    }
}
