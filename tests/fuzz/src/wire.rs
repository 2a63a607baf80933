//! An in-memory transport, and functions that the checks share.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use nirvana_labs::{Limits, SendError, Transport};

use super::http_messages::{HttpRequest, HttpResponse, response};

/// The byte between the texts of an input.
pub const END: u8 = 0xFF;

/// A transport that records each request. It returns the queued responses, and then 404s.
#[derive(Clone, Default)]
pub struct Wire(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    seen: Vec<Seen>,
    responses: VecDeque<HttpResponse>,
}

/// A recorded request.
#[derive(Debug)]
pub struct Seen {
    pub url: String,
    pub path: String,
    pub query: Option<String>,
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Wire {
    /// Queues the response to a request.
    pub fn answer(&self, response: HttpResponse) {
        self.0.lock().unwrap().responses.push_back(response);
    }

    /// Returns the recorded requests, and removes them.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.0.lock().unwrap().seen)
    }
}

impl Transport for Wire {
    fn send(&self, request: HttpRequest<'_>, _: &Limits) -> Result<HttpResponse, SendError> {
        let mut state = self.0.lock().unwrap();
        state.seen.push(Seen {
            url: request.uri().to_string(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().map(str::to_owned),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
                .collect(),
        });
        Ok(state.responses.pop_front().unwrap_or_else(|| response(404)))
    }
}

/// Returns the texts of an input. Bytes that are not UTF-8 become `U+FFFD`.
pub fn texts(data: &[u8]) -> Vec<String> {
    data.split(|byte| *byte == END).map(|text| String::from_utf8_lossy(text).into_owned()).collect()
}

/// Returns an input that consists of these texts.
pub fn join<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Vec<u8> {
    let mut data = Vec::new();
    for (at, text) in texts.into_iter().enumerate() {
        if at > 0 {
            data.push(END);
        }
        data.extend_from_slice(text.as_ref());
    }
    data
}

/// Decodes percent-encoding. Panics if it is malformed.
pub fn percent_decoded(encoded: &str) -> Vec<u8> {
    let mut bytes = encoded.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' {
            let mut nibble = || char::from(bytes.next().unwrap()).to_digit(16).unwrap() as u8;
            nibble() << 4 | nibble()
        } else {
            byte
        });
    }
    decoded
}

/// Asserts that `text` is one line of a reasonable length, as logs need it.
pub fn assert_one_line(text: &str) {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    assert!(!text.contains(breaks), "more than one line: {text:?}");
    // A path can be 8 KiB long, and escapes make quoted text longer.
    assert!(text.len() < 16 * 1024, "a line of {} bytes", text.len());
}

/// Asserts that `secret` is not in `text`.
pub fn assert_hides(text: &str, secret: &str) {
    assert!(!text.contains(secret), "{secret:?} is in {text:?}");
}

/// Returns whether HTTP can carry `value` in a header.
pub fn is_header_value(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'))
}
