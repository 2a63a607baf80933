//! What one call, or a clone of the client, does differently.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Settings for one call, or for as many as are made through the clone of the client
/// that [`Api::with_options`](crate::Api::with_options) gives.
///
/// What is not set here stays as the client has it. Headers and query parameters are
/// added to the client's; of two deadlines the earlier holds, of two tokens the later one given.
///
/// ```
/// # use nirvana_labs::{Api, RequestOptions, Sandbox, OrganizationCreateParams};
/// # use std::time::{Duration, Instant};
/// # let api = Api::builder().transport(Sandbox::new()).build()?;
/// let quick = api.with_options(
///     RequestOptions::new()
///         .deadline(Instant::now() + Duration::from_secs(5))
///         .max_retries(0),
/// );
/// let organization = quick.create_organization(&OrganizationCreateParams::new("Acme"))?;
/// # Ok::<(), nirvana_labs::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct RequestOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) max_retries: Option<u32>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) cancel: Option<CancelToken>,
}

impl RequestOptions {
    /// Options that change nothing.
    pub fn new() -> RequestOptions {
        RequestOptions::default()
    }

    /// The longest that one attempt may take, from opening a connection to the last byte
    /// of the body. 60 s unless set here or on the client.
    pub fn timeout(mut self, timeout: Duration) -> RequestOptions {
        self.timeout = Some(timeout);
        self
    }

    /// The moment by which everything must be over: all attempts, the waits between
    /// them, and all pages of a list. None unless set.
    pub fn deadline(mut self, deadline: Instant) -> RequestOptions {
        self.deadline = Some(deadline);
        self
    }

    /// How often to try again after the first attempt. 2 unless set here or on the client.
    pub fn max_retries(mut self, max_retries: u32) -> RequestOptions {
        self.max_retries = Some(max_retries);
        self
    }

    /// A header to send, of 8 KiB at most. A name or value that cannot be sent, or a header
    /// that the client writes itself, makes each call fail with
    /// [`Error::Config`](crate::Error::Config) before anything is sent.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> RequestOptions {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// A query parameter to send, encoded as needed.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> RequestOptions {
        self.query.push((name.into(), value.into()));
        self
    }

    /// The `Idempotency-Key` to send, which must be new for each thing to be done. With
    /// it, a POST is retried like a GET, with the same key. Set it only for a server that
    /// honours it: the contract does not say that this one does.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> RequestOptions {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Lets `token` end the call from another thread.
    pub fn cancel(mut self, token: &CancelToken) -> RequestOptions {
        self.cancel = Some(token.clone());
        self
    }
}

impl fmt::Debug for RequestOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |pairs: &[(String, String)]| -> Vec<String> {
            pairs.iter().map(|(name, _)| name.clone()).collect()
        };
        f.debug_struct("RequestOptions")
            .field("timeout", &self.timeout)
            .field("deadline", &self.deadline)
            .field("max_retries", &self.max_retries)
            .field("headers", &names(&self.headers))
            .field("query", &names(&self.query))
            .field("idempotency_key", &self.idempotency_key.as_ref().map(|_| "…"))
            .field("cancel", &self.cancel)
            .finish()
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
/// let api = api.with_options(RequestOptions::new().cancel(&token));
/// let outcome = api.get_organization("org_1");
/// assert!(matches!(outcome, Err(Error::Cancelled(_))));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Default)]
pub struct CancelToken {
    state: Arc<(Mutex<bool>, Condvar)>,
}

impl CancelToken {
    /// A token that is not cancelled.
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

    /// Whether [`cancel`](CancelToken::cancel) was called.
    #[must_use]
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

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CancelToken").field(&self.is_cancelled()).finish()
    }
}
