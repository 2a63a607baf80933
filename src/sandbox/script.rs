//! Failures that a test asks for.

use std::thread;
use std::time::Duration;

use super::Sandbox;
use crate::error::TransportErrorKind::{Closed, Timeout, TooLarge};
use crate::options::CancelToken;
use crate::transport::{HttpRequest, HttpResponse, SendError};

/// What happens to one request.
pub(super) enum Fault {
    None,
    Fail(u16),
    Respond(HttpResponse),
    DropResponse,
    Refuse,
    Delay(Duration),
}

impl Sandbox {
    /// Serves the next request as if nothing were scripted: what is scripted after this is for
    /// a later one.
    pub fn pass_next(&self) {
        self.script(Fault::None);
    }

    /// Responds to the next request with this status, a JSON body with a `message` and a
    /// `code`, and does nothing else with it.
    pub fn fail_next(&self, status: u16) {
        self.script(Fault::Fail(status));
    }

    /// Responds to the next request with exactly this, and does nothing else with it.
    ///
    /// ```
    /// use nirvana_labs::{HttpResponse, Sandbox};
    ///
    /// let sandbox = Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// let api = sandbox.api();
    ///
    /// // A 429 that says when to come back is retried.
    /// sandbox.respond_next(HttpResponse::new(429).with_header("retry-after", "1"));
    /// assert_eq!(api.get_organization(&id)?.name, "Acme");
    /// assert_eq!(sandbox.requests().len(), 2);
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn respond_next(&self, response: HttpResponse) {
        self.script(Fault::Respond(response));
    }

    /// Carries out the next request, and loses the response: the connection closes.
    ///
    /// ```
    /// use nirvana_labs::{OrganizationCreateParams, Sandbox};
    ///
    /// let sandbox = Sandbox::new();
    /// let api = sandbox.api();
    ///
    /// sandbox.drop_next_response();
    /// let error = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err();
    /// assert!(error.may_have_been_processed());
    /// assert_eq!(api.list_organizations(Default::default()).count(), 1);
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn drop_next_response(&self) {
        self.script(Fault::DropResponse);
    }

    /// Refuses the connection for the next request: it never arrives, and is not in
    /// [`requests`](Sandbox::requests).
    pub fn refuse_next(&self) {
        self.script(Fault::Refuse);
    }

    /// Carries out the next request, and keeps the response back for this long. Where the
    /// request's timeout, its deadline or its caller's patience ends before that, the
    /// response is lost.
    pub fn delay_next(&self, delay: Duration) {
        self.script(Fault::Delay(delay));
    }

    fn script(&self, fault: Fault) {
        self.service().script.push_back(fault);
    }
}

/// Brings the response back, unless it is dropped, too late, or larger than the caller takes.
pub(super) fn deliver(
    response: HttpResponse,
    request: &HttpRequest<'_>,
    fault: &Fault,
) -> Result<HttpResponse, SendError> {
    match fault {
        Fault::DropResponse => {
            return Err(SendError::maybe_sent(Closed, "connection closed before a response"));
        }
        Fault::Delay(delay) => wait(*delay, request)?,
        _ => {}
    }
    let (bytes, limit) = (response.body.len(), request.max_body_bytes());
    if bytes <= limit {
        return Ok(response);
    }
    if !matches!(response.status(), 200..300) {
        // An error is one whatever its size.
        let kept = response.body.get(..limit).unwrap_or_default().to_vec();
        return Ok(response.with_body(kept));
    }
    let message = format!("the response has {bytes} bytes, more than the {limit} allowed");
    Err(SendError::maybe_sent(TooLarge, message))
}

fn wait(delay: Duration, request: &HttpRequest<'_>) -> Result<(), SendError> {
    let left = request.time_left().unwrap_or(Duration::MAX);
    match request.cancel_token() {
        Some(token) => token.wait(delay.min(left)),
        None => thread::sleep(delay.min(left)),
    }
    if left <= delay || request.cancel_token().is_some_and(CancelToken::is_cancelled) {
        return Err(SendError::maybe_sent(Timeout, "no response while the caller waited"));
    }
    Ok(())
}
