//! Finds the server's message and error code in the body of an error.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The names of the fields that servers put their message in, best first. FastAPI puts `msg` inside
/// `detail`.
const NAMES: [&str; 8] =
    ["message", "detail", "error_description", "description", "errors", "error", "title", "msg"];

/// The name of the field with the error code. It is read only at the top level of the document.
const CODE: &str = "code";

/// How many lists and objects deep a message may be. A limit is needed, because `text` is recursive.
const MAX_DEPTH: usize = 32;

#[derive(Default)]
pub(crate) struct ServerMessage {
    pub(crate) message: Option<String>,
    pub(crate) code: Option<String>,
}

/// Finds the message and the code in a JSON body. Only the fields with the names above matter: the
/// rest may be cut off or invalid.
pub(crate) fn find(json: &[u8]) -> ServerMessage {
    let json = String::from_utf8_lossy(json);
    let fields = fields(&json);
    let code = values(&fields, CODE).find_map(|value| serde_json::from_str(value).ok());
    ServerMessage { message: named(&fields, MAX_DEPTH), code }
}

/// Returns the text with the best name.
fn named(fields: &[(String, &str)], depth: usize) -> Option<String> {
    NAMES.iter().find_map(|name| values(fields, name).find_map(|value| text(value, depth)))
}

/// Returns the values of the fields with this name.
fn values<'a>(fields: &'a [(String, &'a str)], name: &str) -> impl Iterator<Item = &'a str> {
    fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| *value)
}

/// Returns the text of a JSON value. For a string, that is the string itself. For a list, it is the
/// first text. For an object, it is the text with the best name, or else the first text.
fn text(json: &str, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    match json.as_bytes() {
        [b'"', ..] => {
            serde_json::from_str(json).ok().filter(|text: &String| !text.trim().is_empty())
        }
        [b'[', ..] => {
            let list: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
            list.iter().find_map(|value| text(value.get(), depth))
        }
        [b'{', ..] => {
            let fields = fields(json);
            let mut others = fields.iter().filter(|(name, _)| !NAMES.contains(&name.as_str()));
            named(&fields, depth).or_else(|| others.find_map(|(_, value)| text(value, depth)))
        }
        _ => None,
    }
}

/// Returns the fields of a JSON object: their names in lower case, and their values as JSON. The
/// values are not decoded, because one that does not matter may be invalid.
fn fields(json: &str) -> Vec<(String, &str)> {
    let mut fields = Vec::new();
    // The fields that were read before an error count.
    let _ = serde_json::Deserializer::from_str(json).deserialize_map(Collector(&mut fields));
    fields
}

struct Collector<'a, 'de>(&'a mut Vec<(String, &'de str)>);

impl<'de> Visitor<'de> for Collector<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some((name, value)) = object.next_entry::<&RawValue, &RawValue>()? {
            let name: String = serde_json::from_str(name.get()).unwrap_or_default();
            self.0.push((name.to_ascii_lowercase(), value.get()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_found_in_every_shape() {
        for (json, message) in [
            (r#"{"message": "taken"}"#, Some("taken")),
            (r#"{"Message": "taken"}"#, Some("taken")),
            (r#"{"error": "Bad Request", "message": ["taken", "short"]}"#, Some("taken")),
            (r#"{"errors": [{"detail": "taken"}]}"#, Some("taken")),
            (r#"{"errors": [null, {}, {"title": "t", "detail": "taken"}]}"#, Some("taken")),
            (r#"{"errors": {"name": ["taken"]}}"#, Some("taken")),
            (r#"{"error": {"code": 7, "Description": "taken"}}"#, Some("taken")),
            (r#"{"error": "invalid_grant", "error_description": "taken"}"#, Some("taken")),
            (
                r#"{"detail": [{"type": "missing", "loc": ["name"], "msg": "taken"}]}"#,
                Some("taken"),
            ),
            (r#"{"message": {"en": "taken"}}"#, Some("taken")),
            (r#"{"message": {"z": "taken", "a": "other"}}"#, Some("taken")),
            (r#"{"message": " ", "title": "taken"}"#, Some("taken")),
            (r#"{"reason": "taken"}"#, None),
            (r#"["taken"]"#, None),
            (r#""taken""#, None),
            ("7", None),
        ] {
            assert_eq!(find(json.as_bytes()).message.as_deref(), message, "{json}");
        }
    }

    #[test]
    fn the_message_is_found_beside_invalid_fields() {
        let deep =
            format!(r#"{{"a": {}, "message": "taken"}}"#, "[".repeat(200) + &"]".repeat(200));
        for json in [
            r#"{"n": 1e400, "message": "taken"}"#,
            r#"{"message": "taken", "n": 1e400}"#,
            r#"{"s": "\ud800", "message": "taken"}"#,
            r#"{"message": "taken", "s": "cut"#,
            r#"{"message": "taken"} trailing"#,
            r#"{"code": 1e400, "message": "taken"}"#,
            r#"{"message": {"value": 1e400}, "detail": "taken"}"#,
            r#"{"errors": [{"detail": "taken", "value": 1e400}]}"#,
            r#"{"errors": ["\ud800", "taken"]}"#,
            r#"{"message": "\ud83d", "detail": "taken"}"#,
            r#"{"\ud800": 1, "message": "taken"}"#,
            r#"{"Message": "taken", "message": null}"#,
            r#"{"message": "taken", "MESSAGE": ""}"#,
            &deep,
            &deep.replace("\"a\"", "\"message\""),
        ] {
            assert_eq!(find(json.as_bytes()).message.as_deref(), Some("taken"), "{json:.40}");
        }
        assert_eq!(
            find(b"{\"s\": \"\xFF\", \"message\": \"taken\"}").message.as_deref(),
            Some("taken")
        );
    }

    #[test]
    fn the_search_for_a_message_takes_a_short_time() {
        // Each of these objects has a name that may have the message.
        for depth in [MAX_DEPTH, 10_000] {
            let json = r#"{"message":"#.repeat(depth) + "7" + &"}".repeat(depth);
            assert_eq!(find(json.as_bytes()).message, None);
        }
        let nested = |depth| r#"{"errors":["#.repeat(depth) + r#""taken""# + &"]}".repeat(depth);
        let message = |depth| find(nested(depth).as_bytes()).message;
        // The outermost object counts too, and so does the text.
        assert_eq!(message(MAX_DEPTH / 2).as_deref(), Some("taken"));
        assert_eq!(message(MAX_DEPTH / 2 + 1), None);
    }

    #[test]
    fn only_a_text_at_the_top_level_is_the_code() {
        let code = |json: &str| find(json.as_bytes()).code;
        assert_eq!(code(r#"{"code": "taken", "message": "m"}"#).as_deref(), Some("taken"));
        assert_eq!(code(r#"{"code": 7}"#), None);
        assert_eq!(code(r#"{"error": {"code": "taken"}}"#), None);
    }
}
