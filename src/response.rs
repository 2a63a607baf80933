//! Status, headers and bytes become a model, nothing at all, or an error.

use std::fmt;

use http::HeaderMap;
use http::header::LOCATION;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, Call, DecodeError, Error, Result, request_id};
use crate::locate;
use crate::request::Request;
use crate::retry::{self, Verdict};
use crate::transport::{HttpResponse, recycle};

/// How much of a body an error shows.
const SNIPPET_BYTES: usize = 120;
/// How much of a server's message an error shows.
const MESSAGE_CHARS: usize = 500;
const BLANK: &str = "[redacted]";

/// An answer with a status of 2xx, not yet read.
pub(crate) struct Answer<'a> {
    pub(crate) request: &'a Request,
    pub(crate) attempts: u32,
    pub(crate) secrets: &'a [String],
    pub(crate) response: HttpResponse,
}

impl Answer<'_> {
    /// The body, as the contract has it.
    pub(crate) fn decode<T: DeserializeOwned>(self) -> Result<T> {
        self.decode_with_head().map(Response::into_body)
    }

    /// The body, with status and headers.
    pub(crate) fn decode_with_head<T: DeserializeOwned>(self) -> Result<Response<T>> {
        match read(&self.response.body) {
            Ok(body) => {
                let HttpResponse { status, headers, body: bytes } = self.response;
                recycle(bytes);
                Ok(Response { status, headers, body })
            }
            Err(problem) => Err(self.decode_error(problem)),
        }
    }

    /// Nothing, whatever the body says.
    pub(crate) fn discard(self) {
        recycle(self.response.body);
    }

    fn decode_error(self, problem: Problem) -> Error {
        let HttpResponse { status, headers, body } = self.response;
        let (reason, position) = match problem {
            Problem::Empty => ("the body is empty".to_owned(), 0),
            Problem::NotText(at) => ("the body is not UTF-8".to_owned(), at),
            _ if is_html(&headers, &body) => ("the body is an HTML page, not JSON".to_owned(), 0),
            Problem::Json(error) => {
                let position = locate::offset(&body, error.line(), error.column());
                (locate::message(&error), position)
            }
        };
        let field = locate::field(&body, position, &reason);
        Error::Decode(Box::new(DecodeError {
            call: self.request.as_call(self.attempts),
            status,
            request_id: request_id(&headers).map(|id| one_line(id, self.secrets)),
            field: blank(&field, self.secrets),
            position,
            reason: blank(&reason, self.secrets),
            snippet: snippet(&body, position, self.secrets),
        }))
    }
}

enum Problem {
    Empty,
    NotText(usize),
    Json(serde_json::Error),
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // One check of the whole is cheaper than one for each string.
    let text = std::str::from_utf8(body).map_err(|error| Problem::NotText(error.valid_up_to()))?;
    if body.is_empty() {
        // No body is a value too, to those who ask for `()` or an `Option`.
        return serde_json::from_str("null").map_err(|_| Problem::Empty);
    }
    serde_json::from_str(text).map_err(Problem::Json)
}

/// The error of an answer with a status outside 2xx.
pub(crate) fn api_error(
    response: HttpResponse,
    call: Call,
    secrets: &[String],
    verdict: Verdict,
) -> Error {
    let HttpResponse { status, mut headers, body } = response;
    let json: Option<serde_json::Value> = serde_json::from_slice(&body).ok();
    let text = |name: &str| {
        let value = json.as_ref()?.get(name)?.as_str()?;
        Some(one_line(value, secrets)).filter(|text| !text.is_empty())
    };
    let location = headers.get(LOCATION).filter(|_| matches!(status, 300..400));
    let location = location.map(|value| {
        // A target's query may hold anything.
        let target = String::from_utf8_lossy(value.as_bytes());
        one_line(target.split(['?', '#']).next().unwrap_or_default(), secrets)
    });
    let retry_after = retry::retry_after(&headers);
    let (message, error_code) = (text("message"), text("code"));
    blank_headers(&mut headers, secrets);
    Error::Api(Box::new(ApiError {
        call,
        status,
        message,
        error_code,
        location,
        headers,
        body: blank_bytes(body, secrets),
        retry_after,
        may_have_been_processed: verdict.may_have_been_processed,
        retryable: verdict.retryable,
    }))
}

fn is_html(headers: &HeaderMap, body: &[u8]) -> bool {
    let declared =
        headers.get(http::header::CONTENT_TYPE).map_or(&[][..], |value| value.as_bytes());
    declared.starts_with(b"text/html") || body.trim_ascii_start().first() == Some(&b'<')
}

/// `text` without the secrets in it.
fn blank(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), BLANK))
}

/// `text` on one line, cut where it gets long, without secrets.
fn one_line(text: &str, secrets: &[String]) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let line = blank(&line, secrets);
    match line.char_indices().nth(MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// The body around `position`, as text.
fn snippet(body: &[u8], position: usize, secrets: &[String]) -> String {
    // Blank first: a secret that the cut goes through could not be found any more.
    let text = String::from_utf8_lossy(body);
    let half = SNIPPET_BYTES / 2;
    let before = String::from_utf8_lossy(body.get(..position).unwrap_or(body));
    let start = blank(&before, secrets).len().saturating_sub(half);
    let text = blank(&text, secrets);
    let cut = |at: usize| (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(cut(start)..cut(start.saturating_add(SNIPPET_BYTES).min(text.len())))
        .unwrap_or_default()
        .to_owned()
}

fn blank_bytes(body: Vec<u8>, secrets: &[String]) -> Vec<u8> {
    let found = |secret: &String| body.windows(secret.len()).any(|part| part == secret.as_bytes());
    if secrets.iter().any(found) {
        blank(&String::from_utf8_lossy(&body), secrets).into_bytes()
    } else {
        body
    }
}

fn blank_headers(headers: &mut HeaderMap, secrets: &[String]) {
    for value in headers.values_mut() {
        let text = String::from_utf8_lossy(value.as_bytes());
        if secrets.iter().any(|secret| text.contains(secret.as_str())) {
            *value = http::HeaderValue::from_static(BLANK);
        }
    }
}

/// An answer with its status and headers, from
/// [`RequestBuilder::send`](crate::RequestBuilder::send).
#[derive(Clone)]
pub struct Response<T> {
    status: u16,
    headers: HeaderMap,
    body: T,
}

impl<T> Response<T> {
    /// The HTTP status, from 200 to 299.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header, where it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The server's id of the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &T {
        &self.body
    }

    /// The body alone.
    #[must_use]
    pub fn into_body(self) -> T {
        self.body
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("request_id", &self.request_id())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
