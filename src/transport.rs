//! How a request becomes a response: the [`Transport`] trait, and in `transport/` the one
//! that speaks HTTP.

mod body;
mod call;
mod connect;
mod connection;
mod failure;
mod http_transport;
mod limits;
mod proxy;
mod socket;
mod tls;

use std::borrow::Cow;
use std::error::Error as StdError;

use http::{Request, Response};

use crate::error::ErrorKind as Kind;

pub(crate) use body::{MAX_ERROR_BODY_BYTES, recycle};
pub use http_transport::HttpTransport;
pub use limits::Limits;
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
/// use nirvana_labs::http::{HeaderValue, Request, Response};
/// use nirvana_labs::{Api, HttpTransport, Limits, SendError, Transport};
///
/// /// Adds a header to each request, and logs what came of it.
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
/// One that stands in:
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
    /// Sends `request` and waits for the whole response, whatever its status. A request without a
    /// body has an empty one. The body of the response is decompressed.
    ///
    /// Headers that may be secrets are marked as sensitive: that of the API key, and all that the
    /// caller set. `Content-Length` is added by the transport.
    ///
    /// # Errors
    ///
    /// [`SendError`] if there is no usable response. [`SendError::not_sent`] promises that
    /// nothing of the request was sent, and the client may retry it; after
    /// [`SendError::maybe_sent`] it retries only idempotent requests.
    fn send(
        &self,
        request: Request<&[u8]>,
        limits: &Limits,
    ) -> Result<Response<Vec<u8>>, SendError>;
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
        let kind = if kind.is_transport() { kind } else { Kind::Other };
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
