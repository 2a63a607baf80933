//! One call: its attempts, the waits between them, and the limits on all of it.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{StatusCode, Uri};

use crate::attempt::Attempt;
use crate::base_url::BaseUrl;
use crate::error::{Call, Cause, Error, ErrorKind, Result};
use crate::options::{self, CancelToken, Hidden, RequestOptions};
use crate::redact::Redactor;
use crate::request::{self, Request};
use crate::response::{self, RawResponse};
use crate::retry::{self, Outcome, RetryBudget, RetryDecision};
use crate::transport::{Limits, SendError, Transport};

/// The longest path and query that is sent.
const MAX_TARGET_BYTES: usize = 8 * 1024;

/// What makes calls: the parts that all clones share, and the settings of this one.
#[derive(Clone)]
pub(crate) struct Client {
    shared: Arc<Shared>,
    options: Arc<RequestOptions>,
}

/// What all clones share.
pub(crate) struct Shared {
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) base: BaseUrl,
    /// Waits before a retry.
    pub(crate) wait: fn(&CancelToken, Duration),
    pub(crate) observer: Option<Observer>,
    pub(crate) budget: RetryBudget,
}

pub(crate) type Observer = Box<dyn Fn(&Attempt<'_>) + Send + Sync>;

impl Client {
    pub(crate) fn new(shared: Shared, options: RequestOptions) -> Client {
        Client { shared: Arc::new(shared), options: Arc::new(options) }
    }

    /// A client that shares everything with this one but what `options` say.
    pub(crate) fn with_options(&self, options: RequestOptions) -> Client {
        let mut merged = RequestOptions::clone(&self.options);
        merged.merge(options);
        Client { shared: Arc::clone(&self.shared), options: Arc::new(merged) }
    }

    /// Whether the caller wants `name` in the query of every request.
    pub(crate) fn adds_to_query(&self, name: &str) -> bool {
        self.options.query.iter().any(|(known, _)| known == name)
    }

    /// What no error may show.
    pub(crate) fn redactor(&self) -> &Redactor {
        &self.options.redactor
    }

    pub(crate) fn base(&self) -> &BaseUrl {
        &self.shared.base
    }

    /// Makes the call, and returns the first response with a status of 2xx.
    pub(crate) fn call<'a>(&'a self, request: &'a Request) -> Result<RawResponse<'a>> {
        if let Some(message) = &self.options.invalid {
            return Err(Error::config(message.as_str()));
        }
        let uri = self.url(request)?;
        let mut state = self.begin(request);
        if let Some(interrupted) = self.interruption(&state) {
            return Err(interrupted);
        }
        loop {
            state.attempts = state.attempts.saturating_add(1);
            let outcome = match self.attempt(&state, uri.clone()) {
                Ok(response) if response.status().is_success() => {
                    self.shared.budget.give_back(state.tokens.max(1));
                    self.observe(&state, Ok(response.status()), None);
                    let (attempts, redactor) = (state.attempts, self.redactor());
                    return Ok(RawResponse { request, attempts, redactor, response });
                }
                outcome => outcome,
            };
            let key = self.options.headers.get("idempotency-key");
            let has_key = key.is_some_and(|key| !key.is_empty());
            let idempotent = has_key || request::is_idempotent(&request.method);
            let decision = retry::classify(&outcome, idempotent);
            state.may_have_been_processed |= decision.may_have_been_processed;

            let wait = if decision.retryable { self.wait(&mut state, &outcome) } else { None };
            self.observe(&state, outcome.as_ref().map(|it| it.status()), wait);
            let Some(wait) = wait else {
                return Err(self.error(&state, decision, outcome));
            };
            (self.shared.wait)(&self.cancel_token(), wait);
            state.started = Instant::now();
            if let Some(interrupted) = self.interruption(&state) {
                self.shared.budget.give_back(state.unspent);
                return Err(match interrupted.kind() {
                    ErrorKind::Cancelled => interrupted,
                    // The last error says more than that time was up.
                    _ => self.error(&state, decision, outcome),
                });
            }
        }
    }

    fn begin<'a>(&self, request: &'a Request) -> State<'a> {
        let started = Instant::now();
        let by_timeout = self.options.total_timeout.and_then(|limit| started.checked_add(limit));
        State {
            request,
            started,
            deadline: by_timeout.into_iter().chain(self.options.deadline).min(),
            attempts: 0,
            may_have_been_processed: false,
            tokens: 0,
            unspent: 0,
        }
    }

    fn attempt(&self, state: &State<'_>, uri: Uri) -> Outcome {
        let (request, options) = (state.request, &*self.options);
        let timeout = state.started.checked_add(options.timeout.unwrap_or(options::TIMEOUT));
        let limits = Limits {
            deadline: timeout.into_iter().chain(state.deadline).min(),
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
            let message = self.redactor().redact(&error.message).into();
            SendError { message, ..error }
        })
    }

    /// The base URL, the path and the query in one.
    fn url(&self, request: &Request) -> Result<Uri> {
        let mut target = request.target().to_owned();
        for (name, Hidden(value)) in &self.options.query {
            request::push_query(&mut target, name, value);
        }
        if target.len() > MAX_TARGET_BYTES {
            return Err(Error::request(format!(
                "{}: path and query are {} bytes long, and at most {MAX_TARGET_BYTES} are sent",
                request.method,
                target.len()
            )));
        }
        let invalid = || Error::request(format!("{}: the path is invalid", request.method));
        self.shared.base.join(target).ok_or_else(invalid)
    }

    /// The caller's own limits, if one has been reached.
    fn interruption(&self, state: &State<'_>) -> Option<Error> {
        let cause = match (self.is_cancelled(), state.is_over(Instant::now())) {
            (true, _) => Cause::Cancelled,
            (false, true) => Cause::Deadline,
            (false, false) => return None,
        };
        let call = self.call_of(state);
        let effect = call.effect();
        Some(Error::new(call, cause(effect)))
    }

    fn is_cancelled(&self) -> bool {
        self.options.cancel_token.as_ref().is_some_and(CancelToken::is_cancelled)
    }

    /// How long to wait before the next attempt, if there is to be one.
    fn wait(&self, state: &mut State<'_>, outcome: &Outcome) -> Option<Duration> {
        let retries = state.attempts.saturating_sub(1);
        if retries >= self.options.max_retries.unwrap_or(options::MAX_RETRIES)
            || self.is_cancelled()
        {
            return None;
        }
        let asked = outcome.as_ref().ok().and_then(|it| retry::retry_after(it.headers()));
        let longest = self.options.max_retry_wait.unwrap_or(options::MAX_RETRY_WAIT);
        let wait = match asked {
            Some(asked) if asked > longest => return None,
            Some(asked) => asked,
            None => retry::backoff(retries, random()),
        };
        // The next attempt could not even begin.
        if Instant::now().checked_add(wait).is_none_or(|next| state.is_over(next)) {
            return None;
        }
        let timed_out = outcome.as_ref().is_err_and(|error| error.kind.is_timeout());
        let taken = self.shared.budget.take(timed_out)?;
        state.tokens = state.tokens.saturating_add(taken);
        state.unspent = taken;
        Some(wait)
    }

    fn cancel_token(&self) -> CancelToken {
        self.options.cancel_token.clone().unwrap_or_default()
    }

    fn max_body_bytes(&self) -> usize {
        self.options.max_body_bytes.unwrap_or(options::MAX_BODY_BYTES)
    }

    /// The error that the last attempt comes to.
    fn error(&self, state: &State<'_>, decision: RetryDecision, outcome: Outcome) -> Error {
        let call = Call { retryable: decision.retryable, ..self.call_of(state) };
        let limit = self.max_body_bytes();
        let failure = match outcome {
            Ok(response) => return response::status_error(response, call, self.redactor(), limit),
            Err(failure) => failure,
        };
        match self.interruption(state) {
            Some(cancelled) if cancelled.kind() == ErrorKind::Cancelled => cancelled,
            Some(deadline) if failure.kind.is_timeout() => deadline,
            _ => Error::new(call, Cause::NoResponse(failure)),
        }
    }

    /// How errors call it.
    fn call_of(&self, state: &State<'_>) -> Call {
        let call = state.request.as_call(state.attempts, self.redactor());
        Call { may_have_been_processed: state.may_have_been_processed, ..call }
    }

    fn observe(
        &self,
        state: &State<'_>,
        outcome: Result<StatusCode, &SendError>,
        wait: Option<Duration>,
    ) {
        if self.shared.observer.is_none() && !log::log_enabled!(log::Level::Debug) {
            return;
        }
        let path = state.request.shown_path(&self.options.redactor);
        let attempt = Attempt {
            method: &state.request.method,
            path: &path,
            number: state.attempts,
            status: outcome.ok().map(|status| status.as_u16()),
            failure: outcome.err(),
            elapsed: state.started.elapsed(),
            wait,
        };
        log::debug!("{attempt}");
        if let Some(observer) = &self.shared.observer {
            observer(&attempt);
        }
    }
}

/// How far a call has got.
struct State<'a> {
    request: &'a Request,
    /// Of the attempt.
    started: Instant,
    deadline: Option<Instant>,
    attempts: u32,
    /// By any of the attempts so far.
    may_have_been_processed: bool,
    /// What the retries took from the budget.
    tokens: u32,
    /// What the last of them took, and has not been sent yet.
    unspent: u32,
}

impl State<'_> {
    fn is_over(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|deadline| now >= deadline)
    }
}

/// Random enough to keep clients out of step; the standard library seeds its hash maps so.
fn random() -> u32 {
    (RandomState::new().hash_one(0_u8) >> 32).try_into().unwrap_or_default()
}
