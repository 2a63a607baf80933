//! How a request becomes a response: the [`Transport`] trait, and in `transport/` the one
//! that speaks HTTP.

mod body;
mod call;
mod connect;
mod connection;
mod failure;
mod http_transport;
mod message;
mod proxy;
mod socket;
mod tls;

use std::borrow::Cow;
use std::error::Error as StdError;

use crate::error::TransportErrorKind as Kind;

pub(crate) use body::{MAX_ERROR_BODY_BYTES, recycle};
pub use http_transport::HttpTransport;
pub(crate) use message::headers;
pub use message::{Header, HttpRequest, HttpResponse};
pub(crate) use proxy::ProxyChoice;
pub(crate) use tls::TlsOptions;

/// Carries requests to a server and responses back.
///
/// The client has one that speaks HTTP, [`HttpTransport`]. Another one can stand in for it,
/// to replay or, as [`Sandbox`](crate::Sandbox) does, to be the server; or it can wrap it
/// ([`ApiBuilder::wrap_transport`](crate::ApiBuilder::wrap_transport)), to log, to record or
/// to add a header. A transport makes one attempt: retries, waits and errors are the client's
/// business.
///
/// One that wraps:
///
/// ```
/// use nirvana_labs::{Api, HttpRequest, HttpResponse, HttpTransport, SendError, Transport};
///
/// /// Adds a header to each request, and logs what came of it.
/// struct Traced<T>(T);
///
/// impl<T: Transport> Transport for Traced<T> {
///     fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, SendError> {
///         let line = format!("{} {}", request.method(), request.path());
///         let response = self.0.send(request.with_header("x-trace", "1")?)?;
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
/// One that stands in, and a test of the one above:
///
/// ```
/// use nirvana_labs::{HttpRequest, HttpResponse, Method, SendError, Transport};
/// # struct Traced<T>(T);
/// # impl<T: Transport> Transport for Traced<T> {
/// #     fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, SendError> {
/// #         self.0.send(request.with_header("x-trace", "1")?)
/// #     }
/// # }
///
/// struct Teapot;
///
/// impl Transport for Teapot {
///     fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, SendError> {
///         assert_eq!(request.header("x-trace"), Some("1"));
///         Ok(HttpResponse::new(418).with_body(r#"{"message": "short and stout"}"#))
///     }
/// }
///
/// let request = HttpRequest::new(Method::GET, "https://example.com/v1/organizations")?;
/// assert_eq!(Traced(Teapot).send(request)?.status(), 418);
/// # Ok::<(), SendError>(())
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends `request` and waits for the whole response, whatever its status.
    ///
    /// # Errors
    ///
    /// [`SendError`] if there is no usable response. [`SendError::not_sent`] promises that
    /// nothing of the request was sent, and the client may retry it; after
    /// [`SendError::maybe_sent`] it retries only idempotent requests.
    fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, SendError>;
}

/// Why an attempt has no usable response.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SendError {
    pub(crate) kind: Kind,
    pub(crate) sent: bool,
    /// A certificate or a proxy's refusal ended the attempt, and would end the next one.
    pub(crate) refused: bool,
    pub(crate) message: Cow<'static, str>,
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

impl SendError {
    /// Creates an error for a request that was not sent.
    ///
    /// `message` goes into the error that the caller sees, and must hold no secrets.
    pub fn not_sent(kind: Kind, message: impl Into<Cow<'static, str>>) -> SendError {
        SendError { kind, sent: false, refused: false, message: message.into(), source: None }
    }

    /// Creates an error for a request that may have been sent, whole or in part.
    ///
    /// `message` goes into the error that the caller sees, and must hold no secrets.
    pub fn maybe_sent(kind: Kind, message: impl Into<Cow<'static, str>>) -> SendError {
        SendError { sent: true, ..SendError::not_sent(kind, message) }
    }

    /// Sets the underlying error, which becomes the [`source`](StdError::source).
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> SendError {
        self.source = Some(source.into());
        self
    }

    /// Returns the stage at which the attempt failed.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns whether any byte of the request may have been sent.
    pub fn may_have_been_sent(&self) -> bool {
        self.sent
    }
}
