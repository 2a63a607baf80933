//! JSON into a model. Where that fails: what is wrong, and in which field.

use std::fmt;
use std::io::Write;

use serde::de::DeserializeOwned;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// How much is kept of a message and of a path: more than is shown of them, and than a key has
/// that reaches into that.
const MAX_TEXT_BYTES: usize = 16 * 1024;

/// Why a body is not what the API schema says.
pub(super) struct Fault {
    pub(super) reason: String,
    /// The path of the field, `items[3].created_at`; empty for the document.
    pub(super) field: String,
}

impl Fault {
    /// Of the document as a whole.
    fn of_all(reason: impl Into<String>) -> Fault {
        Fault { reason: reason.into(), field: String::new() }
    }

    /// A sign-in page, or another server's.
    pub(super) fn html() -> Fault {
        Fault::of_all("the body is an HTML page, not JSON")
    }
}

/// `body` without the byte order mark that it may begin with.
pub(super) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)
}

/// Whether `body` begins as HTML does. No JSON does.
pub(super) fn is_html(body: &[u8]) -> bool {
    without_mark(body).trim_ascii_start().first() == Some(&b'<')
}

/// Reads `body`. No body is `null`: a value to those who ask for `()` or an `Option`.
pub(super) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    // One check of the whole is cheaper than one for each string.
    let text = std::str::from_utf8(without_mark(body))
        .map_err(|error| Fault::of_all(format!("the body is not UTF-8: {error}")))?;
    if text.is_empty() {
        return serde_json::from_str("null").map_err(|_| Fault::of_all("the body is empty"));
    }
    // The error may hold a value of the body, however long, and is let go before there is another.
    serde_json::from_str(text).map_err(drop).map_err(|()| fault::<T>(text))
}

/// What is wrong with `json` and where, found by reading once more.
fn fault<T: DeserializeOwned>(json: &str) -> Fault {
    let json = &mut serde_json::Deserializer::from_str(json);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(json) else {
        return Fault::of_all("there is more after the end of the document");
    };
    let reason = beginning(error.inner());
    // A path of no steps is written as a dot.
    let is_document = error.path().iter().len() == 0;
    let path = if is_document { String::new() } else { beginning(error.path()) };
    Fault { field: with_name(path, &reason), reason }
}

/// `path` with the field that `reason` names: these two are faults of the object around it.
fn with_name(path: String, reason: &str) -> String {
    let starts = ["missing field `", "duplicate field `"];
    let rest = starts.into_iter().find_map(|start| reason.strip_prefix(start));
    match rest.and_then(|rest| rest.split('`').next()) {
        Some(name) if path.is_empty() => name.to_owned(),
        Some(name) => format!("{path}.{name}"),
        None => path,
    }
}

/// The beginning of what `value` writes: it may repeat a value of the body, however long.
fn beginning(value: &impl fmt::Display) -> String {
    let mut buffer = [0; MAX_TEXT_BYTES];
    let mut left = &mut buffer[..];
    // It fails where there is more.
    let _ = write!(left, "{value}");
    let written = MAX_TEXT_BYTES.saturating_sub(left.len());
    String::from_utf8_lossy(buffer.get(..written).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "what matters is why it cannot be read")]
    struct Item {
        id: String,
        #[serde(default)]
        items: Vec<Item>,
    }

    #[test]
    fn faults_say_what_and_where() {
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
            ("", "the body is empty", ""),
            ("\u{feff}", "the body is empty", ""),
            (r#"{"id": "1"} x"#, "there is more after the end of the document", ""),
        ] {
            let fault = decode::<Item>(body.as_bytes()).err().unwrap();
            assert_eq!((&*fault.reason, &*fault.field), (reason, field), "{body}");
        }
        let fault = decode::<Item>(b"\xEF\xBB\xBF{\"id\": \"\xFF\"}").err().unwrap();
        assert!(fault.reason.starts_with("the body is not UTF-8: "), "{}", fault.reason);
    }

    #[test]
    fn a_long_value_is_not_repeated_whole() {
        let body = format!("{{\"id\": \"1\", \"items\": \"{}\"}}", "ä".repeat(1 << 20));
        let fault = decode::<Item>(body.as_bytes()).err().unwrap();
        assert!(fault.reason.starts_with("invalid type: string \"ää"), "{:.100}", fault.reason);
        assert!(fault.reason.len() <= MAX_TEXT_BYTES);
        assert_eq!(fault.field, "items");
    }
}
