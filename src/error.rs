//! The error of every call.

mod cause;

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use http::{HeaderMap, Method};

pub(crate) use cause::{Cause, ErrorResponse, SHOWN_CHARS};
use cause::{optional, system_words};

use crate::kind::ErrorKind;

/// The result of every call in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// [`kind`](Error::kind) says what failed, and other methods answer common questions. `Display` is
/// one line without secrets: the method, the path, what failed, the server's message, and what to
/// do. [`source`](StdError::source) is the underlying error, if it adds something to that line.
///
/// ```
/// # use nirvana_labs::{Error, Sandbox};
/// # let api = Sandbox::new().api();
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
    /// `None` if the error came before any call.
    call: Option<CallContext>,
    cause: Cause,
}

impl Error {
    /// Returns why the call failed.
    pub fn kind(&self) -> ErrorKind {
        self.0.cause.kind()
    }

    /// Returns the HTTP status of the response, if there was one.
    pub fn status(&self) -> Option<u16> {
        Some(self.response()?.status.as_u16())
    }

    /// Returns the server's message.
    ///
    /// In a JSON body, it is the text of the first of these fields that has one: `message`,
    /// `detail`, `error_description`, `description`, `errors`, `error`, `title`, `msg`. Their names
    /// are case-insensitive. In a `text/plain` body of up to 1 KiB, it is the first line.
    ///
    /// ```
    /// # use nirvana_labs::{Sandbox, http::Response};
    /// # let sandbox = Sandbox::new();
    /// sandbox.respond_next(Response::builder().status(422).body(r#"{"errors":[{"detail":"is taken"}]}"#)?);
    /// let error = sandbox.api().get_organization("org_1").unwrap_err();
    /// assert_eq!(error.message(), Some("is taken"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn message(&self) -> Option<&str> {
        self.response()?.message.as_deref()
    }

    /// Returns the server's own error code: the field `code` of a JSON body, if it is a text.
    pub fn code(&self) -> Option<&str> {
        self.response()?.code.as_deref()
    }

    /// Returns a header of the response, if it is there and its value is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()?.get(name)?.to_str().ok()
    }

    /// Returns the headers of the response, with the API key redacted in their values; `None` if
    /// there was no response.
    pub fn headers(&self) -> Option<&HeaderMap> {
        Some(&self.response()?.headers)
    }

    /// Returns the first 64 KiB of the response's body, with the API key redacted. If the body is
    /// longer, its last bytes are redacted too if a key may start there. The result is empty if there
    /// was no response.
    pub fn body(&self) -> &[u8] {
        self.response().map_or(&[], |response| &response.body)
    }

    /// Returns the id that the server gave the request. The vendor's support may ask for it.
    pub fn request_id(&self) -> Option<&str> {
        self.response()?.request_id.as_deref()
    }

    /// Returns how long the server asked to wait, in `Retry-After-Ms`, or in `Retry-After` as
    /// seconds or as a date.
    ///
    /// ```
    /// # use nirvana_labs::{Sandbox, http::Response};
    /// # let sandbox = Sandbox::new();
    /// let busy = Response::builder().status(429).header("retry-after", "120").body("")?;
    /// sandbox.respond_next(busy);
    /// let error = sandbox.api().get_organization("org_1").unwrap_err();
    /// assert_eq!(error.retry_after().unwrap().as_secs(), 120);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        self.response()?.retry_after
    }

    /// Returns the path of the field that does not match the API schema, such as
    /// `items[3].created_at`. The path is empty if the whole document does not match. It is `None`
    /// unless the kind is [`Decode`](ErrorKind::Decode).
    pub fn field(&self) -> Option<&str> {
        match &self.0.cause {
            Cause::Decode { field, .. } => Some(field),
            _ => None,
        }
    }

    /// Returns the method of the call; `None` if the kind is [`Config`](ErrorKind::Config) or
    /// [`Request`](ErrorKind::Request).
    pub fn method(&self) -> Option<&Method> {
        Some(&self.0.call.as_ref()?.method)
    }

    /// Returns the path that was sent, without the query; `None` if [`method`](Error::method) is
    /// `None`.
    pub fn path(&self) -> Option<&str> {
        Some(&self.0.call.as_ref()?.path)
    }

    /// Returns the number of attempts: 0 if nothing was tried, 1 if there was no retry.
    pub fn attempts(&self) -> u32 {
        self.0.call.as_ref().map_or(0, |call| call.attempts)
    }

    /// Returns the operating system's error, if there was one.
    pub fn io_error(&self) -> Option<&io::Error> {
        match &self.0.cause {
            Cause::NoResponse(error) => error.io_error(),
            _ => None,
        }
    }

    /// Returns whether the server responded with 404.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }

    /// Returns whether the server responded with 401: the key is missing, wrong or revoked.
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(401)
    }

    /// Returns whether the server responded with 403: the key is valid, but does not allow this.
    pub fn is_forbidden(&self) -> bool {
        self.status() == Some(403)
    }

    /// Returns whether the server responded with 409: the request conflicts with the current state.
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(409)
    }

    /// Returns whether the server responded with 429: too many requests.
    pub fn is_rate_limited(&self) -> bool {
        self.status() == Some(429)
    }

    /// Returns whether time ran out: the timeout of an attempt, the connect timeout, the total
    /// timeout or the deadline.
    pub fn is_timeout(&self) -> bool {
        self.kind().is_timeout()
    }

    /// Returns whether the same call may succeed later and is safe to repeat. The client uses the
    /// same rule for its own retries.
    pub fn is_retryable(&self) -> bool {
        self.0.call.as_ref().is_some_and(|call| call.retryable)
    }

    /// Returns whether the server may have acted on the request in any of the attempts.
    ///
    /// `false` is a promise: no byte of the request was sent, or the server said that it did
    /// nothing. If it is `true` after a create, check whether the resource exists before you create
    /// it again. For a call that only reads, `true` does not matter.
    ///
    /// ```
    /// # use nirvana_labs::{OrganizationCreateParams, Sandbox};
    /// # let sandbox = Sandbox::new();
    /// sandbox.drop_next_response();
    /// let params = OrganizationCreateParams::new("Acme");
    /// let error = sandbox.api().create_organization(&params).unwrap_err();
    /// assert!(error.may_have_been_processed());
    /// ```
    pub fn may_have_been_processed(&self) -> bool {
        self.0.call.as_ref().is_some_and(|call| call.may_have_been_processed)
    }

    pub(crate) fn new(call: CallContext, cause: Cause) -> Error {
        Error(Box::new(Report { call: Some(call), cause }))
    }

    pub(crate) fn config(message: impl Into<String>) -> Error {
        Error(Box::new(Report { call: None, cause: Cause::Config(message.into()) }))
    }

    pub(crate) fn request(message: impl Into<String>) -> Error {
        Error(Box::new(Report { call: None, cause: Cause::Request(message.into()) }))
    }

    fn response(&self) -> Option<&ErrorResponse> {
        match &self.0.cause {
            Cause::Status(response) | Cause::Decode { response, .. } => Some(response),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { call, cause } = &*self.0;
        match call {
            Some(call) => {
                let attempts = Some(call.attempts).filter(|attempts| *attempts > 1);
                write!(f, "{} {}: {cause}", call.method, call.path)?;
                let is_interrupted = matches!(cause, Cause::Cancelled | Cause::Deadline);
                if is_interrupted && !call.may_have_been_processed {
                    f.write_str(" before anything took effect")?;
                }
                f.write_str(&optional(" (after ", attempts, " attempts)"))
            }
            None => write!(f, "{cause}"),
        }
    }
}

/// Shows the text of `Display`, but no headers, because a server may put secrets there.
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
            // `Display` already includes the system's error.
            Cause::NoResponse(error) if system_words(error).is_none() => error.source(),
            _ => None,
        }
    }
}

/// The call that failed, and whether it may be retried.
#[derive(Clone)]
pub(crate) struct CallContext {
    pub(crate) method: Method,
    /// The path without the query, which may be confidential.
    pub(crate) path: String,
    pub(crate) attempts: u32,
    /// Whether the server may have acted on any of the attempts.
    pub(crate) may_have_been_processed: bool,
    /// Whether another attempt may help and does no harm.
    pub(crate) retryable: bool,
}
