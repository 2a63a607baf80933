//! Checks what callers set: base URL, key, user agent and headers. A value is sent unchanged, or
//! causes an error before anything is sent.
//!
//! Input: base URL, key, user agent, header name, header value, idempotency key.

use nirvana_labs::{Api, Error, ErrorKind, ListParams, RequestOptions};

use super::wire::{Seen, Wire, assert_hides, assert_one_line, is_header_value, texts};

/// A marker in secret values, which errors must not show.
const MARK: &str = "Zq7Sentinel";

/// The headers that the client writes itself.
const OWN: [&str; 11] = [
    "authorization",
    "user-agent",
    "accept-encoding",
    "host",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "expect",
];

pub fn check(data: &[u8]) {
    let mut texts = texts(data).into_iter();
    let mut text = || texts.next().unwrap_or_default();
    let (base_url, key, user_agent) = (text(), text(), text());
    let (name, value, idempotency_key) = (text(), text(), text());
    // Errors may show base URLs and names of headers, because they are not secret.
    if base_url.contains(MARK) || name.contains(MARK) {
        return;
    }

    base_urls(&base_url);
    keys(&key);
    user_agents(&user_agent);
    headers(&name, &value);
    idempotency_keys(&idempotency_key);
}

/// Makes a call and returns its only request, or the error if the configuration is invalid.
fn outcome(built: Result<Api, Error>, wire: &Wire) -> Result<Seen, Error> {
    let error = match built {
        Ok(api) => api.list_organizations(&ListParams::new()).next().unwrap().unwrap_err(),
        Err(error) => error,
    };
    assert_one_line(&error.to_string());
    assert_hides(&format!("{error} {error:?}"), MARK);
    let mut seen = wire.take();
    if error.kind() == ErrorKind::Config {
        assert!(seen.is_empty());
        return Err(error);
    }
    assert!(error.is_not_found(), "{error:?}");
    assert_eq!(seen.len(), 1);
    Ok(seen.remove(0))
}

fn header<'a>(seen: &'a Seen, name: &str) -> &'a [u8] {
    let named: Vec<_> = seen.headers.iter().filter(|(sent, _)| sent == name).collect();
    assert_eq!(named.len(), 1, "{name}: {named:?}");
    &named[0].1
}

fn base_urls(url: &str) {
    let wire = Wire::default();
    let built = Api::builder().base_url(url).transport(wire.clone()).build();
    let Ok(seen) = outcome(built, &wire) else { return };

    let (scheme, rest) = url.split_once("://").unwrap();
    let rest = rest.trim_end_matches('/');
    let scheme = scheme.to_ascii_lowercase();
    assert_eq!(seen.url, format!("{scheme}://{rest}/v1/organizations"));

    // No server, proxy or other parser may read the URL as another address.
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%:[]@!$&'()*+,;=/".contains(&byte);
    assert!(rest.bytes().all(legal), "{url:?}");
    let host = rest.split('/').next().unwrap();
    assert!(!host.is_empty() && !host.contains('@'), "{url:?}");
    assert!(scheme == "https" || is_loopback(host), "{url:?}");
}

fn is_loopback(host: &str) -> bool {
    let host = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((bracketed, _)) => bracketed,
        None => host.split(':').next().unwrap(),
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn keys(key: &str) {
    let usable = |key: &str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
    for key in [key.to_owned(), format!("{key}{MARK}"), format!("{MARK}{key}")] {
        let wire = Wire::default();
        let built = Api::builder().api_key(&*key).transport(wire.clone()).build();
        match outcome(built, &wire) {
            Ok(seen) => {
                assert_eq!(header(&seen, "authorization"), format!("Bearer {key}").as_bytes())
            }
            Err(error) => assert!(!usable(&key), "{error}"),
        }
    }
}

/// Returns whether `value` is accepted as a header: HTTP can carry it, and does not trim it.
fn is_usable(value: &str) -> bool {
    is_header_value(value) && value.trim_ascii() == value
}

fn user_agents(name: &str) {
    let wire = Wire::default();
    let built = Api::builder().user_agent(name).transport(wire.clone()).build();
    match outcome(built, &wire) {
        Ok(seen) => assert_eq!(header(&seen, "user-agent"), name.as_bytes()),
        Err(error) => assert!(name.is_empty() || !is_usable(name), "{error}"),
    }
}

fn headers(name: &str, value: &str) {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let lower = name.to_ascii_lowercase();
    let usable_name = !name.is_empty()
        && name.len() < 16 * 1024
        && name.bytes().all(token)
        && !OWN.contains(&lower.as_str());
    let judge = |built, wire: &Wire, value: &str| match outcome(built, wire) {
        Ok(seen) => assert_eq!(header(&seen, &lower), value.as_bytes()),
        Err(error) => assert!(!usable_name || !is_usable(value), "{name:?}: {error}"),
    };
    for value in [value.to_owned(), format!("{value}{MARK}")] {
        let wire = Wire::default();
        let built = Api::builder().header(name, &*value).transport(wire.clone()).build();
        match lower.as_str() {
            // The builder refuses this header, because every call would have the same key.
            "idempotency-key" => assert_eq!(built.unwrap_err().kind(), ErrorKind::Config),
            _ => judge(built, &wire, &value),
        }

        let options = RequestOptions::new().header(name, &*value);
        assert_hides(&format!("{options:?}"), MARK);
        let plain = Api::builder().transport(wire.clone()).build().unwrap();
        judge(Ok(plain.with_options(options)), &wire, &value);
    }
}

fn idempotency_keys(key: &str) {
    let wire = Wire::default();
    let plain = Api::builder().transport(wire.clone()).build().unwrap();
    let api = plain.with_options(RequestOptions::new().header("idempotency-key", key));
    match outcome(Ok(api), &wire) {
        Ok(seen) => assert_eq!(header(&seen, "idempotency-key"), key.as_bytes()),
        Err(error) => assert!(key.is_empty() || !is_usable(key), "{error}"),
    }
}
