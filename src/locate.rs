//! Where in a JSON text a mistake is: for errors, after the fact, so that reading costs
//! nothing more as long as all is well. Whatever the text holds, it is gone through once, and
//! no more is kept of it than an error can show.

use std::fmt::{self, Write};
use std::ops::Range;

use crate::redact::REDACTED;

/// What is kept of a message, and more than is shown of it.
const MAX_MESSAGE_BYTES: usize = 4 * 1024;
/// How many steps a path has at most: containers may be millions deep.
const MAX_STEPS: usize = 64;
/// What is longer names no field, and is left out of a path.
const MAX_KEY_BYTES: usize = 1024;

/// The position that `line` and `column`, from 1, stand for.
pub(crate) fn offset(body: &[u8], line: usize, column: usize) -> usize {
    let mut start = 0_usize;
    for _ in 1..line {
        let rest = body.get(start..).unwrap_or_default();
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { break };
        start = start.saturating_add(end).saturating_add(1);
    }
    start.saturating_add(column).min(body.len())
}

/// What serde has to say, without the line and column that it adds. It repeats a value that is
/// not of the right type, however long.
pub(crate) fn message(error: &serde_json::Error) -> String {
    struct Beginning(String);
    impl Write for Beginning {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let left = MAX_MESSAGE_BYTES.saturating_sub(self.0.len());
            let end = (0..=left).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            self.0.push_str(text.get(..end).unwrap_or(text));
            if text.len() > left { Err(fmt::Error) } else { Ok(()) }
        }
    }
    let mut text = Beginning(String::new());
    // It fails where there is more.
    let _ = write!(text, "{error}");
    let place = format!(" at line {} column {}", error.line(), error.column());
    match text.0.strip_suffix(&place) {
        Some(message) => message.to_owned(),
        None => text.0,
    }
}

/// One step into a document.
enum Step<'a> {
    /// A key, as it stands within its quotes, and where that is.
    Key(&'a [u8], usize),
    Index(usize),
}

/// The path of the value that ends at, or holds, `position`: `items[3].created_at`. A
/// field that `reason` says is missing, or there twice, is the last of its steps. `hidden` says
/// whether what stands in a part of the body must not be shown.
pub(crate) fn field(
    body: &[u8],
    position: usize,
    reason: &str,
    hidden: impl Fn(Range<usize>) -> bool,
) -> String {
    let mut text = body.get(..position).unwrap_or(body);
    let twice = reason.starts_with("duplicate field `");
    // The reader may be past the key that is there twice, and even past its object.
    if let Some(quote) = text.iter().rposition(|byte| *byte == b'"').filter(|_| twice) {
        text = text.get(..=quote).unwrap_or(text);
    }
    let mut path = walk(text);
    let named = reason
        .strip_prefix("missing field `")
        .or_else(|| reason.strip_prefix("duplicate field `"))
        .and_then(|rest| rest.split('`').next());
    if twice {
        path.pop();
    }
    // An array where an object is due is refused at its first byte, or the comma after it: it
    // is at fault, and not what is first in it.
    let text = text.trim_ascii_end();
    let text = text.strip_suffix(b",").unwrap_or(text).trim_ascii_end();
    if reason.starts_with("invalid type: sequence, expected an object") && text.ends_with(b"[") {
        path.pop();
    }
    let key = |inside: &[u8], start: usize| {
        let end = start.saturating_add(inside.len());
        if inside.len() > MAX_KEY_BYTES {
            "…".to_owned()
        } else if hidden(start..end) {
            REDACTED.to_owned()
        } else {
            unescaped(inside)
        }
    };
    let steps = path.into_iter().map(|step| match step {
        Step::Key(inside, start) => format!(".{}", key(inside, start)),
        Step::Index(index) => format!("[{index}]"),
    });
    let path: String = steps.chain(named.map(|name| format!(".{name}"))).collect();
    path.strip_prefix('.').unwrap_or(&path).to_owned()
}

/// The steps to where `text` breaks off: the outermost, where those are many.
fn walk(text: &[u8]) -> Vec<Step<'_>> {
    /// A container that is open: the step within it, and whether a key comes next.
    struct Open<'a> {
        step: Option<Step<'a>>,
        key_is_next: bool,
    }
    let mut open: Vec<Open<'_>> = Vec::new();
    // How many are open within the last of those.
    let mut deeper = 0_usize;
    // A container that the text ends with is not left: its path is the answer.
    let mut closed_last = false;
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if !byte.is_ascii_whitespace() && closed_last {
            open.pop();
            closed_last = false;
        }
        match byte {
            b'{' | b'[' if open.len() == MAX_STEPS => deeper = deeper.saturating_add(1),
            b'}' | b']' if deeper > 0 => deeper = deeper.saturating_sub(1),
            b'{' => open.push(Open { step: None, key_is_next: true }),
            b'[' => open.push(Open { step: Some(Step::Index(0)), key_is_next: false }),
            b'}' | b']' => closed_last = true,
            b',' if deeper == 0 => match open.last_mut() {
                Some(Open { step: Some(Step::Index(index)), .. }) => {
                    *index = index.saturating_add(1);
                }
                Some(object) => {
                    object.step = None;
                    object.key_is_next = true;
                }
                None => {}
            },
            b'"' => {
                let start = text.len().saturating_sub(rest.len());
                let inside;
                (inside, rest) = string(rest);
                if let Some(object) = open.last_mut().filter(|object| object.key_is_next) {
                    object.step = Some(Step::Key(inside, start));
                    object.key_is_next = false;
                }
            }
            _ => {}
        }
    }
    if closed_last {
        // `{…}` as a whole is at fault, not what came last in it.
        open.pop();
    }
    open.into_iter().filter_map(|container| container.step).collect()
}

/// What is inside of a string whose first quote has been passed, and what follows it.
fn string(text: &[u8]) -> (&[u8], &[u8]) {
    let mut end = 0_usize;
    loop {
        match text.get(end) {
            None => return (text, &[]),
            Some(b'"') => break,
            Some(b'\\') => end = end.saturating_add(2),
            Some(_) => end = end.saturating_add(1),
        }
    }
    let after = text.get(end.saturating_add(1)..).unwrap_or_default();
    (text.get(..end).unwrap_or_default(), after)
}

/// A key without its escapes, where they can be read.
fn unescaped(key: &[u8]) -> String {
    let quoted = [b"\"", key, b"\""].concat();
    serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(key).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The path, where nothing is to be hidden.
    fn field(body: &[u8], position: usize, reason: &str) -> String {
        super::field(body, position, reason, |_| false)
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
    fn the_path_leads_to_where_the_text_breaks_off() {
        for (text, path) in [
            ("", ""),
            ("[", "[0]"),
            (r#"{"a": 1"#, "a"),
            (r#"{"a": 1, "b": [1, {"c": tru"#, "b[1].c"),
            (r#"{"a": {"b": 1}, "c": "x,y]}" "#, "c"),
            (r#"{"a": {"b": 1}"#, "a"),
            (r#"{"items": [{"id": "1"}, {"id": 2"#, "items[1].id"),
            (r#"{"\u006bey": 1"#, "key"),
            (r#"{"k\uey": 1"#, r"k\uey"),
            (r#"{"a": 1}"#, ""),
        ] {
            assert_eq!(field(text.as_bytes(), text.len(), ""), path, "{text}");
        }
    }

    #[test]
    fn what_is_hidden_is_no_part_of_a_path() {
        let text = br#"{"a": {"secret": [1"#;
        let hidden = |part: Range<usize>| text.get(part) == Some(b"secret");
        assert_eq!(super::field(text, text.len(), "", hidden), "a.[redacted][0]");
    }

    #[test]
    fn no_text_has_too_long_a_path() {
        let deep = "[{\"a\":".repeat(1 << 16);
        assert_eq!(field(deep.as_bytes(), deep.len(), "").matches("[0]").count(), MAX_STEPS / 2);
        let out_again = deep.clone() + "1,\"b\":2" + &"}]".repeat((1 << 16) - 1) + ",\"c\":";
        assert_eq!(field(out_again.as_bytes(), out_again.len(), ""), "[0].c");
        let among = "[".repeat(MAX_STEPS) + "[1,2,3,";
        assert_eq!(field(among.as_bytes(), among.len(), ""), "[0]".repeat(MAX_STEPS));
        let long = format!("{{\"a\":{{\"{}\":", "k".repeat(1 << 20));
        assert_eq!(field(long.as_bytes(), long.len(), ""), "a.…");
    }

    #[test]
    fn missing_and_repeated_fields_are_named() {
        let text = br#"{"items": [{"id": "1"}"#;
        assert_eq!(field(text, text.len(), "missing field `name`"), "items[0].name");
        let text = br#"{"items": [{"id": "1", "id""#;
        assert_eq!(field(text, text.len(), "duplicate field `id`"), "items[0].id");
        let text = br#"{"items": [{"id": "1", "id"}"#;
        assert_eq!(field(text, text.len(), "duplicate field `id`"), "items[0].id");
    }
}
