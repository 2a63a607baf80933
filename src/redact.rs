//! What no error and no log may show, in whatever form a server says it back.

use std::borrow::Cow;

/// What stands in the place of a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// The shortest value that counts as a secret: blanking "1" would blank every 1.
const MIN_BYTES: usize = 4;
/// The shortest part of a value that counts as one by itself.
const MIN_PART_BYTES: usize = 8;
/// A secret as long as this is known again even where it is broken into lines, and where no
/// more than this of its beginning is there.
const LONG_BYTES: usize = 16;
/// The longest form of one byte: `&equals;`.
const MAX_FORM_BYTES: usize = 8;
/// How much white space may be within a secret in one place.
const MAX_GAP_BYTES: usize = 32;

/// The secrets of a client: its key, and the header values that the caller gave.
#[derive(Clone, Default)]
pub(crate) struct Redactor(Vec<Box<[u8]>>);

impl Redactor {
    /// Sees to it that nothing shows `value`.
    pub(crate) fn add(&mut self, value: &str) {
        self.keep_whole(value, MIN_BYTES);
        // A header may hold a scheme, or names, and a key has a prefix: servers say back the rest
        // alone.
        let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, ';' | ',' | '=' | ':');
        for part in value.split(is_end) {
            self.keep_whole(part, MIN_PART_BYTES);
            let (_, rest) = part.rsplit_once('_').unwrap_or_default();
            self.keep_whole(rest, MIN_PART_BYTES);
        }
    }

    fn keep_whole(&mut self, value: &str, least: usize) {
        let value = value.as_bytes();
        if value.len() >= least && !self.0.iter().any(|secret| **secret == *value) {
            self.0.push(value.into());
        }
    }

    /// `text` without redactor, nor the beginning of one at its end: the server may have cut it.
    pub(crate) fn redact(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.blank_bytes(text.as_bytes(), MIN_PART_BYTES)).into_owned()
    }

    /// `bytes`, which were cut here, without redactor, nor the shortest beginning of one at their
    /// end.
    pub(crate) fn blank_cut(&self, bytes: &[u8]) -> Vec<u8> {
        self.blank_bytes(bytes, MIN_BYTES).into_owned()
    }

    /// Whether `text` holds one, or ends with the beginning of one.
    pub(crate) fn are_in(&self, text: &[u8]) -> bool {
        matches!(self.blank_bytes(text, MIN_PART_BYTES), Cow::Owned(_))
    }

    /// `bytes` without redactor, nor beginnings of at least `least` bytes at their end.
    fn blank_bytes<'a>(&self, bytes: &'a [u8], least: usize) -> Cow<'a, [u8]> {
        let mut blanked = Vec::new();
        // What lies between the last secret and the place that is looked at has been looked at.
        let (mut since, mut rest) = (bytes, bytes);
        while let Some(at) = rest.iter().position(|byte| self.may_begin_with(*byte)) {
            rest = rest.get(at..).unwrap_or_default();
            let Some(length) = self.at_start_of(rest, least) else {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            };
            let passed = since.len().saturating_sub(rest.len());
            blanked.extend_from_slice(since.get(..passed).unwrap_or_default());
            blanked.extend_from_slice(REDACTED.as_bytes());
            rest = rest.get(length..).unwrap_or_default();
            since = rest;
        }
        if since.len() == bytes.len() {
            return Cow::Borrowed(bytes);
        }
        blanked.extend_from_slice(since);
        Cow::Owned(blanked)
    }

    /// How long a secret may be in a text that says it back.
    pub(crate) fn longest(&self) -> usize {
        let longest = self.0.iter().map(|secret| secret.len()).max();
        longest.unwrap_or_default().saturating_mul(MAX_FORM_BYTES)
    }

    fn may_begin_with(&self, byte: u8) -> bool {
        matches!(byte, b'%' | b'\\' | b'&')
            || self.0.iter().any(|secret| secret.first() == Some(&byte))
    }

    /// How many bytes at the start of `text` are a secret; all, where it ends with `least` bytes
    /// of one or more.
    fn at_start_of(&self, text: &[u8], least: usize) -> Option<usize> {
        let lengths = self.0.iter().filter_map(|secret| match find(text, secret) {
            Found::Whole(length) => Some(length),
            Found::Begun(bytes) if bytes >= least => Some(text.len()),
            Found::Begun(_) | Found::Nothing => None,
        });
        lengths.max()
    }
}

/// What of a secret is at the start of a text.
enum Found {
    /// All of it, in so many bytes of the text.
    Whole(usize),
    /// So many of its bytes, and then the text ends.
    Begun(usize),
    Nothing,
}

fn find(text: &[u8], secret: &[u8]) -> Found {
    if text.starts_with(secret) {
        return Found::Whole(secret.len());
    }
    let breakable = secret.len() >= LONG_BYTES;
    let mut rest = text;
    for (count, byte) in secret.iter().enumerate() {
        // White space counts for nothing, whoever put it there or took it away.
        if breakable && byte.is_ascii_whitespace() {
            continue;
        }
        rest = match after(rest, *byte, breakable && count > 0) {
            Ok(rest) => rest,
            Err(rest) if is_cut(rest) => return Found::Begun(count),
            // As much as this gives it away.
            Err(_) if count >= LONG_BYTES => break,
            Err(_) => return Found::Nothing,
        };
    }
    Found::Whole(text.len().saturating_sub(rest.len()))
}

/// What follows `byte`, in one of its forms, at the start of `text`; or where something else
/// stands.
fn after(text: &[u8], byte: u8, breakable: bool) -> Result<&[u8], &[u8]> {
    let mut rest = text;
    loop {
        let skipped = text.len().saturating_sub(rest.len());
        if let Some(rest) = form(rest, byte).and_then(|length| rest.get(length..)) {
            return Ok(rest);
        }
        match gap(rest).and_then(|length| rest.get(length..)) {
            Some(after) if breakable && skipped < MAX_GAP_BYTES => rest = after,
            _ => return Err(rest),
        }
    }
}

/// How many bytes at the start of `text` stand for `byte`: itself, an escape of URLs, JSON or
/// HTML, or the escape of an escape.
fn form(text: &[u8], byte: u8) -> Option<usize> {
    let is = |high: &u8, low: &u8| {
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        digit(high).zip(digit(low)).is_some_and(|(high, low)| high << 4 | low == u32::from(byte))
    };
    match text {
        [b'%', b'2', b'5', high, low, ..] if is(high, low) => Some(5),
        [b'%', high, low, ..] if is(high, low) => Some(3),
        [b'\\', b'\\', b'u', b'0', b'0', high, low, ..] if is(high, low) => Some(7),
        [b'\\', b'u', b'0', b'0', high, low, ..] if is(high, low) => Some(6),
        [b'\\', b'x', high, low, ..] if is(high, low) => Some(4),
        [b'\\', b'\\', b'/', ..] if byte == b'/' => Some(3),
        [b'\\', escaped @ (b'"' | b'\\' | b'/'), ..] if *escaped == byte => Some(2),
        [first, ..] if *first == byte => html(text, byte).or(Some(1)),
        _ => html(text, byte),
    }
}

/// How long `&amp;`, `&#43;` or `&#x2b;` is at the start of `text`, where it stands for `byte`.
fn html(text: &[u8], byte: u8) -> Option<usize> {
    let name = text.strip_prefix(b"&")?;
    let end = name.iter().take(MAX_FORM_BYTES).position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(name.get(..end)?).ok()?;
    let value = match (name, name.strip_prefix('#')) {
        ("amp", _) => b'&',
        ("lt", _) => b'<',
        ("gt", _) => b'>',
        ("quot", _) => b'"',
        ("apos", _) => b'\'',
        ("plus", _) => b'+',
        ("sol", _) => b'/',
        ("equals", _) => b'=',
        (_, Some(number)) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => u8::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        },
        _ => return None,
    };
    (value == byte).then_some(end.saturating_add(2))
}

/// How many bytes at the start of `text` are white space, in one of its forms.
fn gap(text: &[u8]) -> Option<usize> {
    match text {
        [b'\\', b'n' | b'r' | b't', ..] => Some(2),
        // As forms on the web send it.
        [b'+', ..] => Some(1),
        [first, ..] if first.is_ascii_control() => Some(1),
        _ => b" \t\r\n".iter().find_map(|space| form(text, *space)),
    }
}

/// Whether `text` is at its end, be it within an escape.
fn is_cut(text: &[u8]) -> bool {
    let escape = matches!(text.first(), Some(b'%' | b'\\' | b'&'));
    text.is_empty() || (escape && text.len() < MAX_FORM_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "nl_S3cret+/key?==&\"1\\2";

    fn redactor() -> Redactor {
        let mut redactor = Redactor::default();
        for value in [KEY, "abc", "short", "shorter", "A header of four words"] {
            redactor.add(value);
        }
        redactor
    }

    #[test]
    fn a_secret_is_known_in_all_its_forms() {
        let json = serde_json::to_string(KEY).unwrap();
        let percent = |hex: fn(u8) -> String| {
            KEY.bytes()
                .map(|byte| match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => char::from(byte).to_string(),
                    _ => hex(byte),
                })
                .collect::<String>()
        };
        for form in [
            KEY.to_owned(),
            json.trim_matches('"').to_owned(),
            json.trim_matches('"').replace('/', "\\/"),
            KEY.replace('\\', "\\\\").replace('"', "\\u0022").replace('&', "\\u0026"),
            percent(|byte| format!("%{byte:02X}")),
            percent(|byte| format!("%{byte:02x}")),
            percent(|byte| format!("%25{byte:02X}")),
            percent(|byte| format!("\\u{byte:04x}")),
            percent(|byte| format!("\\\\u{byte:04X}")),
            percent(|byte| format!("&#{byte};")),
            percent(|byte| format!("&#x{byte:x};")),
            KEY.replace('&', "&amp;").replace('"', "&quot;"),
            KEY.replace('+', "&plus;").replace('/', "&sol;").replace('=', "&equals;"),
            percent(|byte| format!("\\x{byte:02x}")),
            percent(|byte| format!("&#X{byte:X};")),
            KEY.replace("cret", "cr\n  et"),
            KEY.replace("cret", "cr\\r\\net"),
        ] {
            for text in [
                form.clone(),
                format!("a key, \"{form}\"!"),
                format!("“{form}”"),
                format!("{form}{form}"),
            ] {
                let blanked = redactor().redact(&text);
                assert_eq!(blanked, text.replace(&form, REDACTED), "{text}");
                assert!(redactor().are_in(text.as_bytes()), "{text}");
                assert!(!redactor().are_in(blanked.as_bytes()), "{text}");
            }
        }
        for text in [
            "A header of four words",
            "A header\n of four\twords",
            "Aheaderoffourwords",
            "A%20header%20of%20four%20words",
            "A+header+of+four+words",
        ] {
            assert_eq!(redactor().redact(text), REDACTED);
        }
    }

    #[test]
    fn parts_give_a_secret_away() {
        let mut redactor = Redactor::default();
        redactor.add("Bearer tok_0123456789abcdef");
        redactor.add("sid=0123456789abcdefgh; theme=dark");
        redactor.add("Token abcdef12");
        redactor.add("nl_live_9f8e7d6c5b");
        for (text, blanked) in [
            ("tok_0123456789abcdef, and dark", "[redacted], and dark"),
            (
                "0123456789abcdefgh, 0123456789abcdef..., 012345",
                "[redacted], [redacted]..., 012345",
            ),
            ("no token abcdef12", "no token [redacted]"),
            ("no key 9f8e7d6c5b, live", "no key [redacted], live"),
        ] {
            assert_eq!(redactor.redact(text), blanked);
        }
    }

    #[test]
    fn no_text_takes_long() {
        let mut redactor = Redactor::default();
        redactor.add("+bcdefghijklmnopqrstuvwxyz");
        for piece in ["+", " ", "&", "&#43;", "%", "\\", "+b", "+ "] {
            let text = piece.repeat(1 << 16);
            let started = std::time::Instant::now();
            assert_eq!(redactor.redact(&text), text);
            assert!(started.elapsed().as_secs() < 30, "{piece}: {:?}", started.elapsed());
        }
    }

    #[test]
    fn longer_secrets_go_first_and_short_ones_are_none() {
        assert_eq!(redactor().redact("shorter, short, abc"), "[redacted], [redacted], abc");
        assert_eq!(redactor().redact("sho rt %zz \\u00 &#; & \\"), "sho rt %zz \\u00 &#; & \\");
        assert_eq!(redactor().redact("é💥 short é"), "é💥 [redacted] é");
    }

    #[test]
    fn what_a_cut_went_through_is_found() {
        let escaped = KEY.replace('+', "%2B");
        let cut = |secret: &str, length| format!("body {}", secret.get(..length).unwrap());
        // (text, what of it stays where it was cut here, and where the server may have done so)
        let all = |text: &str| (text.to_owned(), text.len(), text.len());
        for (text, here, there) in [
            (cut(KEY, KEY.len() - 1), 5, 5),
            (cut(KEY, 8), 5, 5),
            (cut(KEY, 7), 5, 12),
            (cut(KEY, 4), 5, 9),
            all(&cut(KEY, 3)),
            (cut(&escaped, 11), 5, 5),
            (cut(&escaped, 10), 5, 5),
            all("body"),
        ] {
            let due = |stays: usize| {
                let blank = if stays < text.len() { REDACTED } else { "" };
                text.get(..stays).unwrap().to_owned() + blank
            };
            assert_eq!(redactor().blank_cut(text.as_bytes()), due(here).as_bytes(), "{text}");
            assert_eq!(redactor().redact(&text), due(there), "{text}");
            assert_eq!(redactor().are_in(text.as_bytes()), there < text.len(), "{text}");
        }
        assert_eq!(redactor().blank_cut(format!("{KEY} body").as_bytes()), b"[redacted] body");
    }

    #[test]
    fn a_secret_that_ends_as_one_begins_is_blanked_whole() {
        let mut redactor = Redactor::default();
        redactor.add("prod9876543210-9876prod");
        redactor.add("-9876prod and more");
        assert_eq!(redactor.blank_cut(b"no prod9876543210-9876prod"), b"no [redacted]");
    }
}
