//! Which proxy to go through, if any.

use std::env;
use std::fmt;

use ureq::{Proxy, ProxyProtocol};

use crate::base_url::{self, BaseUrl};

/// What the caller says of proxies.
#[derive(Clone, Default)]
pub(crate) enum ProxyChoice {
    /// That of `HTTPS_PROXY` and its kin.
    #[default]
    Environment,
    None,
    Url(String),
}

/// Where ureq finds a proxy, and in this order.
const VARIABLES: [&str; 6] =
    ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

impl ProxyChoice {
    /// The proxy on the way to `base`; or why there can be none. The address is not repeated:
    /// it may hold a password.
    pub(super) fn resolve(&self, base: &BaseUrl) -> Result<Option<Proxy>, String> {
        // As Go does it: what is on this machine is reached without a proxy.
        if base.is_loopback() {
            return Ok(None);
        }
        match self {
            ProxyChoice::None => Ok(None),
            ProxyChoice::Url(url) => usable(Proxy::new(url).ok(), "the proxy").map(Some),
            ProxyChoice::Environment => {
                let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
                if is_excluded(base.authority.host()) || !VARIABLES.iter().any(is_set) {
                    return Ok(None);
                }
                usable(Proxy::try_from_env(), "the proxy of the environment").map(Some)
            }
        }
    }
}

fn usable(proxy: Option<Proxy>, origin: &str) -> Result<Proxy, String> {
    let is_place = |proxy: &Proxy| proxy.uri().authority().is_some_and(base_url::has_usable_port);
    let Some(proxy) = proxy.filter(is_place) else {
        return Err(format!("{origin} is not a URL; write http://host:port, or call no_proxy()"));
    };
    if !matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) {
        return Err(format!(
            "{origin} speaks {}, which is not supported; use an HTTP proxy or no_proxy()",
            proxy.protocol()
        ));
    }
    Ok(proxy)
}

/// Whether `NO_PROXY` names `host`, or a domain that it is in. ureq knows the first alone, and
/// not where there is a blank beside it.
fn is_excluded(host: &str) -> bool {
    let list = ["NO_PROXY", "no_proxy"].into_iter().find_map(|name| env::var(name).ok());
    list.is_some_and(|list| names(&list, host))
}

fn names(list: &str, host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    list.split(',').map(|entry| entry.trim().to_ascii_lowercase()).any(|entry| {
        let domain = entry.trim_start_matches('*').trim_start_matches('.');
        let subdomain = host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        entry == "*" || !domain.is_empty() && (host == domain || subdomain)
    })
}

impl fmt::Debug for ProxyChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ProxyChoice::Environment => "Environment",
            ProxyChoice::None => "None",
            // It may hold a password.
            ProxyChoice::Url(_) => "Url",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_names_hosts_and_domains() {
        let host = "API.example.com";
        for list in [
            "api.example.com",
            "localhost, api.example.com",
            "a.test,example.com",
            ".example.com",
            "*.example.com ",
            "COM",
            "*",
        ] {
            assert!(names(list, host), "{list}");
        }
        for list in ["", ",", " , ", "ple.com", "www.api.example.com", "api.example.org", "."] {
            assert!(!names(list, host), "{list}");
        }
        assert!(names("10.0.0.1", "10.0.0.1") && !names("10.0.0.1", "110.0.0.1"));
    }
}
