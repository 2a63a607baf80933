//! Where in a JSON text a mistake is: for errors, after the fact, so that reading costs
//! nothing more as long as all is well.

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

/// What serde has to say, without the line and column that it adds.
pub(crate) fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&place) {
        Some(message) => message.to_owned(),
        None => text,
    }
}

/// One step into a document.
enum Step {
    Key(String),
    Index(usize),
}

/// The path of the value that ends at, or holds, `position`: `items[3].created_at`. A
/// field that `reason` says is missing, or there twice, is the last of its steps.
pub(crate) fn field(body: &[u8], position: usize, reason: &str) -> String {
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
    if let Some(name) = named {
        if twice {
            path.pop();
        }
        path.push(Step::Key(name.to_owned()));
    }
    // An array where an object is due is refused at its first byte, or the comma after it: it
    // is at fault, and not what is first in it.
    let text = text.trim_ascii_end();
    let text = text.strip_suffix(b",").unwrap_or(text).trim_ascii_end();
    if reason.starts_with("invalid type: sequence, expected an object") && text.ends_with(b"[") {
        path.pop();
    }
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(&key),
            Step::Key(key) => {
                text.push('.');
                text.push_str(&key);
            }
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// The steps to where `text` breaks off.
fn walk(text: &[u8]) -> Vec<Step> {
    /// A container that is open: the step within it, and whether a key comes next.
    struct Open {
        step: Option<Step>,
        key_is_next: bool,
    }
    let mut open: Vec<Open> = Vec::new();
    // A container that the text ends with is not left: its path is the answer.
    let mut closed_last = false;
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        if !byte.is_ascii_whitespace() && closed_last {
            open.pop();
            closed_last = false;
        }
        match byte {
            b'{' => open.push(Open { step: None, key_is_next: true }),
            b'[' => open.push(Open { step: Some(Step::Index(0)), key_is_next: false }),
            b'}' | b']' => closed_last = true,
            b',' => match open.last_mut() {
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
                let string = string(&mut bytes);
                if let Some(object) = open.last_mut().filter(|object| object.key_is_next) {
                    object.step = Some(Step::Key(string));
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

/// The rest of a string, without its escapes where they can be read.
fn string(bytes: &mut impl Iterator<Item = u8>) -> String {
    let mut text = vec![b'"'];
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => {
                text.push(byte);
                text.extend(bytes.next());
            }
            _ => text.push(byte),
        }
    }
    let raw = text.get(1..).unwrap_or_default();
    let raw = String::from_utf8_lossy(raw).into_owned();
    text.push(b'"');
    serde_json::from_slice(&text).unwrap_or(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn missing_and_repeated_fields_are_named() {
        let text = br#"{"items": [{"id": "1"}"#;
        assert_eq!(field(text, text.len(), "missing field `name`"), "items[0].name");
        let text = br#"{"items": [{"id": "1", "id""#;
        assert_eq!(field(text, text.len(), "duplicate field `id`"), "items[0].id");
        let text = br#"{"items": [{"id": "1", "id"}"#;
        assert_eq!(field(text, text.len(), "duplicate field `id`"), "items[0].id");
    }
}
