//! Headers that callers set, validated before anything is sent. No message holds a value.

use http::header::{HeaderName, HeaderValue};

/// Headers that the client or its transport writes, with the setting that says what is in them.
const OWN_HEADERS: [(&str, &str); 11] = [
    ("authorization", "ApiBuilder::api_key"),
    ("user-agent", "ApiBuilder::user_agent"),
    ("content-type", "the body"),
    ("accept-encoding", "the feature `gzip`"),
    ("host", "ApiBuilder::base_url"),
    ("content-length", "the body"),
    ("transfer-encoding", "the body"),
    ("connection", "the connection pool"),
    ("upgrade", "the connection pool"),
    ("te", "the connection pool"),
    ("expect", "the connection pool"),
];

/// The longest header. Servers take no more, and it must fit into the output buffer.
const MAX_BYTES: usize = 8 * 1024;

/// Validates a header that a caller sets.
pub(crate) fn custom(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let name: HeaderName = name.parse().map_err(|_| {
        // It is not repeated: the value may have been put there as well.
        "the name of a header is invalid: it is empty, or has a colon, a space or another \
         character that is not allowed in it"
    })?;
    if let Some((_, owner)) = OWN_HEADERS.iter().find(|(own, _)| *own == name) {
        return Err(format!("the header {name} is set by {owner}, not by hand"));
    }
    if name.as_str().len().saturating_add(value.len()) > MAX_BYTES {
        return Err(too_long(&format!("the header {name}")));
    }
    let value = header_value(&format!("the header {name}"), value)?;
    Ok((name, value))
}

/// The `Authorization` header of an API key.
pub(crate) fn authorization(api_key: &str) -> Result<HeaderValue, String> {
    const WHAT: &str = "the API key";
    required(WHAT, api_key)?;
    if let Some(at) = api_key.find('\t') {
        return Err(invalid_character(WHAT, at));
    }
    header_value(WHAT, &format!("Bearer {api_key}"))
}

/// Validates a value that must not be empty.
pub(crate) fn required(what: &str, value: &str) -> Result<HeaderValue, String> {
    match value.len() {
        0 => return Err(format!("{what} is empty")),
        MAX_BYTES.. => return Err(too_long(what)),
        _ => {}
    }
    header_value(what, value)
}

/// Validates a value: visible ASCII, spaces and tabs within.
fn header_value(what: &str, value: &str) -> Result<HeaderValue, String> {
    if value.trim_ascii() != value {
        let end = value.trim_ascii_end().len();
        let at = if end < value.len() { end } else { 0 };
        return Err(format!("{what} starts or ends with white space, at byte {at}; trim it"));
    }
    if let Some(at) = value.bytes().position(|byte| !matches!(byte, b' '..=b'~' | b'\t')) {
        return Err(invalid_character(what, at));
    }
    let mut value = HeaderValue::from_str(value).map_err(|_| format!("{what} is invalid"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn too_long(what: &str) -> String {
    format!("{what} is too long: at most {MAX_BYTES} bytes are sent")
}

fn invalid_character(what: &str, at: usize) -> String {
    format!("{what} contains an invalid character at byte {at}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_cannot_be_sent_are_refused_without_their_value() {
        for (name, value) in [
            ("", "secret"),
            ("a b", "secret"),
            ("x", "secret\r\nb: c"),
            ("x", " secret"),
            ("x", "sécret"),
            ("Authorization", "secret"),
            ("HOST", "secret"),
        ] {
            let message = custom(name, value).unwrap_err();
            assert!(!message.contains("cret"), "{message}");
        }
        assert!(custom("x-team", "a b").is_ok());
    }

    #[test]
    fn a_key_may_be_any_header_value() {
        for key in ["nl_key", "My API Key", "a", "~!@#$%^&*()"] {
            let value = authorization(key).unwrap();
            assert_eq!(value, &format!("Bearer {key}"));
            assert!(value.is_sensitive());
        }
        for (key, why) in [
            ("", "the API key is empty"),
            ("nl_key\n", "the API key starts or ends with white space, at byte 6; trim it"),
            (" nl_key", "the API key starts or ends with white space, at byte 0; trim it"),
            ("nl\0key", "the API key contains an invalid character at byte 2"),
            ("nl\tkey", "the API key contains an invalid character at byte 2"),
            ("nl_kéy", "the API key contains an invalid character at byte 4"),
        ] {
            assert_eq!(authorization(key).unwrap_err(), why);
        }
    }
}
