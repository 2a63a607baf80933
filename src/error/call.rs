//! Which call failed, and the parts of the line that says so.

use std::fmt;

use super::{ApiError, DecodeError, InterruptedError, PaginationCycleError, TransportError};

/// Which call failed, after how many attempts, and what may follow. Its `Display` is `GET
/// /v1/organizations`, without the query, which may be confidential.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Box<str>,
    pub(crate) path: Box<str>,
    pub(crate) attempts: u32,
    /// The server may have acted on it, in any of the attempts.
    pub(crate) may_have_been_processed: bool,
    /// Another attempt may help and cannot do harm.
    pub(crate) retryable: bool,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Call {
    /// What a line ends with where there was more than one attempt.
    pub(super) fn tries(&self) -> Note<u32> {
        Note(" (after ", (self.attempts > 1).then_some(self.attempts), " attempts)")
    }
}

/// A part of a line that is there where there is a value: what comes before it, and after it.
pub(super) struct Note<T>(pub(super) &'static str, pub(super) Option<T>, pub(super) &'static str);

impl<T: fmt::Display> fmt::Display for Note<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.1 {
            Some(value) => write!(f, "{}{value}{}", self.0, self.2),
            None => Ok(()),
        }
    }
}

/// Returns the first `chars` characters of `text`, with an ellipsis where there are more.
pub(crate) fn shortened(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Gives the errors that have a `call` the questions about it.
macro_rules! call_accessors {
    ($($name:ident)*) => {$(
        impl $name {
            /// Returns the method of the call, `GET` for example.
            pub fn method(&self) -> &str {
                &self.call.method
            }

            /// Returns the path of the call as it was sent, without the query.
            pub fn path(&self) -> &str {
                &self.call.path
            }
        }
    )*};
}
call_accessors!(ApiError DecodeError InterruptedError PaginationCycleError TransportError);
