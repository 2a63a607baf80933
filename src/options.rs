//! The settings of a client and of a call, and every default.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::header;
use crate::redact::Redactor;

// Every default.

/// The base URL of the API itself.
pub(crate) const BASE_URL: &str = "https://api.nirvanalabs.io";
pub(crate) const USER_AGENT: &str = concat!("nirvana-labs-rust/", env!("CARGO_PKG_VERSION"));
/// The longest time for one attempt, including the body.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an address is tried before the next one is tried too.
pub(crate) const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);
/// The number of retries after the first attempt.
pub(crate) const MAX_RETRIES: u32 = 2;
pub(crate) const FIRST_BACKOFF: Duration = Duration::from_millis(500);
pub(crate) const LONGEST_BACKOFF: Duration = Duration::from_secs(8);
/// The largest part of a backoff that jitter takes off.
pub(crate) const MAX_JITTER: f64 = 0.25;
/// The longest wait that a server may ask for.
pub(crate) const MAX_RETRY_WAIT: Duration = Duration::from_secs(60);
/// The tokens of a full retry budget, and the costs of a retry.
pub(crate) const RETRY_BUDGET: u32 = 500;
pub(crate) const RETRY_COST: u32 = 5;
pub(crate) const TIMEOUT_RETRY_COST: u32 = 10;
/// The largest body of a response, after decompression.
pub(crate) const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
/// The most bytes of an error's body that are kept.
pub(crate) const MAX_ERROR_BODY_BYTES: usize = 64 * 1024;
pub(crate) const MAX_IDLE_CONNECTIONS: usize = 64;
pub(crate) const MAX_IDLE_AGE: Duration = Duration::from_secs(15);

/// The most headers of a request. Servers accept fewer. A `HeaderMap` panics if it grows too large.
const MAX_HEADERS: usize = 256;

/// Settings for the calls of the client that [`Api::with_options`](crate::Api::with_options) returns.
///
/// A setting that is not set here keeps the client's value. Headers and query parameters are added
/// to the client's. The earlier of two deadlines applies.
///
/// An invalid setting makes each call fail with [`ErrorKind::Config`](crate::ErrorKind::Config) before
/// anything is sent.
///
/// ```
/// # use nirvana_labs::{Api, RequestOptions, Sandbox, OrganizationCreateParams};
/// # use std::time::Duration;
/// # let api = Sandbox::new().api();
/// let quick = api.with_options(
///     RequestOptions::new().total_timeout(Duration::from_secs(5)).max_retries(0),
/// );
/// let organization = quick.create_organization(&OrganizationCreateParams::new("Acme"))?;
/// # Ok::<(), nirvana_labs::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RequestOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) max_retries: Option<u32>,
    pub(crate) max_retry_wait: Option<Duration>,
    pub(crate) max_body_bytes: Option<usize>,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Vec<(String, Hidden)>,
    pub(crate) cancel_token: Option<CancelToken>,
    pub(crate) redactor: Redactor,
    /// Why the first invalid setting is invalid. `build`, or each call, fails with this text.
    pub(crate) invalid: Option<String>,
}

impl RequestOptions {
    /// Creates options that change nothing.
    pub fn new() -> RequestOptions {
        RequestOptions::default()
    }

    /// Sets the API key, instead of the client's.
    ///
    /// ```
    /// # use nirvana_labs::{Api, RequestOptions, Sandbox};
    /// # let sandbox = Sandbox::with_api_key("nl_tenant_1");
    /// # let api = Api::builder().transport(sandbox).build()?;
    /// let tenant = api.with_options(RequestOptions::new().api_key("nl_tenant_1"));
    /// assert_eq!(tenant.list_organizations(&Default::default()).count(), 0);
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn api_key(mut self, api_key: impl Into<String>) -> RequestOptions {
        let key = api_key.into();
        match header::authorization(&key) {
            Ok(value) => {
                self.headers.insert(AUTHORIZATION, value);
                self.redactor.add(&key);
            }
            Err(why) => self.refuse(why),
        }
        self
    }

    /// Sets the longest time for one attempt, from opening a connection to the last byte of the body.
    /// The timeout is 60 s unless it is set here or on the client. It must be greater than 0.
    pub fn timeout(mut self, timeout: Duration) -> RequestOptions {
        self.refuse_zero("timeout", timeout);
        self.timeout = Some(timeout);
        self
    }

    /// Sets the longest time for a call with all its attempts and the waits between them. Each page
    /// of a list gets this time anew. There is no total timeout unless it is set here or on the
    /// client. It must be greater than 0.
    ///
    /// If the time would end during the wait for a retry, the call fails at once with the last
    /// error. If the time ends during an attempt, the error is
    /// [`ErrorKind::Deadline`](crate::ErrorKind::Deadline).
    pub fn total_timeout(mut self, total_timeout: Duration) -> RequestOptions {
        self.refuse_zero("total timeout", total_timeout);
        self.total_timeout = Some(total_timeout);
        self
    }

    /// Sets when everything must be over: all attempts, the waits between them, and all pages of a
    /// list. There is no deadline by default. If a [`total_timeout`](RequestOptions::total_timeout)
    /// is set too, the earlier of the two applies.
    ///
    /// A deadline is an [`Instant`]: a client that keeps it fails every call afterwards. For a
    /// client that you keep, set [`total_timeout`](RequestOptions::total_timeout).
    pub fn deadline(mut self, deadline: Instant) -> RequestOptions {
        self.deadline = Some(deadline);
        self
    }

    /// Sets the number of retries after the first attempt. It is 2 unless set here or on the client.
    pub fn max_retries(mut self, max_retries: u32) -> RequestOptions {
        self.max_retries = Some(max_retries);
        self
    }

    /// Sets a header, instead of the client's header with the same name. Name and value together
    /// may have up to 8 KiB.
    ///
    /// An invalid name or value is an error, and so is a header that the client writes itself.
    ///
    /// A POST with an `Idempotency-Key`, which must be unique to the operation, is retried like a
    /// GET. Set it only if the server honours it: the API schema does not mention it.
    ///
    /// ```
    /// # use nirvana_labs::{OrganizationCreateParams, RequestOptions, Sandbox};
    /// # let (sandbox, id_of_the_order) = (Sandbox::new(), "order-17");
    /// # let api = sandbox.api();
    /// let once = api.with_options(RequestOptions::new().header("Idempotency-Key", id_of_the_order));
    /// once.create_organization(&OrganizationCreateParams::new("Acme"))?;
    /// assert_eq!(sandbox.requests()[0].headers()["idempotency-key"], "order-17");
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> RequestOptions {
        match header::custom(&name.into(), &value.into()) {
            Ok(_) if self.headers.len() >= MAX_HEADERS => {
                self.refuse(format!("more than {MAX_HEADERS} headers are set"))
            }
            Ok((name, value)) => drop(self.headers.insert(name, value)),
            Err(why) => self.refuse(why),
        }
        self
    }

    /// Adds a query parameter. Name and value are percent-encoded.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> RequestOptions {
        self.query.push((name.into(), Hidden(value.into())));
        self
    }

    /// Sets the token that can cancel the calls, instead of the client's.
    pub fn cancel_token(mut self, token: &CancelToken) -> RequestOptions {
        self.cancel_token = Some(token.clone());
        self
    }

    pub(crate) fn connect_timeout(mut self, connect_timeout: Duration) -> RequestOptions {
        self.refuse_zero("connect timeout", connect_timeout);
        self.connect_timeout = Some(connect_timeout);
        self
    }

    /// Adopts every setting that `other` sets.
    pub(crate) fn merge(&mut self, other: RequestOptions) {
        self.timeout = other.timeout.or(self.timeout);
        self.total_timeout = other.total_timeout.or(self.total_timeout);
        self.deadline = self.deadline.into_iter().chain(other.deadline).min();
        self.connect_timeout = other.connect_timeout.or(self.connect_timeout);
        self.max_retries = other.max_retries.or(self.max_retries);
        self.max_retry_wait = other.max_retry_wait.or(self.max_retry_wait);
        self.max_body_bytes = other.max_body_bytes.or(self.max_body_bytes);
        self.query.extend(other.query);
        self.cancel_token = other.cancel_token.or(self.cancel_token.take());
        self.redactor.merge(other.redactor);
        other.invalid.into_iter().for_each(|why| self.refuse(why));
        match self.headers.len().saturating_add(other.headers.len()) {
            0..=MAX_HEADERS => self.headers.extend(other.headers),
            _ => self.refuse(format!("more than {MAX_HEADERS} headers are set")),
        }
    }

    fn refuse_zero(&mut self, what: &str, duration: Duration) {
        if duration.is_zero() {
            self.refuse(format!("the {what} must be greater than 0"));
        }
    }

    /// Notes why the settings are invalid. Only the first reason is kept.
    pub(crate) fn refuse(&mut self, why: String) {
        self.invalid.get_or_insert(why);
    }
}

/// A value that `Debug` hides.
#[derive(Clone)]
pub(crate) struct Hidden(pub(crate) String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// How often a wait checks its token.
const CANCEL_CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// Cancels calls from another thread, or from a signal handler.
///
/// Clones share one flag. After [`cancel`](CancelToken::cancel), a wait between attempts ends within
/// 100 ms and a blocked read within 250 ms, and the call fails with
/// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled). Calls without the token are not affected.
///
/// ```
/// # use nirvana_labs::{CancelToken, Error, ErrorKind, RequestOptions, Sandbox};
/// # let api = Sandbox::new().api();
/// let token = CancelToken::new();
/// let stopper = token.clone();
/// std::thread::spawn(move || stopper.cancel()).join().unwrap();
///
/// let api = api.with_options(RequestOptions::new().cancel_token(&token));
/// let error = api.get_organization("org_1").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Cancelled);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// Creates a token that is not cancelled.
    #[must_use]
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// Cancels every call that has this token, now and in the future.
    ///
    /// A signal handler may call this: it sets an atomic flag, takes no lock and allocates nothing.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Returns whether [`cancel`](CancelToken::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Waits for `duration`, or until the token is cancelled.
    pub(crate) fn wait(&self, duration: Duration) {
        let started = Instant::now();
        while !self.is_cancelled()
            && let Some(left) = duration.checked_sub(started.elapsed())
        {
            thread::sleep(left.min(CANCEL_CHECK_INTERVAL));
        }
    }
}
