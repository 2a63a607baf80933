//! What went wrong in a call, and the text that describes it.

use std::fmt;
use std::io::ErrorKind as IoKind;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::kind::ErrorKind;
use crate::redact::shortened;
use crate::transport::SendError;

/// The most characters of a cursor or of a `Location` that an error shows.
pub(crate) const SHOWN_CHARS: usize = 100;

/// What went wrong. `Display` writes the middle of an error's line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    #[error("{0}")]
    Config(String),
    #[error("{0}")]
    Request(String),
    #[error("cancelled by the caller")]
    Cancelled,
    #[error("the deadline passed")]
    Deadline,
    #[error(
        "{}{}",
        .0.message,
        optional(": ", system_words(.0).filter(|words| !.0.message.contains(words)), "")
    )]
    NoResponse(SendError),
    #[error(
        "{}{}{}{}{}{}",
        .0.status.as_u16(),
        optional(" ", .0.status.canonical_reason(), ""),
        optional(": ", .0.message.as_ref(), ""),
        optional("; ", .0.hint, ""),
        optional(": redirects are not followed, and this one leads to ", .0.location.as_ref(), ""),
        .0.id()
    )]
    Status(ErrorResponse),
    #[error(
        "{} with an invalid body: {}{reason}{}",
        response.status.as_u16(),
        optional("", Some(field).filter(|field| !field.is_empty()), ": "),
        response.id()
    )]
    Decode { response: ErrorResponse, field: String, reason: String },
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
            Cause::Cancelled => ErrorKind::Cancelled,
            Cause::Deadline => ErrorKind::Deadline,
            Cause::NoResponse(error) => error.kind,
            Cause::Status(_) => ErrorKind::Status,
            Cause::Decode { .. } => ErrorKind::Decode,
            Cause::PaginationCycle { .. } => ErrorKind::PaginationCycle,
        }
    }
}

/// The parts of a response that an error keeps, with API keys redacted.
#[derive(Debug)]
pub(crate) struct ErrorResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) message: Option<String>,
    pub(crate) code: Option<String>,
    /// The target of a redirect.
    pub(crate) location: Option<String>,
    /// What to do about the error, if that is known.
    pub(crate) hint: Option<&'static str>,
}

impl ErrorResponse {
    fn id(&self) -> String {
        optional(" [request id ", self.request_id.as_ref(), "]")
    }
}

/// Returns `value` between `before` and `after`, or nothing if there is no value.
pub(super) fn optional(before: &str, value: Option<impl fmt::Display>, after: &str) -> String {
    value.map_or_else(String::new, |value| format!("{before}{value}{after}"))
}

/// Returns the operating system's error in a few words, if those help on their own.
pub(super) fn system_words(error: &SendError) -> Option<String> {
    let error = error.io_error()?;
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
        // The standard library has no kind for a failed DNS lookup.
        _ => Some(error.to_string().strip_prefix("failed to lookup address information: ")?.into()),
    }
}
