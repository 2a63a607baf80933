//! The transport that speaks HTTP, on a [`ureq::Agent`].

use std::time::Duration;

use http::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use http::uri::Scheme;
use http::{Method, Request, Response, StatusCode};
use ureq::Agent;
use ureq::config::{AutoHeaderValue, Config};
use ureq::unversioned::transport::{ConnectProxyConnector, Connector};

use super::call::{self, Call};
use super::connect::{NoResolver, TcpConnector};
use super::connection::ConnectionConnector;
use super::proxy::ProxyChoice;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
use super::tls::TlsConnector;
use super::tls::{TLS_IS_AVAILABLE, TlsOptions};
use super::{Limits, SendError, Transport, body, failure};
use crate::base_url::BaseUrl;
use crate::error::ErrorKind;

/// Idle connections to keep: as many as callers that share a client are likely to be.
const MAX_IDLE: usize = 64;
const MAX_IDLE_AGE: Duration = Duration::from_secs(15);
/// One page of a list in one read. A longer head is taken for an attack.
const INPUT_BYTES: usize = 64 * 1024;
const OUTPUT_BYTES: usize = 16 * 1024;

/// HTTP/1.1 over TCP and TLS, with a pool of connections: the transport of every client that
/// is not given another.
///
/// [`ApiBuilder::wrap_transport`](crate::ApiBuilder::wrap_transport) hands it over, as the
/// builder's settings have made it. It is ureq's agent; what that does in its own way is in
/// the [crate's docs](crate#transport).
#[derive(Debug)]
pub struct HttpTransport {
    agent: Agent,
}

impl HttpTransport {
    /// Opens nothing yet. The error says which setting is invalid.
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
            // A proxy sees this one. Requests have their own.
            .user_agent(user_agent)
            .accept(AutoHeaderValue::None)
            .accept_encoding(AutoHeaderValue::None)
            .max_idle_connections(MAX_IDLE)
            .max_idle_connections_per_host(MAX_IDLE)
            .max_idle_age(MAX_IDLE_AGE)
            .input_buffer_size(INPUT_BYTES)
            .output_buffer_size(OUTPUT_BYTES)
            .max_response_header_size(INPUT_BYTES);
        let connector = ConnectProxyConnector::default().chain(TcpConnector);
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        let (settings, connector) =
            (settings.tls_config(tls.config()), connector.chain(TlsConnector::default()));
        #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
        let _ = tls;
        let connector = connector.chain(ConnectionConnector);
        Ok(HttpTransport { agent: Agent::with_parts(settings.build(), connector, NoResolver) })
    }

    fn exchange(
        &self,
        request: Request<&[u8]>,
        limits: &Limits,
    ) -> Result<Response<Vec<u8>>, ureq::Error> {
        let is_head = request.method() == Method::HEAD;
        // Their length is said even of no body.
        let may_have_body = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
        let response = match request.body().is_empty() && !may_have_body {
            true => self.agent.run(request.map(drop))?,
            false => self.agent.run(request)?,
        };
        let (head, body) = response.into_parts();
        let has_body = !is_head && may_have_response_body(head.status);
        if is_head || has_clear_end(&head.headers, has_body) {
            call::with(|call| call.allow_reuse());
        }
        let body = match has_body {
            true => body::read(body, head.status.is_success(), limits.max_body_bytes)?,
            false => Vec::new(),
        };
        Ok(Response::from_parts(head, body))
    }
}

impl Transport for HttpTransport {
    fn send(
        &self,
        request: Request<&[u8]>,
        limits: &Limits,
    ) -> Result<Response<Vec<u8>>, SendError> {
        match call::run(Call::new(limits), || self.exchange(request, limits)) {
            Some((outcome, progress)) => outcome.map_err(|e| failure::explain(e, progress)),
            None => {
                let why = "the thread is ending, or is within another attempt, in a logger perhaps";
                Err(SendError { refused: true, ..SendError::not_sent(ErrorKind::Other, why) })
            }
        }
    }
}

fn may_have_response_body(status: StatusCode) -> bool {
    !status.is_informational()
        && !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Whether client and server must agree on where the body ends. Where they may not, a part of
/// it could be taken for the next response. Of a compressed body ureq has taken the length away:
/// that it was chunked and had a length as well is not seen.
fn has_clear_end(headers: &HeaderMap, has_body: bool) -> bool {
    let chunked = headers.contains_key(TRANSFER_ENCODING);
    if has_body {
        return !chunked || !headers.contains_key(CONTENT_LENGTH);
    }
    // A 204 has no body, whatever it says of one.
    !chunked && headers.get(CONTENT_LENGTH).is_none_or(|length| length == "0")
}
