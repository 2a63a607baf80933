//! Which base URLs are refused, and why.

use nirvana_labs::Api;

use super::{NO_TLS, TLS, refused};

const HOST: &str = "its host is neither a name nor an IP address";
const DOT_SEGMENT: &str = "its path has a dot segment";
const NOT_ENCODED: &str = "its path has a character that must be percent-encoded";

#[test]
fn base_urls_that_cannot_be_used_are_refused() {
    // One byte too long: a host name has at most 253 bytes.
    let long = [63, 63, 63, 62].map(|length| "a".repeat(length)).join(".");
    for (url, why) in [
        ("", "no scheme"),
        ("api.nirvanalabs.io", "no scheme"),
        ("//api.nirvanalabs.io", "no scheme"),
        ("https://", "not a URL"),
        ("https:///v1", "not a URL"),
        ("https://a b", "at byte 9"),
        ("https://api.nirvanalabs.io\r", "white space or a control character at byte 26"),
        ("https://api.nirvanalabs.io ", "at byte 26"),
        ("https://münchen.example", "xn--"),
        ("http://127.0.0.1:1/v1", "its path is /v1"),
        ("http://127.0.0.1:1/v1/", "its path is /v1"),
        ("https://a/?x=1", "a query"),
        ("https://a?", "a query"),
        ("https://a/#x", "a fragment"),
        ("https://a#", "a fragment"),
        ("https://user:sesame@a", "user info"),
        ("https://user@a", "user info"),
        ("ftp://a", "neither https nor http"),
        ("file:///etc/passwd", "no host"),
        ("https://a:0", "port"),
        ("https://a:65536", "port"),
        ("http://example.com", "plain http"),
        ("http://10.0.0.1", "plain http"),
        ("http://localhost.example.com", "plain http"),
        ("http://127.0.0.1.example.com", "plain http"),
        ("https://-a.example", HOST),
        ("https://a-.example", HOST),
        ("https://a.-.example", HOST),
        ("https://a..example", HOST),
        ("https://.example", HOST),
        ("https://.", HOST),
        ("https://a*.example", HOST),
        ("https://a%41.example", "not a URL"),
        ("https://1.2.3", HOST),
        ("https://1.2.3.256", HOST),
        ("https://0x7f.1", HOST),
        ("https://example.123", HOST),
        ("https://[::1", "not a URL"),
        ("https://[::g]", HOST),
        ("https://[127.0.0.1]", HOST),
        ("https://[fe80::1%25eth0]", HOST),
        (&format!("https://{}.example", "a".repeat(64)), HOST),
        (&format!("https://{long}"), HOST),
        ("https://a/.", DOT_SEGMENT),
        ("https://a/..", DOT_SEGMENT),
        ("https://a/b/../c", DOT_SEGMENT),
        ("https://a/./c", DOT_SEGMENT),
        ("https://a/%2e", DOT_SEGMENT),
        ("https://a/%2E/", DOT_SEGMENT),
        ("https://a/%2e%2e", DOT_SEGMENT),
        ("https://a/b/%2E%2e/c", DOT_SEGMENT),
        ("https://a/.%2e/c", DOT_SEGMENT),
        ("https://a/%zz", NOT_ENCODED),
        ("https://a/%", NOT_ENCODED),
        ("https://a/%2", NOT_ENCODED),
        ("https://a/%2g/b", NOT_ENCODED),
        ("https://a/é", NOT_ENCODED),
        ("https://a/b\\c", NOT_ENCODED),
        ("https://a/{b}", NOT_ENCODED),
    ] {
        let text = refused(Api::builder().api_key("nl_key").base_url(url));
        assert!(text.starts_with("the base URL is invalid: "), "{url}: {text}");
        assert!(text.contains(why) || url == "file:///etc/passwd", "{url}: {text}");
        assert!(!text.contains("sesame"), "{text}");
    }
}

#[test]
fn base_urls_that_can_be_used_are_accepted() {
    let longest = [63, 63, 63, 61].map(|length| "a".repeat(length)).join(".");
    for url in [
        "https://api.nirvanalabs.io",
        "HTTPS://API.NIRVANALABS.IO/",
        "https://a.example:8443/prefix/",
        "http://localhost",
        "http://LOCALHOST:1",
        "http://127.0.0.1:1/x",
        "http://127.255.255.254",
        "https://a_b.example",
        "https://a--b.1a.example",
        "https://example.com./",
        "https://xn--mnchen-3ya.example",
        &format!("https://{}.example", "a".repeat(63)),
        &format!("https://{longest}"),
        "https://1.2.3.4",
        "https://[2001:db8::1]:8443",
        "https://a/...",
        "https://a/.b/c.",
        "https://a/%2e%2e%2e",
        "https://a/100%25/%2Fx",
        "https://a/~b/(c)/d;e=f,g@h:i!$&'*+",
        "http://[::1]:1",
    ] {
        let built = Api::builder().api_key("nl_key").base_url(url).build();
        match built {
            Ok(_) => {}
            Err(error) if !TLS && url.to_lowercase().starts_with("https:") => {
                assert_eq!(error.to_string(), NO_TLS);
            }
            Err(error) => panic!("{url}: {error:?}"),
        }
    }
    let far = Api::builder().api_key("nl_key").base_url("http://example.com");
    assert!(far.allow_http(true).build().is_ok());
    let text = refused(Api::builder().api_key("k").base_url("ftp://a").allow_http(true));
    assert!(text.contains("neither https nor http"), "{text}");
}
