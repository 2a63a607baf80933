//! Removes API keys from text that is shown, and truncates it.

use std::borrow::Cow;
use std::fmt;
use std::mem;
use std::sync::Arc;

/// The replacement for a key.
pub(crate) const REDACTED: &str = "[redacted]";

/// The shortest key that is redacted. A shorter key may be a part of ordinary text.
const MIN_KEY_BYTES: usize = 8;
/// The most keys that a client remembers. Without a limit, a service that changes the key for each
/// call would collect all its keys.
const MAX_KEYS: usize = 8;
/// The most characters of a server's text that are shown, and the most bytes that are read for it.
const LINE_CHARS: usize = 500;
const LINE_BYTES: usize = 2 * 1024;

/// The keys of a client, which no error, `Debug` or log shows.
///
/// A key is found as it is, percent-encoded, or escaped as in JSON. It must be complete, unless the
/// text ends within it, after 8 bytes or more. Text is redacted before it is cut, because a shorter
/// part of a key would not be found.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    /// The newest key first.
    keys: Vec<Arc<[u8]>>,
}

/// What the end of a text is.
enum TextEnd {
    Complete,
    /// The text was cut, perhaps within a key: the start of a key at its end is redacted as well.
    Cut,
}

/// Returns how many bytes spell the given byte at the start of a text, if they do. The number may
/// be larger than the text: then the text ends within the spelling.
type Spelling = fn(&[u8], u8) -> Option<usize>;

const SPELLINGS: [Spelling; 3] = [as_is, percent_encoded, escaped];

fn as_is(text: &[u8], byte: u8) -> Option<usize> {
    text.starts_with(&[byte]).then_some(1)
}

/// Any character may be encoded, and in a query a space may be a plus sign.
fn percent_encoded(text: &[u8], byte: u8) -> Option<usize> {
    match text {
        [b'%', ..] => code(text, &format!("%{byte:02x}")),
        [b'+', ..] if byte == b' ' => Some(1),
        _ => as_is(text, byte),
    }
}

/// Any character may be escaped by its number, as some JSON writers do with `+`, `&` and `<`.
fn escaped(text: &[u8], byte: u8) -> Option<usize> {
    match text {
        [b'\\', b'u', ..] => code(text, &format!("\\u{byte:04x}")),
        [b'\\', next, ..] => (*next == byte).then_some(2),
        [b'\\'] => Some(2),
        _ => as_is(text, byte),
    }
}

/// Compares the start of `text` with `code`, whose hex digits may be in either case.
fn code(text: &[u8], code: &str) -> Option<usize> {
    let mut pairs = text.iter().zip(code.as_bytes());
    pairs.all(|(found, expected)| found.eq_ignore_ascii_case(expected)).then_some(code.len())
}

/// Returns the length of `key` at the start of `text`, if it is there. The length is larger than the
/// text if the text ends within the key.
fn spelled_length(text: &[u8], key: &[u8], spelling: Spelling) -> Option<usize> {
    let mut length = 0_usize;
    for byte in key {
        match text.get(length..) {
            Some(rest @ [_, ..]) => length = length.saturating_add(spelling(rest, *byte)?),
            _ => return Some(usize::MAX),
        }
    }
    Some(length)
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Redactor {
    /// Adds a key, unless it is too short to be told from other text.
    pub(crate) fn add(&mut self, key: &str) {
        if key.len() >= MIN_KEY_BYTES {
            self.merge(Redactor { keys: vec![key.as_bytes().into()] });
        }
    }

    /// Adds the keys of `newer`.
    pub(crate) fn merge(&mut self, newer: Redactor) {
        let older = mem::replace(&mut self.keys, newer.keys);
        for key in older {
            if self.keys.len() < MAX_KEYS && !self.keys.contains(&key) {
                self.keys.push(key);
            }
        }
    }

    /// Returns `text` with all keys redacted.
    pub(crate) fn redact(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.redact_bytes(text.as_bytes())).into_owned()
    }

    /// Returns `bytes` with all keys redacted. The result is borrowed if there are no keys.
    pub(crate) fn redact_bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        self.redact_first(bytes, bytes.len(), TextEnd::Complete)
    }

    /// Returns whether `bytes` contain a key.
    pub(crate) fn finds_key(&self, bytes: &[u8]) -> bool {
        matches!(self.redact_bytes(bytes), Cow::Owned(_))
    }

    /// Returns the first `end` bytes with all keys redacted. A key that starts before `end` is
    /// replaced as a whole, even if it ends later.
    fn redact_first<'a>(&self, bytes: &'a [u8], end: usize, text_end: TextEnd) -> Cow<'a, [u8]> {
        // A complete text may end with the start of a key too, if the connection broke off.
        let shortest = if matches!(text_end, TextEnd::Cut) { 1 } else { MIN_KEY_BYTES };
        let mut redacted = Vec::new();
        // Where the search is, and where the text after the last key starts.
        let (mut at, mut kept_from) = (0, 0);
        while at < end {
            let rest = bytes.get(at..).unwrap_or_default();
            let spellings = self.keys.iter().flat_map(|key| SPELLINGS.map(|it| (key, it)));
            let lengths = spellings.filter_map(|(key, it)| spelled_length(rest, key, it));
            let Some(length) = lengths.max().filter(|_| rest.len() >= shortest) else {
                at = at.saturating_add(1);
                continue;
            };
            redacted.extend_from_slice(bytes.get(kept_from..at).unwrap_or_default());
            redacted.extend_from_slice(REDACTED.as_bytes());
            at = at.saturating_add(length);
            kept_from = at;
        }
        let last = bytes.get(kept_from..end).unwrap_or_default();
        if redacted.is_empty() {
            return Cow::Borrowed(last);
        }
        redacted.extend_from_slice(last);
        Cow::Owned(redacted)
    }

    /// Returns at most the first `length` bytes with all keys redacted.
    ///
    /// If `bytes` have exactly this length, they may have been cut in the middle of a key.
    pub(crate) fn redact_start(&self, bytes: &[u8], length: usize) -> Vec<u8> {
        let text_end = if bytes.len() == length { TextEnd::Cut } else { TextEnd::Complete };
        let mut redacted = self.redact_first(bytes, length.min(bytes.len()), text_end).into_owned();
        redacted.truncate(length);
        redacted
    }

    /// Returns the start of `text` on one line, with all keys redacted.
    pub(crate) fn one_line(&self, text: &str) -> String {
        let text =
            self.redact_first(text.as_bytes(), text.len().min(LINE_BYTES), TextEnd::Complete);
        let text = String::from_utf8_lossy(&text);
        let words = text.split(|c: char| c.is_whitespace() || c.is_control());
        let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        // A key with spaces may have been split over two lines.
        shortened(&self.redact(&line), LINE_CHARS)
    }
}

/// Returns the first `chars` characters of `text`, with an ellipsis if there are more.
pub(crate) fn shortened(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "nl_live_0123456789";

    fn redactor(keys: &[&str]) -> Redactor {
        let mut redactor = Redactor::default();
        keys.iter().for_each(|key| redactor.add(key));
        redactor
    }

    #[test]
    fn keys_are_redacted_and_nothing_else_is() {
        let redactor = redactor(&["nl_live_", "short", KEY, KEY, "My API Key"]);
        for (text, redacted) in [
            (format!("no {KEY}, {KEY}{KEY}"), "no [redacted], [redacted][redacted]"),
            ("nl_live_012.".to_owned(), "[redacted]012."),
            // The text may have been cut within a key.
            ("nl_live_012".to_owned(), "[redacted]"),
            ("My API K".to_owned(), "[redacted]"),
            ("My API ".to_owned(), "My API "),
            ("My API Key, My  API Key".to_owned(), "[redacted], My  API Key"),
            ("short, NL_LIVE_, nl_live, é💥".to_owned(), "short, NL_LIVE_, nl_live, é💥"),
        ] {
            assert_eq!(redactor.redact(&text), redacted);
        }
        assert!(matches!(redactor.redact_bytes(b"\xFF nothing"), Cow::Borrowed(_)));
        assert_eq!(&*redactor.redact_bytes(b"\xFFnl_live_\xFF"), b"\xFF[redacted]\xFF");
    }

    #[test]
    fn a_key_is_found_percent_encoded_and_escaped() {
        let redactor = redactor(&["a+/b=c de", r#"say "hi\there""#]);
        for text in [
            "a+/b=c de",
            "a%2B%2Fb%3Dc%20de",
            "a%2b%2fb%3dc%20de",
            "a%2B%2fb%3Dc%20de",
            r"a+\/b=c de",
            r#"say "hi\there""#,
            r#"say \"hi\\there\""#,
            "say%20%22hi%5Cthere%22",
            // Not every character is encoded.
            "a+/b=c%20de",
            "a%2b/b=c+de",
            r"a\u002B\u002fb\u003dc de",
            r#"say \u0022hi\\there\u0022"#,
        ] {
            assert_eq!(redactor.redact(&format!("<{text}>")), "<[redacted]>", "{text}");
        }
        for text in [
            "a+/b+c de",
            "A%2B%2Fb%3Dc%20de",
            "a%2B%2Fb%3Dc%20dE",
            r"a+/b=c\u0020d.",
            "a%2B%2Fb%3Dc%2.",
        ] {
            assert_eq!(redactor.redact(text), text);
        }
    }

    #[test]
    fn the_newest_keys_are_remembered() {
        let mut all = Redactor::default();
        for n in 0..100 {
            all.merge(redactor(&[&format!("nl/key\"{n:03}")]));
        }
        all.add("nl/key\"092");
        assert_eq!(all.keys.len(), MAX_KEYS);
        assert_eq!(all.redact("nl/key\"092 nl/key\"099"), "[redacted] [redacted]");
        assert_eq!(all.redact("nl/key\"091"), "nl/key\"091");
    }

    #[test]
    fn no_cut_leaves_a_part_of_a_key() {
        let redactor = redactor(&["nl_live_", KEY]);
        let text = format!("{}{KEY}{KEY} after", "x".repeat(100));
        for length in 0..text.len() {
            let cut = redactor.redact_start(text.as_bytes(), length);
            assert!(cut.len() <= length);
            let cut = String::from_utf8(cut).unwrap();
            assert!(!cut.contains("nl_"), "{length}: {cut}");
            // The same if the text was cut before.
            let cut = redactor.redact_start(text.as_bytes().get(..length).unwrap(), length);
            assert!(!String::from_utf8(cut).unwrap().contains(['n', 'l']), "{length}");
        }
    }

    #[test]
    fn no_cut_leaves_a_part_of_a_spelled_key() {
        let redactor = redactor(&[r#"say "hi\there""#]);
        for text in [
            r#"say "hi\there""#,
            r#"say \"hi\\there\""#,
            r"say \u0022hi\u005cthere\u0022",
            "say%20%22hi%5Cthere%22",
        ] {
            for length in 1..=text.len() {
                let cut = redactor.redact_start(text.get(..length).unwrap().as_bytes(), length);
                assert!(
                    !cut.is_empty() && REDACTED.as_bytes().starts_with(&cut),
                    "{length}: {text}"
                );
            }
        }
    }

    #[test]
    fn text_is_shown_on_one_short_line() {
        let redactor = redactor(&["My API Key"]);
        assert_eq!(redactor.one_line("  two\r\n lines\t"), "two lines");
        assert_eq!(redactor.one_line("My\nAPI \t Key"), "[redacted]");
        // Text after the first 2 KiB is not read.
        assert_eq!(redactor.one_line(&(" ".repeat(LINE_BYTES - 1) + "My API Key")), "[redacted]");
        assert_eq!(redactor.one_line(&(" ".repeat(LINE_BYTES) + "My API Key")), "");
        assert_eq!(redactor.one_line(&"ä".repeat(10_000)), format!("{}…", "ä".repeat(500)));
    }
}
