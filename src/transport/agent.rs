//! The transport that speaks HTTP, by way of a ureq agent.

use std::io::{ErrorKind, Read};
use std::time::Duration;

use http::uri::Scheme;
use ureq::config::AutoHeaderValue;
use ureq::{Agent, Body, Proxy};

use super::connect::{NoLookup, connector};
use super::tls::{self, TlsOptions};
use super::watch::{self, Stage};
use super::{HttpRequest, HttpResponse, SendError, Transport, take_buffer};
use crate::base_url::BaseUrl;
use crate::error::TransportErrorKind as Kind;

/// Idle connections to keep: as many as callers that share a client are likely to be.
const MAX_IDLE_CONNECTIONS: usize = 64;
const MAX_IDLE_AGE: Duration = Duration::from_secs(15);
/// What is kept of the body of an error.
const MAX_ERROR_BODY_BYTES: usize = 64 * 1024;
/// Where a body does not say how long it is.
const FIRST_READ_BYTES: usize = 16 * 1024;

/// How to reach the network.
#[derive(Debug, Clone, Default)]
pub(crate) struct NetworkConfig {
    pub(crate) tls: TlsOptions,
    pub(crate) proxy: ProxyChoice,
}

/// Which proxy to go through.
#[derive(Clone, Default)]
pub(crate) enum ProxyChoice {
    /// That of `HTTPS_PROXY` and its kin.
    #[default]
    Environment,
    None,
    Url(String),
}

/// HTTP over TCP and TLS, with a pool of connections.
#[derive(Debug)]
pub(crate) struct Network {
    agent: Agent,
}

impl Network {
    /// Opens nothing yet. The error says which setting is unusable.
    pub(crate) fn new(config: &NetworkConfig, base: &BaseUrl) -> Result<Network, String> {
        let tls = cfg!(any(feature = "rustls", feature = "native-tls"));
        if !tls && base.scheme == Scheme::HTTPS {
            return Err("this build has no TLS for https: enable the feature rustls or native-tls"
                .to_owned());
        }
        let builder = Agent::config_builder()
            .http_status_as_error(false)
            // A redirect is an answer like any other: the key goes nowhere else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            // All headers are prepared once, by the client.
            .user_agent(AutoHeaderValue::None)
            .accept(AutoHeaderValue::None)
            .accept_encoding(AutoHeaderValue::None)
            .max_idle_connections(MAX_IDLE_CONNECTIONS)
            .max_idle_connections_per_host(MAX_IDLE_CONNECTIONS)
            .max_idle_age(MAX_IDLE_AGE)
            .proxy(config.proxy.resolve(base.is_loopback())?);
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        let builder = builder.tls_config(config.tls.config());
        Ok(Network { agent: Agent::with_parts(builder.build(), connector(), NoLookup) })
    }
}

impl ProxyChoice {
    fn resolve(&self, loopback: bool) -> Result<Option<Proxy>, String> {
        let (proxy, origin) = match self {
            // As Go does it: what is on this machine is reached without a proxy.
            _ if loopback => return Ok(None),
            ProxyChoice::None => return Ok(None),
            ProxyChoice::Environment => (Proxy::try_from_env(), "the proxy of the environment"),
            ProxyChoice::Url(url) => match Proxy::new(url) {
                Ok(proxy) => (Some(proxy), "the proxy"),
                Err(_) => return Err("the proxy is not a URL; write http://host:port".to_owned()),
            },
        };
        match proxy {
            Some(proxy) if !speaks_http(&proxy) => Err(format!(
                "{origin} speaks {}, which is not supported; use an HTTP proxy or no_proxy()",
                proxy.protocol()
            )),
            proxy => Ok(proxy),
        }
    }
}

fn speaks_http(proxy: &Proxy) -> bool {
    matches!(proxy.protocol(), ureq::ProxyProtocol::Http | ureq::ProxyProtocol::Https)
}

impl std::fmt::Debug for ProxyChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ProxyChoice::Environment => "Environment",
            ProxyChoice::None => "None",
            // It may hold a password.
            ProxyChoice::Url(_) => "Url",
        })
    }
}

impl Transport for Network {
    fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, SendError> {
        watch::attempt(request.limits, || self.exchange(request))
    }
}

impl Network {
    fn exchange(&self, request: HttpRequest<'_>) -> Result<HttpResponse, SendError> {
        let max_body_bytes = request.limits.max_body_bytes;
        let response = self.run(request).map_err(failed)?;
        let (parts, mut body) = response.into_parts();
        let mut response = HttpResponse {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: take_buffer(),
        };
        if parts.status.is_success() {
            read_body(&mut body, max_body_bytes, &mut response.body)?;
        } else {
            // The status is known, and says more than what might be wrong with the body.
            let _ = read_error_body(&mut body, max_body_bytes, &mut response.body);
        }
        Ok(response)
    }

    fn run(&self, request: HttpRequest<'_>) -> Result<http::Response<Body>, ureq::Error> {
        let method = request.method;
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.method = http_method(method);
        parts.uri = request.uri;
        parts.headers = request.headers;
        match request.body {
            Some(body) => self.agent.run(http::Request::from_parts(parts, body)),
            // A length of 0, where ureq would announce chunks for no body at all.
            None if may_have_body(&parts.method) => {
                self.agent.run(http::Request::from_parts(parts, &[][..]))
            }
            None => self.agent.run(http::Request::from_parts(parts, ())),
        }
    }
}

fn http_method(method: crate::request::Method) -> http::Method {
    use crate::request::Method;
    match method {
        Method::POST => http::Method::POST,
        Method::PUT => http::Method::PUT,
        Method::PATCH => http::Method::PATCH,
        Method::DELETE => http::Method::DELETE,
        _ => http::Method::GET,
    }
}

fn may_have_body(method: &http::Method) -> bool {
    matches!(*method, http::Method::POST | http::Method::PUT | http::Method::PATCH)
}

/// Reads the body to its end, so that the connection can be used again, into `buffer`,
/// which never grows beyond the limit and one byte.
fn read_body(body: &mut Body, limit: usize, buffer: &mut Vec<u8>) -> Result<(), SendError> {
    let too_large =
        || SendError::new(Kind::TooLarge, true, format!("the answer is larger than {limit} bytes"));
    let ceiling = limit.saturating_add(1);
    let declared =
        body.content_length().map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    // One more than it says, so that there is room to be told the end.
    let room = declared.map_or(buffer.capacity().max(FIRST_READ_BYTES), |n| n.saturating_add(1));
    buffer.resize(room.min(ceiling), 0);
    let mut reader = body.as_reader();
    let mut filled = 0_usize;
    loop {
        if filled == buffer.len() {
            buffer.resize(filled.saturating_mul(2).min(ceiling), 0);
        }
        let free = buffer.get_mut(filled..).unwrap_or_default();
        let amount = reader.read(free).map_err(|error| failed(error.into()))?;
        filled = filled.saturating_add(amount);
        if amount == 0 {
            buffer.truncate(filled);
            return Ok(());
        }
        if filled > limit {
            return Err(too_large());
        }
    }
}

/// Reads the body to its end, if that is within the limit, and keeps the beginning.
fn read_error_body(body: &mut Body, limit: usize, buffer: &mut Vec<u8>) -> std::io::Result<()> {
    let mut reader = body.as_reader().take(u64::try_from(limit).unwrap_or(u64::MAX));
    let mut piece = [0; 4096];
    loop {
        let amount = reader.read(&mut piece)?;
        if amount == 0 {
            return Ok(());
        }
        let kept = amount.min(MAX_ERROR_BODY_BYTES.saturating_sub(buffer.len()));
        buffer.extend_from_slice(piece.get(..kept).unwrap_or_default());
    }
}

/// What an error of ureq's means, by what was noticed during the attempt.
fn failed(error: ureq::Error) -> SendError {
    let notes = watch::notes();
    let (kind, message) = if notes.is_opening() {
        match notes.stage {
            _ if notes.stopped => (Kind::ConnectTimeout, "no connection stood in time"),
            Stage::Proxy => (Kind::Proxy, explain_proxy(&error)),
            _ if notes.is_opening_proxy() => (Kind::Proxy, "the proxy cannot be reached"),
            Stage::Lookup => (Kind::Lookup, "the host name could not be looked up"),
            Stage::Connect => (Kind::Connect, "the host cannot be connected to"),
            Stage::Tls => (Kind::Tls, tls::explain(&error)),
        }
    } else if notes.stopped {
        (Kind::Timeout, "the attempt timed out")
    } else {
        match &error {
            ureq::Error::Io(io) => match io.kind() {
                ErrorKind::UnexpectedEof if notes.received => {
                    (Kind::Truncated, "the connection closed before the answer was whole")
                }
                ErrorKind::UnexpectedEof => {
                    (Kind::Closed, "the connection closed before an answer came")
                }
                _ if notes.received => {
                    (Kind::Truncated, "the connection broke before the answer was whole")
                }
                _ => (Kind::Closed, "the connection broke before an answer came"),
            },
            ureq::Error::Protocol(_) => (Kind::Protocol, "the answer is not valid HTTP"),
            ureq::Error::LargeResponseHeader(..) => {
                (Kind::Protocol, "the headers of the answer are too large")
            }
            #[cfg(feature = "gzip")]
            ureq::Error::Decompress(..) => (Kind::Protocol, "the answer cannot be decompressed"),
            _ => (Kind::Other, "the request could not be made"),
        }
    };
    let failure = SendError::new(kind, notes.sent, message);
    match error {
        ureq::Error::Timeout(_) => failure,
        ureq::Error::Io(source) => failure.with_source(source),
        source => failure.with_source(source),
    }
}

fn explain_proxy(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::ConnectProxyFailed(reason) if reason.contains("407") => {
            "the proxy asks for a user name and a password (407)"
        }
        ureq::Error::ConnectProxyFailed(_) => "the proxy refused to connect to the host",
        _ => "the proxy broke off",
    }
}
