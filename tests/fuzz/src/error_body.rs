//! Answers outside 2xx, of any status and with any headers and bytes: the status is right,
//! the message is one line, and no secret shows even where the server says it back.
//!
//! Input: the status in digits, header lines, the body. In headers and body, a byte that
//! UTF-8 never has stands for the key, which a server may say back: see [`SAID_BACK`].

#[allow(unused_imports)]
use super::message::{ResponseWords, reply};
use nirvana_labs::http::Method;
use nirvana_labs::{Api, Error, ErrorKind};
use serde_json::Value;

use super::wire::{END, Wire, assert_hides, assert_one_line};

/// The key of one client, and that of the other.
const KEYS: [&str; 2] = ["key_4fJ8sQx2", "key4f+J8/s=Qx2"];

/// The byte that becomes the key.
const SAID_BACK: u8 = 0xFE;

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
            let body = said_back(body, key);
            let headers = String::from_utf8_lossy(&said_back(headers, key)).into_owned();
            let mut response = reply(status).with_body(body.clone());
            for (name, value) in headers.lines().filter_map(|line| line.split_once(':')) {
                response = response.with_header(name, value.trim());
            }
            wire.answer(response);
            let outcome = api.request(Method::GET, ["v1", "organizations", "org_1"]).send::<()>();
            assert_eq!(wire.take().len(), 1);
            match outcome {
                Ok(answer) => {
                    assert!((200..300).contains(&status));
                    assert_eq!(answer.code(), status);
                    assert_hides(&format!("{answer:?} {answer:#?}"), key);
                }
                Err(error) => {
                    assert_error(&error, status, key);
                    if error.kind() == ErrorKind::Status {
                        assert_answer(&error, &body, &headers, key);
                    }
                }
            }
        }
    });
}

/// `text` with its marks replaced by the key.
fn said_back(text: &[u8], key: &str) -> Vec<u8> {
    let pieces: Vec<&[u8]> = text.split(|byte| *byte == SAID_BACK).collect();
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

fn assert_answer(error: &Error, body: &[u8], headers: &str, key: &str) {
    let kept = String::from_utf8_lossy(error.body()).into_owned();
    assert_hides(&kept, key);
    for (name, _) in headers.lines().filter_map(|line| line.split_once(':')) {
        assert_hides(error.header(name).unwrap_or_default(), key);
    }
    let json = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let json: Value = serde_json::from_slice(json).unwrap_or_default();
    for (field, read) in [("message", error.message()), ("code", error.code())] {
        let said = json[field].as_str();
        let blank = |c: char| c.is_whitespace() || c.is_control();
        let words = said.is_some_and(|said| !said.chars().all(blank));
        // Where there is no message, the words may stand elsewhere.
        let elsewhere = field == "message" && !words && may_hold_words_elsewhere(&json, headers);
        assert!(elsewhere || read.is_some() == words, "{said:?} was read as {read:?}");
        assert_hides(read.unwrap_or_default(), key);
        assert_one_line(read.unwrap_or_default());
        // What is short, and has no key to redact, is there word for word.
        let plain = |said: &&str| {
            said.len() <= 100 && said.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if let Some(said) = said.filter(plain).filter(|said| !said.contains(key)) {
            assert_eq!(read.unwrap_or_default(), said);
        }
    }
    if !kept.contains("[redacted]") {
        assert_eq!(error.body(), body);
    }
}

fn may_hold_words_elsewhere(json: &Value, headers: &str) -> bool {
    let named = ["error", "errors", "detail", "title"].iter().any(|name| !json[name].is_null());
    named || headers.to_lowercase().contains("text/plain")
}
