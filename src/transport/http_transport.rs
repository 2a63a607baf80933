//! The transport that speaks HTTP, on a [`ureq::Agent`].

use std::sync::Arc;

use http::header::{
    ACCEPT_ENCODING, CONTENT_LENGTH, HOST, HeaderMap, HeaderValue, TRANSFER_ENCODING,
};
use http::uri::Scheme;
use http::{HeaderName, Method, Request, Response, StatusCode, Version};
use ureq::Agent;
use ureq::config::{AutoHeaderValue, Config};
use ureq::unversioned::transport::{ConnectProxyConnector, Connector};

use super::connect::{NoResolver, Stage, TcpConnector};
use super::idle::Origin;
use super::pool::{Pool, PoolConnector};
use super::proxy::ProxyChoice;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
use super::tls::TlsConnector;
use super::tls::{TLS_IS_AVAILABLE, TlsOptions};
use super::{Limits, SendError, Transport, body, check_method, current, failure};
use crate::base_url::{self, BaseUrl};
use crate::header;
use crate::kind::ErrorKind;

/// The size of the input buffer, which is enough to read a page of a list at once. A response with
/// a longer head is an error.
const INPUT_BYTES: usize = 64 * 1024;
const OUTPUT_BYTES: usize = 16 * 1024;
/// The longest path and query, and the longest header. ureq writes each of them at once, with a few
/// bytes more, so each must fit into the output buffer.
const MAX_LINE_BYTES: usize = OUTPUT_BYTES - 64;

/// The transport that speaks HTTP/1.1 over TCP and TLS, with a connection pool. It uses ureq.
///
/// Every client uses it unless [`ApiBuilder::transport`](crate::ApiBuilder::transport) sets
/// another. [`ApiBuilder::wrap_transport`](crate::ApiBuilder::wrap_transport) passes it to your own
/// transport that wraps it.
///
/// It always sends HTTP/1.1, even if the request has another version. It adds `Host`,
/// `Content-Length` and, with the feature `gzip`, `Accept-Encoding`. It refuses a request that
/// already has a header which only the transport may set (`Host`, `Content-Length`,
/// `Transfer-Encoding`, `Connection`, `Upgrade`, `TE`, `Expect`, `Accept-Encoding`), the methods
/// `CONNECT` and `TRACE`, and a URI without a scheme, without a host or with an invalid port. It
/// also refuses a header, or a path and query, that does not fit into its buffer of 16 KiB.
#[derive(Debug)]
pub struct HttpTransport {
    agent: Agent,
    pool: Arc<Pool>,
    /// The server of the base URL, and its `Host` header.
    server: Origin,
    host: HeaderValue,
}

impl HttpTransport {
    /// Creates the transport. It opens no connection yet. The error says which setting is invalid.
    pub(crate) fn new(
        base: &BaseUrl,
        user_agent: &str,
        proxy: &ProxyChoice,
        tls: &TlsOptions,
    ) -> Result<HttpTransport, String> {
        if !TLS_IS_AVAILABLE && base.scheme == Scheme::HTTPS {
            return Err("this build has no TLS for https: enable the feature rustls or native-tls"
                .to_owned());
        }
        let settings = Config::builder()
            .proxy(proxy.resolve(base)?)
            .http_status_as_error(false)
            .max_redirects(0)
            .allow_non_standard_methods(true)
            // This user agent is for the proxy. Each request has its own.
            .user_agent(user_agent)
            .accept(AutoHeaderValue::None)
            .accept_encoding(AutoHeaderValue::None)
            .input_buffer_size(INPUT_BYTES)
            .output_buffer_size(OUTPUT_BYTES)
            .max_response_header_size(INPUT_BYTES);
        let connector = Stage(ErrorKind::Proxy, ConnectProxyConnector::default());
        let connector = connector.chain(Stage(ErrorKind::Connect, TcpConnector));
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        let (settings, connector) = (
            settings.tls_config(tls.config()),
            connector.chain(Stage(ErrorKind::Tls, TlsConnector::default())),
        );
        #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
        let _ = tls;
        let pool = Arc::default();
        let connector = PoolConnector { pool: Arc::clone(&pool), connector };
        let agent = Agent::with_parts(settings.build(), connector, NoResolver);
        let server = Origin(Some(base.scheme.clone()), Some(base.authority.clone()));
        let host = HeaderValue::from_str(base.authority.as_str());
        Ok(HttpTransport { agent, pool, server, host: host.map_err(|error| error.to_string())? })
    }

    fn exchange(
        &self,
        request: Request<&[u8]>,
        limits: &Limits,
    ) -> Result<Response<Vec<u8>>, ureq::Error> {
        let is_head = request.method() == Method::HEAD;
        // These methods send `Content-Length: 0` if there is no body.
        let takes_body = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
        let response = if takes_body || !request.body().is_empty() {
            self.agent.run(request)?
        } else {
            self.agent.run(request.map(drop))?
        };
        let (head, body) = response.into_parts();
        let has_body = !is_head
            && !head.status.is_informational()
            && !matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let is_clear = is_unambiguous(&head.headers, has_body);
        let (body, is_clear) = match has_body {
            true => (body::read(body, head.status.is_success(), limits), is_clear),
            // ureq removes the `Content-Length` of a compressed body, even if there is no body.
            false => (Ok(Vec::new()), is_head || (is_clear && body::is_empty(body))),
        };
        // A body may be invalid although it was read to its end. The connection is kept even so.
        if let Some(idle) = current::take_idle().filter(|_| is_clear) {
            self.pool.put(idle);
        }
        Ok(Response::from_parts(head, body?))
    }
}

impl Transport for HttpTransport {
    fn send(
        &self,
        mut request: Request<&[u8]>,
        limits: &Limits,
    ) -> Result<Response<Vec<u8>>, SendError> {
        let is_own_server = self.server.is_of(request.uri());
        check(&request, is_own_server).map_err(cannot_be_sent)?;
        *request.version_mut() = Version::HTTP_11;
        if cfg!(feature = "gzip") {
            request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if is_own_server {
            // For another server, ureq adds this header.
            request.headers_mut().insert(HOST, self.host.clone());
        }
        let attempt = || self.exchange(request, limits).map_err(failure::explain);
        current::run(limits, attempt).unwrap_or_else(|| {
            let why = "the thread is ending, or made a call within a call, perhaps in a logger";
            Err(cannot_be_sent(why.to_owned()))
        })
    }
}

/// Returns the error for a request that no attempt can send.
fn cannot_be_sent(why: String) -> SendError {
    SendError { permanent: true, ..SendError::not_sent(ErrorKind::Other, why) }
}

/// Refuses a request that a wrapping transport must not send.
fn check(request: &Request<&[u8]>, is_own_server: bool) -> Result<(), String> {
    check_method(request.method())?;
    request.headers().keys().try_for_each(header::check_transport_header)?;
    let uri = request.uri();
    let target = uri.path_and_query().map_or(0, |target| target.as_str().len());
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        name.as_str().len().saturating_add(value.len())
    };
    if request.headers().iter().map(header).chain([target]).any(|bytes| bytes > MAX_LINE_BYTES) {
        return Err("the URI or a header of the request is too long to send".to_owned());
    }
    let is_http = uri.scheme() == Some(&Scheme::HTTP) || uri.scheme() == Some(&Scheme::HTTPS);
    if is_own_server || (is_http && uri.authority().is_some_and(base_url::has_valid_port)) {
        return Ok(());
    }
    Err("the URI of the request needs http or https, a host and a valid port".to_owned())
}

/// Returns whether the end of the body is unambiguous. If it is not, the rest of the body could be
/// read as the next response.
///
/// ureq removes the `Content-Length` of a compressed body, so a length beside `chunked` is not
/// noticed in that case.
fn is_unambiguous(headers: &HeaderMap, has_body: bool) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let length = || headers.get(CONTENT_LENGTH);
    match codings.next() {
        // A response without a body may still announce one.
        None => has_body || length().is_none_or(|length| length == "0"),
        Some(coding) => {
            let is_chunked = coding.as_bytes().eq_ignore_ascii_case(b"chunked");
            has_body && is_chunked && codings.next().is_none() && length().is_none()
        }
    }
}
