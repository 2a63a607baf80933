//! Validates the headers that callers set. No error message contains the value of a header.

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST,
    HeaderName, HeaderValue, TE, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
};

/// The headers that the client writes, each with the setting that it comes from.
const CLIENT_HEADERS: [(HeaderName, &str); 3] = [
    (AUTHORIZATION, "ApiBuilder::api_key"),
    (USER_AGENT, "ApiBuilder::user_agent"),
    (CONTENT_TYPE, "the body"),
];

/// The headers that [`HttpTransport`](crate::HttpTransport) writes, each with the setting that it
/// comes from.
const TRANSPORT_HEADERS: [(HeaderName, &str); 8] = [
    (ACCEPT_ENCODING, "the feature `gzip`"),
    (HOST, "ApiBuilder::base_url"),
    (CONTENT_LENGTH, "the body"),
    (TRANSFER_ENCODING, "the body"),
    (CONNECTION, "the connection pool"),
    (UPGRADE, "the connection pool"),
    (TE, "the connection pool"),
    (EXPECT, "the connection pool"),
];

pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The most bytes of a header. Many servers refuse longer ones, and the output buffer must hold it.
const MAX_BYTES: usize = 8 * 1024;

/// Refuses a header that the transport writes itself.
pub(crate) fn check_transport_header(name: &HeaderName) -> Result<(), String> {
    refuse_one_of(&TRANSPORT_HEADERS, name)
}

fn refuse_one_of(owned: &[(HeaderName, &str)], name: &HeaderName) -> Result<(), String> {
    match owned.iter().find(|(own, _)| own == name) {
        Some((_, owner)) => Err(format!("the header {name} is set by {owner}, not by hand")),
        None => Ok(()),
    }
}

/// Validates a header that a caller sets.
pub(crate) fn custom(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let name: HeaderName = name.parse().map_err(|_| {
        // The name is not repeated, because the caller may have put the value into the name.
        "the name of a header is invalid: it is empty, or has a colon, a space or another \
         character that is not allowed"
    })?;
    refuse_one_of(&CLIENT_HEADERS, &name)?;
    check_transport_header(&name)?;
    if name.as_str().len().saturating_add(value.len()) > MAX_BYTES {
        return Err(too_long(&format!("the header {name}")));
    }
    let value = header_value(&format!("the header {name}"), value)?;
    Ok((name, value))
}

/// Returns the `Authorization` header for an API key.
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
    if value.is_empty() {
        return Err(format!("{what} is empty"));
    }
    if value.len() > MAX_BYTES {
        return Err(too_long(what));
    }
    header_value(what, value)
}

/// Validates a value, which must be visible ASCII, with spaces and tabs only inside.
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
    format!("{what} is too long: {MAX_BYTES} bytes is the maximum")
}

fn invalid_character(what: &str, at: usize) -> String {
    format!("{what} contains an invalid character at byte {at}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_an_invalid_header_does_not_show_its_value() {
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
    fn a_key_is_visible_ascii_with_spaces_only_inside() {
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
