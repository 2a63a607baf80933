//! JSON text that comes in and goes out.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Failure;
use crate::text::{OwnedText, Text};

/// Reads required params. The crate's own messages name the field.
pub(crate) fn params<T: DeserializeOwned>(text: Text<'_>) -> Result<T, Failure> {
    serde_json::from_str(text.required("params")?)
        .map_err(|error| Failure::argument(format!("params: {error}")))
}

/// Reads an optional object: NULL, empty text and `null` are the default. An error names the
/// field, and never shows its value, which may be a key.
pub(crate) fn object<T: DeserializeOwned + Default>(
    name: &str,
    text: Text<'_>,
) -> Result<T, Failure> {
    let json = text.optional(name)?.map(str::trim_start).unwrap_or_default();
    if json.is_empty() {
        return Ok(T::default());
    }
    if json.starts_with('[') {
        return Err(Failure::argument(format!("{name}: expected an object, not an array")));
    }
    value::<Option<T>>(name, json).map(Option::unwrap_or_default)
}

/// Reads a value, with the same errors as [`object`].
pub(crate) fn value<T: DeserializeOwned>(name: &str, json: &str) -> Result<T, Failure> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| describe(name, &error.path().to_string(), error.inner()))?;
    deserializer.end().map_err(|error| describe(name, ".", &error))?;
    Ok(value)
}

fn describe(name: &str, path: &str, error: &serde_json::Error) -> Failure {
    let text = error.to_string();
    let expected = text.strip_prefix("invalid ").and_then(|text| text.rsplit_once(", expected "));
    let Some((_, expected)) = expected else {
        return Failure::argument(format!("{name}: {text}"));
    };
    let expected = match expected.split(" at line ").next().unwrap_or_default() {
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "a nonzero u32" => "a whole number from 1 to 4294967295",
        "u64" | "usize" => "a whole number, 0 or more",
        "a boolean" => "true or false",
        "a map" => "an object",
        expected if expected.starts_with("struct ") => "an object",
        expected => expected,
    };
    let place = if path == "." { name } else { &format!("{name}.{path}") };
    Failure::argument(format!("{place}: expected {expected}"))
}

/// Writes JSON for the caller.
pub(crate) fn write(value: &impl Serialize) -> Result<OwnedText, Failure> {
    match serde_json::to_string(value) {
        Ok(json) => Ok(OwnedText::new(json)),
        Err(error) => Err(Failure::Bug(format!("JSON cannot be written: {error}"))),
    }
}
