//! The request that a transport sends, and the response that it returns.

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use super::SendError;
use crate::error::TransportErrorKind;
use crate::header;
use crate::options::CancelToken;
use crate::request::Method;

/// One attempt at a request: a method, a whole URL, headers and a body, and the limits to
/// keep to.
#[derive(Clone)]
pub struct HttpRequest<'a> {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// How much of the path is that of the base URL.
    pub(crate) prefix_bytes: usize,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Cow<'a, [u8]>>,
    /// When the attempt must be over.
    pub(crate) ends: Option<Instant>,
    pub(crate) connect_timeout: Duration,
    pub(crate) cancel_token: Option<CancelToken>,
    pub(crate) max_body_bytes: usize,
}

impl<'a> HttpRequest<'a> {
    /// Creates a request without headers and body, for a unit test of a transport.
    ///
    /// Its limits are 10 s for connecting and 10 MiB for the response body, and no timeout.
    ///
    /// # Errors
    ///
    /// [`SendError`] if `url` is not a whole URL.
    pub fn new(method: Method, url: impl AsRef<str>) -> Result<HttpRequest<'a>, SendError> {
        let uri: Option<Uri> = url.as_ref().parse().ok();
        let uri = uri.filter(|uri| uri.scheme().is_some() && uri.authority().is_some());
        let uri = uri.ok_or_else(|| {
            SendError::not_sent(TransportErrorKind::Other, "the URL of the request is invalid")
        })?;
        Ok(HttpRequest {
            method,
            uri,
            prefix_bytes: 0,
            headers: HeaderMap::new(),
            body: None,
            ends: None,
            connect_timeout: Duration::from_secs(10),
            cancel_token: None,
            max_body_bytes: 10 * 1024 * 1024,
        })
    }

    /// Sets a header, in place of one of the same name. Its value is marked as sensitive.
    ///
    /// # Errors
    ///
    /// [`SendError`] if the name or the value is not valid in HTTP, or the header is set by
    /// the transport itself (`Host`, `Content-Length` and the like).
    pub fn with_header(mut self, name: &str, value: &str) -> Result<HttpRequest<'a>, SendError> {
        let (name, value) = header::wire(name, value)
            .map_err(|message| SendError::not_sent(TransportErrorKind::Other, message))?;
        let outcome = self.headers.try_insert(name, value);
        outcome.map_err(|_| SendError::not_sent(TransportErrorKind::Other, "too many headers"))?;
        Ok(self)
    }

    /// Sets the body.
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> HttpRequest<'a> {
        self.body = Some(Cow::Owned(body.into()));
        self
    }

    /// Returns the method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the whole URL.
    pub fn url(&self) -> String {
        self.uri.to_string()
    }

    /// Returns the path, encoded, that of the base URL included.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// Returns the path, encoded, without that of the base URL: `/v1/…`.
    pub fn endpoint_path(&self) -> &str {
        self.uri.path().get(self.prefix_bytes..).unwrap_or_default()
    }

    /// Returns the query, encoded, without the question mark.
    pub fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    /// Returns a header, where it is there and is text. Its name may be in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns all headers but those that the transport adds: `Content-Length`, and without
    /// [`HttpTransport`](super::HttpTransport) `Host` and `Accept-Encoding` too.
    pub fn headers(&self) -> impl Iterator<Item = Header<'_>> {
        headers(&self.headers)
    }

    /// Returns the body, if it has one.
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    /// Returns how long this attempt may still take: without limit where `None`.
    pub fn time_left(&self) -> Option<Duration> {
        self.ends.map(|ends| ends.saturating_duration_since(Instant::now()))
    }

    /// Returns the caller's token. A transport that waits should look at it a few times a
    /// second, and end with any error once it is cancelled.
    pub fn cancel_token(&self) -> Option<&CancelToken> {
        self.cancel_token.as_ref()
    }

    /// Returns the most bytes of a response body that the caller takes, after decompression.
    pub fn max_body_bytes(&self) -> usize {
        self.max_body_bytes
    }
}

impl fmt::Debug for HttpRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("path", &self.path())
            .field("body_bytes", &self.body().map(<[u8]>::len))
            .finish_non_exhaustive()
    }
}

/// A whole response: status, headers and the decompressed body.
#[derive(Clone)]
pub struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl HttpResponse {
    /// Creates a response with this status, no headers and no body.
    pub fn new(status: u16) -> HttpResponse {
        HttpResponse { status, headers: HeaderMap::new(), body: Vec::new() }
    }

    /// Adds a header. One that is not valid in HTTP is left out.
    pub fn with_header(mut self, name: &str, value: &str) -> HttpResponse {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            let _ = self.headers.try_append(name, value);
        }
        self
    }

    /// Sets the body.
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> HttpResponse {
        self.body = body.into();
        self
    }

    /// Returns the status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns a header, where it is there and is text. Its name may be in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns all headers. Of a body that was decompressed, `Content-Encoding` and
    /// `Content-Length` are not among them.
    pub fn headers(&self) -> impl Iterator<Item = Header<'_>> {
        headers(&self.headers)
    }

    /// Returns the body, decompressed.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A header of a request or a response.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header<'a> {
    /// The name, in lower case.
    pub name: &'a str,
    /// The value as it is on the wire. It need not be UTF-8.
    pub value: &'a [u8],
    /// Whether the value may be a secret, and should be kept out of logs and recordings: that of
    /// the API key, and all that the caller set.
    pub is_sensitive: bool,
}

/// Shows the value unless it is sensitive.
impl fmt::Debug for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.is_sensitive {
            "[redacted]".into()
        } else {
            self.value.escape_ascii().to_string()
        };
        write!(f, "{}: {value}", self.name)
    }
}

/// All of `map`, for those who see no type of the `http` crate.
pub(crate) fn headers(map: &HeaderMap) -> impl Iterator<Item = Header<'_>> {
    map.iter().map(|(name, value)| Header {
        name: name.as_str(),
        value: value.as_bytes(),
        is_sensitive: value.is_sensitive(),
    })
}
