//! A list without an end.

use thiserror::Error;

use super::call::{Call, call_accessors};

/// How much of a cursor an error shows.
const CURSOR_CHARS: usize = 100;

/// The server repeated a cursor of a list; see [`Error::PaginationCycle`](crate::Error::PaginationCycle).
#[derive(Debug, Error)]
#[error(
    "{call}: pagination cycle: after {pages} pages the server repeated the cursor {:?}",
    shown(cursor)
)]
pub struct PaginationCycleError {
    pub(crate) call: Call,
    pub(crate) cursor: String,
    pub(crate) pages: u64,
}

impl PaginationCycleError {
    /// The cursor that came a second time, without the API key.
    pub fn cursor(&self) -> &str {
        &self.cursor
    }

    /// How many pages had been read by then.
    pub fn pages(&self) -> u64 {
        self.pages
    }
}

call_accessors!(PaginationCycleError);

/// The beginning of `cursor`.
fn shown(cursor: &str) -> String {
    match cursor.char_indices().nth(CURSOR_CHARS) {
        Some((end, _)) => format!("{}…", cursor.get(..end).unwrap_or_default()),
        None => cursor.to_owned(),
    }
}
