//! What a client does with each request: its options, checked and ready to be used.

use std::time::{Duration, Instant};

use http::header::{HeaderMap, HeaderName};

use crate::options::{CancelToken, RequestOptions};
use crate::redact::Redactor;
use crate::request;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// More headers than any server takes; a `HeaderMap` panics where it grows too large.
const MAX_HEADERS: usize = 256;

/// The settings of one clone of the client.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) timeout: Duration,
    pub(crate) deadline: Option<Instant>,
    pub(crate) max_retries: u32,
    /// All headers but those of a body, ready to be sent.
    pub(crate) headers: HeaderMap,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) cancel: Option<CancelToken>,
    /// A POST may be repeated: it carries an idempotency key.
    pub(crate) idempotent: bool,
    /// The key out of what errors show, should the server echo it.
    pub(crate) redactor: Redactor,
    /// A setting that cannot be used, found where there was no way to say so.
    pub(crate) unusable: Option<String>,
}

impl Settings {
    /// Takes over what `options` say.
    pub(crate) fn apply(&mut self, options: RequestOptions) {
        self.timeout = options.timeout.unwrap_or(self.timeout);
        self.deadline = self.deadline.into_iter().chain(options.deadline).min();
        self.max_retries = options.max_retries.unwrap_or(self.max_retries);
        self.query.extend(options.query);
        self.cancel = options.cancel.or(self.cancel.take());
        for (name, value) in &options.headers {
            match request::header(name, value) {
                Ok(_) if self.headers.len() >= MAX_HEADERS => {
                    self.unusable = Some(format!("more than {MAX_HEADERS} headers"));
                    break;
                }
                Ok((name, value)) => {
                    self.headers.insert(name, value);
                }
                Err(message) => self.unusable = Some(message.into_owned()),
            }
        }
        if let Some(key) = &options.idempotency_key {
            match request::header_value("the idempotency key", key) {
                Ok(_) if key.is_empty() => {
                    self.unusable = Some("the idempotency key is empty".to_owned());
                }
                Ok(value) => {
                    self.headers.insert(IDEMPOTENCY_KEY, value);
                    self.idempotent = true;
                }
                Err(message) => self.unusable = Some(message.into_owned()),
            }
        }
    }
}
