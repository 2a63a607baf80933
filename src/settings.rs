//! What a client does with each call: its options, validated and ready to be used.

use std::time::{Duration, Instant};

use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};

use crate::header;
use crate::options::{CancelToken, Hidden, RequestOptions};
use crate::redact::Redactor;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// More headers than any server takes; a `HeaderMap` panics where it grows too large.
const MAX_HEADERS: usize = 256;

/// The settings of one clone of the client.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) timeout: Option<Duration>,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) max_retries: Option<u32>,
    /// Retries do not wait: those on a sandbox need not.
    pub(crate) skips_waits: bool,
    /// All headers but those of a body, ready to be sent.
    pub(crate) headers: HeaderMap,
    pub(crate) query: Vec<(String, Hidden)>,
    pub(crate) cancel_token: Option<CancelToken>,
    /// A POST may be repeated: it carries an idempotency key.
    pub(crate) idempotent: bool,
    pub(crate) redactor: Redactor,
    /// An invalid setting, found where there was no way to say so.
    pub(crate) invalid: Option<String>,
}

impl Settings {
    /// Settings with the headers that every request has. `host` is that of requests by HTTP.
    pub(crate) fn new(user_agent: HeaderValue, host: Option<HeaderValue>) -> Settings {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, user_agent);
        if let Some(host) = host {
            headers.insert(HOST, host);
            if cfg!(feature = "gzip") {
                headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
            }
        }
        Settings { headers, ..Settings::default() }
    }

    /// Takes over what `options` say. What is invalid in them is the next call's error.
    pub(crate) fn apply(&mut self, options: RequestOptions) {
        if let Err(message) = self.try_apply(options) {
            self.invalid = Some(message);
        }
    }

    fn try_apply(&mut self, options: RequestOptions) -> Result<(), String> {
        self.timeout = options.timeout.or(self.timeout);
        self.total_timeout = options.total_timeout.or(self.total_timeout);
        self.deadline = self.deadline.into_iter().chain(options.deadline).min();
        self.max_retries = options.max_retries.or(self.max_retries);
        self.cancel_token = options.cancel_token.or(self.cancel_token.take());
        self.query.extend(options.query);
        if self.total_timeout == Some(Duration::ZERO) {
            return Err("the total timeout must be greater than 0".to_owned());
        }
        if let Some(Hidden(key)) = &options.api_key {
            self.headers.insert(AUTHORIZATION, header::authorization(key)?);
            self.redactor.add(key);
        }
        for (name, Hidden(value)) in &options.headers {
            let (name, value) = header::custom(name, value)?;
            if self.headers.len() >= MAX_HEADERS {
                return Err(format!("more than {MAX_HEADERS} headers"));
            }
            self.headers.insert(name, value);
        }
        if let Some(Hidden(key)) = &options.idempotency_key {
            let value = header::required("the idempotency key", key)?;
            self.headers.insert(IDEMPOTENCY_KEY, value);
            self.idempotent = true;
        }
        Ok(())
    }
}
