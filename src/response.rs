//! Status, headers and bytes become a model, nothing at all, or an error.

use std::fmt;

use http::HeaderMap;
use http::header::LOCATION;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, Call, DecodeError, Error, Result, request_id};
use crate::locate;
use crate::redact::{REDACTED, Redactor};
use crate::request::Request;
use crate::retry::{self, RetryDecision};
use crate::transport::{self, HttpResponse, MAX_ERROR_BODY_BYTES};

/// How much of a body an error shows.
const SNIPPET_BYTES: usize = 120;
/// How much of a server's message an error shows.
const MESSAGE_CHARS: usize = 500;
/// How much of it is looked at.
const LINE_BYTES: usize = 2 * 1024;

/// An answer with a status of 2xx, not yet read.
pub(crate) struct Answer<'a> {
    pub(crate) request: &'a Request,
    pub(crate) attempts: u32,
    pub(crate) redactor: &'a Redactor,
    pub(crate) response: HttpResponse,
}

impl Answer<'_> {
    /// The body, as the contract has it.
    pub(crate) fn decode<T: DeserializeOwned>(self) -> Result<T> {
        self.decode_with_head().map(Response::into_body)
    }

    /// The body, with status and headers.
    pub(crate) fn decode_with_head<T: DeserializeOwned>(self) -> Result<Response<T>> {
        match read(self.response.body.as_slice()) {
            Ok(body) => {
                let HttpResponse { status, headers, body: bytes } = self.response;
                transport::recycle(bytes);
                Ok(Response { status, headers, body })
            }
            Err(problem) => Err(self.decode_error(problem)),
        }
    }

    /// Nothing, whatever the body says.
    pub(crate) fn discard(self) {
        transport::recycle(self.response.body);
    }

    fn decode_error(self, problem: Problem) -> Error {
        let HttpResponse { status, headers, body } = self.response;
        let body = body.as_slice();
        let (reason, position) = match problem {
            Problem::Empty => ("the body is empty".to_owned(), 0),
            Problem::NotText(at) => ("the body is not UTF-8".to_owned(), at),
            _ if is_html(&headers, body) => ("the body is an HTML page, not JSON".to_owned(), 0),
            Problem::Json(error) => {
                let position = locate::offset(body, error.line(), error.column());
                (locate::message(&error), position)
            }
        };
        let hidden = |part| self.redactor.reach_into(body, part);
        let field = locate::field(body, position, &reason, hidden);
        Error::Decode(Box::new(DecodeError {
            call: self.request.as_call(self.attempts, self.redactor),
            status,
            request_id: request_id(&headers).map(|id| one_line(id, self.redactor)),
            field: one_line(&field, self.redactor),
            position,
            reason: one_line(&reason, self.redactor),
            snippet: snippet(body, position, self.redactor),
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
    redactor: &Redactor,
    decision: RetryDecision,
) -> Error {
    let HttpResponse { status, mut headers, body } = response;
    let kept = body.as_slice().get(..MAX_ERROR_BODY_BYTES).unwrap_or(body.as_slice());
    let json: Option<serde_json::Value> = serde_json::from_slice(kept).ok();
    // The buffer is for the next body; an error may be kept for long.
    let mut shown = redactor.blank_cut(kept);
    shown.truncate(MAX_ERROR_BODY_BYTES);
    transport::recycle(body);
    let text = |name: &str| {
        let value = json.as_ref()?.get(name)?.as_str()?;
        Some(one_line(value, redactor)).filter(|text| !text.is_empty())
    };
    let location = headers.get(LOCATION).filter(|_| matches!(status, 300..400));
    let location = location.map(|value| {
        // A target's query may hold anything.
        let target = String::from_utf8_lossy(value.as_bytes());
        let path = target.split(['?', '#']).next().unwrap_or_default();
        if redactor.are_in(value.as_bytes()) {
            REDACTED.to_owned()
        } else {
            one_line(path, redactor)
        }
    });
    let retry_after = retry::retry_after(&headers);
    let request_id = request_id(&headers).map(|id| one_line(id, redactor));
    let (message, error_code) = (text("message"), text("code"));
    blank_headers(&mut headers, redactor);
    Error::Api(Box::new(ApiError {
        call,
        status,
        message,
        error_code,
        request_id,
        location,
        headers,
        body: shown,
        retry_after,
        may_have_been_processed: decision.may_have_been_processed,
        retryable: decision.retryable,
    }))
}

fn is_html(headers: &HeaderMap, body: &[u8]) -> bool {
    let declared =
        headers.get(http::header::CONTENT_TYPE).map_or(&[][..], |value| value.as_bytes());
    declared.starts_with(b"text/html") || body.trim_ascii_start().first() == Some(&b'<')
}

/// `text` on one line, cut where it gets long, without secrets.
fn one_line(text: &str, redactor: &Redactor) -> String {
    let text = match text.as_bytes().get(..LINE_BYTES) {
        Some(beginning) => redactor.blank_cut(beginning),
        None => redactor.redact(text).into_bytes(),
    };
    let text = String::from_utf8_lossy(&text);
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    // What white space kept apart may be whole now.
    let line = redactor.redact(&line);
    match line.char_indices().nth(MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// The text around `position` without secrets. Only as much is looked at as a secret could reach
/// into what is shown: a body may be long, and an error must not be.
fn snippet(body: &[u8], position: usize, redactor: &Redactor) -> String {
    let around = redactor.longest().saturating_add(SNIPPET_BYTES);
    let start = position.saturating_sub(around);
    let end = position.saturating_add(around).min(body.len());
    let slice = |from: usize, to: usize| body.get(from..to).unwrap_or_default();
    let length = |bytes: &[u8]| redactor.redact(&String::from_utf8_lossy(bytes)).len();
    let text = String::from_utf8_lossy(&redactor.blank_cut(slice(start, end))).into_owned();
    let at = length(slice(start, position)).min(text.len());
    // What stands before may be the end of a secret that the cut went through.
    let first =
        if start > 0 { length(slice(start, position.saturating_sub(SNIPPET_BYTES))) } else { 0 };
    let from = at.saturating_sub(SNIPPET_BYTES / 2).max(first.min(at));
    let cut = |at: usize| (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(cut(from)..cut(from.saturating_add(SNIPPET_BYTES).min(text.len())))
        .unwrap_or_default()
        .to_owned()
}

fn blank_headers(headers: &mut HeaderMap, redactor: &Redactor) {
    for value in headers.values_mut() {
        if redactor.are_in(value.as_bytes()) {
            *value = http::HeaderValue::from_static(REDACTED);
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
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
