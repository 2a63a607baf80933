//! Which values arguments may have.

use std::time::Duration;

/// Text that is not empty.
pub(super) fn filled(text: &str) -> Result<String, String> {
    not_empty(text, "is a variable not set?")
}

/// Text that is not empty, because `flag` clears a field.
pub(super) fn clearable(flag: &'static str) -> impl Fn(&str) -> Result<String, String> + Clone {
    move |text| not_empty(text, &format!("to clear the field, use {flag}"))
}

fn not_empty(text: &str, hint: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err(format!("it is empty; {hint}")) } else { Ok(text.to_owned()) }
}

/// A country code, in capitals as in ISO 3166-1.
pub(super) fn country(code: &str) -> Result<String, String> {
    if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err("a country code has two letters, such as US".to_owned());
    }
    Ok(code.to_ascii_uppercase())
}

/// A duration greater than 0.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("it must be greater than 0".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(format!("{error}; write 20s, 500ms or 2m, for example")),
    }
}

/// A number from 1.
pub(super) fn count(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(format!("it is not a number from 1 to {}", u32::MAX)),
    }
}
