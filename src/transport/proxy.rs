//! Which proxy to go through, if any.

use std::env;
use std::fmt;
use std::net::IpAddr;

use http::uri::Scheme;
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

/// Where a proxy may be named: that of the scheme goes first, as everywhere else.
const HTTPS: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
const HTTP: [&str; 6] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

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
                if variable(&["NO_PROXY", "no_proxy"])
                    .is_some_and(|list| names(&list, base.authority.host()))
                {
                    return Ok(None);
                }
                let url = variable(if base.scheme == Scheme::HTTPS { &HTTPS } else { &HTTP });
                url.map(|url| usable(Proxy::new(&url).ok(), "the proxy of the environment"))
                    .transpose()
            }
        }
    }
}

/// The first of these variables that says anything, be it Unicode or not.
fn variable(names: &[&str]) -> Option<String> {
    let value = |name: &&str| Some(env::var_os(name)?.to_string_lossy().trim().to_owned());
    names.iter().filter_map(value).find(|value| !value.is_empty())
}

fn usable(proxy: Option<Proxy>, origin: &str) -> Result<Proxy, String> {
    let is_place = |proxy: &Proxy| {
        base_url::is_host(proxy.host())
            && proxy.uri().authority().is_some_and(base_url::has_usable_port)
    };
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

/// Whether `list` names `host`, a domain that it is in, or a network. ureq knows the first
/// alone, and not where there is a blank beside it.
fn names(list: &str, host: &str) -> bool {
    let plain = |name: &str| {
        let name = name.trim_start_matches('[').trim_end_matches(']');
        name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
    };
    let host = plain(host);
    let address: Option<IpAddr> = host.parse().ok();
    list.split(|c: char| c == ',' || c.is_ascii_whitespace()).any(|entry| {
        let entry = plain(entry);
        let domain = entry.trim_start_matches('*').trim_start_matches('.');
        match address {
            _ if entry == "*" => true,
            Some(address) => is_in_network(address, &entry),
            None if domain.is_empty() => false,
            None => {
                host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        }
    })
}

/// Whether `network`, `10.0.0.1` or `10.0.0.0/8`, holds `address`.
fn is_in_network(address: IpAddr, network: &str) -> bool {
    let (base, bits) = network.split_once('/').unwrap_or((network, "128"));
    let (Ok(base), Ok(bits)) = (base.parse::<IpAddr>(), bits.parse::<u32>()) else { return false };
    // Where the bits are all there are or more, nothing may differ.
    match (address, base) {
        (IpAddr::V4(address), IpAddr::V4(base)) => {
            let differs = address.to_bits() ^ base.to_bits();
            differs.checked_shr(32_u32.saturating_sub(bits)).unwrap_or(0) == 0
        }
        (IpAddr::V6(address), IpAddr::V6(base)) => {
            let differs = address.to_bits() ^ base.to_bits();
            differs.checked_shr(128_u32.saturating_sub(bits)).unwrap_or(0) == 0
        }
        _ => false,
    }
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
        assert!(names("a.test 192.0.2.2", "a.test") && names("a.test.", "a.test"));
        assert!(names("a.test", "a.test."));
        for (list, host, named) in [
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "110.0.0.1", false),
            ("0.0.1", "10.0.0.1", false),
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("192.0.2.2/32", "192.0.2.2", true),
            ("192.0.2.2/31", "192.0.2.4", false),
            ("0.0.0.0/0", "192.0.2.2", true),
            ("10.0.0.0/x", "10.0.0.1", false),
            ("fd00::1", "[fd00::1]", true),
            ("[fd00::1]", "[fd00::1]", true),
            ("fd00::/8", "[fd12::1]", true),
            ("fd00::/8", "[fe00::1]", false),
            ("::/0", "10.0.0.1", false),
        ] {
            assert_eq!(names(list, host), named, "{list}: {host}");
        }
    }
}
