//! The API key out of texts that people see, and those texts cut to a size to be read.

use std::borrow::Cow;
use std::fmt;

use crate::error::shortened;

/// What stands in the place of a key.
pub(crate) const REDACTED: &str = "[redacted]";

/// The shortest key that is looked for: a shorter one may be a part of any text.
const MIN_BYTES: usize = 8;
/// How much of a server's text an error shows.
const LINE_CHARS: usize = 500;
/// How much of it is looked at.
const LINE_BYTES: usize = 2 * 1024;

/// The keys of a client, which no error, `Debug` or log shows.
///
/// A key is found as it is, not in other spellings, and not in parts. So whoever shows a part of
/// a text has that part redacted within the whole.
#[derive(Clone, Default)]
pub(crate) struct Redactor(Vec<Box<[u8]>>);

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Redactor {
    /// Adds a key to be replaced, where it has 8 bytes or more.
    pub(crate) fn add(&mut self, key: &[u8]) {
        if key.len() >= MIN_BYTES && !self.0.iter().any(|known| **known == *key) {
            self.0.push(key.into());
            // The longest first: another key may be the beginning of it.
            self.0.sort_by_key(|key| std::cmp::Reverse(key.len()));
        }
    }

    /// Adds the keys of `other`.
    pub(crate) fn merge(&mut self, other: Redactor) {
        other.0.iter().for_each(|key| self.add(key));
    }

    /// Returns `text` without keys.
    pub(crate) fn redact(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.redact_bytes(text.as_bytes())).into_owned()
    }

    /// Returns `bytes` without keys; borrowed where there are none.
    pub(crate) fn redact_bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        self.redact_first(bytes, bytes.len())
    }

    /// Whether there is a key in `bytes`.
    pub(crate) fn finds_key(&self, bytes: &[u8]) -> bool {
        matches!(self.redact_bytes(bytes), Cow::Owned(_))
    }

    /// Returns the first `end` bytes without keys. A key that begins there is replaced whole.
    fn redact_first<'a>(&self, bytes: &'a [u8], end: usize) -> Cow<'a, [u8]> {
        let mut redacted = Vec::new();
        // Where the search is, and what was passed since the last key.
        let (mut at, mut since) = (0, 0);
        while at < end {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(key) = self.0.iter().find(|key| rest.starts_with(key)) else {
                at = at.saturating_add(1);
                continue;
            };
            redacted.extend_from_slice(bytes.get(since..at).unwrap_or_default());
            redacted.extend_from_slice(REDACTED.as_bytes());
            at = at.saturating_add(key.len());
            since = at;
        }
        let last = bytes.get(since..end).unwrap_or_default();
        if redacted.is_empty() {
            return Cow::Borrowed(last);
        }
        redacted.extend_from_slice(last);
        Cow::Owned(redacted)
    }

    /// Returns the first `length` bytes without keys. Where there are just as many, they were cut
    /// before, and may end with the beginning of a key: as much as that can be goes too.
    pub(crate) fn redact_beginning(&self, bytes: &[u8], length: usize) -> Vec<u8> {
        let longest = self.0.first().map_or(0, |key| key.len());
        let begun = if bytes.len() == length { longest.saturating_sub(1) } else { 0 };
        let end = length.min(bytes.len()).saturating_sub(begun);
        let mut redacted = self.redact_first(bytes, end).into_owned();
        redacted.truncate(length);
        redacted
    }

    /// Returns `text` on one line, without keys, cut where it gets long.
    pub(crate) fn one_line(&self, text: &str) -> String {
        let text = self.redact_first(text.as_bytes(), text.len().min(LINE_BYTES));
        let text = String::from_utf8_lossy(&text);
        let words = text.split(|c: char| c.is_whitespace() || c.is_control());
        let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        // A key with spaces may only be whole now.
        shortened(&self.redact(&line), LINE_CHARS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "nl_live_0123456789";

    fn redactor() -> Redactor {
        let mut redactor = Redactor::default();
        for key in ["nl_live_", "short", KEY, KEY, "My API Key"] {
            redactor.add(key.as_bytes());
        }
        redactor
    }

    #[test]
    fn keys_are_redacted_and_nothing_else_is() {
        for (text, redacted) in [
            (format!("no {KEY}, {KEY}{KEY}"), "no [redacted], [redacted][redacted]"),
            ("nl_live_012".to_owned(), "[redacted]012"),
            ("My API Key, My  API Key".to_owned(), "[redacted], My  API Key"),
            ("short, NL_LIVE_, nl_live, é💥".to_owned(), "short, NL_LIVE_, nl_live, é💥"),
        ] {
            assert_eq!(redactor().redact(&text), redacted);
        }
        assert!(matches!(redactor().redact_bytes(b"\xFF nothing"), Cow::Borrowed(_)));
        assert_eq!(&*redactor().redact_bytes(b"\xFFnl_live_\xFF"), b"\xFF[redacted]\xFF");
    }

    #[test]
    fn no_cut_leaves_a_part_of_a_key() {
        let text = format!("{}{KEY}{KEY} after", "x".repeat(100));
        for length in 0..text.len() {
            let cut = redactor().redact_beginning(text.as_bytes(), length);
            assert!(cut.len() <= length);
            let cut = String::from_utf8(cut).unwrap();
            assert!(!cut.contains("nl_"), "{length}: {cut}");
            // The same where it was cut before.
            let cut = redactor().redact_beginning(text.as_bytes().get(..length).unwrap(), length);
            assert!(!String::from_utf8(cut).unwrap().contains(['n', 'l']), "{length}");
        }
    }

    #[test]
    fn what_is_shown_is_one_line_and_short() {
        assert_eq!(redactor().one_line("  two\r\n lines\t"), "two lines");
        assert_eq!(redactor().one_line("My\nAPI \t Key"), "[redacted]");
        assert_eq!(redactor().one_line(&"ä".repeat(10_000)), format!("{}…", "ä".repeat(500)));
    }
}
