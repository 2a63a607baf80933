//! The base URL, which is parsed and validated once, when the client is built.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use percent_encoding::percent_decode_str;

/// A valid base URL.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl {
    pub(crate) scheme: Scheme,
    pub(crate) authority: Authority,
    /// The path before `/v1/…`, without a final slash. It is usually empty.
    pub(crate) prefix: Box<str>,
}

impl BaseUrl {
    /// Parses `url`. The error does not repeat the URL, which may contain a password.
    pub(crate) fn parse(url: &str, allow_http: bool) -> Result<BaseUrl, String> {
        let invalid = |why: &str| format!("the base URL is invalid: {why}");
        let stray = |c: char| c.is_whitespace() || c.is_control();
        if let Some((at, _)) = url.char_indices().find(|(_, c)| stray(*c)) {
            let why = format!("it has white space or a control character at byte {at}");
            return Err(invalid(&why));
        }
        let host = url.split("://").nth(1).and_then(|rest| rest.split('/').next());
        let is_ascii = host.is_none_or(str::is_ascii);
        first_fault(&[
            (!url.contains("://"), "it has no scheme; write https://host"),
            // The URI parser drops a fragment silently.
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
        first_fault(&[
            (authority.as_str().contains('@'), "it has user info (user@host); leave that out"),
            (host.is_empty(), "it has no host; write https://host"),
            (!is_host(host), "its host is neither a name nor an IP address"),
            (!has_valid_port(&authority), "its port is not a number from 1 to 65535"),
            (scheme != Scheme::HTTPS && !is_http, "its scheme is neither https nor http"),
            (
                is_http && !allow_http && !is_loopback(host),
                "plain http would send the key unencrypted; write https, or call \
                 allow_http(true) if you accept that",
            ),
            (!is_encoded(path), "its path has a character that must be percent-encoded"),
            (path.split('/').any(is_dot_segment), "its path has a dot segment"),
            (prefix == "/v1", "its path is /v1, which each request adds; leave it out"),
        ])
        .map_err(invalid)?;
        let prefix = prefix.into();
        Ok(BaseUrl { scheme, authority, prefix })
    }

    /// Returns the URL with this path and query, if they are valid.
    pub(crate) fn join(&self, target: String) -> Option<Uri> {
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = PathAndQuery::try_from(target).ok();
        Uri::from_parts(parts).ok()
    }
}

/// Returns an error for the first fault that applies.
fn first_fault(faults: &[(bool, &'static str)]) -> Result<(), &'static str> {
    match faults.iter().find(|(is_true, _)| *is_true) {
        Some((_, why)) => Err(why),
        None => Ok(()),
    }
}

/// Returns whether `path` has only characters that RFC 3986 allows, and `%` only before two hex
/// digits. The URI parser accepts more characters, and they would be sent unencoded.
fn is_encoded(path: &str) -> bool {
    let is_legal =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&byte);
    let starts_with_hex = |rest: &str| {
        rest.as_bytes().first_chunk::<2>().is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    };
    path.bytes().all(is_legal) && path.split('%').skip(1).all(starts_with_hex)
}

/// Returns whether a server could read `segment` as `.` or `..`.
fn is_dot_segment(segment: &str) -> bool {
    matches!(percent_decode_str(segment).decode_utf8_lossy().as_ref(), "." | "..")
}

/// Returns whether `host` is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    addresses(host).iter().any(IpAddr::is_loopback)
}

/// Returns the IP addresses of `host`, or none if `host` needs a DNS lookup. `localhost` is always
/// this machine (RFC 6761, section 6.3), even if a resolver disagrees, so plain http to it is safe.
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

/// Returns whether DNS and TLS accept `host`. It must be an IP address, or a name of at most 253
/// bytes with labels of 1 to 63 bytes (RFC 1035). The last label must not be a number.
pub(crate) fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len())
            && label.bytes().all(is_legal)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = host.strip_suffix('.').unwrap_or(host);
    let ends_in_number =
        name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    let is_name = name.len() <= 253 && !ends_in_number && name.split('.').all(is_label);
    is_name || !addresses(host).is_empty()
}

/// Returns whether `authority` has no port, or a port from 1 to 65535.
pub(crate) fn has_valid_port(authority: &Authority) -> bool {
    let host_and_port = authority.as_str().rsplit('@').next().unwrap_or_default();
    match host_and_port.strip_prefix(authority.host()) {
        Some("") => true,
        Some(rest) => rest.strip_prefix(':').is_some_and(|port| {
            port.starts_with(|c| ('1'..='9').contains(&c)) && port.parse::<u16>().is_ok()
        }),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(url: &str) -> String {
        BaseUrl::parse(url, false).unwrap_err()
    }

    #[test]
    fn a_valid_url_keeps_its_path_prefix() {
        for (url, prefix) in [
            ("https://api.nirvanalabs.io", ""),
            ("https://api.nirvanalabs.io/", ""),
            ("https://example.com:8443/gateway/v2", "/gateway/v2"),
            ("https://example.com/gateway/", "/gateway"),
            ("https://example.com/nirvana/v1", "/nirvana/v1"),
            ("https://example.com./", ""),
            ("https://a_b.example", ""),
            ("https://a--b.1a.example", ""),
            (&format!("https://{}.example", "a".repeat(63)), ""),
            (&format!("https://{}", ["a"; 127].join(".")), ""),
            ("https://example.com/100%25/a.b", "/100%25/a.b"),
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
    fn an_invalid_url_is_refused_with_a_reason() {
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
            ("https://-a.example", "host"),
            ("https://a-.example", "host"),
            (&format!("https://{}.example", "a".repeat(64)), "host"),
            (&format!("https://{}", ["a"; 128].join(".")), "host"),
            ("https://1.2.3", "host"),
            ("https://256.1.1.1", "host"),
            ("https://a/b/..", "dot segment"),
            ("https://a/%2e%2e", "dot segment"),
            ("https://a/b/.%2E/c", "dot segment"),
            ("https://a/%2e/", "dot segment"),
            ("https://a/%zz", "percent-encoded"),
            ("https://a/100%", "percent-encoded"),
            ("https://a/%4", "percent-encoded"),
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
