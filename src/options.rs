//! Options of one call, or of a clone of the client.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::header;
use crate::redact::Redactor;

/// What holds unless set.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
pub(crate) const MAX_RETRIES: u32 = 2;
pub(crate) const MAX_RETRY_WAIT: Duration = Duration::from_secs(60);
pub(crate) const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// More headers than any server takes; a `HeaderMap` panics where it grows too large.
const MAX_HEADERS: usize = 256;

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
    /// The first setting that is invalid: the error of `build`, or of each call.
    pub(crate) invalid: Option<String>,
}

impl RequestOptions {
    /// Creates options that change nothing.
    pub fn new() -> RequestOptions {
        RequestOptions::default()
    }

    /// Sets the API key, in place of the client's.
    pub fn api_key(mut self, api_key: impl Into<String>) -> RequestOptions {
        let key = api_key.into();
        match header::authorization(&key) {
            Ok(value) => {
                self.headers.insert(AUTHORIZATION, value);
                self.redactor.add(key.as_bytes());
            }
            Err(why) => self.refuse(why),
        }
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
    /// [`ErrorKind::Deadline`](crate::ErrorKind::Deadline).
    pub fn total_timeout(mut self, total_timeout: Duration) -> RequestOptions {
        if total_timeout.is_zero() {
            self.refuse("the total timeout must be greater than 0".to_owned());
        }
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
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) before anything is sent.
    ///
    /// With an `Idempotency-Key`, which must be unique to the operation, a POST is retried like a
    /// GET. Set it only for a server that honours it: the API schema does not say that this one
    /// does.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> RequestOptions {
        match header::custom(&name.into(), &value.into()) {
            Ok(_) if self.headers.len() >= MAX_HEADERS => self.refuse(too_many_headers()),
            Ok((name, value)) => drop(self.headers.insert(name, value)),
            Err(why) => self.refuse(why),
        }
        self
    }

    /// Adds a query parameter, percent-encoded as needed.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> RequestOptions {
        self.query.push((name.into(), Hidden(value.into())));
        self
    }

    /// Sets the token that can end the call from another thread, in place of the client's.
    pub fn cancel_token(mut self, token: &CancelToken) -> RequestOptions {
        self.cancel_token = Some(token.clone());
        self
    }

    /// Takes over what `other` sets.
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
            _ => self.refuse(too_many_headers()),
        }
    }

    pub(crate) fn refuse(&mut self, why: String) {
        self.invalid.get_or_insert(why);
    }
}

fn too_many_headers() -> String {
    format!("more than {MAX_HEADERS} headers")
}

/// A value that `Debug` does not show.
#[derive(Clone)]
pub(crate) struct Hidden(pub(crate) String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The longest that a wait goes on once its token is cancelled.
const SLICE: Duration = Duration::from_millis(100);

/// Ends calls from another thread, or from a signal handler.
///
/// Clones share one state. A wait between attempts and a blocked read end within a quarter of a
/// second, and the call returns an error of kind [`Cancelled`](crate::ErrorKind::Cancelled).
/// Calls that do not carry the token go on undisturbed.
///
/// ```
/// # use nirvana_labs::{Api, CancelToken, Error, ErrorKind, RequestOptions, Sandbox};
/// # let api = Api::builder().transport(Sandbox::new()).build()?;
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

    /// Ends every call that carries this token, now and in the future. It takes no lock and
    /// allocates nothing, so a signal handler may call it.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Returns whether [`cancel`](CancelToken::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Waits for `duration`, or until cancelled.
    pub(crate) fn wait(&self, duration: Duration) {
        let started = Instant::now();
        while !self.is_cancelled() {
            match duration.checked_sub(started.elapsed()) {
                Some(left) if !left.is_zero() => thread::sleep(left.min(SLICE)),
                _ => return,
            }
        }
    }
}
