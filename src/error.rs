//! What can go wrong, one variant per stage of a call.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

/// The result of every call in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// There is one variant per stage of a call, and the questions that callers ask are
/// methods: [`status`](Error::status), [`is_retryable`](Error::is_retryable),
/// [`may_have_been_processed`](Error::may_have_been_processed) and so on. `Display`
/// says everything on one line, without secrets; what is below (an I/O error, say) is
/// the [`source`](StdError::source).
///
/// ```
/// # use nirvana_labs::{Api, Error, Sandbox};
/// # let api = Api::builder().transport(Sandbox::new()).build()?;
/// match api.get_organization("org_missing") {
///     Ok(organization) => println!("{}", organization.name),
///     Err(error) if error.is_not_found() => println!("no such organization"),
///     Err(error) if error.is_retryable() => println!("try again later: {error}"),
///     Err(error) => return Err(error),
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The key, the base URL, a header or another setting is unusable. Nothing was sent.
    Config(Box<ConfigError>),
    /// An id, a limit or a body is unusable. Nothing was sent.
    Request(Box<RequestError>),
    /// No usable response came: the connection, TLS, a timeout, a reset, a cut or
    /// oversized answer.
    Transport(Box<TransportError>),
    /// The server answered with a status outside 2xx.
    Api(Box<ApiError>),
    /// The server answered 2xx with a body that is not what the contract says.
    Decode(Box<DecodeError>),
    /// A list goes round in circles: the server gave a cursor that it had given before.
    Cursor(Box<CursorError>),
    /// The caller's [`CancelToken`](crate::CancelToken) was cancelled.
    Cancelled(Box<Interruption>),
    /// The caller's deadline passed.
    Deadline(Box<Interruption>),
}

impl Error {
    /// The HTTP status of the answer, where there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Error::Api(error) => Some(error.status),
            Error::Decode(error) => Some(error.status),
            _ => None,
        }
    }

    /// Whether the server answered 404.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.api_status() == Some(404)
    }

    /// Whether the server answered 401: the key is missing, wrong or revoked.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.api_status() == Some(401)
    }

    /// Whether the server answered 429.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.api_status() == Some(429)
    }

    /// Whether time ran out: the timeout of an attempt, of connecting, or the deadline.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Error::Deadline(_) => true,
            Error::Transport(error) => matches!(
                error.kind,
                TransportErrorKind::Timeout | TransportErrorKind::ConnectTimeout
            ),
            _ => false,
        }
    }

    /// Whether the same call may succeed when made again later, and cannot do harm by
    /// being made twice. This is the rule by which the client itself retries.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Error::Transport(error) => error.retryable,
            Error::Api(error) => error.retryable,
            _ => false,
        }
    }

    /// Whether the server may have acted on the request, in any of the attempts.
    ///
    /// `false` is a promise: nothing of the request reached the server, or the server
    /// said that it did not act on it. After `true` on a create, look before you create
    /// again. For a call that only reads, `true` is of no consequence.
    #[must_use]
    pub fn may_have_been_processed(&self) -> bool {
        match self {
            Error::Config(_) | Error::Request(_) | Error::Cursor(_) => false,
            Error::Transport(error) => error.may_have_been_processed,
            Error::Api(error) => error.may_have_been_processed,
            Error::Decode(_) => true,
            Error::Cancelled(error) | Error::Deadline(error) => error.may_have_been_processed,
        }
    }

    /// How long the server asked to wait, where it said so in a way that can be read
    /// (`Retry-After-Ms`, or `Retry-After` in seconds or as a date).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Api(error) => error.retry_after,
            _ => None,
        }
    }

    /// The server's id of the request, to quote to the vendor's support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Error::Api(error) => error.request_id(),
            Error::Decode(error) => error.request_id(),
            _ => None,
        }
    }

    /// How many times the request was tried: 0 where nothing was, 1 where the first
    /// attempt failed for good.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.call().map_or(0, |call| call.attempts)
    }

    /// A number per kind of error that never changes, for foreign function interfaces.
    ///
    /// | code | kind |
    /// |---|---|
    /// | 1 | [`Config`](Error::Config) |
    /// | 2 | [`Request`](Error::Request) |
    /// | 3 | [`Cancelled`](Error::Cancelled) |
    /// | 4 | [`Deadline`](Error::Deadline) |
    /// | 5 | [`Decode`](Error::Decode) |
    /// | 6 | [`Cursor`](Error::Cursor) |
    /// | 7 | [`Api`](Error::Api) |
    /// | 20 to 29, 39 | [`Transport`](Error::Transport), see [`TransportErrorKind`] |
    #[must_use]
    pub fn code(&self) -> u32 {
        match self {
            Error::Config(_) => 1,
            Error::Request(_) => 2,
            Error::Cancelled(_) => 3,
            Error::Deadline(_) => 4,
            Error::Decode(_) => 5,
            Error::Cursor(_) => 6,
            Error::Api(_) => 7,
            Error::Transport(error) => error.kind.code(),
        }
    }

    pub(crate) fn config(message: impl Into<String>) -> Error {
        let message = message.into();
        Error::Config(Box::new(ConfigError { message }))
    }

    pub(crate) fn request(message: impl Into<String>) -> Error {
        let message = message.into();
        Error::Request(Box::new(RequestError { message }))
    }

    fn api_status(&self) -> Option<u16> {
        match self {
            Error::Api(error) => Some(error.status),
            _ => None,
        }
    }

    fn call(&self) -> Option<&Call> {
        match self {
            Error::Config(_) | Error::Request(_) => None,
            Error::Transport(error) => Some(&error.call),
            Error::Api(error) => Some(&error.call),
            Error::Decode(error) => Some(&error.call),
            Error::Cursor(error) => Some(&error.call),
            Error::Cancelled(error) | Error::Deadline(error) => Some(&error.call),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Config(error) => f.write_str(&error.message),
            Error::Request(error) => f.write_str(&error.message),
            Error::Transport(error) => error.fmt(f),
            Error::Api(error) => error.fmt(f),
            Error::Decode(error) => error.fmt(f),
            Error::Cursor(error) => error.fmt(f),
            Error::Cancelled(error) => error.fmt_as("cancelled by the caller", f),
            Error::Deadline(error) => error.fmt_as("the deadline passed", f),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Error::Transport(error) => {
                error.source.as_deref().map(|source| source as &(dyn StdError + 'static))
            }
            _ => None,
        }
    }
}

/// Which call failed, and after how many attempts.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
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
                self.call.method
            }

            /// The path of the call, without the query.
            #[must_use]
            pub fn path(&self) -> &str {
                &self.call.path
            }
        }
    )*};
}
call_accessors!(TransportError, ApiError, DecodeError, CursorError, Interruption);

/// What is unusable about a setting; see [`Error::Config`].
#[derive(Debug)]
pub struct ConfigError {
    message: String,
}

impl ConfigError {
    /// What is wrong and what to do about it, without the value of a secret.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// What is unusable about a request; see [`Error::Request`].
#[derive(Debug)]
pub struct RequestError {
    message: String,
}

impl RequestError {
    /// What is wrong and what to do about it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// Why no usable response came; see [`Error::Transport`].
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
    Lookup,
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
    fn code(self) -> u32 {
        match self {
            TransportErrorKind::Lookup => 20,
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

/// An answer with a status outside 2xx; see [`Error::Api`].
pub struct ApiError {
    pub(crate) call: Call,
    pub(crate) status: u16,
    pub(crate) message: Option<String>,
    pub(crate) error_code: Option<String>,
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
        request_id(&self.headers)
    }

    /// A response header, where it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The first 64 KiB of the body, as they came but for secrets, which are blanked.
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
        if let Some(id) = self.request_id() {
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
            .field("request_id", &self.request_id())
            .field("retry_after", &self.retry_after)
            .field("may_have_been_processed", &self.may_have_been_processed)
            .field("retryable", &self.retryable)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A 2xx answer whose body is not what the contract says; see [`Error::Decode`].
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

    /// A piece of the body around the position, without secrets.
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

/// A list that goes round in circles; see [`Error::Cursor`].
#[derive(Debug)]
pub struct CursorError {
    pub(crate) call: Call,
    pub(crate) cursor: String,
    pub(crate) pages: u64,
}

impl CursorError {
    /// The cursor that came a second time; secrets in it are blanked.
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

impl fmt::Display for CursorError {
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

/// A call that the caller's own limit ended; see [`Error::Cancelled`] and
/// [`Error::Deadline`].
#[derive(Debug)]
pub struct Interruption {
    pub(crate) call: Call,
    pub(crate) may_have_been_processed: bool,
}

impl Interruption {
    fn fmt_as(&self, what: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
    ["x-request-id", "request-id"].into_iter().find_map(|name| headers.get(name)?.to_str().ok())
}
