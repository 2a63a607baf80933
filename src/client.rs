//! One call: its attempts, the waits between them, and the limits on all of it.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use http::header::{CONTENT_TYPE, HeaderValue};
use http::uri::Uri;

use crate::attempt::Attempt;
use crate::base_url::BaseUrl;
use crate::error::{Call, Error, InterruptedError, Result, TransportError};
use crate::options::{CancelToken, Hidden, RequestOptions};
use crate::redact::Redactor;
use crate::request::{self, Request};
use crate::response::{self, RawResponse};
use crate::retry::{self, Outcome, RetryBudget, RetryDecision};
use crate::settings::Settings;
use crate::transport::{HttpRequest, HttpResponse, SendError, Transport};

/// The longest that an attempt may take, unless set.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How often to try again, unless set.
const MAX_RETRIES: u32 = 2;
/// The longest path and query that is sent.
const MAX_TARGET_BYTES: usize = 8 * 1024;

/// What makes calls: the parts that all clones share, and the settings of this one.
#[derive(Clone)]
pub(crate) struct Client {
    shared: Arc<Shared>,
    settings: Arc<Settings>,
}

/// What all clones share.
pub(crate) struct Shared {
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) base: BaseUrl,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_retry_wait: Duration,
    pub(crate) max_body_bytes: usize,
    pub(crate) observer: Option<Observer>,
    pub(crate) budget: RetryBudget,
}

pub(crate) type Observer = Box<dyn Fn(&Attempt<'_>) + Send + Sync>;

impl Client {
    pub(crate) fn new(shared: Shared, settings: Settings) -> Client {
        Client { shared: Arc::new(shared), settings: Arc::new(settings) }
    }

    /// A client that shares everything with this one but what `options` say.
    pub(crate) fn with_options(&self, options: RequestOptions) -> Client {
        let mut settings = Settings::clone(&self.settings);
        settings.apply(options);
        Client { shared: Arc::clone(&self.shared), settings: Arc::new(settings) }
    }

    /// Whether the caller wants `name` in the query of every request.
    pub(crate) fn adds_to_query(&self, name: &str) -> bool {
        self.settings.query.iter().any(|(known, _)| known == name)
    }

    /// What no error may show.
    pub(crate) fn redactor(&self) -> &Redactor {
        &self.settings.redactor
    }

    pub(crate) fn base(&self) -> &BaseUrl {
        &self.shared.base
    }

    /// Makes the call, and returns the first response with a status of 2xx.
    pub(crate) fn call<'a>(&'a self, request: &'a Request) -> Result<RawResponse<'a>> {
        if let Some(message) = &self.settings.invalid {
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
                Ok(response) if matches!(response.status, 200..300) => {
                    self.shared.budget.give_back(state.tokens.max(1));
                    self.observe(&state, Ok(response.status), None);
                    let (attempts, redactor) = (state.attempts, self.redactor());
                    return Ok(RawResponse { request, attempts, redactor, response });
                }
                outcome => outcome,
            };
            let idempotent = self.settings.idempotent || request.method.is_idempotent();
            let decision = retry::classify(&outcome, idempotent);
            state.may_have_been_processed |= decision.may_have_been_processed;

            let wait = if decision.retryable { self.wait(&mut state, &outcome) } else { None };
            self.observe(&state, outcome.as_ref().map(HttpResponse::status), wait);
            let Some(wait) = wait else {
                return Err(self.error(&state, decision, outcome));
            };
            self.sleep(wait);
            state.started = Instant::now();
            if let Some(interrupted) = self.interruption(&state) {
                self.shared.budget.give_back(state.unspent);
                return Err(match interrupted {
                    Error::Cancelled(_) => interrupted,
                    // The last error says more than that time was up.
                    _ => self.error(&state, decision, outcome),
                });
            }
        }
    }

    fn begin<'a>(&self, request: &'a Request) -> State<'a> {
        let (started, settings) = (Instant::now(), &self.settings);
        let by_timeout = settings.total_timeout.and_then(|limit| started.checked_add(limit));
        State {
            request,
            started,
            deadline: by_timeout.into_iter().chain(settings.deadline).min(),
            attempts: 0,
            may_have_been_processed: false,
            tokens: 0,
            unspent: 0,
        }
    }

    fn attempt(&self, state: &State<'_>, uri: Uri) -> Outcome {
        let (request, settings) = (state.request, &*self.settings);
        let timeout = state.started.checked_add(settings.timeout.unwrap_or(TIMEOUT));
        let mut headers = settings.headers.clone();
        if request.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let outcome = self.shared.transport.send(HttpRequest {
            method: request.method.clone(),
            uri,
            prefix_bytes: self.shared.base.prefix.len(),
            headers,
            body: request.body.as_deref().map(Cow::Borrowed),
            ends: timeout.into_iter().chain(state.deadline).min(),
            connect_timeout: self.shared.connect_timeout,
            cancel_token: settings.cancel_token.clone(),
            max_body_bytes: self.shared.max_body_bytes,
        });
        outcome.map_err(|error| {
            let message = self.redactor().redact(&error.message).into();
            SendError { message, ..error }
        })
    }

    /// The base URL, the path and the query in one.
    fn url(&self, request: &Request) -> Result<Uri> {
        let mut target = request.target().to_owned();
        for (name, Hidden(value)) in &self.settings.query {
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
        let interruption = || Box::new(InterruptedError { call: self.call_of(state) });
        match (self.is_cancelled(), state.is_over(Instant::now())) {
            (true, _) => Some(Error::Cancelled(interruption())),
            (false, true) => Some(Error::Deadline(interruption())),
            (false, false) => None,
        }
    }

    fn is_cancelled(&self) -> bool {
        self.settings.cancel_token.as_ref().is_some_and(CancelToken::is_cancelled)
    }

    /// How long to wait before the next attempt, if there is to be one.
    fn wait(&self, state: &mut State<'_>, outcome: &Outcome) -> Option<Duration> {
        let retries = state.attempts.saturating_sub(1);
        if retries >= self.settings.max_retries.unwrap_or(MAX_RETRIES) || self.is_cancelled() {
            return None;
        }
        let asked = outcome.as_ref().ok().and_then(|it| retry::retry_after(&it.headers));
        let wait = match asked {
            Some(asked) if asked > self.shared.max_retry_wait => return None,
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

    fn sleep(&self, wait: Duration) {
        if self.settings.skips_waits {
            return;
        }
        match &self.settings.cancel_token {
            Some(token) => token.wait(wait),
            None => thread::sleep(wait),
        }
    }

    /// The error that the last attempt comes to.
    fn error(&self, state: &State<'_>, decision: RetryDecision, outcome: Outcome) -> Error {
        let call = Call { retryable: decision.retryable, ..self.call_of(state) };
        let limit = self.shared.max_body_bytes;
        let SendError { kind, message, source, .. } = match outcome {
            Ok(response) => return response::api_error(response, call, self.redactor(), limit),
            Err(error) => error,
        };
        match self.interruption(state) {
            Some(cancelled @ Error::Cancelled(_)) => cancelled,
            Some(deadline) if kind.is_timeout() => deadline,
            _ => Error::Transport(Box::new(TransportError { call, kind, message, source })),
        }
    }

    /// How errors call it.
    fn call_of(&self, state: &State<'_>) -> Call {
        let call = state.request.as_call(state.attempts, self.redactor());
        Call { may_have_been_processed: state.may_have_been_processed, ..call }
    }

    fn observe(&self, state: &State<'_>, outcome: Result<u16, &SendError>, wait: Option<Duration>) {
        if self.shared.observer.is_none() && !log::log_enabled!(log::Level::Debug) {
            return;
        }
        let path = state.request.shown_path(&self.settings.redactor);
        let attempt = Attempt {
            method: &state.request.method,
            path: &path,
            number: state.attempts,
            status: outcome.ok(),
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
