//! What can go wrong, and what callers ask about it.

mod cause;
mod kind;

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use http::HeaderMap;

use cause::Note;
pub(crate) use cause::{Answer, Cause, io_cause, shortened};
pub use kind::ErrorKind;

/// The result of every call in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// [`kind`](Error::kind) says at which stage, and the questions that callers ask are methods:
/// [`status`](Error::status), [`is_retryable`](Error::is_retryable),
/// [`may_have_been_processed`](Error::may_have_been_processed) and so on. `Display` is one line,
/// without secrets. What it leaves out of the underlying error is the
/// [`source`](std::error::Error::source): the two never say the same.
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
pub struct Error(Box<Report>);

struct Report {
    call: Option<Call>,
    cause: Cause,
}

impl Error {
    /// Returns at which stage the call failed.
    pub fn kind(&self) -> ErrorKind {
        self.0.cause.kind()
    }

    /// Returns the HTTP status of the response, where there was one.
    pub fn status(&self) -> Option<u16> {
        Some(self.answer()?.status)
    }

    /// Returns the server's own words about the error: the `message`, `error`, `errors`, `detail`
    /// or `title` of a JSON body, or the first line of a short text.
    pub fn message(&self) -> Option<&str> {
        self.answer()?.message.as_deref()
    }

    /// Returns the server's own code: the `code` of a JSON body, where it has one.
    pub fn code(&self) -> Option<&str> {
        self.answer()?.code.as_deref()
    }

    /// Returns a header of the response, where it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.answer()?.headers.get(name)?.to_str().ok()
    }

    /// Returns the headers of the response, without the API key; `None` if there was no response.
    pub fn headers(&self) -> Option<&HeaderMap> {
        Some(&self.answer()?.headers)
    }

    /// Returns the first 64 KiB of the response's body, as they came, but without the API key.
    /// Where there was more, what they end with may be missing: as much as could be a part of the
    /// key. Empty where there was no response.
    pub fn body(&self) -> &[u8] {
        self.answer().map_or(&[], |answer| &answer.body)
    }

    /// Returns the server's id of the request, to quote to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        self.answer()?.request_id.as_deref()
    }

    /// Returns how long the server asked to wait, where it said so in a way that can be read
    /// (`Retry-After-Ms`, or `Retry-After` in seconds or as a date).
    pub fn retry_after(&self) -> Option<Duration> {
        self.answer()?.retry_after
    }

    /// Returns the path of the field that is not what the API schema says, `items[3].created_at`
    /// for example; empty for the document itself.
    pub fn field(&self) -> Option<&str> {
        match &self.0.cause {
            Cause::Decode { field, .. } => Some(field),
            _ => None,
        }
    }

    /// Returns the method of the call; `None` for an error of kind
    /// [`Config`](ErrorKind::Config) or [`Request`](ErrorKind::Request).
    pub fn method(&self) -> Option<&http::Method> {
        Some(&self.0.call.as_ref()?.method)
    }

    /// Returns the path of the call as it was sent, without the query; `None` as for
    /// [`method`](Error::method).
    pub fn path(&self) -> Option<&str> {
        Some(&self.0.call.as_ref()?.path)
    }

    /// Returns how many times the request was tried: 1 where the first attempt failed for good, 0
    /// where none was made, and for a pagination cycle.
    pub fn attempts(&self) -> u32 {
        self.0.call.as_ref().map_or(0, |call| call.attempts)
    }

    /// Returns the operating system's error, where there was one.
    pub fn io_error(&self) -> Option<&io::Error> {
        match &self.0.cause {
            Cause::NoResponse(error) => cause::io_error(error),
            _ => None,
        }
    }

    /// Returns whether the server responded with 404.
    pub fn is_not_found(&self) -> bool {
        self.is_status(404)
    }

    /// Returns whether the server responded with 401: the key is missing, wrong or revoked.
    pub fn is_unauthorized(&self) -> bool {
        self.is_status(401)
    }

    /// Returns whether the server responded with 403: the key is valid, but may not do this.
    pub fn is_forbidden(&self) -> bool {
        self.is_status(403)
    }

    /// Returns whether the server responded with 409: the request conflicts with what is there.
    pub fn is_conflict(&self) -> bool {
        self.is_status(409)
    }

    /// Returns whether the server responded with 429.
    pub fn is_rate_limited(&self) -> bool {
        self.is_status(429)
    }

    /// Returns whether time ran out: the timeout of an attempt, of connecting, or the deadline.
    pub fn is_timeout(&self) -> bool {
        self.kind().is_timeout()
    }

    /// Returns whether the same call may succeed when made again later, and cannot do harm by
    /// being made twice. This is the rule by which the client itself retries.
    pub fn is_retryable(&self) -> bool {
        self.0.call.as_ref().is_some_and(|call| call.retryable)
    }

    /// Returns whether the server may have acted on the request, in any of the attempts.
    ///
    /// `false` is a promise: nothing of the request reached the server, or the server
    /// said that it did not act on it. After `true` on a create, look before you create
    /// again. For a call that only reads, `true` is of no consequence.
    pub fn may_have_been_processed(&self) -> bool {
        self.0.call.as_ref().is_some_and(|call| call.may_have_been_processed)
    }

    pub(crate) fn new(call: Call, cause: Cause) -> Error {
        Error(Box::new(Report { call: Some(call), cause }))
    }

    pub(crate) fn config(message: impl Into<String>) -> Error {
        Error(Box::new(Report { call: None, cause: Cause::Config(message.into()) }))
    }

    pub(crate) fn request(message: impl Into<String>) -> Error {
        Error(Box::new(Report { call: None, cause: Cause::Request(message.into()) }))
    }

    /// The response, where there was one.
    fn answer(&self) -> Option<&Answer> {
        match &self.0.cause {
            Cause::Status(answer) | Cause::Decode { answer, .. } => Some(answer),
            _ => None,
        }
    }

    fn is_status(&self, status: u16) -> bool {
        self.status() == Some(status)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { call, cause } = &*self.0;
        match call {
            Some(call) => write!(f, "{call}: {cause}{}", call.tries()),
            None => write!(f, "{cause}"),
        }
    }
}

/// What the line says is shown, headers are not: a server may put anything there.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("line", &format_args!("{self}"))
            .field("source", &self.source())
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.cause {
            // Not what the line has in its own words.
            Cause::NoResponse(error) if cause::words(error).is_none() => error.source(),
            _ => None,
        }
    }
}

/// Which call failed, after how many attempts, and what may follow. Its `Display` is `GET
/// /v1/organizations`, without the query, which may be confidential.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: http::Method,
    pub(crate) path: String,
    pub(crate) attempts: u32,
    /// The server may have acted on it, in any of the attempts.
    pub(crate) may_have_been_processed: bool,
    /// Another attempt may help and cannot do harm.
    pub(crate) retryable: bool,
}

impl Call {
    /// What a line ends with where there was more than one attempt.
    fn tries(&self) -> Note<u32> {
        Note(" (after ", (self.attempts > 1).then_some(self.attempts), " attempts)")
    }

    /// What is said of a call that the caller's own limit ended.
    pub(crate) fn effect(&self) -> &'static str {
        if self.may_have_been_processed { "" } else { " before anything took effect" }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}
