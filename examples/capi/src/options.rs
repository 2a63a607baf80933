//! The options of clients and of calls. The header describes them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use nirvana_labs::{ApiBuilder, RequestOptions};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::cancel::CancelToken;
use crate::error::Failure;

/// The options of a client. An unset option keeps the builder's default.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClientOptions {
    pub(crate) api_key: Option<String>,
    base_url: Option<String>,
    allow_http: Option<bool>,
    user_agent: Option<String>,
    timeout_ms: Option<u64>,
    connect_timeout_ms: Option<u64>,
    total_timeout_ms: Option<u64>,
    max_retries: Option<u32>,
    max_retry_wait_ms: Option<u64>,
    max_body_bytes: Option<usize>,
    headers: Option<BTreeMap<String, String>>,
    proxy: Option<String>,
    no_proxy: Option<bool>,
    root_certificate_pem: Option<String>,
}

impl ClientOptions {
    pub(crate) fn apply(self, builder: ApiBuilder) -> ApiBuilder {
        let it = set(builder, self.api_key, ApiBuilder::api_key);
        let it = set(it, self.base_url, ApiBuilder::base_url);
        let it = set(it, self.allow_http, ApiBuilder::allow_http);
        let it = set(it, self.user_agent, ApiBuilder::user_agent);
        let it = set(it, ms(self.timeout_ms), ApiBuilder::timeout);
        let it = set(it, ms(self.connect_timeout_ms), ApiBuilder::connect_timeout);
        let it = set(it, ms(self.total_timeout_ms), ApiBuilder::total_timeout);
        let it = set(it, self.max_retries, ApiBuilder::max_retries);
        let it = set(it, ms(self.max_retry_wait_ms), ApiBuilder::max_retry_wait);
        let it = set(it, self.max_body_bytes, ApiBuilder::max_body_bytes);
        let it = set(it, self.proxy, ApiBuilder::proxy);
        let it = set(it, self.no_proxy.filter(|no| *no), |it, _| it.no_proxy());
        let it = set(it, self.root_certificate_pem, ApiBuilder::root_certificate_pem);
        self.headers.into_iter().flatten().fold(it, |it, (name, value)| it.header(name, value))
    }
}

/// The options of a call. An unset option keeps the client's value.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CallOptions {
    api_key: Option<String>,
    timeout_ms: Option<u64>,
    total_timeout_ms: Option<u64>,
    deadline_ms: Option<u64>,
    max_retries: Option<u32>,
    headers: Option<BTreeMap<String, String>>,
    query: Option<Map<String, Value>>,
}

impl CallOptions {
    /// Returns the options of a call that starts now.
    pub(crate) fn start(self, cancel: Option<&CancelToken>) -> Result<RequestOptions, Failure> {
        let it = set(RequestOptions::new(), self.api_key, RequestOptions::api_key);
        let it = set(it, ms(self.timeout_ms), RequestOptions::timeout);
        let it = set(it, ms(self.total_timeout_ms), RequestOptions::total_timeout);
        let it = set(it, self.max_retries, RequestOptions::max_retries);
        let it = set(it, cancel, |it, cancel| it.cancel_token(&cancel.token));
        // A deadline that an `Instant` cannot hold never passes.
        let deadline = ms(self.deadline_ms).and_then(|left| Instant::now().checked_add(left));
        let it = set(it, deadline, RequestOptions::deadline);
        let headers = self.headers.into_iter().flatten();
        let it = headers.fold(it, |it, (name, value)| it.header(name, value));
        let pairs = query_pairs("options.query", self.query.unwrap_or_default())?;
        Ok(pairs.into_iter().fold(it, |it, (name, value)| it.query(name, value)))
    }
}

/// Returns the query parameters of an object. An array repeats its parameter.
pub(crate) fn query_pairs(
    name: &str,
    object: Map<String, Value>,
) -> Result<Vec<(String, String)>, Failure> {
    let mut pairs = Vec::new();
    for (key, value) in object {
        let values = match value {
            Value::Array(values) => values,
            value => vec![value],
        };
        for value in values {
            let value = match value {
                Value::String(text) => text,
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => {
                    let expected = "a string, a number, true, false, or an array of these";
                    return Err(Failure::argument(format!("{name}.{key}: expected {expected}")));
                }
            };
            pairs.push((key.clone(), value));
        }
    }
    Ok(pairs)
}

fn set<B, T>(builder: B, value: Option<T>, set: impl FnOnce(B, T) -> B) -> B {
    match value {
        Some(value) => set(builder, value),
        None => builder,
    }
}

fn ms(value: Option<u64>) -> Option<Duration> {
    value.map(Duration::from_millis)
}
