//! Failures that a test asks for.

use std::thread;
use std::time::Duration;

use crate::error::TransportErrorKind;
use crate::options::CancelToken;
use crate::transport::{HttpRequest, HttpResponse, SendError};

/// What happens to one request.
pub(super) enum Fault {
    Pass,
    Fail(u16),
    Respond(HttpResponse),
    Drop,
    Refuse,
    Delay(Duration),
}

/// What becomes of an answer on its way.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fate {
    Arrives,
    IsLost,
    IsLate(Duration),
}

impl Fate {
    /// Waits where the answer is late, and fails where it does not arrive.
    pub(super) fn meet(self, request: &HttpRequest<'_>) -> Result<(), SendError> {
        match self {
            Fate::Arrives => Ok(()),
            Fate::IsLost => Err(SendError::maybe_sent(
                TransportErrorKind::Closed,
                "the connection closed before an answer came (sandbox)",
            )),
            Fate::IsLate(delay) => wait(delay, request),
        }
    }
}

fn wait(delay: Duration, request: &HttpRequest<'_>) -> Result<(), SendError> {
    let left = request.time_left().unwrap_or(Duration::MAX);
    match request.cancel_token() {
        Some(token) => token.wait(delay.min(left)),
        None => thread::sleep(delay.min(left)),
    }
    let cancelled = request.cancel_token().is_some_and(CancelToken::is_cancelled);
    if cancelled || left <= delay {
        let why = if cancelled { "the caller gave up" } else { "no answer in time" };
        return Err(SendError::maybe_sent(TransportErrorKind::Timeout, format!("{why} (sandbox)")));
    }
    Ok(())
}

pub(super) fn refused() -> SendError {
    SendError::not_sent(TransportErrorKind::Connect, "the connection was refused (sandbox)")
}

pub(super) fn too_late() -> SendError {
    SendError::not_sent(TransportErrorKind::ConnectTimeout, "no time was left (sandbox)")
}

/// The answer, unless it is larger than the caller takes. An error is one whatever its size.
pub(super) fn within_limit(
    response: HttpResponse,
    request: &HttpRequest<'_>,
) -> Result<HttpResponse, SendError> {
    let (bytes, limit) = (response.body.len(), request.max_body_bytes());
    if bytes <= limit {
        return Ok(response);
    }
    if !matches!(response.status, 200..300) {
        let kept = response.body.get(..limit).unwrap_or_default().to_vec();
        return Ok(response.with_body(kept));
    }
    let message = format!("the answer has {bytes} bytes, more than the {limit} allowed");
    Err(SendError::maybe_sent(TransportErrorKind::TooLarge, message))
}
