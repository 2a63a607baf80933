//! What went wrong, with the line that says so.

use std::error::Error as StdError;
use std::fmt;
use std::io::{self, ErrorKind as IoKind};
use std::time::Duration;

use http::header::LOCATION;
use http::{HeaderMap, StatusCode};

use super::ErrorKind;
use crate::transport::SendError;

/// How much of a cursor or of a `Location` an error shows.
const SHOWN_CHARS: usize = 100;

/// What went wrong. Its `Display` is the middle of the line: the call is before it, and the
/// number of attempts behind.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    #[error("{0}")]
    Config(String),
    #[error("{0}")]
    Request(String),
    #[error("cancelled by the caller{0}")]
    Cancelled(&'static str),
    #[error("the deadline passed{0}")]
    Deadline(&'static str),
    #[error("{}{}", .0.message, Note(": ", words_beside(.0), ""))]
    NoResponse(SendError),
    #[error(
        "{}{}{}{}{}{}",
        .0.status,
        Note(" ", reason(.0.status), ""),
        Note(": ", .0.message.as_ref(), ""),
        Note("; ", .0.hint, ""),
        Note(": redirects are not followed, and this one leads to ", .0.location(), ""),
        .0.id()
    )]
    Status(Answer),
    #[error(
        "{} with an invalid body: {}{reason}{}",
        answer.status,
        Note("", Some(field).filter(|field| !field.is_empty()), ": "),
        answer.id()
    )]
    Decode { answer: Answer, field: String, reason: String },
    #[error(
        "pagination cycle: after {pages} pages the server repeated the cursor {:?}",
        shortened(cursor, SHOWN_CHARS)
    )]
    PaginationCycle { cursor: String, pages: u64 },
}

impl Cause {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Cause::Config(_) => ErrorKind::Config,
            Cause::Request(_) => ErrorKind::Request,
            Cause::Cancelled(_) => ErrorKind::Cancelled,
            Cause::Deadline(_) => ErrorKind::Deadline,
            Cause::NoResponse(error) => error.kind,
            Cause::Status(_) => ErrorKind::Status,
            Cause::Decode { .. } => ErrorKind::Decode,
            Cause::PaginationCycle { .. } => ErrorKind::PaginationCycle,
        }
    }
}

/// What a response said, without keys.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) message: Option<String>,
    pub(crate) code: Option<String>,
    /// What to do about it, where that is known.
    pub(crate) hint: Option<&'static str>,
}

impl Answer {
    /// Where a redirect leads to. Its query may hold anything, and is not shown.
    fn location(&self) -> Option<String> {
        let target = self.headers.get(LOCATION).filter(|_| matches!(self.status, 300..400))?;
        let target = String::from_utf8_lossy(target.as_bytes());
        Some(shortened(target.split(['?', '#']).next()?, SHOWN_CHARS))
    }

    fn id(&self) -> Note<&String> {
        Note(" [request id ", self.request_id.as_ref(), "]")
    }
}

fn reason(status: u16) -> Option<&'static str> {
    StatusCode::from_u16(status).ok()?.canonical_reason()
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

/// The system's error beneath `error`.
pub(super) fn io_error(error: &SendError) -> Option<&io::Error> {
    let mut beneath = error.source();
    loop {
        match beneath?.downcast_ref() {
            Some(found) => return Some(io_cause(found)),
            None => beneath = beneath?.source(),
        }
    }
}

/// What the system said, in a few words, where that is of use by itself.
pub(super) fn words(error: &SendError) -> Option<String> {
    let error = io_error(error)?;
    match error.kind() {
        IoKind::AddrNotAvailable
        | IoKind::BrokenPipe
        | IoKind::ConnectionAborted
        | IoKind::ConnectionRefused
        | IoKind::ConnectionReset
        | IoKind::HostUnreachable
        | IoKind::NetworkDown
        | IoKind::NetworkUnreachable
        | IoKind::PermissionDenied
        | IoKind::TimedOut => Some(error.kind().to_string()),
        // In the words of the standard library, which has no kind for it.
        _ => Some(error.to_string().strip_prefix("failed to lookup address information: ")?.into()),
    }
}

/// The words that the message does not say itself.
fn words_beside(error: &SendError) -> Option<String> {
    words(error).filter(|words| !error.message.contains(words))
}

/// The system's error within one of a library's, which hands on neither kind nor source; or the
/// error itself.
pub(crate) fn io_cause(error: &io::Error) -> &io::Error {
    error.get_ref().and_then(|inner| inner.downcast_ref()).unwrap_or(error)
}
