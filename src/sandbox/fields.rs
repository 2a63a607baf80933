//! Reads a request's JSON body field by field, and refuses what the contract does not have.

use serde_json::{Map, Value};

use super::answer::Answer;

/// The fields of a body that have not been taken yet.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn parse(body: Option<&[u8]>) -> Result<Fields, Answer> {
        match serde_json::from_slice(body.unwrap_or_default()) {
            Ok(Value::Object(fields)) => Ok(Fields(fields)),
            Ok(_) => Err(Answer::invalid("the body must be a JSON object")),
            Err(error) => {
                let message = format!("the body is not JSON: {error}");
                Err(Answer::refusal(400, "malformed_json", message))
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A string that must be there, and hold something.
    pub(super) fn required(&mut self, name: &str) -> Result<String, Answer> {
        self.filled(name)?.ok_or_else(|| Answer::invalid(format!("{name} is missing")))
    }

    /// A string that may be left out, but not be empty.
    pub(super) fn filled(&mut self, name: &str) -> Result<Option<String>, Answer> {
        match self.optional(name)? {
            Some(text) if text.trim().is_empty() => {
                Err(Answer::invalid(format!("{name} must not be empty")))
            }
            given => Ok(given),
        }
    }

    /// A string that may be left out.
    pub(super) fn optional(&mut self, name: &str) -> Result<Option<String>, Answer> {
        match self.nullable(name)? {
            Some(None) => Err(Answer::invalid(format!("{name} must be a string, not null"))),
            given => Ok(given.flatten()),
        }
    }

    /// A string that may be left out (`None`) or null (`Some(None)`).
    pub(super) fn nullable(&mut self, name: &str) -> Result<Option<Option<String>>, Answer> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(Value::String(text)) => Ok(Some(Some(text))),
            Some(_) => Err(Answer::invalid(format!("{name} must be a string"))),
        }
    }

    /// Refuses what is left: fields that the contract does not know.
    pub(super) fn end(self) -> Result<(), Answer> {
        match self.0.keys().next() {
            Some(name) => Err(Answer::invalid(format!("{name} is not a field of this request"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(body: Option<&str>) -> Result<bool, u16> {
        let fields = Fields::parse(body.map(str::as_bytes));
        fields.map(|fields| fields.is_empty()).map_err(|answer| answer.status)
    }

    #[test]
    fn a_body_is_one_json_object() {
        assert_eq!(status(Some("{}")), Ok(true));
        assert_eq!(status(Some(r#"{"name": "A"}"#)), Ok(false));
        for malformed in ["", "{", "{} {}", "name=A", "{'name': 1}", &"[".repeat(100_000)] {
            assert_eq!(status(Some(malformed)), Err(400), "{malformed:.20}");
        }
        assert_eq!(status(None), Err(400));
        for not_an_object in ["[]", "null", "1", r#""name""#] {
            assert_eq!(status(Some(not_an_object)), Err(422), "{not_an_object}");
        }
    }
}
