//! Chooses the proxy, if there is one. An invalid proxy setting is an error: the client never
//! connects directly instead.

use std::env;

use ureq::{Proxy, ProxyProtocol};

use super::tls;
use crate::base_url::{self, BaseUrl};

/// The caller's choice of a proxy.
#[derive(Default)]
pub(crate) enum ProxyChoice {
    /// The proxy that the environment sets, in `HTTPS_PROXY` and so on.
    #[default]
    Environment,
    None,
    Url(String),
}

impl ProxyChoice {
    /// Returns the proxy for `base`, if there is one. The error does not repeat the URL of the
    /// proxy, which may contain a password.
    pub(super) fn resolve(&self, base: &BaseUrl) -> Result<Option<Proxy>, String> {
        // A proxy cannot reach this machine by a loopback address.
        if base_url::is_loopback(base.authority.host()) {
            return Ok(None);
        }
        match self {
            ProxyChoice::None => Ok(None),
            ProxyChoice::Url(url) => usable("the proxy", url).map(Some),
            ProxyChoice::Environment if is_no_proxy(base) => Ok(None),
            ProxyChoice::Environment => {
                let names = scheme_variables(base.scheme.as_str());
                let url = variable(&names).or_else(|| variable(&["all_proxy", "ALL_PROXY"]));
                url.map(|url| usable("the proxy from the environment", &url)).transpose()
            }
        }
    }
}

/// Returns the variables that may contain the proxy for this scheme, in order.
///
/// In a CGI program, `HTTP_PROXY` contains the header `Proxy` of the request that the program
/// serves, so anybody can set it. On Windows, `http_proxy` is the same variable, because names of
/// variables are case-insensitive.
fn scheme_variables(scheme: &str) -> Vec<String> {
    let lower = format!("{scheme}_proxy");
    let upper = lower.to_uppercase();
    let is_cgi = scheme == "http" && env::var_os("REQUEST_METHOD").is_some();
    match (is_cgi, cfg!(windows)) {
        (false, _) => vec![lower, upper],
        (true, false) => vec![lower],
        (true, true) => Vec::new(),
    }
}

/// Returns the value of the first of these variables that is set and not empty.
fn variable(names: &[impl AsRef<str>]) -> Option<String> {
    let value = |name: &str| Some(env::var_os(name)?.to_string_lossy().trim().to_owned());
    names.iter().filter_map(|name| value(name.as_ref())).find(|value| !value.is_empty())
}

/// Returns whether `NO_PROXY` covers the base URL, by the rules of ureq.
fn is_no_proxy(base: &BaseUrl) -> bool {
    let list = variable(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
    let builder = list
        .split(',')
        .fold(Proxy::builder(ProxyProtocol::Http), |builder, entry| builder.no_proxy(entry.trim()));
    let uri = base.join("/".to_owned()).unwrap_or_default();
    builder.build().is_ok_and(|proxy| proxy.is_no_proxy(&uri))
}

fn usable(origin: &str, url: &str) -> Result<Proxy, String> {
    // The parser drops everything after the authority. That may be a part of the password.
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
            && proxy.uri().authority().is_some_and(base_url::has_valid_port)
    };
    let Some(proxy) = Proxy::new(url).ok().filter(is_place) else {
        return Err(format!("{origin} is not a URL; write http://host:port, or call no_proxy()"));
    };
    match proxy.protocol() {
        ProxyProtocol::Https if !tls::TLS_IS_AVAILABLE => Err(format!(
            "{origin} is an https URL, and this build has no TLS: enable the feature rustls or \
             native-tls"
        )),
        ProxyProtocol::Http | ProxyProtocol::Https => Ok(proxy),
        protocol => Err(format!(
            "{origin} speaks {protocol}, which is not supported; use an HTTP proxy or no_proxy()"
        )),
    }
}
