//! How a request becomes a response: the [`Transport`] trait, and in `transport/` the one
//! that speaks HTTP.

mod body;
mod buffers;
mod connect;
mod connection;
mod exchange;
mod failure;
mod network;
mod proxy;
mod records;
mod socket;
mod tls;
mod watch;

use std::borrow::Cow;
use std::cell::Cell;
use std::error::Error as StdError;
use std::fmt;
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use crate::error::TransportErrorKind;
use crate::options::CancelToken;
use crate::request::Method;

pub(crate) use network::{Network, NetworkConfig};
pub(crate) use proxy::ProxyChoice;

/// Carries requests to a server and answers back.
///
/// The client brings one that speaks HTTP; another one can stand in for it, to record, to
/// replay, to go another way or, as [`Sandbox`](crate::Sandbox) does, to be the server.
/// It makes one attempt: retries, waits and errors are the client's business.
///
/// ```
/// use nirvana_labs::{Api, HttpRequest, HttpResponse, SendError, Transport};
///
/// struct Teapot;
///
/// impl Transport for Teapot {
///     fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, SendError> {
///         assert_eq!(request.path(), "/v1/organizations/org_1");
///         Ok(HttpResponse::new(418).body(r#"{"message": "short and stout"}"#))
///     }
/// }
///
/// let api = Api::builder().transport(Teapot).build()?;
/// let error = api.get_organization("org_1").unwrap_err();
/// assert_eq!(error.to_string(), "GET /v1/organizations/org_1: 418 I'm a teapot: short and stout");
/// # Ok::<(), nirvana_labs::Error>(())
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends `request` and waits for the whole answer, whatever its status.
    ///
    /// # Errors
    ///
    /// Where no usable answer came. [`SendError::new`] asks whether a byte of the request
    /// had left: on that depends what the client repeats.
    fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, SendError>;
}

/// One attempt at a request, with its address and all its headers.
pub struct HttpRequest<'a> {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// How much of the path is that of the base URL.
    pub(crate) prefix_bytes: usize,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<&'a [u8]>,
    pub(crate) limits: &'a Limits,
}

/// What an attempt must keep to.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// When the attempt must be over.
    pub(crate) ends: Option<Instant>,
    pub(crate) connect_timeout: Duration,
    pub(crate) cancel: Option<CancelToken>,
    pub(crate) max_body_bytes: usize,
}

impl HttpRequest<'_> {
    /// The method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The whole address.
    #[must_use]
    pub fn url(&self) -> String {
        self.uri.to_string()
    }

    /// The path, encoded, from that of the base URL on.
    #[must_use]
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The path, encoded, without that of the base URL: `/v1/…`.
    #[must_use]
    pub fn endpoint_path(&self) -> &str {
        self.uri.path().get(self.prefix_bytes..).unwrap_or_default()
    }

    /// The query, encoded, without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    /// A header, where it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All headers; their names are in lower case. `Host`, `Accept-Encoding` and those of the
    /// body's length are not among them: they are the transport's.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
    }

    /// The body, if it has one.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.body
    }

    /// How long this attempt may still take: without limit where `None`.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        self.limits.ends.map(|ends| ends.saturating_duration_since(Instant::now()))
    }

    /// The caller's token. A transport that waits should look at it a few times a second,
    /// and end with any error once it is cancelled.
    #[must_use]
    pub fn cancel_token(&self) -> Option<&CancelToken> {
        self.limits.cancel.as_ref()
    }

    /// The most bytes of a body that the caller takes, after decompression.
    #[must_use]
    pub fn max_body_bytes(&self) -> usize {
        self.limits.max_body_bytes
    }
}

impl fmt::Debug for HttpRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("path", &self.path())
            .field("body_bytes", &self.body.map(<[u8]>::len))
            .finish_non_exhaustive()
    }
}

/// An answer, whole.
pub struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

impl HttpResponse {
    /// An answer with this status, no headers and no body.
    #[must_use]
    pub fn new(status: u16) -> HttpResponse {
        HttpResponse { status, headers: HeaderMap::new(), body: Body::from(Vec::new()) }
    }

    /// Adds a header. One that HTTP cannot carry is left out.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> HttpResponse {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            let _ = self.headers.try_append(name, value);
        }
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> HttpResponse {
        self.body = Body::from(body.into());
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body_bytes", &self.body.as_slice().len())
            .finish_non_exhaustive()
    }
}

/// Why an attempt brought no usable answer.
#[derive(Debug)]
pub struct SendError {
    pub(crate) kind: TransportErrorKind,
    pub(crate) sent: bool,
    pub(crate) message: Cow<'static, str>,
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

impl SendError {
    /// An error of this kind. `sent` says whether a byte of the request may have left;
    /// `message` goes into the error that the caller sees, and must hold no secrets.
    pub fn new(
        kind: TransportErrorKind,
        sent: bool,
        message: impl Into<Cow<'static, str>>,
    ) -> SendError {
        SendError { kind, sent, message: message.into(), source: None }
    }

    /// The error beneath, which becomes the [`source`](StdError::source).
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> SendError {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for SendError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// The bytes of a body, within a buffer that may be longer. What lies around them is left
/// from earlier bodies, and need not be cleared for the next.
#[derive(Default)]
pub(crate) struct Body {
    buffer: Vec<u8>,
    start: usize,
    len: usize,
}

impl From<Vec<u8>> for Body {
    fn from(buffer: Vec<u8>) -> Body {
        Body { start: 0, len: buffer.len(), buffer }
    }
}

impl Body {
    /// An empty one, in the buffer that this thread used last.
    fn spare() -> Body {
        Body { buffer: SPARE.try_with(Cell::take).unwrap_or_default(), start: 0, len: 0 }
    }

    fn make_room(&mut self, len: usize) {
        if self.buffer.len() < len {
            // And not beyond, as a vector left to itself would grow.
            self.buffer.reserve_exact(len.saturating_sub(self.buffer.len()));
            self.buffer.resize(len, 0);
        }
    }

    /// Where more can go, up to `ceiling` bytes in all.
    fn room(&mut self, ceiling: usize) -> &mut [u8] {
        let end = self.buffer.len().min(ceiling);
        self.buffer.get_mut(self.len..end).unwrap_or_default()
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        rest.get(..self.len).unwrap_or(rest)
    }

    /// Leaves the buffer to the next body that this thread reads.
    pub(crate) fn recycle(self) {
        if self.buffer.capacity() <= SPARE_BYTES {
            // A thread that ends keeps nothing.
            let _ = SPARE.try_with(|spare| spare.set(self.buffer));
        }
    }
}

thread_local! {
    /// The buffer of the body that this thread read last. A list reads all its pages into
    /// one.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// What is kept of the body of an error.
pub(crate) const MAX_ERROR_BODY_BYTES: usize = 64 * 1024;

/// What a thread keeps between calls at most.
const SPARE_BYTES: usize = 1024 * 1024;
