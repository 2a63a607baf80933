//! The [`Transport`] trait, which turns a request into a response. `transport/` has the implementation
//! that speaks HTTP.

mod body;
mod connect;
mod connection;
mod current;
mod failure;
mod http_transport;
mod idle;
mod pool;
mod proxy;
mod socket;
mod tls;
mod words;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::io;
use std::time::{Duration, Instant};

use http::{Method, Request, Response};

use crate::kind::ErrorKind;
use crate::options::{self, CancelToken};

pub(crate) use body::recycle;
pub use http_transport::HttpTransport;
pub(crate) use proxy::ProxyChoice;
pub(crate) use tls::TlsOptions;

/// Carries requests to a server and responses back.
///
/// The client uses [`HttpTransport`]. Your own transport can replace it, as
/// the [sandbox](crate::guide::testing) does, or wrap it to log, to record or to add a header: see
/// [`ApiBuilder::wrap_transport`](crate::ApiBuilder::wrap_transport). A transport makes one
/// attempt. The client does the rest: retries, waits and errors.
///
/// **Do not print a request with `{:?}`.** The `Debug` of [`http::Request`] shows the query and the
/// body. It hides the values of sensitive headers, such as the API key.
///
/// A transport that wraps another:
///
/// ```
/// use nirvana_labs::http::{HeaderValue, Request, Response};
/// use nirvana_labs::{Api, HttpTransport, Limits, SendError, Transport};
///
/// /// Adds a header to each request, and logs its status.
/// struct Traced<T>(T);
///
/// impl<T: Transport> Transport for Traced<T> {
///     fn send(
///         &self,
///         mut request: Request<&[u8]>,
///         limits: &Limits,
///     ) -> Result<Response<Vec<u8>>, SendError> {
///         let line = format!("{} {}", request.method(), request.uri().path());
///         request.headers_mut().insert("x-trace", HeaderValue::from_static("1"));
///         let response = self.0.send(request, limits)?;
///         eprintln!("{line}: {}", response.status());
///         Ok(response)
///     }
/// }
///
/// let builder = Api::builder().api_key("nl_key").base_url("http://localhost:4010");
/// let api = builder.wrap_transport(|http: HttpTransport| Traced(http)).build()?;
/// # Ok::<(), nirvana_labs::Error>(())
/// ```
///
/// A transport that replaces HTTP:
///
/// ```
/// use nirvana_labs::http::{Request, Response};
/// use nirvana_labs::{Limits, SendError, Transport};
///
/// struct Teapot;
///
/// impl Transport for Teapot {
///     fn send(&self, _: Request<&[u8]>, _: &Limits) -> Result<Response<Vec<u8>>, SendError> {
///         let mut response = Response::new(br#"{"message": "short and stout"}"#.to_vec());
///         *response.status_mut() = nirvana_labs::http::StatusCode::IM_A_TEAPOT;
///         Ok(response)
///     }
/// }
///
/// let response = Teapot.send(Request::new(b""), &Limits::default())?;
/// assert_eq!(response.status(), 418);
/// # Ok::<(), SendError>(())
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends `request` and waits for the whole response, with any status.
    ///
    /// An empty body means that there is no body. Headers that may contain secrets are marked as
    /// sensitive: the API key, and every header that the caller set. [`HttpTransport`] adds `Host`,
    /// `Content-Length` and `Accept-Encoding` itself. A transport must decompress the body of the
    /// response.
    ///
    /// # Errors
    ///
    /// [`SendError`] if there is no usable response. [`SendError::not_sent`] promises that no byte
    /// of the request was sent, so the client may retry any request. After
    /// [`SendError::maybe_sent`], the client retries only idempotent requests.
    fn send(
        &self,
        request: Request<&[u8]>,
        limits: &Limits,
    ) -> Result<Response<Vec<u8>>, SendError>;
}

/// The limits of one attempt.
///
/// [`Limits::default`] is for unit tests of a transport: 10 s for opening a connection, 10 MiB for
/// the body of the response, and no deadline.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// When the attempt must be over; `None` if there is no limit.
    pub deadline: Option<Instant>,
    /// How long opening a connection may take.
    pub connect_timeout: Duration,
    /// The largest body of a response in bytes, after decompression.
    pub max_body_bytes: usize,
    /// The caller's token. A transport that waits should check it a few times a second, and fail
    /// with any error once it is cancelled.
    pub cancel_token: CancelToken,
}

impl Limits {
    /// Returns how long the attempt may still take; `None` if there is no limit.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            deadline: None,
            connect_timeout: options::CONNECT_TIMEOUT,
            max_body_bytes: options::MAX_BODY_BYTES,
            cancel_token: CancelToken::new(),
        }
    }
}

/// Why an attempt has no usable response.
///
/// ```
/// use nirvana_labs::{ErrorKind, SendError};
///
/// let error = SendError::not_sent(ErrorKind::Connect, "the relay is not running");
/// assert!(!error.may_have_been_sent());
/// let error = SendError::maybe_sent(ErrorKind::Closed, "the relay closed its pipe");
/// assert!(error.may_have_been_sent());
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SendError {
    pub(crate) kind: ErrorKind,
    pub(crate) sent: bool,
    /// Whether the next attempt would fail in the same way.
    pub(crate) permanent: bool,
    pub(crate) message: Cow<'static, str>,
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

impl SendError {
    /// Creates an error that promises that no byte of the request was sent.
    ///
    /// The caller sees `message` on one line of at most 500 characters, so it must not contain
    /// secrets. A `kind` that is not about transport, numbered below 20, becomes
    /// [`ErrorKind::Other`].
    pub fn not_sent(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> SendError {
        let kind = if kind.is_transport() { kind } else { ErrorKind::Other };
        SendError { kind, sent: false, permanent: false, message: message.into(), source: None }
    }

    /// Creates an error for a request that may have been sent, completely or in part.
    ///
    /// `kind` and `message` are used as in [`not_sent`](SendError::not_sent).
    pub fn maybe_sent(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> SendError {
        SendError { sent: true, ..SendError::not_sent(kind, message) }
    }

    /// Sets the underlying error, which becomes the [`source`](StdError::source). It must not
    /// contain secrets, because the `Debug` of an error shows it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> SendError {
        self.source = Some(source.into());
        self
    }

    /// Returns why the attempt failed.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns whether any byte of the request may have been sent.
    pub fn may_have_been_sent(&self) -> bool {
        self.sent
    }

    /// Returns the operating system's error beneath this one, if there is one.
    pub(crate) fn io_error(&self) -> Option<&io::Error> {
        let mut beneath = self.source();
        loop {
            match beneath?.downcast_ref() {
                Some(found) => return Some(io_cause(found)),
                None => beneath = beneath?.source(),
            }
        }
    }
}

/// Returns the inner `io::Error` if a library wrapped one, otherwise `error`.
pub(crate) fn io_cause(error: &io::Error) -> &io::Error {
    error.get_ref().and_then(|inner| inner.downcast_ref()).unwrap_or(error)
}

/// Refuses the methods that do not suit an API: `CONNECT` has no path, and a server repeats the API
/// key in its response to `TRACE`.
pub(crate) fn check_method(method: &Method) -> Result<(), String> {
    if [Method::CONNECT, Method::TRACE].contains(method) {
        return Err(format!("the HTTP method {method} is not supported"));
    }
    Ok(())
}
