//! The server's own words about an error, found where servers put them.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::decode;
use crate::redact::Redactor;

/// A text is taken for a message where it is no longer.
const MAX_PLAIN_BYTES: usize = 1024;

/// The message and the code in the body of an error, ready to be shown.
pub(super) fn find(
    headers: &HeaderMap,
    body: &[u8],
    redactor: &Redactor,
) -> (Option<String>, Option<String>) {
    let show = |text: &str| Some(redactor.one_line(text)).filter(|line| !line.is_empty());
    let Ok(json) = serde_json::from_slice::<Value>(decode::without_mark(body)) else {
        return (plain_text(headers, body).and_then(show), None);
    };
    let text = |value: &Value| show(value.as_str()?);
    let text_or = |value: &Value, name: &str| text(value).or_else(|| text(value.get(name)?));
    let message = (json.get("message").and_then(text))
        .or_else(|| text_or(json.get("error")?, "message"))
        .or_else(|| text_or(json.get("errors")?.get(0)?, "message"))
        .or_else(|| text(json.get("detail")?))
        .or_else(|| text(json.get("detail")?.get(0)?.get("msg")?))
        .or_else(|| text(json.get("title")?));
    (message, json.get("code").and_then(text))
}

/// The first line of a short text.
fn plain_text<'a>(headers: &HeaderMap, body: &'a [u8]) -> Option<&'a str> {
    let content_type = headers.get(CONTENT_TYPE)?.as_bytes();
    let is_plain = content_type.get(..10)?.eq_ignore_ascii_case(b"text/plain");
    let text = std::str::from_utf8(decode::without_mark(body)).ok()?.trim();
    let is_message = is_plain && text.len() <= MAX_PLAIN_BYTES && !decode::is_html(body);
    if is_message { text.lines().next() } else { None }
}
