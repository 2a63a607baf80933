//! The base URL: parsed and validated once, when the client is built.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use http::{HeaderValue, Uri};

use crate::error::{Error, Result};

/// A base URL that requests can be built on.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl {
    pub(crate) scheme: Scheme,
    pub(crate) authority: Authority,
    /// The path before `/v1/…`, without a final slash; mostly empty.
    pub(crate) prefix: Box<str>,
}

impl BaseUrl {
    /// Reads `url`, or says what is invalid about it, without repeating it: it may hold a
    /// password.
    pub(crate) fn parse(url: &str, allow_http: bool) -> Result<BaseUrl> {
        let invalid = |why: &str| Error::config(format!("the base URL is invalid: {why}"));
        let stray = |c: char| c.is_whitespace() || c.is_control();
        if let Some((at, _)) = url.char_indices().find(|(_, c)| stray(*c)) {
            let why = format!("it has white space or a control character at byte {at}");
            return Err(invalid(&why));
        }
        let host = url.split("://").nth(1).and_then(|rest| rest.split('/').next());
        let is_ascii = host.is_none_or(str::is_ascii);
        check(&[
            (!url.contains("://"), "it has no scheme; write https://host"),
            // The URI parser drops a fragment without a word.
            (url.contains('#'), "it has a fragment (#…); leave that out"),
            (url.contains('?'), "it has a query (?…); set RequestOptions::query instead"),
            (!is_ascii, "its host is not ASCII; write its punycode form, xn--…"),
        ])
        .map_err(invalid)?;

        let uri: Uri = url.parse().map_err(|_| invalid("it is not a URL"))?;
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(invalid("it has no host; write https://host"));
        };
        let host = authority.host();
        let is_http = scheme == Scheme::HTTP;
        let path = parts.path_and_query.as_ref().map_or("", |path| path.path());
        let prefix = path.trim_end_matches('/');
        // The URI parser lets more through, and what it does not know goes out as it is.
        let legal =
            |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%/".contains(&byte);
        check(&[
            (authority.as_str().contains('@'), "it has user info (user@host); leave that out"),
            (host.is_empty(), "it has no host; write https://host"),
            (!is_host(host), "its host is neither a name nor an IP address"),
            (!has_usable_port(&authority), "its port is not a number from 1 to 65535"),
            (scheme != Scheme::HTTPS && !is_http, "its scheme is neither https nor http"),
            (
                is_http && !allow_http && !is_loopback(host),
                "plain http would show the key to the network; write https, or call \
                 allow_http(true) if you mean it",
            ),
            (!path.bytes().all(legal), "its path has a character that must be percent-encoded"),
            (path.split('/').any(|part| matches!(part, "." | "..")), "its path has a dot segment"),
            (prefix == "/v1", "its path is /v1, which each request adds; leave it out"),
        ])
        .map_err(invalid)?;
        let prefix = prefix.into();
        Ok(BaseUrl { scheme, authority, prefix })
    }

    /// The `Host` header: the port is in it unless it is the scheme's own.
    pub(crate) fn host_header(&self) -> Result<HeaderValue> {
        let default_port = if self.scheme == Scheme::HTTPS { 443 } else { 80 };
        let host = match self.authority.port_u16() {
            Some(port) if port != default_port => self.authority.as_str(),
            _ => self.authority.host(),
        };
        HeaderValue::from_str(host).map_err(|_| Error::config("the base URL has an invalid host"))
    }

    /// The URL of this path and query, if they are valid.
    pub(crate) fn join(&self, target: String) -> Option<Uri> {
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = PathAndQuery::try_from(target).ok();
        Uri::from_parts(parts).ok()
    }

    /// Whether the host is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(self.authority.host())
    }
}

/// The first of the faults that is there.
fn check(faults: &[(bool, &'static str)]) -> Result<(), &'static str> {
    match faults.iter().find(|(is_there, _)| *is_there) {
        Some((_, why)) => Err(why),
        None => Ok(()),
    }
}

fn is_loopback(host: &str) -> bool {
    addresses(host).iter().any(IpAddr::is_loopback)
}

/// The IP addresses of `host`, if they need no DNS lookup. `localhost` is this machine, as RFC 6761
/// has it, whatever a resolver says: that is what makes plain http to it safe.
pub(crate) fn addresses(host: &str) -> Vec<IpAddr> {
    if host.strip_suffix('.').unwrap_or(host).eq_ignore_ascii_case("localhost") {
        return vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    }
    let address = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').and_then(|bare| bare.parse().ok()).map(IpAddr::V6),
        None => host.parse().ok().map(IpAddr::V4),
    };
    address.into_iter().collect()
}

pub(crate) fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.bytes().all(legal)
    };
    !addresses(host).is_empty() || host.strip_suffix('.').unwrap_or(host).split('.').all(is_label)
}

/// Whether what follows the host is nothing, or a port that can be connected to.
pub(crate) fn has_usable_port(authority: &Authority) -> bool {
    let host = authority.host();
    let place = authority.as_str().rsplit('@').next().unwrap_or_default();
    let port = authority.port_u16().filter(|port| *port > 0);
    place == host || port.is_some_and(|port| place == format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(url: &str) -> String {
        BaseUrl::parse(url, false).unwrap_err().to_string()
    }

    #[test]
    fn usable_urls_keep_their_path_prefix() {
        for (url, prefix) in [
            ("https://api.nirvanalabs.io", ""),
            ("https://api.nirvanalabs.io/", ""),
            ("https://example.com:8443/gateway/v2", "/gateway/v2"),
            ("https://example.com/gateway/", "/gateway"),
            ("https://example.com/nirvana/v1", "/nirvana/v1"),
            ("https://example.com./", ""),
            ("https://a_b.example", ""),
            ("http://localhost:4010", ""),
            ("http://LOCALHOST.", ""),
            ("http://127.9.9.9", ""),
            ("http://[::1]:80/x", "/x"),
        ] {
            assert_eq!(&*BaseUrl::parse(url, false).unwrap().prefix, prefix, "{url}");
        }
        assert!(BaseUrl::parse("http://example.com", true).is_ok());
    }

    #[test]
    fn unusable_urls_say_why() {
        for (url, why) in [
            ("", "no scheme"),
            ("api.nirvanalabs.io", "no scheme"),
            ("https://", "not a URL"),
            ("https://a/?b=c", "query"),
            ("https://a/?", "query"),
            ("https://a/#b", "fragment"),
            ("https://user:pass@a", "user info"),
            ("https://user@a", "user info"),
            ("ftp://a", "neither https nor http"),
            ("http://example.com", "plain http"),
            ("http://localhost.example.com", "plain http"),
            ("http://128.0.0.1", "plain http"),
            ("https://a:0", "port"),
            ("https://a:99999", "port"),
            ("https://a:", "port"),
            ("http://127.0.0.1:+80", "port"),
            ("http://[::1]a.example:80", "port"),
            ("https://[127.0.0.1]", "host"),
            ("https://[]", "host"),
            ("https://[v1.x]", "host"),
            ("https://.", "host"),
            ("https://a..b", "host"),
            ("https://*", "host"),
            ("https://a/b/..", "dot segment"),
            ("https://a/./b", "dot segment"),
            ("https://a b", "white space or a control character at byte 9"),
            ("https://a\n", "at byte 9"),
            ("https://a\r", "at byte 9"),
            (" https://a", "at byte 0"),
            ("https://münchen.example", "xn--"),
            ("https://a/v1", "leave it out"),
            ("https://a/v1/", "leave it out"),
            ("https://a/é", "percent-encoded"),
            ("https://a/b\\c", "percent-encoded"),
        ] {
            assert!(reason(url).contains(why), "{url:?}: {}", reason(url));
            assert!(!reason(url).contains("pass@"));
        }
    }
}
