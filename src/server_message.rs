//! Finds the server's message and error code in the body of an error.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

/// The names of the fields that servers put their message in, best first. FastAPI puts `msg` inside
/// `detail`.
const NAMES: [&str; 8] =
    ["message", "detail", "error_description", "description", "errors", "error", "title", "msg"];

/// The name of the field with the error code. It is read only at the top level of the document.
const CODE: &str = "code";

#[derive(Default)]
pub(crate) struct ServerMessage {
    pub(crate) message: Option<String>,
    pub(crate) code: Option<String>,
}

/// Finds the message and the code in a JSON body. Only the fields with the names above matter: the
/// rest may be cut off or invalid.
pub(crate) fn find(json: &[u8]) -> ServerMessage {
    let mut fields = Map::new();
    let mut document = serde_json::Deserializer::from_slice(json);
    // The fields that were read before an error count.
    let _ = document.deserialize_map(NamedFields(&mut fields));
    let code = fields.get(CODE).and_then(Value::as_str).map(str::to_owned);
    let message = NAMES.iter().find_map(|name| text(fields.get(*name)?)).map(str::to_owned);
    ServerMessage { message, code }
}

/// Returns the text of a value. For a string, that is the string itself. For a list, it is the
/// first text. For an object, it is the text with the best name, or else the first text.
fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text.as_str()).filter(|text| !text.trim().is_empty()),
        Value::Array(list) => list.iter().find_map(text),
        Value::Object(object) => {
            let named = |name: &&str| {
                let mut fields = object.iter();
                fields.find(|(known, _)| known.eq_ignore_ascii_case(name)).and_then(|it| text(it.1))
            };
            NAMES.iter().find_map(named).or_else(|| object.values().find_map(text))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Collects the fields that may have a message or a code, by their names in lower case.
struct NamedFields<'a>(&'a mut Map<String, Value>);

impl<'de> Visitor<'de> for NamedFields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(name) = object.next_key::<String>()? {
            let name = name.to_ascii_lowercase();
            if name == CODE || NAMES.contains(&name.as_str()) {
                self.0.insert(name, object.next_value()?);
            } else {
                object.next_value::<IgnoredAny>()?;
            }
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
            &deep,
        ] {
            assert_eq!(find(json.as_bytes()).message.as_deref(), Some("taken"), "{json:.40}");
        }
        assert_eq!(
            find(b"{\"s\": \"\xFF\", \"message\": \"taken\"}").message.as_deref(),
            Some("taken")
        );
    }

    #[test]
    fn only_a_text_at_the_top_level_is_the_code() {
        let code = |json: &str| find(json.as_bytes()).code;
        assert_eq!(code(r#"{"code": "taken", "message": "m"}"#).as_deref(), Some("taken"));
        assert_eq!(code(r#"{"code": 7}"#), None);
        assert_eq!(code(r#"{"error": {"code": "taken"}}"#), None);
    }
}
