//! Decodes JSON into a model. If that fails, the error says what is wrong, and in which field.

use std::fmt;
use std::io::Write;

use serde::de::DeserializeOwned;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// The most bytes that are kept of a reason or of a path. Less is shown, but a key must be complete
/// to be redacted, and a percent-encoded key may have 24 KiB.
const MAX_TEXT_BYTES: usize = 32 * 1024;

/// Why a body does not match the API schema.
pub(crate) struct DecodeFailure {
    pub(crate) reason: String,
    /// The path of the field, such as `items[3].created_at`. It is empty for the whole document.
    pub(crate) field: String,
}

impl DecodeFailure {
    /// Creates a failure that concerns the whole document, not one field.
    pub(crate) fn of_document(reason: impl Into<String>) -> DecodeFailure {
        DecodeFailure { reason: reason.into(), field: String::new() }
    }

    /// Creates the failure for an HTML page, which a sign-in portal or a wrong server may send.
    pub(crate) fn html() -> DecodeFailure {
        DecodeFailure::of_document("the body is an HTML page, not JSON")
    }
}

/// Returns `body` without the byte order mark that it may start with.
pub(crate) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)
}

/// Returns whether `body` starts like HTML. JSON never does.
pub(crate) fn starts_as_html(body: &[u8]) -> bool {
    without_mark(body).trim_ascii_start().first() == Some(&b'<')
}

/// Decodes `body`. An empty body decodes as `null`, so `()` and `Option<T>` accept it.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeFailure> {
    let body = without_mark(body);
    // Checking the whole body once is cheaper than checking each string.
    let text = std::str::from_utf8(body).map_err(|error| DecodeFailure {
        reason: format!("the body is not UTF-8: {error}"),
        field: failure::<T>(body).field,
    })?;
    if text.is_empty() {
        return serde_json::from_str("null")
            .map_err(|_| DecodeFailure::of_document("the body is empty"));
    }
    // The error may contain a long value of the body, so it is dropped before the next one is made.
    serde_json::from_str(text).map_err(drop).map_err(|()| failure::<T>(body))
}

/// Decodes `json` once more, to find the field that is invalid.
fn failure<T: DeserializeOwned>(json: &[u8]) -> DecodeFailure {
    let mut json = serde_json::Deserializer::from_slice(json);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut json) else {
        // The document itself is valid, so the failure is in what follows it.
        return DecodeFailure::of_document(
            json.end().err().as_ref().map(start).unwrap_or_default(),
        );
    };
    let reason = start(error.inner());
    // The path ends with `.` if it is the document, and with `?` if the document is cut off there.
    let path = start(error.path());
    let field = with_name(path.trim_end_matches(['.', '?']), &reason);
    DecodeFailure { field, reason }
}

/// Adds the field that `reason` names to `path`, the path of the object that contains the field.
fn with_name(path: &str, reason: &str) -> String {
    let starts = ["missing field `", "duplicate field `"];
    let rest = starts.into_iter().find_map(|start| reason.strip_prefix(start));
    match rest.and_then(|rest| rest.split('`').next()) {
        Some(name) if path.is_empty() => name.to_owned(),
        Some(name) => format!("{path}.{name}"),
        None => path.to_owned(),
    }
}

/// Returns the start of the text of `value`, which may repeat a long value of the body.
fn start(value: &impl fmt::Display) -> String {
    let mut buffer = [0; MAX_TEXT_BYTES];
    let mut left = &mut buffer[..];
    // Writing fails if the text is longer than the buffer.
    let _ = write!(left, "{value}");
    let written = MAX_TEXT_BYTES.saturating_sub(left.len());
    String::from_utf8_lossy(buffer.get(..written).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "the tests only check why decoding fails")]
    struct Item {
        id: String,
        #[serde(default)]
        items: Vec<Item>,
    }

    #[test]
    fn a_failure_has_a_reason_and_a_field() {
        let invalid = "invalid type: integer `7`, expected a string at line 1 column 8";
        for (body, reason, field) in [
            (r#"{"id": 7}"#, invalid, "id"),
            ("\u{feff}{\"id\": 7}", invalid, "id"),
            (
                r#"{"id": "1", "items": [{}]}"#,
                "missing field `id` at line 1 column 24",
                "items[0].id",
            ),
            (r#"{"id": "1", "id": "1"}"#, "duplicate field `id` at line 1 column 16", "id"),
            ("{}", "missing field `id` at line 1 column 2", "id"),
            (
                r#"{"id": "1", "items": [{"#,
                "EOF while parsing an object at line 1 column 23",
                "items[0]",
            ),
            (r#"{"id""#, "EOF while parsing an object at line 1 column 5", ""),
            ("{", "EOF while parsing an object at line 1 column 1", ""),
            (
                r#"{"items": [{"id": "1","#,
                "EOF while parsing a value at line 1 column 22",
                "items[0]",
            ),
            ("", "the body is empty", ""),
            ("\u{feff}", "the body is empty", ""),
            (r#"{"id": "1"} x"#, "trailing characters at line 1 column 13", ""),
        ] {
            let failure = decode::<Item>(body.as_bytes()).err().unwrap();
            assert_eq!((&*failure.reason, &*failure.field), (reason, field), "{body}");
        }
        let failure = decode::<Item>(b"\xEF\xBB\xBF{\"id\": \"\xFF\"}").err().unwrap();
        assert!(failure.reason.starts_with("the body is not UTF-8: "), "{}", failure.reason);
    }

    #[test]
    fn a_long_value_is_not_repeated() {
        let body = format!("{{\"id\": \"1\", \"items\": \"{}\"}}", "ä".repeat(1 << 20));
        let failure = decode::<Item>(body.as_bytes()).err().unwrap();
        assert!(failure.reason.starts_with("invalid type: string \"ää"), "{:.100}", failure.reason);
        assert!(failure.reason.len() <= MAX_TEXT_BYTES);
        assert_eq!(failure.field, "items");
    }
}
