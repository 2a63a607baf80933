//! The errors where a response came.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use thiserror::Error;

use super::call::{Call, Note, shortened};

/// How much of a cursor an error shows.
const CURSOR_CHARS: usize = 100;

/// A response with a status outside 2xx; see [`Error::Api`](crate::Error::Api).
#[derive(Error)]
#[error(
    "{call}: {status}{}{}{}{}{}{}",
    Note(" ", reason(*status), ""),
    Note(": ", message.as_ref(), ""),
    Note("; ", doubled_version(*status, &call.path), ""),
    Note(": redirects are not followed, and this one leads to ", location.as_ref(), ""),
    Note(" [request id ", request_id.as_ref(), "]"),
    call.tries()
)]
pub struct ApiError {
    pub(crate) call: Call,
    pub(crate) status: u16,
    pub(crate) message: Option<String>,
    pub(crate) error_code: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) retry_after: Option<Duration>,
}

impl ApiError {
    /// Returns the HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns the server's own words: the `message`, `error`, `errors`, `detail` or `title` of a
    /// JSON body, or the first line of a short text.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Returns the server's own code: the `code` of a JSON body, where it has one.
    pub fn error_code(&self) -> Option<&str> {
        self.error_code.as_deref()
    }

    /// Returns the server's id of the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns a response header, where it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the first 64 KiB of the body, as they came, but without the API key. Where there
    /// was more, what they end with may be missing: as much as could be a part of the key.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What the line says is shown, headers are not: a server may put anything there.
        f.debug_struct("ApiError")
            .field("line", &format_args!("{self}"))
            .field("error_code", &self.error_code)
            .field("retry_after", &self.retry_after)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What is wrong where the base URL ends as the paths of the API begin.
fn doubled_version(status: u16, path: &str) -> Option<&'static str> {
    (status == 404 && path.contains("/v1/v1/"))
        .then_some("the path has /v1 twice, so leave it out of the base URL")
}

fn reason(status: u16) -> Option<&'static str> {
    StatusCode::from_u16(status).ok()?.canonical_reason()
}

/// The server's id of a request, under the names in use.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name)?.to_str().ok().filter(|id| !id.trim().is_empty());
    ["x-request-id", "request-id"].into_iter().find_map(text)
}

/// A 2xx response whose body is not what the API schema says; see
/// [`Error::Decode`](crate::Error::Decode).
#[derive(Debug, Error)]
#[error(
    "{call}: {status} with an invalid body: {reason}{} (byte {position}, near {snippet:?}){}{}",
    Note(" at ", Some(field).filter(|field| !field.is_empty()), ""),
    Note(" [request id ", request_id.as_ref(), "]"),
    call.tries()
)]
pub struct DecodeError {
    pub(crate) call: Call,
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) field: String,
    pub(crate) position: usize,
    pub(crate) reason: String,
    pub(crate) snippet: String,
}

impl DecodeError {
    /// Returns the HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns the server's id of the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the path of the field that is wrong, `items[3].created_at` for example; empty
    /// for the document itself.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Returns the position in the body, in bytes from its start.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Returns what is wrong there.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns a piece of the body around the position, without the API key.
    pub fn snippet(&self) -> &str {
        &self.snippet
    }
}

/// The server repeated a cursor of a list; see [`Error::PaginationCycle`](crate::Error::PaginationCycle).
#[derive(Debug, Error)]
#[error(
    "{call}: pagination cycle: after {pages} pages the server repeated the cursor {:?}",
    shortened(cursor, CURSOR_CHARS)
)]
pub struct PaginationCycleError {
    pub(crate) call: Call,
    pub(crate) cursor: String,
    pub(crate) pages: u64,
}

impl PaginationCycleError {
    /// Returns the cursor that came a second time, without the API key.
    pub fn cursor(&self) -> &str {
        &self.cursor
    }

    /// Returns how many pages had been read by then.
    pub fn pages(&self) -> u64 {
        self.pages
    }
}
