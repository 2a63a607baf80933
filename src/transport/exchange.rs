//! One request and its response over a connection. What HTTP says, `ureq_proto` knows; what
//! is here moves the bytes.
//!
//! ureq's own loop serves redirects, cookies and middleware, and its timings. Going without
//! saves a fifth of the instructions of a call, and lets it be said how far a failed call
//! got.

use http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use http::{Request, Response, Version};
use ureq::Error;
use ureq_proto::client::state::{Prepare, RecvResponse};
use ureq_proto::client::{Call, RecvResponseResult, SendRequestResult};

use super::body::{self, has_token};
use super::connection::{Connection, closed};
use super::{Body, HttpRequest, HttpResponse};
use crate::request::Method;

/// Where a head is longer, it is taken for an attack.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// The response, and whether the connection can serve another request.
pub(super) fn run(
    request: HttpRequest<'_>,
    connection: &mut Connection,
) -> Result<(HttpResponse, bool), Failure> {
    let max_body_bytes = request.limits.max_body_bytes;
    let body = request.body.unwrap_or_default();
    let call = prepare(request).map_err(Failure::before)?;
    let call = send(call, body, connection).map_err(Failure::before)?;
    let (head, next) = receive_head(call, connection)?;

    let has_body = matches!(next, RecvResponseResult::RecvBody(_));
    let keeps_alive = keeps_alive(&head) && has_clear_end(head.headers(), has_body);
    let (mut head, ()) = head.into_parts();
    let (body, ended) = match next {
        RecvResponseResult::RecvBody(call) => {
            body::receive(call, connection, &mut head, max_body_bytes).map_err(Failure::within)?
        }
        RecvResponseResult::Redirect(_) | RecvResponseResult::Cleanup(_) => (Body::default(), true),
    };
    let reusable = keeps_alive && ended && connection.buffers().input().is_empty();
    Ok((HttpResponse { status: head.status.as_u16(), headers: head.headers, body }, reusable))
}

/// Why there is no response, and whether a part of it had come.
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) received: bool,
}

impl Failure {
    fn before(error: Error) -> Failure {
        Failure { error, received: false }
    }

    fn within(error: Error) -> Failure {
        Failure { error, received: true }
    }
}

fn prepare(request: HttpRequest<'_>) -> Result<Call<Prepare>, Error> {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = match request.method {
        Method::POST => http::Method::POST,
        Method::PUT => http::Method::PUT,
        Method::PATCH => http::Method::PATCH,
        Method::DELETE => http::Method::DELETE,
        _ => http::Method::GET,
    };
    parts.uri = request.uri;
    parts.headers = request.headers;
    // Said even of no body, where one could be.
    let may_have_body = matches!(request.method, Method::POST | Method::PUT | Method::PATCH);
    if may_have_body || request.body.is_some() {
        let length = request.body.map_or(0, <[u8]>::len);
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    let mut call = Call::new(Request::from_parts(parts, ()))?;
    if request.body.is_some() {
        call.force_send_body();
    }
    Ok(call)
}

/// Sends head and body, in one piece where they fit into the buffer.
fn send(
    call: Call<Prepare>,
    mut body: &[u8],
    connection: &mut Connection,
) -> Result<Call<RecvResponse>, Error> {
    let mut call = call.proceed();
    let mut filled = call.write(connection.buffers().output())?;
    while !call.can_proceed() {
        connection.send(filled)?;
        filled = call.write(connection.buffers().output())?;
    }
    let call = match call.proceed()? {
        Some(SendRequestResult::SendBody(mut call)) => loop {
            let free = connection.buffers().output().get_mut(filled..).unwrap_or_default();
            let (used, produced) = call.write(body, free)?;
            body = body.get(used..).unwrap_or_default();
            filled = filled.saturating_add(produced);
            if call.can_proceed() {
                break call.proceed();
            }
            connection.send(std::mem::take(&mut filled))?;
        },
        Some(SendRequestResult::RecvResponse(call)) => Some(call),
        // Only for `Expect: 100-continue`, which is never sent.
        Some(SendRequestResult::Await100(_)) | None => None,
    };
    connection.send(filled)?;
    call.ok_or(Error::BodyStalled)
}

fn receive_head(
    mut call: Call<RecvResponse>,
    connection: &mut Connection,
) -> Result<(Response<()>, RecvResponseResult), Failure> {
    loop {
        let received = !connection.buffers().input().is_empty();
        let failure = |error| Failure { error, received };
        if !connection.fill().map_err(failure)? {
            return Err(failure(closed()));
        }
        let input = connection.buffers().input();
        let available = input.len();
        let (used, head) =
            call.try_response(input, false).map_err(|e| Failure::within(e.into()))?;
        connection.buffers().input_consume(used);
        if let Some(head) = head {
            let next = call.proceed().ok_or_else(|| Failure::within(Error::BodyStalled))?;
            return Ok((head, next));
        }
        if available.saturating_sub(used) >= MAX_HEAD_BYTES {
            let error = Error::LargeResponseHeader(available, MAX_HEAD_BYTES);
            return Err(Failure::within(error));
        }
    }
}

/// Whether the server means to go on with the connection.
fn keeps_alive(head: &Response<()>) -> bool {
    let says = |word: &str| has_token(head.headers(), "connection", word);
    let by_version = head.version() != Version::HTTP_10 || says("keep-alive");
    by_version && !says("close") && head.status() != http::StatusCode::SWITCHING_PROTOCOLS
}

/// Whether client and server must agree on where the body ends. Where they may not, a part of
/// it could be taken for the next answer.
fn has_clear_end(headers: &HeaderMap, has_body: bool) -> bool {
    let chunked = headers.contains_key(TRANSFER_ENCODING);
    if has_body {
        return !chunked || !headers.contains_key(CONTENT_LENGTH);
    }
    // A 204 has no body, whatever it says of one.
    !chunked && headers.get(CONTENT_LENGTH).is_none_or(|length| length == "0")
}
