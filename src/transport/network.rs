//! The transport that speaks HTTP, with ureq's parts.

use std::time::Instant;

use http::uri::Scheme;
use ureq::config::{AutoHeaderValue, Config};

use super::connect::Opener;
use super::connection::{Connection, Pool};
use super::proxy::ProxyChoice;
use super::tls::{Tls, TlsOptions};
use super::watch::Watch;
use super::{HttpRequest, HttpResponse, Limits, SendError, Transport, exchange, failure};
use crate::base_url::BaseUrl;

/// How to reach the network.
#[derive(Debug, Clone, Default)]
pub(crate) struct NetworkConfig {
    pub(crate) tls: TlsOptions,
    pub(crate) proxy: ProxyChoice,
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
            .proxy(config.proxy.resolve(base)?);
        #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
        let builder = builder.tls_config(config.tls.config());
        let opener = Opener::new(builder.build(), Tls::new(&config.tls));
        Ok(Network { opener, pool: Pool::default() })
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
