//! One call: its attempts, the waits between them, and its deadline.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Uri;
use http::header::{CONTENT_TYPE, HeaderValue};

use crate::attempt::Attempt;
use crate::base_url::BaseUrl;
use crate::error::{CallContext, Cause, Error, Result};
use crate::header::IDEMPOTENCY_KEY;
use crate::options::{self, CancelToken, Hidden, RequestOptions};
use crate::redact::Redactor;
use crate::request::{self, ApiRequest};
use crate::response::{self, ApiResponse};
use crate::retry::{self, Outcome, RetryBudget, RetryDecision};
use crate::transport::{Limits, SendError, Transport};

/// The most bytes of path and query that a request may have.
const MAX_TARGET_BYTES: usize = 8 * 1024;

/// The client that makes calls: a part that all clones share, and the options of this clone.
#[derive(Clone)]
pub(crate) struct Client {
    shared: Arc<Shared>,
    options: Arc<RequestOptions>,
}

/// The part of a client that all clones share.
pub(crate) struct Shared {
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) base: BaseUrl,
    /// The function that waits before a retry.
    pub(crate) wait: fn(&CancelToken, Duration),
    pub(crate) observer: Option<Observer>,
    pub(crate) budget: RetryBudget,
}

pub(crate) type Observer = Box<dyn Fn(&Attempt<'_>) + Send + Sync>;

impl Client {
    pub(crate) fn new(shared: Shared, options: RequestOptions) -> Client {
        Client { shared: Arc::new(shared), options: Arc::new(options) }
    }

    /// Returns a client that shares everything with this one except what `options` set.
    pub(crate) fn with_options(&self, options: RequestOptions) -> Client {
        let mut merged = RequestOptions::clone(&self.options);
        merged.merge(options);
        Client { shared: Arc::clone(&self.shared), options: Arc::new(merged) }
    }

    /// Returns whether the options add `name` to the query of every request.
    pub(crate) fn adds_to_query(&self, name: &str) -> bool {
        self.options.query.iter().any(|(known, _)| known == name)
    }

    pub(crate) fn redactor(&self) -> &Redactor {
        &self.options.redactor
    }

    pub(crate) fn base(&self) -> &BaseUrl {
        &self.shared.base
    }

    /// Makes the call, and returns the first response with a 2xx status.
    pub(crate) fn call<'a>(&'a self, request: &'a ApiRequest) -> Result<ApiResponse<'a>> {
        if let Some(why) = &self.options.invalid {
            return Err(Error::config(why.as_str()));
        }
        let uri = self.uri(request)?;
        let mut call = Call::new(request, &self.options);
        if let Some(cause) = self.interruption(&call, call.attempt_started) {
            return Err(Error::new(self.context(&call), cause));
        }
        loop {
            call.attempts = call.attempts.saturating_add(1);
            let outcome = match self.attempt(&call, uri.clone()) {
                Ok(response) if response.status().is_success() => {
                    self.shared.budget.refund(call.paid.max(1));
                    self.observe(&call, Ok(response.status().as_u16()), Next::End);
                    let (attempts, redactor) = (call.attempts, self.redactor());
                    return Ok(ApiResponse { request, attempts, redactor, response });
                }
                outcome => outcome,
            };
            let decision = retry::classify(&outcome, self.is_idempotent(request));
            call.may_have_been_processed |= decision.may_have_been_processed;
            let next = self.next(&mut call, &outcome, decision);
            self.observe(&call, outcome.as_ref().map(|it| it.status().as_u16()), next);
            let Next::Retry(wait) = next else {
                return Err(self.error(&call, decision, outcome));
            };
            (self.shared.wait)(&self.cancel_token(), wait);
            call.attempt_started = Instant::now();
            if let Some(cause) = self.interruption(&call, call.attempt_started) {
                self.shared.budget.refund(call.last_paid);
                return Err(match cause {
                    Cause::Cancelled => Error::new(self.context(&call), cause),
                    // The last real error says more than a bare deadline error.
                    _ => self.error(&call, decision, outcome),
                });
            }
        }
    }

    /// Returns whether sending `request` twice has the same effect as sending it once.
    fn is_idempotent(&self, request: &ApiRequest) -> bool {
        let key = self.options.headers.get(IDEMPOTENCY_KEY);
        key.is_some_and(|key| !key.is_empty()) || retry::is_idempotent(&request.method)
    }

    fn attempt(&self, call: &Call<'_>, uri: Uri) -> Outcome {
        let (request, options) = (call.request, &*self.options);
        let timeout = options.timeout.unwrap_or(options::TIMEOUT);
        let timeout_ends = call.attempt_started.checked_add(timeout);
        let limits = Limits {
            deadline: timeout_ends.into_iter().chain(call.deadline).min(),
            connect_timeout: options.connect_timeout.unwrap_or(options::CONNECT_TIMEOUT),
            max_body_bytes: self.max_body_bytes(),
            cancel_token: self.cancel_token(),
        };
        let mut message = http::Request::new(request.body.as_deref().unwrap_or_default());
        *message.method_mut() = request.method.clone();
        *message.uri_mut() = uri;
        *message.headers_mut() = options.headers.clone();
        if request.body.is_some() {
            let json = HeaderValue::from_static("application/json");
            message.headers_mut().insert(CONTENT_TYPE, json);
        }
        let outcome = self.shared.transport.send(message, &limits);
        outcome.map_err(|error| {
            let message = self.redactor().one_line(&error.message).into();
            SendError { message, ..error }
        })
    }

    /// Returns the URI of `request`: the base URL with the path and the query.
    fn uri(&self, request: &ApiRequest) -> Result<Uri> {
        let mut target = request.target().to_owned();
        for (name, Hidden(value)) in &self.options.query {
            request::push_query(&mut target, name, value);
        }
        if target.len() > MAX_TARGET_BYTES {
            return Err(Error::request(format!(
                "{}: path and query are {} bytes long, and {MAX_TARGET_BYTES} is the maximum",
                request.method,
                target.len()
            )));
        }
        let invalid = || Error::request(format!("{}: the path is invalid", request.method));
        self.shared.base.join(target).ok_or_else(invalid)
    }

    /// Decides what comes after a failed attempt. If that is a retry, its cost is taken from the
    /// retry budget.
    fn next(&self, call: &mut Call<'_>, outcome: &Outcome, decision: RetryDecision) -> Next {
        if !decision.retryable {
            // The failure would be retried if the request were idempotent.
            let would_help = retry::classify(outcome, true).retryable;
            return if would_help { Next::NoRetry("not idempotent") } else { Next::End };
        }
        let retries = call.attempts.saturating_sub(1);
        if retries >= self.options.max_retries.unwrap_or(options::MAX_RETRIES) {
            return Next::NoRetry("retries used up");
        }
        if self.cancel_token().is_cancelled() {
            return Next::NoRetry("cancelled");
        }
        let longest = self.options.max_retry_wait.unwrap_or(options::MAX_RETRY_WAIT);
        let asked = outcome.as_ref().ok().and_then(|it| retry::retry_after(it.headers()));
        let wait = match asked {
            Some(asked) if asked > longest => return Next::NoRetry("wait too long"),
            Some(asked) => asked,
            None => retry::backoff(retries, random()),
        };
        if Instant::now().checked_add(wait).is_none_or(|then| call.is_over(then)) {
            return Next::NoRetry("no time left");
        }
        let timed_out = outcome.as_ref().is_err_and(|error| error.kind.is_timeout());
        let Some(paid) = self.shared.budget.pay(timed_out) else {
            return Next::NoRetry("budget spent");
        };
        call.paid = call.paid.saturating_add(paid);
        call.last_paid = paid;
        Next::Retry(wait)
    }

    /// Returns the error of the call. `outcome` is the outcome of the last attempt.
    fn error(&self, call: &Call<'_>, decision: RetryDecision, outcome: Outcome) -> Error {
        let context = CallContext { retryable: decision.retryable, ..self.context(call) };
        let failure = match outcome {
            Ok(response) => {
                let limit = self.max_body_bytes();
                return response::status_error(response, context, self.redactor(), limit);
            }
            Err(failure) => failure,
        };
        match self.interruption(call, Instant::now()) {
            Some(cause @ Cause::Cancelled) => Error::new(self.context(call), cause),
            Some(deadline) if failure.kind.is_timeout() => Error::new(self.context(call), deadline),
            _ => Error::new(context, Cause::NoResponse(failure)),
        }
    }

    /// Returns why the call must end at `now`: it was cancelled, or its deadline has passed.
    fn interruption(&self, call: &Call<'_>, now: Instant) -> Option<Cause> {
        if self.options.cancel_token.as_ref().is_some_and(CancelToken::is_cancelled) {
            return Some(Cause::Cancelled);
        }
        call.is_over(now).then_some(Cause::Deadline)
    }

    /// Returns the call as errors describe it.
    fn context(&self, call: &Call<'_>) -> CallContext {
        let context = call.request.context(call.attempts, self.redactor());
        CallContext { may_have_been_processed: call.may_have_been_processed, ..context }
    }

    fn cancel_token(&self) -> CancelToken {
        self.options.cancel_token.clone().unwrap_or_default()
    }

    fn max_body_bytes(&self) -> usize {
        self.options.max_body_bytes.unwrap_or(options::MAX_BODY_BYTES)
    }

    fn observe(&self, call: &Call<'_>, outcome: Result<u16, &SendError>, next: Next) {
        if self.shared.observer.is_none() && !log::log_enabled!(log::Level::Debug) {
            return;
        }
        let path = call.request.shown_path(self.redactor());
        let attempt = Attempt {
            method: &call.request.method,
            path: &path,
            number: call.attempts,
            status: outcome.ok(),
            failure: outcome.err(),
            elapsed: call.attempt_started.elapsed(),
            wait: if let Next::Retry(wait) = next { Some(wait) } else { None },
            no_retry: if let Next::NoRetry(why) = next { Some(why) } else { None },
        };
        log::debug!("{attempt}");
        if let Some(observer) = &self.shared.observer {
            observer(&attempt);
        }
    }
}

/// What comes after an attempt.
#[derive(Clone, Copy)]
enum Next {
    /// The call ends: it has succeeded, or no retry would help.
    End,
    /// The call ends although a retry might help. The text says why.
    NoRetry(&'static str),
    /// The client retries after this wait.
    Retry(Duration),
}

/// The state of one call.
struct Call<'a> {
    request: &'a ApiRequest,
    /// When the current attempt started.
    attempt_started: Instant,
    deadline: Option<Instant>,
    attempts: u32,
    /// Whether the server may have acted on any attempt so far.
    may_have_been_processed: bool,
    /// How many tokens of the retry budget all retries so far have cost.
    paid: u32,
    /// How many tokens the latest retry has cost.
    last_paid: u32,
}

impl<'a> Call<'a> {
    fn new(request: &'a ApiRequest, options: &RequestOptions) -> Call<'a> {
        let started = Instant::now();
        let total_ends = options.total_timeout.and_then(|limit| started.checked_add(limit));
        Call {
            request,
            attempt_started: started,
            deadline: total_ends.into_iter().chain(options.deadline).min(),
            attempts: 0,
            may_have_been_processed: false,
            paid: 0,
            last_paid: 0,
        }
    }

    fn is_over(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|deadline| now >= deadline)
    }
}

/// Returns a random number for jitter. `RandomState` is randomly seeded, which saves a dependency
/// on `rand`.
fn random() -> u32 {
    (RandomState::new().hash_one(0_u8) >> 32).try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_the_jitter_is_random() {
        let numbers: Vec<u32> = (0..100).map(|_| random()).collect();
        assert_eq!(numbers.iter().fold(0, |seen, number| seen | number), u32::MAX);
        assert_eq!(numbers.iter().fold(u32::MAX, |seen, number| seen & number), 0);
    }
}
