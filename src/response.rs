//! Status, headers and bytes become a model, nothing at all, or an error.

mod decode;

use std::fmt;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{ApiError, Call, DecodeError, Error, Result, request_id};
use crate::redact::{REDACTED, Redactor};
use crate::request::Request;
use crate::retry;
use crate::transport::{self, Header, HttpResponse, MAX_ERROR_BODY_BYTES};
use decode::Fault;

/// A text is taken for a message where it is no longer.
const MAX_PLAIN_BYTES: usize = 1024;

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

    /// Accepts any body but an HTML page, which is another server's.
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
        let call = self.request.as_call(self.attempts, self.redactor);
        Error::Decode(Box::new(DecodeError {
            call: Call { may_have_been_processed: true, ..call },
            status,
            request_id: request_id(&headers).map(|id| self.redactor.one_line(id)),
            field: self.redactor.one_line(&fault.field),
            position: fault.position,
            reason: self.redactor.one_line(&fault.reason),
            snippet: self.redactor.snippet(body, fault.position),
        }))
    }
}

/// The error of a response with a status outside 2xx, whose body was cut at `max_body_bytes`.
pub(crate) fn api_error(
    response: HttpResponse,
    call: Call,
    redactor: &Redactor,
    max_body_bytes: usize,
) -> Error {
    let HttpResponse { status, mut headers, body: bytes } = response;
    for value in headers.values_mut() {
        *value = HeaderValue::from_bytes(&redactor.redact_bytes(value.as_bytes()))
            .unwrap_or(HeaderValue::from_static(REDACTED));
    }
    let body = redactor.redact_beginning(&bytes, max_body_bytes.min(MAX_ERROR_BODY_BYTES));
    // The buffer is for the next body; an error may be kept for long.
    transport::recycle(bytes);
    let (message, error_code) = find_message(&headers, &body, redactor);
    let location = headers.get(LOCATION).filter(|_| matches!(status, 300..400)).map(|target| {
        let target = String::from_utf8_lossy(target.as_bytes());
        // Its query may hold anything.
        redactor.one_line(target.split(['?', '#']).next().unwrap_or_default())
    });
    Error::Api(Box::new(ApiError {
        call,
        status,
        message,
        error_code,
        request_id: request_id(&headers).map(|id| redactor.one_line(id)),
        location,
        retry_after: retry::retry_after(&headers),
        headers,
        body,
    }))
}

/// The message and the code in the body of an error, ready to be shown.
fn find_message(
    headers: &HeaderMap,
    body: &[u8],
    redactor: &Redactor,
) -> (Option<String>, Option<String>) {
    let show = |text: &str| Some(redactor.one_line(text)).filter(|line| !line.is_empty());
    let Ok(json) = serde_json::from_slice::<Value>(decode::without_mark(body)) else {
        return (plain_text(headers, body).and_then(show), None);
    };
    let text = |value: &Value| show(value.as_str()?);
    let text_or = |value: &Value, name: &str| text(value).or_else(|| text(value.get(name)?));
    let message = (json.get("message").and_then(text))
        .or_else(|| text_or(json.get("error")?, "message"))
        .or_else(|| text_or(json.get("errors")?.get(0)?, "message"))
        .or_else(|| text(json.get("detail")?))
        .or_else(|| text(json.get("detail")?.get(0)?.get("msg")?))
        .or_else(|| text(json.get("title")?));
    (message, json.get("code").and_then(text))
}

/// The first line of a short text.
fn plain_text<'a>(headers: &HeaderMap, body: &'a [u8]) -> Option<&'a str> {
    let content_type = headers.get(CONTENT_TYPE)?.as_bytes();
    let is_plain = content_type.get(..10)?.eq_ignore_ascii_case(b"text/plain");
    let text = std::str::from_utf8(decode::without_mark(body)).ok()?.trim();
    let is_message = is_plain && text.len() <= MAX_PLAIN_BYTES && !decode::is_html(body);
    if is_message { text.lines().next() } else { None }
}

fn is_html(headers: &HeaderMap, body: &[u8]) -> bool {
    let declared = headers.get(CONTENT_TYPE);
    let is_declared = declared.is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    decode::is_html(body) || (is_declared && !body.is_empty())
}

/// A response with its status and headers, from
/// [`RequestBuilder::send`](crate::RequestBuilder::send).
#[derive(Clone)]
pub struct Response<T> {
    status: u16,
    headers: HeaderMap,
    body: T,
}

impl<T> Response<T> {
    /// Returns the HTTP status, from 200 to 299.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns a header, where it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns all headers.
    pub fn headers(&self) -> impl Iterator<Item = Header<'_>> {
        transport::headers(&self.headers)
    }

    /// Returns the server's id of the request.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }

    /// Returns the body.
    pub fn body(&self) -> &T {
        &self.body
    }

    /// Returns the body alone.
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
