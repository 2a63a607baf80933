//! A transport in memory, and what the checks have in common.

#[allow(unused_imports)]
use super::message::{HttpRequest, HttpResponse, RequestWords, ResponseWords, reply};
use nirvana_labs::Limits;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use nirvana_labs::{SendError, Transport};

/// Between the texts of an input.
pub const END: u8 = 0xFF;

/// A transport that notes each request, and gives the answers it was told to give, then 404s.
#[derive(Clone, Default)]
pub struct Wire(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    seen: Vec<Seen>,
    answers: VecDeque<HttpResponse>,
}

/// A request, as it would have been sent.
#[derive(Debug)]
pub struct Seen {
    pub url: String,
    pub path: String,
    pub query: Option<String>,
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Wire {
    /// The next request is answered so.
    pub fn answer(&self, response: HttpResponse) {
        self.0.lock().unwrap().answers.push_back(response);
    }

    /// The requests since the last time, of which there is at most one in most checks.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.0.lock().unwrap().seen)
    }
}

impl Transport for Wire {
    fn send(&self, request: HttpRequest<'_>, limits: &Limits) -> Result<HttpResponse, SendError> {
        let mut state = self.0.lock().unwrap();
        state.seen.push(Seen {
            url: request.url(),
            path: request.path().to_owned(),
            query: request.query().map(str::to_owned),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
                .collect(),
        });
        Ok(state.answers.pop_front().unwrap_or_else(|| reply(404)))
    }
}

/// The texts of an input; bytes that are not UTF-8 become `U+FFFD`.
pub fn texts(data: &[u8]) -> Vec<String> {
    data.split(|byte| *byte == END).map(|text| String::from_utf8_lossy(text).into_owned()).collect()
}

/// An input made of these texts.
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

/// Undoes percent-encoding; panics where it is malformed.
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

/// What can be told of a line in a log stays one line in it, and a short one.
pub fn assert_one_line(text: &str) {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    assert!(!text.contains(breaks), "more than one line: {text:?}");
    // A path can be 8 KiB long, and text in quotes grows by its escapes.
    assert!(text.len() < 16 * 1024, "{} bytes of one line", text.len());
}

/// `secret` is not in `text`.
pub fn assert_hides(text: &str, secret: &str) {
    assert!(!text.contains(secret), "{secret:?} shows in {text:?}");
}

/// Whether HTTP can carry `value`; a response leaves out a header that it cannot.
pub fn is_header_value(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'))
}
