//! JSON into a model. Where that fails: what is wrong, in which field, and at which byte.

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
    /// In bytes from the start of the body.
    pub(super) position: usize,
}

impl Fault {
    /// A sign-in page, or another server's.
    pub(super) fn html() -> Fault {
        let reason = "the body is an HTML page, not JSON".to_owned();
        Fault { reason, field: String::new(), position: 0 }
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
    let json = without_mark(body);
    let mark = body.len().saturating_sub(json.len());
    let fault = |reason: &str, field, at: usize| {
        let position = mark.saturating_add(at);
        Fault { reason: reason.to_owned(), field, position }
    };
    // One check of the whole is cheaper than one for each string.
    let text = std::str::from_utf8(json).map_err(|error| {
        let at = error.valid_up_to();
        let valid = json.get(..at).and_then(|valid| std::str::from_utf8(valid).ok());
        // The field that the valid part breaks off in.
        let field = path::<T>(valid.unwrap_or_default(), serde_json::Error::is_eof);
        fault("the body is not UTF-8", field, at)
    })?;
    if text.is_empty() {
        let empty = |_| fault("the body is empty", String::new(), 0);
        return serde_json::from_str("null").map_err(empty);
    }
    serde_json::from_str(text).map_err(|error| {
        let (reason, at) = (message(&error), offset(json, error.line(), error.column()));
        // It may hold a value of the body, however long.
        drop(error);
        fault(&reason, with_name(path::<T>(text, |_| true), &reason), at)
    })
}

/// The path of the fault in `json`, found by reading once more; empty where it is not one that
/// is `meant`.
fn path<T: DeserializeOwned>(json: &str, meant: impl Fn(&serde_json::Error) -> bool) -> String {
    let json = &mut serde_json::Deserializer::from_str(json);
    match serde_path_to_error::deserialize::<_, T>(json) {
        // A path of no steps is written as a dot.
        Err(error) if meant(error.inner()) && error.path().iter().len() > 0 => {
            beginning(error.path())
        }
        // The document as a whole, or what follows it.
        _ => String::new(),
    }
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

/// The position that `line` and `column`, from 1, stand for.
fn offset(body: &[u8], line: usize, column: usize) -> usize {
    let lines = body.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1));
    let start: usize = lines.map(<[u8]>::len).sum();
    start.saturating_add(column).min(body.len())
}

/// What serde has to say, without the line and column that it adds.
fn message(error: &serde_json::Error) -> String {
    let message = beginning(error);
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).map(str::to_owned).unwrap_or(message)
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
    fn lines_and_columns_become_positions() {
        let body = b"{\n  \"a\": 1\n}";
        assert_eq!(offset(body, 1, 1), 1);
        assert_eq!(offset(body, 2, 4), 6);
        assert_eq!(offset(body, 3, 1), 12);
        assert_eq!(offset(body, 99, 99), 12);
    }

    #[test]
    fn faults_say_what_and_where() {
        for (body, reason, field, position) in [
            (r#"{"id": 7}"#, "invalid type: integer `7`, expected a string", "id", 8),
            ("\u{feff}{\"id\": 7}", "invalid type: integer `7`, expected a string", "id", 11),
            (r#"{"id": "1", "items": [{}]}"#, "missing field `id`", "items[0].id", 24),
            (r#"{"id": "1", "id": "1"}"#, "duplicate field `id`", "id", 16),
            ("{}", "missing field `id`", "id", 2),
            ("", "the body is empty", "", 0),
            ("\u{feff}", "the body is empty", "", 3),
            (r#"{"id": "1"} x"#, "trailing characters", "", 13),
            (r#"{"id": "1", "items": [{"id""#, "EOF while parsing an object", "items[0]", 27),
        ] {
            let fault = decode::<Item>(body.as_bytes()).err().unwrap();
            assert_eq!((&*fault.reason, &*fault.field), (reason, field), "{body}");
            assert_eq!(fault.position, position, "{body}");
        }
        let fault = decode::<Item>(b"\xEF\xBB\xBF{\"id\": \"\xFF\"}").err().unwrap();
        assert_eq!((&*fault.reason, fault.position), ("the body is not UTF-8", 11));
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
