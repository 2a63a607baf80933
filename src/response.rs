//! Status, headers and bytes become a model, nothing at all, or an error.

mod decode;

use std::fmt;

use http::HeaderMap;
use http::header::LOCATION;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, Call, DecodeError, Error, Result, request_id};
use crate::redact::{REDACTED, Redactor};
use crate::request::Request;
use crate::retry::{self, RetryDecision};
use crate::transport::{self, HttpResponse, MAX_ERROR_BODY_BYTES};
use decode::Fault;

/// How much of a body an error shows.
const SNIPPET_BYTES: usize = 120;
/// How much of a server's message an error shows.
const MESSAGE_CHARS: usize = 500;
/// How much of it is looked at.
const LINE_BYTES: usize = 2 * 1024;

/// A response with a status of 2xx, not yet read.
pub(crate) struct RawResponse<'a> {
    pub(crate) request: &'a Request,
    pub(crate) attempts: u32,
    pub(crate) redactor: &'a Redactor,
    pub(crate) response: HttpResponse,
}

impl RawResponse<'_> {
    /// The body, as the API schema has it.
    pub(crate) fn decode<T: DeserializeOwned>(self) -> Result<T> {
        self.into_response().map(Response::into_body)
    }

    /// The body, with status and headers.
    pub(crate) fn into_response<T: DeserializeOwned>(self) -> Result<Response<T>> {
        match decode::decode(self.response.body.as_slice()) {
            Ok(body) => {
                let HttpResponse { status, headers, body: bytes } = self.response;
                transport::recycle(bytes);
                Ok(Response { status, headers, body })
            }
            Err(fault) => Err(self.decode_error(fault)),
        }
    }

    /// Nothing, whatever the body says: but a page of HTML is another server's.
    pub(crate) fn expect_nothing(self) -> Result<()> {
        if decode::is_html(self.response.body.as_slice()) {
            return Err(self.decode_error(Fault::html()));
        }
        transport::recycle(self.response.body);
        Ok(())
    }

    fn decode_error(self, fault: Fault) -> Error {
        let HttpResponse { status, headers, body } = self.response;
        let body = body.as_slice();
        let fault = if is_html(&headers, body) { Fault::html() } else { fault };
        Error::Decode(Box::new(DecodeError {
            call: self.request.as_call(self.attempts, self.redactor),
            status,
            request_id: request_id(&headers).map(|id| one_line(id, self.redactor)),
            field: one_line(&fault.field, self.redactor),
            position: fault.position,
            reason: one_line(&fault.reason, self.redactor),
            snippet: snippet(body, fault.position, self.redactor),
        }))
    }
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
    decode::is_html(body) || (declared.starts_with(b"text/html") && !body.is_empty())
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
