//! What each variant of the error carries.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

/// Which call failed, and after how many attempts.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Box<str>,
    pub(crate) path: Box<str>,
    pub(crate) attempts: u32,
}

impl Call {
    /// `GET /v1/organizations`, without the query: that may hold what is nobody's business.
    fn fmt_line(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }

    fn fmt_attempts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attempts {
            0 | 1 => Ok(()),
            attempts => write!(f, " (after {attempts} attempts)"),
        }
    }
}

macro_rules! call_accessors {
    ($($name:ident),*) => {$(
        impl $name {
            /// The method of the call, `GET` for example.
            #[must_use]
            pub fn method(&self) -> &str {
                &self.call.method
            }

            /// The path of the call, without the query.
            #[must_use]
            pub fn path(&self) -> &str {
                &self.call.path
            }
        }
    )*};
}
call_accessors!(TransportError, ApiError, DecodeError, PaginationCycleError, InterruptedError);

/// What is unusable about a setting; see [`Error::Config`](crate::Error::Config).
#[derive(Debug)]
pub struct ConfigError {
    pub(super) message: String,
}

impl ConfigError {
    /// What is wrong and what to do about it, without the value of a secret.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// What is unusable about a request; see [`Error::Request`](crate::Error::Request).
#[derive(Debug)]
pub struct RequestError {
    pub(super) message: String,
}

impl RequestError {
    /// What is wrong and what to do about it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// Why no usable response came; see [`Error::Transport`](crate::Error::Transport).
#[derive(Debug)]
pub struct TransportError {
    pub(crate) call: Call,
    pub(crate) kind: TransportErrorKind,
    pub(crate) message: Cow<'static, str>,
    pub(crate) may_have_been_processed: bool,
    pub(crate) retryable: bool,
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// At which point it failed.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt_line(f)?;
        write!(f, ": {}", self.message)?;
        self.call.fmt_attempts(f)
    }
}

/// The point at which no usable response came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The host name could not be looked up. Code 20.
    Dns,
    /// The connection was refused or the host cannot be reached. Code 21.
    Connect,
    /// No connection stood within the connect timeout. Code 22.
    ConnectTimeout,
    /// TLS could not be agreed: certificate, host name, or no TLS at all. Code 23.
    Tls,
    /// The proxy could not be reached, or refused. Code 24.
    Proxy,
    /// The attempt took longer than its timeout. Code 25.
    Timeout,
    /// The connection ended before any of the answer came. Code 26.
    Closed,
    /// The answer ended before it was whole. Code 27.
    Truncated,
    /// The answer was not HTTP, or not as HTTP says. Code 28.
    Protocol,
    /// The answer is larger than the limit. Code 29.
    TooLarge,
    /// Anything else, from a custom transport for example. Code 39.
    Other,
}

impl TransportErrorKind {
    pub(super) fn code(self) -> u32 {
        match self {
            TransportErrorKind::Dns => 20,
            TransportErrorKind::Connect => 21,
            TransportErrorKind::ConnectTimeout => 22,
            TransportErrorKind::Tls => 23,
            TransportErrorKind::Proxy => 24,
            TransportErrorKind::Timeout => 25,
            TransportErrorKind::Closed => 26,
            TransportErrorKind::Truncated => 27,
            TransportErrorKind::Protocol => 28,
            TransportErrorKind::TooLarge => 29,
            TransportErrorKind::Other => 39,
        }
    }
}

/// An answer with a status outside 2xx; see [`Error::Api`](crate::Error::Api).
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
    pub(crate) may_have_been_processed: bool,
    pub(crate) retryable: bool,
}

impl ApiError {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The server's own words: the `message` of a JSON body.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The server's own code: the `code` of a JSON body, where it has one.
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        self.error_code.as_deref()
    }

    /// The server's id of the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// A response header, where it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The first 64 KiB of the body, as they came, but without the API key.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt_line(f)?;
        write!(f, ": {}", self.status)?;
        let reason = StatusCode::from_u16(self.status).ok();
        if let Some(reason) = reason.and_then(|status| status.canonical_reason()) {
            write!(f, " {reason}")?;
        }
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        if let Some(location) = &self.location {
            write!(f, ": redirects are not followed, and this one leads to {location}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " [request id {id}]")?;
        }
        self.call.fmt_attempts(f)
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is listed here is shown, headers are not: a server may put anything there.
        f.debug_struct("ApiError")
            .field("call", &self.call)
            .field("status", &self.status)
            .field("message", &self.message)
            .field("error_code", &self.error_code)
            .field("location", &self.location)
            .field("request_id", &self.request_id)
            .field("retry_after", &self.retry_after)
            .field("may_have_been_processed", &self.may_have_been_processed)
            .field("retryable", &self.retryable)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A 2xx answer whose body is not what the contract says; see [`Error::Decode`](crate::Error::Decode).
#[derive(Debug)]
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
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The server's id of the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The path of the field that is wrong, `items[3].created_at` for example; empty
    /// for the document itself.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The position in the body, in bytes from its start.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// What is wrong there.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// A piece of the body around the position, without the API key.
    #[must_use]
    pub fn snippet(&self) -> &str {
        &self.snippet
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt_line(f)?;
        write!(f, ": {} with an unusable body: {}", self.status, self.reason)?;
        if !self.field.is_empty() {
            write!(f, " at {}", self.field)?;
        }
        write!(f, " (byte {}, near {:?})", self.position, self.snippet)?;
        if let Some(id) = &self.request_id {
            write!(f, " [request id {id}]")?;
        }
        self.call.fmt_attempts(f)
    }
}

/// How much of a cursor an error shows.
const CURSOR_CHARS: usize = 100;

/// A list that goes round in circles; see [`Error::PaginationCycle`](crate::Error::PaginationCycle).
#[derive(Debug)]
pub struct PaginationCycleError {
    pub(crate) call: Call,
    pub(crate) cursor: String,
    pub(crate) pages: u64,
}

impl PaginationCycleError {
    /// The cursor that came a second time, without the API key.
    #[must_use]
    pub fn cursor(&self) -> &str {
        &self.cursor
    }

    /// How many pages had been read by then.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.pages
    }
}

impl fmt::Display for PaginationCycleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt_line(f)?;
        let shown = match self.cursor.char_indices().nth(CURSOR_CHARS) {
            Some((end, _)) => format!("{}…", self.cursor.get(..end).unwrap_or_default()),
            None => self.cursor.clone(),
        };
        write!(
            f,
            ": the list goes round in circles: after {} pages the server gave the cursor {shown:?} again",
            self.pages
        )
    }
}

/// A call that the caller's own limit ended; see [`Error::Cancelled`](crate::Error::Cancelled) and
/// [`Error::Deadline`](crate::Error::Deadline).
#[derive(Debug)]
pub struct InterruptedError {
    pub(crate) call: Call,
    pub(crate) may_have_been_processed: bool,
}

impl InterruptedError {
    pub(super) fn fmt_as(&self, what: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt_line(f)?;
        write!(f, ": {what}")?;
        if !self.may_have_been_processed {
            f.write_str(" before anything took effect")?;
        }
        self.call.fmt_attempts(f)
    }
}

/// The server's id of a request, under the names in use.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name)?.to_str().ok().filter(|id| !id.trim().is_empty());
    ["x-request-id", "request-id"].into_iter().find_map(text)
}
