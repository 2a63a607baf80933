//! Options of one call, or of a clone of the client.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Settings for one call, or for all calls made through the client that
/// [`Api::with_options`](crate::Api::with_options) returns.
///
/// What is not set here stays as the client has it. Headers and query parameters are
/// added to the client's; of two deadlines the earlier holds.
///
/// ```
/// # use nirvana_labs::{Api, RequestOptions, Sandbox, OrganizationCreateParams};
/// # use std::time::Duration;
/// # let api = Api::builder().transport(Sandbox::new()).build()?;
/// let quick = api.with_options(
///     RequestOptions::new().total_timeout(Duration::from_secs(5)).max_retries(0),
/// );
/// let organization = quick.create_organization(&OrganizationCreateParams::new("Acme"))?;
/// # Ok::<(), nirvana_labs::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RequestOptions {
    pub(crate) api_key: Option<Hidden>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) max_retries: Option<u32>,
    pub(crate) headers: Vec<(String, Hidden)>,
    pub(crate) query: Vec<(String, Hidden)>,
    pub(crate) idempotency_key: Option<Hidden>,
    pub(crate) cancel_token: Option<CancelToken>,
}

impl RequestOptions {
    /// Creates options that change nothing.
    pub fn new() -> RequestOptions {
        RequestOptions::default()
    }

    /// Sets the API key, in place of the client's.
    pub fn api_key(mut self, api_key: impl Into<String>) -> RequestOptions {
        self.api_key = Some(Hidden(api_key.into()));
        self
    }

    /// Sets the longest that one attempt may take, from opening a connection to the last byte
    /// of the body. 60 s unless set here or on the client.
    pub fn timeout(mut self, timeout: Duration) -> RequestOptions {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the longest that a call may take, all attempts and the waits between them
    /// included. It is measured anew for each call and, of a list, for each page. No limit
    /// unless set here or on the client; it must be greater than 0.
    ///
    /// Where it ends while the client waits for a retry, or would end in that wait, the last
    /// error comes back at once; during an attempt, the error is
    /// [`Error::Deadline`](crate::Error::Deadline).
    pub fn total_timeout(mut self, total_timeout: Duration) -> RequestOptions {
        self.total_timeout = Some(total_timeout);
        self
    }

    /// Sets the moment by which everything must be over: all attempts, the waits between
    /// them, and all pages of a list. None unless set. The earlier of it and
    /// [`total_timeout`](RequestOptions::total_timeout) holds.
    ///
    /// A deadline is a moment: a client with it that is kept fails every call once the moment
    /// has passed. For a client that is kept, set
    /// [`total_timeout`](RequestOptions::total_timeout).
    pub fn deadline(mut self, deadline: Instant) -> RequestOptions {
        self.deadline = Some(deadline);
        self
    }

    /// Sets how often to try again after the first attempt. 2 unless set here or on the client.
    pub fn max_retries(mut self, max_retries: u32) -> RequestOptions {
        self.max_retries = Some(max_retries);
        self
    }

    /// Adds a header, of 8 KiB at most, in place of the client's of the same name. An invalid
    /// name or value, or a header that the client writes itself, makes each call fail with
    /// [`Error::Config`](crate::Error::Config) before anything is sent.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> RequestOptions {
        self.headers.push((name.into(), Hidden(value.into())));
        self
    }

    /// Adds a query parameter, percent-encoded as needed.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> RequestOptions {
        self.query.push((name.into(), Hidden(value.into())));
        self
    }

    /// Sets the `Idempotency-Key` header, which must be unique to the operation. With it,
    /// a POST is retried like a GET, with the same key. Set it only for a server that honours
    /// it: the API schema does not say that this one does.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> RequestOptions {
        self.idempotency_key = Some(Hidden(key.into()));
        self
    }

    /// Sets the token that can end the call from another thread, in place of the client's.
    pub fn cancel_token(mut self, token: &CancelToken) -> RequestOptions {
        self.cancel_token = Some(token.clone());
        self
    }
}

/// A value that `Debug` does not show.
#[derive(Clone)]
pub(crate) struct Hidden(pub(crate) String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Ends calls from another thread.
///
/// Clones share one state. A wait between attempts ends at once, a blocked read within
/// a quarter of a second, and the call returns [`Error::Cancelled`](crate::Error::Cancelled).
/// Calls that do not carry the token go on undisturbed.
///
/// ```
/// # use nirvana_labs::{Api, CancelToken, Error, ListParams, RequestOptions, Sandbox};
/// # let api = Api::builder().transport(Sandbox::new()).build()?;
/// let token = CancelToken::new();
/// let stopper = token.clone();
/// std::thread::spawn(move || stopper.cancel()).join().unwrap();
///
/// let api = api.with_options(RequestOptions::new().cancel_token(&token));
/// let outcome = api.get_organization("org_1");
/// assert!(matches!(outcome, Err(Error::Cancelled(_))));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancelToken {
    state: Arc<(Mutex<bool>, Condvar)>,
}

impl CancelToken {
    /// Creates a token that is not cancelled.
    #[must_use]
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// Ends every call that carries this token, now and in the future.
    pub fn cancel(&self) {
        let (cancelled, changed) = &*self.state;
        *cancelled.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
    }

    /// Returns whether [`cancel`](CancelToken::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        *self.state.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `duration`, or until cancelled.
    pub(crate) fn wait(&self, duration: Duration) {
        let (cancelled, changed) = &*self.state;
        let guard = cancelled.lock().unwrap_or_else(PoisonError::into_inner);
        drop(changed.wait_timeout_while(guard, duration, |cancelled| !*cancelled));
    }
}
