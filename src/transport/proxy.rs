//! Which proxy to go through, if any. What is set and cannot be used is an error: the client
//! never goes directly because a proxy setting was bad.

use std::env;

use ureq::{Proxy, ProxyProtocol};

use super::tls;
use crate::base_url::{self, BaseUrl};

/// What the caller says of proxies.
#[derive(Default)]
pub(crate) enum ProxyChoice {
    /// That of `HTTPS_PROXY` and the like.
    #[default]
    Environment,
    None,
    Url(String),
}

impl ProxyChoice {
    /// The proxy on the way to `base`; or why there can be none. Its URL is not repeated: it
    /// may hold a password.
    pub(super) fn resolve(&self, base: &BaseUrl) -> Result<Option<Proxy>, String> {
        // As Go does it: what is on this machine is reached without a proxy.
        if base.is_loopback() {
            return Ok(None);
        }
        match self {
            ProxyChoice::None => Ok(None),
            ProxyChoice::Url(url) => usable("the proxy", url).map(Some),
            ProxyChoice::Environment if is_no_proxy(base) => Ok(None),
            ProxyChoice::Environment => {
                let name = format!("{}_proxy", base.scheme);
                let url = variable([&name, &name.to_uppercase()])
                    .or_else(|| variable(["all_proxy", "ALL_PROXY"]));
                url.map(|url| usable("the proxy of the environment", &url)).transpose()
            }
        }
    }
}

/// The first of these variables that is set, be it Unicode or not. An empty one is treated as
/// unset.
fn variable(names: [&str; 2]) -> Option<String> {
    let value = |name| Some(env::var_os(name)?.to_string_lossy().trim().to_owned());
    names.into_iter().filter_map(value).find(|value| !value.is_empty())
}

/// Whether `NO_PROXY` covers the base URL, as ureq matches it.
fn is_no_proxy(base: &BaseUrl) -> bool {
    let list = variable(["no_proxy", "NO_PROXY"]).unwrap_or_default();
    let builder = list
        .split(',')
        .fold(Proxy::builder(ProxyProtocol::Http), |builder, entry| builder.no_proxy(entry.trim()));
    let uri = base.join("/".to_owned()).unwrap_or_default();
    builder.build().is_ok_and(|proxy| proxy.is_no_proxy(&uri))
}

fn usable(origin: &str, url: &str) -> Result<Proxy, String> {
    // The parser drops what follows the authority, and with it a part of the password.
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    if authority.contains(['/', '?', '#']) {
        return Err(format!(
            "{origin} has a path, a query or a fragment; write http://host:port, and \
             percent-encode user name and password"
        ));
    }
    let is_place = |proxy: &Proxy| {
        base_url::is_host(proxy.host())
            && proxy.uri().authority().is_some_and(base_url::has_usable_port)
    };
    let Some(proxy) = Proxy::new(url).ok().filter(is_place) else {
        return Err(format!("{origin} is not a URL; write http://host:port, or call no_proxy()"));
    };
    match proxy.protocol() {
        ProxyProtocol::Http => Ok(proxy),
        ProxyProtocol::Https if tls::TLS_IS_AVAILABLE => Ok(proxy),
        ProxyProtocol::Https => Err(format!(
            "{origin} is an https URL, and this build has no TLS: enable the feature rustls or \
             native-tls"
        )),
        protocol => Err(format!(
            "{origin} speaks {protocol}, which is not supported; use an HTTP proxy or no_proxy()"
        )),
    }
}
