//! Checks responses with any status, headers and body. The error has the right status and a message
//! of one line. The error does not show the key, even if the response contains it.
//!
//! Input: the status in digits, the header lines, and the body. In headers and body, the byte
//! [`KEY_BYTE`], which never occurs in UTF-8, stands for the key.

use std::collections::HashSet;

use nirvana_labs::http::{HeaderName, HeaderValue, Method};
use nirvana_labs::{Api, Error, ErrorKind};
use serde_json::{Map, Value};

use super::http_messages::{WithBody, response};
use super::wire::{END, Wire, assert_hides, assert_one_line};

/// The keys of the two clients.
const KEYS: [&str; 2] = ["key_4fJ8sQx2", "key4f+J8/s=Qx2"];

/// The byte that is replaced with the key.
const KEY_BYTE: u8 = 0xFE;

thread_local! {
    static CLIENTS: [(Api, Wire, &'static str); 2] = KEYS.map(|key| {
        let wire = Wire::default();
        let builder = Api::builder().api_key(key).max_retries(0);
        (builder.transport(wire.clone()).build().unwrap(), wire, key)
    });
}

pub fn check(data: &[u8]) {
    let mut parts = data.splitn(3, |byte| *byte == END);
    let mut part = || parts.next().unwrap_or_default();
    let (status, headers, body) = (part(), part(), part());
    let status = std::str::from_utf8(status).ok().and_then(|status| status.parse().ok());
    let status: u16 = status.filter(|status| (100..=999).contains(status)).unwrap_or(500);
    CLIENTS.with(|clients| {
        for (api, wire, key) in clients {
            let body = with_key(body, key);
            let headers = String::from_utf8_lossy(&with_key(headers, key)).into_owned();
            let mut response = response(status).with_body(body.clone());
            for (name, value) in headers.lines().filter_map(|line| line.split_once(':')) {
                let value = HeaderValue::try_from(value.trim());
                if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value) {
                    response.headers_mut().append(name, value);
                }
            }
            wire.answer(response);
            let outcome = api.request(Method::GET, ["v1", "organizations", "org_1"]).send::<()>();
            assert_eq!(wire.take().len(), 1);
            match outcome {
                Ok(response) => {
                    assert!((200..300).contains(&status));
                    assert_eq!(response.status().as_u16(), status);
                    assert_hides(&format!("{response:?} {response:#?}"), key);
                }
                Err(error) => {
                    assert_error(&error, status, key);
                    if error.kind() == ErrorKind::Status {
                        assert_details(&error, &body, &headers, key);
                    }
                }
            }
        }
    });
}

/// Returns `text` with each [`KEY_BYTE`] replaced with the key.
fn with_key(text: &[u8], key: &str) -> Vec<u8> {
    let pieces: Vec<&[u8]> = text.split(|byte| *byte == KEY_BYTE).collect();
    pieces.join(key.as_bytes())
}

fn assert_error(error: &Error, status: u16, key: &str) {
    assert_eq!(error.status(), Some(status));
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.kind() as u32, if (200..300).contains(&status) { 5 } else { 7 });
    assert_eq!(error.is_not_found(), status == 404);
    assert_eq!(error.is_unauthorized(), status == 401);
    assert_eq!(error.is_rate_limited(), status == 429);
    let line = error.to_string();
    assert!(line.starts_with(&format!("GET /v1/organizations/org_1: {status}")), "{line}");
    assert_one_line(&line);
    assert_hides(&format!("{line} {error:?} {error:#?}"), key);
    assert_hides(error.request_id().unwrap_or_default(), key);
}

/// Checks what the error keeps of the response.
fn assert_details(error: &Error, body: &[u8], headers: &str, key: &str) {
    let kept = String::from_utf8_lossy(error.body()).into_owned();
    assert_hides(&kept, key);
    for (name, _) in headers.lines().filter_map(|line| line.split_once(':')) {
        assert_hides(error.header(name).unwrap_or_default(), key);
    }
    for read in [error.message(), error.code()].into_iter().flatten() {
        assert_hides(read, key);
        assert_one_line(read);
        assert!(!read.is_empty());
    }
    if !kept.contains("[redacted]") {
        assert_eq!(error.body(), body);
    }
    // The message comes from the part of the body that is kept. If that part is not valid JSON,
    // some fields may still be read, and are not checked.
    let json = error.body().strip_prefix(b"\xEF\xBB\xBF").unwrap_or(error.body());
    let Ok(document) = serde_json::from_slice::<Value>(json) else { return };
    let fields = document.as_object().cloned().unwrap_or_default();
    let lower: HashSet<String> = fields.keys().map(|name| name.to_ascii_lowercase()).collect();
    // If two names differ only in case, the message may come from either.
    if lower.len() < fields.len() {
        return;
    }
    let said = NAMES.iter().find_map(|name| text(named(&fields, name)?));
    if said.is_some() || !headers.to_lowercase().contains("text/plain") {
        assert_read(error.message(), said);
    }
    assert_read(error.code(), named(&fields, "code").and_then(Value::as_str));
}

/// The names of the fields with a message, best first.
const NAMES: [&str; 8] =
    ["message", "detail", "error_description", "description", "errors", "error", "title", "msg"];

fn named<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Returns the text of a value. A list gives its first text. An object gives the text with the best
/// name, or its first text if no name is known.
fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => (!text.trim().is_empty()).then_some(text),
        Value::Array(items) => items.iter().find_map(text),
        Value::Object(fields) => {
            let best = NAMES.iter().find_map(|name| text(named(fields, name)?));
            best.or_else(|| fields.values().find_map(text))
        }
        _ => None,
    }
}

/// Asserts that `read` is `None` unless `said` has a visible character, and keeps plain text.
fn assert_read(read: Option<&str>, said: Option<&str>) {
    let shows = |c: char| !c.is_whitespace() && !c.is_control();
    assert_eq!(read.is_some(), said.is_some_and(|said| said.contains(shows)), "{said:?}, {read:?}");
    // A short text of letters and digits is unchanged.
    let is_plain = |said: &&str| {
        (1..=100).contains(&said.len()) && said.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if let Some(said) = said.filter(is_plain) {
        assert_eq!(read, Some(said));
    }
}
