//! Turns a response into a model, into nothing, or into an error.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::de::DeserializeOwned;

use crate::decode::{self, DecodeFailure};
use crate::error::{CallContext, Cause, Error, ErrorResponse, Result, SHOWN_CHARS};
use crate::options::MAX_ERROR_BODY_BYTES;
use crate::redact::{REDACTED, Redactor, shortened};
use crate::request::ApiRequest;
use crate::retry;
use crate::server_message::{self, ServerMessage};
use crate::transport;

/// The longest plain text that counts as a message.
const MAX_PLAIN_BYTES: usize = 1024;

/// A response with a 2xx status whose body is not decoded yet.
pub(crate) struct ApiResponse<'a> {
    pub(crate) request: &'a ApiRequest,
    pub(crate) attempts: u32,
    pub(crate) redactor: &'a Redactor,
    pub(crate) response: Response<Vec<u8>>,
}

impl ApiResponse<'_> {
    /// Returns the decoded body.
    pub(crate) fn decode<T: DeserializeOwned>(self) -> Result<T> {
        self.decode_body().map(|(_, model)| model)
    }

    /// Returns the decoded body with the status and the headers.
    pub(crate) fn decode_whole<T: DeserializeOwned>(self) -> Result<Response<T>> {
        let redactor = self.redactor;
        let (mut head, model) = self.decode_body()?;
        // `Debug` must not show a key that the server repeats.
        for value in head.headers.values_mut() {
            value.set_sensitive(redactor.finds_key(value.as_bytes()));
        }
        Ok(Response::from_parts(head, model))
    }

    fn decode_body<T: DeserializeOwned>(self) -> Result<(Parts, T)> {
        match decode::decode(self.response.body()) {
            Ok(model) => {
                let (head, body) = self.response.into_parts();
                transport::recycle(body);
                Ok((head, model))
            }
            Err(failure) => Err(self.decode_error(failure)),
        }
    }

    /// Accepts any body except an HTML page, which comes from another server.
    pub(crate) fn expect_nothing(self) -> Result<()> {
        if decode::starts_as_html(self.response.body()) {
            return Err(self.decode_error(DecodeFailure::html()));
        }
        Ok(())
    }

    fn decode_error(self, failure: DecodeFailure) -> Error {
        let ApiResponse { request, attempts, redactor, response } = self;
        let failure = if is_html(response.headers(), response.body()) {
            DecodeFailure::html()
        } else if let Some(coding) = unknown_coding(response.headers()) {
            let reason =
                format!("the body has the content coding {coding:?}, which was not asked for");
            DecodeFailure::of_document(reason)
        } else {
            failure
        };
        let cause = Cause::Decode {
            field: redactor.one_line(&failure.field),
            reason: redactor.one_line(&failure.reason),
            response: error_response(response, redactor, MAX_ERROR_BODY_BYTES),
        };
        let call = request.context(attempts, redactor);
        Error::new(CallContext { may_have_been_processed: true, ..call }, cause)
    }
}

/// Returns the error for a response with a status outside 2xx. Its body was cut at
/// `max_body_bytes`.
pub(crate) fn status_error(
    response: Response<Vec<u8>>,
    call: CallContext,
    redactor: &Redactor,
    max_body_bytes: usize,
) -> Error {
    let mut response = error_response(response, redactor, max_body_bytes.min(MAX_ERROR_BODY_BYTES));
    let show = |text: String| Some(redactor.one_line(&text)).filter(|line| !line.is_empty());
    let ServerMessage { message, code } = find_message(&response.headers, &response.body);
    (response.message, response.code) = (message.and_then(show), code.and_then(show));
    // The path of the base URL ends with `/v1`, and the paths of the API start with it.
    response.hint = (response.status == StatusCode::NOT_FOUND && call.path.contains("/v1/v1/"))
        .then_some("the path has /v1 twice, so leave it out of the base URL");
    Error::new(call, Cause::Status(response))
}

/// Returns the parts of a response that an error keeps, with keys redacted. Only the start of the
/// body is kept.
fn error_response(response: Response<Vec<u8>>, redactor: &Redactor, bytes: usize) -> ErrorResponse {
    let status = response.status();
    let (Parts { mut headers, .. }, body) = response.into_parts();
    for value in headers.values_mut() {
        *value = HeaderValue::from_bytes(&redactor.redact_bytes(value.as_bytes()))
            .unwrap_or(HeaderValue::from_static(REDACTED));
    }
    let kept = redactor.redact_start(&body, bytes);
    let location = headers.get(LOCATION).filter(|_| status.is_redirection());
    ErrorResponse {
        status,
        location: location.map(|target| shown_target(target, redactor)),
        request_id: request_id(&headers).map(|id| redactor.one_line(id)),
        retry_after: retry::retry_after(&headers),
        headers,
        body: kept,
        message: None,
        code: None,
        hint: None,
    }
}

/// Returns the target of a redirect on one line, without the query, which may be confidential.
fn shown_target(target: &HeaderValue, redactor: &Redactor) -> String {
    let target = String::from_utf8_lossy(target.as_bytes());
    let target = target.replace(|c: char| c.is_whitespace() || c.is_control(), "");
    // A key that had white space inside is found only now.
    let target = redactor.redact(&target);
    shortened(target.split(['?', '#']).next().unwrap_or_default(), SHOWN_CHARS)
}

/// Returns the id that the server gave the request, under one of the two usual names.
fn request_id(headers: &HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name)?.to_str().ok().filter(|id| !id.trim().is_empty());
    ["x-request-id", "request-id"].into_iter().find_map(text)
}

fn find_message(headers: &HeaderMap, body: &[u8]) -> ServerMessage {
    let body = decode::without_mark(body);
    let found = server_message::find(body);
    if found.message.is_some() {
        return found;
    }
    ServerMessage { message: plain_text(headers, body).map(str::to_owned), ..found }
}

/// Returns the first line of a short plain text, if it looks like neither HTML nor JSON.
fn plain_text<'a>(headers: &HeaderMap, body: &'a [u8]) -> Option<&'a str> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let is_message = has_type(headers, "text/plain")
        && text.len() <= MAX_PLAIN_BYTES
        && !text.starts_with(['<', '{', '[']);
    if is_message { text.lines().next() } else { None }
}

fn is_html(headers: &HeaderMap, body: &[u8]) -> bool {
    decode::starts_as_html(body) || (has_type(headers, "text/html") && !body.is_empty())
}

/// Returns whether the response has this media type, which is case-insensitive.
fn has_type(headers: &HeaderMap, media_type: &str) -> bool {
    let stated = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    stated
        .get(..media_type.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(media_type.as_bytes()))
}

/// Returns the content coding of a body that is still encoded. The transport removes the header
/// once it has decoded the body.
fn unknown_coding(headers: &HeaderMap) -> Option<&str> {
    let mut codings = headers.get_all(CONTENT_ENCODING).iter().filter_map(|it| it.to_str().ok());
    codings.find(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
}
