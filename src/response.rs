//! Status, headers and bytes become a model, nothing at all, or an error.

mod decode;

use http::header::CONTENT_TYPE;
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Answer, Call, Cause, Error, Result};
use crate::redact::{REDACTED, Redactor};
use crate::request::Request;
use crate::retry;
use crate::transport::{self, MAX_ERROR_BODY_BYTES};
use decode::Fault;

/// A text is taken for a message where it is no longer.
const MAX_PLAIN_BYTES: usize = 1024;

/// A response with a status of 2xx, not yet read.
pub(crate) struct RawResponse<'a> {
    pub(crate) request: &'a Request,
    pub(crate) attempts: u32,
    pub(crate) redactor: &'a Redactor,
    pub(crate) response: Response<Vec<u8>>,
}

impl RawResponse<'_> {
    /// The body, as the API schema has it.
    pub(crate) fn decode<T: DeserializeOwned>(self) -> Result<T> {
        match decode::decode(self.response.body()) {
            Ok(model) => {
                transport::recycle(self.response.into_body());
                Ok(model)
            }
            Err(fault) => Err(self.decode_error(fault)),
        }
    }

    /// The body, with status and headers.
    pub(crate) fn into_response<T: DeserializeOwned>(self) -> Result<Response<T>> {
        match decode::decode(self.response.body()) {
            Ok(model) => {
                let (mut head, body) = self.response.into_parts();
                transport::recycle(body);
                // `Debug` is not to show a key that the server says back.
                for value in head.headers.values_mut() {
                    value.set_sensitive(self.redactor.finds_key(value.as_bytes()));
                }
                Ok(Response::from_parts(head, model))
            }
            Err(fault) => Err(self.decode_error(fault)),
        }
    }

    /// Accepts any body but an HTML page, which is another server's.
    pub(crate) fn expect_nothing(self) -> Result<()> {
        if decode::is_html(self.response.body()) {
            return Err(self.decode_error(Fault::html()));
        }
        transport::recycle(self.response.into_body());
        Ok(())
    }

    fn decode_error(self, fault: Fault) -> Error {
        let RawResponse { request, attempts, redactor, response } = self;
        let is_html = is_html(response.headers(), response.body());
        let fault = if is_html { Fault::html() } else { fault };
        let cause = Cause::Decode {
            field: redactor.one_line(&fault.field),
            reason: redactor.one_line(&fault.reason),
            answer: answer(response, redactor, MAX_ERROR_BODY_BYTES),
        };
        let call = request.as_call(attempts, redactor);
        Error::new(Call { may_have_been_processed: true, ..call }, cause)
    }
}

/// The error of a response with a status outside 2xx, whose body was cut at `max_body_bytes`.
pub(crate) fn status_error(
    response: Response<Vec<u8>>,
    call: Call,
    redactor: &Redactor,
    max_body_bytes: usize,
) -> Error {
    let mut answer = answer(response, redactor, max_body_bytes.min(MAX_ERROR_BODY_BYTES));
    (answer.message, answer.code) = find_message(&answer.headers, &answer.body, redactor);
    // The base URL ends as the paths of the API begin.
    answer.hint = (answer.status == 404 && call.path.contains("/v1/v1/"))
        .then_some("the path has /v1 twice, so leave it out of the base URL");
    Error::new(call, Cause::Status(answer))
}

/// What errors keep of a response: all but the keys, and the first bytes of the body.
fn answer(response: Response<Vec<u8>>, redactor: &Redactor, body_bytes: usize) -> Answer {
    let status = response.status().as_u16();
    let (Parts { mut headers, .. }, body) = response.into_parts();
    for value in headers.values_mut() {
        *value = HeaderValue::from_bytes(&redactor.redact_bytes(value.as_bytes()))
            .unwrap_or(HeaderValue::from_static(REDACTED));
    }
    let kept = redactor.redact_beginning(&body, body_bytes);
    // The buffer is for the next body; an error may be kept for long.
    transport::recycle(body);
    Answer {
        status,
        request_id: request_id(&headers).map(|id| redactor.one_line(id)),
        retry_after: retry::retry_after(&headers),
        headers,
        body: kept,
        message: None,
        code: None,
        hint: None,
    }
}

/// The server's id of a request, under the names in use.
fn request_id(headers: &HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name)?.to_str().ok().filter(|id| !id.trim().is_empty());
    ["x-request-id", "request-id"].into_iter().find_map(text)
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
