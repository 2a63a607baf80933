//! What can go wrong, one variant per stage of a call.

mod call;
mod no_response;
mod response;

use std::time::Duration;

pub(crate) use call::{Call, shortened};
pub(crate) use no_response::io_cause;
pub use no_response::{
    ConfigError, InterruptedError, RequestError, TransportError, TransportErrorKind,
};
pub(crate) use response::request_id;
pub use response::{ApiError, DecodeError, PaginationCycleError};

/// The result of every call in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// There is one variant per stage of a call, and the questions that callers ask are
/// methods: [`status`](Error::status), [`is_retryable`](Error::is_retryable),
/// [`may_have_been_processed`](Error::may_have_been_processed) and so on. `Display`
/// is one line, without secrets; the underlying error (an I/O error, for example) is the
/// [`source`](std::error::Error::source).
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
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The key, the base URL, a header or another setting is invalid. Nothing was sent.
    #[error(transparent)]
    Config(Box<ConfigError>),
    /// An id, a limit or a body is invalid. Nothing was sent.
    #[error(transparent)]
    Request(Box<RequestError>),
    /// No usable response came: the connection, TLS, a timeout, a reset, a cut or
    /// oversized response.
    #[error(transparent)]
    Transport(Box<TransportError>),
    /// The server responded with a status outside 2xx.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// The server responded with a 2xx whose body is not what the API schema says.
    #[error(transparent)]
    Decode(Box<DecodeError>),
    /// The server repeated a cursor of a list: a pagination cycle.
    #[error(transparent)]
    PaginationCycle(Box<PaginationCycleError>),
    /// The caller's [`CancelToken`](crate::CancelToken) was cancelled.
    #[error("{}", .0.line("cancelled by the caller"))]
    Cancelled(Box<InterruptedError>),
    /// The caller's deadline passed.
    #[error("{}", .0.line("the deadline passed"))]
    Deadline(Box<InterruptedError>),
}

impl Error {
    /// Returns the HTTP status of the response, where there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Error::Decode(error) => Some(error.status),
            _ => self.api().map(|error| error.status),
        }
    }

    /// Returns the server's own words about the error, where its response had some.
    pub fn message(&self) -> Option<&str> {
        self.api()?.message()
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
        match self {
            Error::Deadline(_) => true,
            Error::Transport(error) => error.kind.is_timeout(),
            _ => false,
        }
    }

    /// Returns whether the same call may succeed when made again later, and cannot do harm by
    /// being made twice. This is the rule by which the client itself retries.
    pub fn is_retryable(&self) -> bool {
        self.call().is_some_and(|call| call.retryable)
    }

    /// Returns whether the server may have acted on the request, in any of the attempts.
    ///
    /// `false` is a promise: nothing of the request reached the server, or the server
    /// said that it did not act on it. After `true` on a create, look before you create
    /// again. For a call that only reads, `true` is of no consequence.
    pub fn may_have_been_processed(&self) -> bool {
        self.call().is_some_and(|call| call.may_have_been_processed)
    }

    /// Returns how long the server asked to wait, where it said so in a way that can be read
    /// (`Retry-After-Ms`, or `Retry-After` in seconds or as a date).
    pub fn retry_after(&self) -> Option<Duration> {
        self.api()?.retry_after
    }

    /// Returns the server's id of the request, to quote to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Error::Decode(error) => error.request_id(),
            _ => self.api()?.request_id(),
        }
    }

    /// Returns how many times the request was tried: 1 where the first attempt failed for good, 0
    /// where none was made, and for a pagination cycle.
    pub fn attempts(&self) -> u32 {
        self.call().map_or(0, |call| call.attempts)
    }

    /// Returns a number per kind of error that never changes, for foreign function interfaces.
    ///
    /// | code | kind |
    /// |---|---|
    /// | 1 | [`Config`](Error::Config) |
    /// | 2 | [`Request`](Error::Request) |
    /// | 3 | [`Cancelled`](Error::Cancelled) |
    /// | 4 | [`Deadline`](Error::Deadline) |
    /// | 5 | [`Decode`](Error::Decode) |
    /// | 6 | [`PaginationCycle`](Error::PaginationCycle) |
    /// | 7 | [`Api`](Error::Api) |
    /// | 20 to 29, 39 | [`Transport`](Error::Transport), see [`TransportErrorKind`] |
    pub fn code(&self) -> u32 {
        match self {
            Error::Config(_) => 1,
            Error::Request(_) => 2,
            Error::Cancelled(_) => 3,
            Error::Deadline(_) => 4,
            Error::Decode(_) => 5,
            Error::PaginationCycle(_) => 6,
            Error::Api(_) => 7,
            Error::Transport(error) => error.kind as u32,
        }
    }

    pub(crate) fn config(message: impl Into<String>) -> Error {
        Error::Config(Box::new(ConfigError { message: message.into() }))
    }

    pub(crate) fn request(message: impl Into<String>) -> Error {
        Error::Request(Box::new(RequestError { message: message.into() }))
    }

    fn api(&self) -> Option<&ApiError> {
        match self {
            Error::Api(error) => Some(error),
            _ => None,
        }
    }

    fn is_status(&self, status: u16) -> bool {
        self.api().is_some_and(|error| error.status == status)
    }

    fn call(&self) -> Option<&Call> {
        match self {
            Error::Config(_) | Error::Request(_) => None,
            Error::Transport(error) => Some(&error.call),
            Error::Api(error) => Some(&error.call),
            Error::Decode(error) => Some(&error.call),
            Error::PaginationCycle(error) => Some(&error.call),
            Error::Cancelled(error) | Error::Deadline(error) => Some(&error.call),
        }
    }
}
