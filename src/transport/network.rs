//! The transport that speaks HTTP, with ureq's parts.

use std::time::Instant;

use http::uri::Scheme;
use ureq::Proxy;
use ureq::config::{AutoHeaderValue, Config};

use super::connect::Opener;
use super::connection::{Connection, Pool};
#[cfg(any(feature = "rustls", feature = "native-tls"))]
use super::tls::TlsOptions;
use super::watch::Watch;
use super::{HttpRequest, HttpResponse, Limits, SendError, Transport, exchange, failure};
use crate::base_url::BaseUrl;

/// How to reach the network.
#[derive(Debug, Clone, Default)]
pub(crate) struct NetworkConfig {
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
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
    opener: Opener,
    pool: Pool,
}

impl Network {
    /// Opens nothing yet. The error says which setting is unusable.
    pub(crate) fn new(config: &NetworkConfig, base: &BaseUrl) -> Result<Network, String> {
        let tls = cfg!(any(feature = "rustls", feature = "native-tls"));
        if !tls && base.scheme == Scheme::HTTPS {
            return Err("this build has no TLS for https: enable the feature rustls or native-tls"
                .to_owned());
        }
        let builder = Config::builder()
            // What a proxy is told of us.
            .user_agent(AutoHeaderValue::None)
            .proxy(config.proxy.resolve(base.is_loopback())?);
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        let builder = builder.tls_config(config.tls.config());
        Ok(Network { opener: Opener::new(builder.build()), pool: Pool::default() })
    }

    fn open(&self, request: &HttpRequest<'_>) -> Result<Connection, SendError> {
        let limits = request.limits;
        let connect_ends = Instant::now().checked_add(limits.connect_timeout);
        let ends = limits.ends.into_iter().chain(connect_ends).min();
        let watch = Watch::new(&Limits { ends, ..limits.clone() });
        self.opener
            .open(&request.uri, watch.clone())
            .map_err(|error| failure::opening(error, watch.notes()))
    }
}

impl Transport for Network {
    fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, SendError> {
        let mut connection = match self.pool.take() {
            Some(connection) => connection,
            None => self.open(&request)?,
        };
        // What went over it before, CONNECT and TLS, was no request.
        connection.watch.begin(request.limits);
        match exchange::run(request, &mut connection) {
            Ok((response, reusable)) => {
                if reusable {
                    self.pool.put(connection);
                }
                Ok(response)
            }
            Err(error) => Err(failure::exchange(error, connection.watch.notes())),
        }
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
