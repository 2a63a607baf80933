//! The service: it receives a request, finds the user by the key, responds, and logs.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, SystemTime};

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Request};
use serde_json::Value;
use time::OffsetDateTime;

use super::refusal::{EndpointResult, Received, Refusal};
use super::script::Fault;
use super::store::Store;
use super::{Sandbox, log};
use crate::kind::ErrorKind::{Closed, Connect, ConnectTimeout, Timeout, TooLarge};
use crate::transport::{Limits, SendError, Transport};

#[derive(Default)]
pub(super) struct Service {
    pub(super) store: Store,
    pub(super) users: Users,
    pub(super) script: VecDeque<Fault>,
    pub(super) log: Vec<Request<Value>>,
    /// The number of responses so far.
    count: u64,
}

impl Service {
    /// Returns the response, and the fault to apply to it. Fails if the request does not arrive.
    fn receive(&mut self, request: &Request<&[u8]>) -> Result<(Received, Fault), SendError> {
        let fault = self.script.pop_front().unwrap_or(Fault::None);
        let mut entry = log::entry(request);
        let response = match &fault {
            Fault::Refuse => {
                return Err(SendError::not_sent(Connect, "connection refused"));
            }
            Fault::Respond(response) => response.clone(),
            Fault::Fail(status) => self.sign(Err(Refusal::new(*status, "scripted", "as scripted"))),
            _ => {
                let outcome = self.respond(request);
                self.sign(outcome)
            }
        };
        entry.extensions_mut().insert(response.status());
        self.log.push(entry);
        Ok((response, fault))
    }

    fn respond(&mut self, request: &Request<&[u8]>) -> EndpointResult {
        let authorization = request.headers().get(AUTHORIZATION);
        let Some(user) = self.users.who(authorization.and_then(|value| value.to_str().ok())) else {
            return Err(Refusal::new(401, "unauthorized", "the API key is missing or unknown"));
        };
        self.store.dispatch(&user, request)
    }

    /// Turns `outcome` into a response, with the headers that every response has.
    fn sign(&mut self, outcome: EndpointResult) -> Received {
        self.count = self.count.saturating_add(1);
        let mut response = outcome.unwrap_or_else(|refusal| *refusal.response);
        let now = http_date(self.store.now());
        for (name, value) in [("x-request-id", format!("req_{}", self.count)), ("date", now)] {
            let value = HeaderValue::try_from(value);
            response.headers_mut().extend(value.ok().map(|it| (HeaderName::from_static(name), it)));
        }
        response
    }
}

impl Transport for Sandbox {
    fn send(&self, request: Request<&[u8]>, limits: &Limits) -> Result<Received, SendError> {
        if limits.time_left() == Some(Duration::ZERO) {
            return Err(SendError::not_sent(ConnectTimeout, "no time was left"));
        }
        // The lock is held for this line only: other requests are served while this one waits.
        let (mut response, fault) = self.service().receive(&request)?;
        match fault {
            Fault::DropResponse => {
                return Err(SendError::maybe_sent(Closed, "connection closed before a response"));
            }
            Fault::Delay(delay) => wait(delay, limits)?,
            _ => {}
        }
        let (bytes, limit) = (response.body().len(), limits.max_body_bytes);
        if bytes > limit && response.status().is_success() {
            let message = format!("the response has {bytes} bytes, more than the {limit} allowed");
            return Err(SendError::maybe_sent(TooLarge, message));
        }
        // The body of an error response is truncated if it is too long.
        response.body_mut().truncate(limit);
        Ok(response)
    }
}

/// Waits for `delay`, but not longer than the caller waits.
fn wait(delay: Duration, limits: &Limits) -> Result<(), SendError> {
    let left = limits.time_left().unwrap_or(Duration::MAX);
    limits.cancel_token.wait(delay.min(left));
    if left <= delay || limits.cancel_token.is_cancelled() {
        return Err(SendError::maybe_sent(Timeout, "no response arrived in time"));
    }
    Ok(())
}

/// Writes a date for a header. HTTP dates start in 1970 and end with the year 9999.
fn http_date(time: OffsetDateTime) -> String {
    let seconds = time.unix_timestamp().clamp(0, 253_402_300_799).unsigned_abs();
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    httpdate::fmt_http_date(time.unwrap_or(SystemTime::UNIX_EPOCH))
}

/// The first user, and the users added since.
#[derive(Default)]
pub(super) struct Users {
    added: Vec<String>,
    by_key: BTreeMap<String, String>,
    /// Whether a key must be known. If not, a request with an unknown or missing key comes from the
    /// first user.
    strict: bool,
}

pub(super) const FIRST_USER: &str = "user_1";

impl Users {
    /// Creates the first user, with `key` as the only valid key.
    pub(super) fn with_key(key: String) -> Users {
        let by_key = BTreeMap::from([(key, FIRST_USER.to_owned())]);
        Users { by_key, strict: true, ..Users::default() }
    }

    pub(super) fn add(&mut self, key: String) -> String {
        let id = format!("user_{}", self.added.len().saturating_add(2));
        self.added.push(id.clone());
        self.by_key.insert(key, id.clone());
        id
    }

    pub(super) fn exist(&self, id: &str) -> bool {
        id == FIRST_USER || self.added.iter().any(|added| added == id)
    }

    /// Returns the first user's key, if there is one.
    pub(super) fn first_key(&self) -> Option<String> {
        self.by_key.iter().find(|(_, id)| *id == FIRST_USER).map(|(key, _)| key.clone())
    }

    /// Returns the user with the key in an `Authorization` header.
    pub(super) fn who(&self, authorization: Option<&str>) -> Option<String> {
        let key = authorization.and_then(|value| value.strip_prefix("Bearer "));
        let known = key.and_then(|key| self.by_key.get(key)).cloned();
        known.or_else(|| (!self.strict).then(|| FIRST_USER.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_dates_are_from_1970_to_9999() {
        for (seconds, text) in [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (-1, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            assert_eq!(http_date(time), text);
        }
        let earliest = time::Date::MIN.midnight().assume_utc();
        assert_eq!(http_date(earliest), "Thu, 01 Jan 1970 00:00:00 GMT");
    }

    #[test]
    fn a_key_must_match_exactly_and_may_contain_spaces() {
        let strict = Users::with_key("My API Key".to_owned());
        assert_eq!(strict.who(Some("Bearer My API Key")).as_deref(), Some(FIRST_USER));
        let unknown =
            ["", "Bearer", "Bearer ", "My API Key", "Basic My API Key", "Bearer my api key"];
        for authorization in unknown.map(Some).into_iter().chain([None]) {
            assert_eq!(strict.who(authorization), None, "{authorization:?}");
            assert_eq!(Users::default().who(authorization).as_deref(), Some(FIRST_USER));
        }
    }

    #[test]
    fn a_repeated_key_belongs_to_the_new_user() {
        let mut users = Users::with_key("key".to_owned());
        assert_eq!(users.first_key().as_deref(), Some("key"));
        assert_eq!(users.add("key".to_owned()), "user_2");
        assert_eq!(users.who(Some("Bearer key")).as_deref(), Some("user_2"));
        assert_eq!(users.first_key(), None);
        assert!(users.exist(FIRST_USER) && users.exist("user_2") && !users.exist("user_3"));
    }
}
