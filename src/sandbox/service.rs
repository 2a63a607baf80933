//! The service as a whole: it takes a request, finds the user by the key, responds, and logs it.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, SystemTime};

use time::OffsetDateTime;

use super::Sandbox;
use super::log::SandboxRequest;
use super::refusal::{Outcome, Refusal};
use super::script::Fault;
use super::store::Store;
use crate::error::TransportErrorKind::{Closed, Connect, ConnectTimeout, Timeout, TooLarge};
use crate::request::Method;
use crate::transport::{HttpRequest, HttpResponse, SendError, Transport};

#[derive(Default)]
pub(super) struct Service {
    pub(super) store: Store,
    pub(super) users: Users,
    pub(super) script: VecDeque<Fault>,
    pub(super) log: Vec<SandboxRequest>,
    /// What was done, by user and idempotency key.
    done: BTreeMap<(String, String), (SandboxRequest, HttpResponse)>,
    /// How many responses were signed.
    count: u64,
}

impl Service {
    /// The response to a request, and what becomes of it; an error where the request does not
    /// arrive.
    fn receive(&mut self, request: &HttpRequest<'_>) -> Result<(HttpResponse, Fault), SendError> {
        if request.time_left() == Some(Duration::ZERO) {
            return Err(SendError::not_sent(ConnectTimeout, "no time was left"));
        }
        let fault = self.script.pop_front().unwrap_or(Fault::None);
        let mut entry = SandboxRequest::new(request);
        let response = match &fault {
            Fault::Refuse => return Err(SendError::not_sent(Connect, "connection refused")),
            Fault::Respond(response) => response.clone(),
            Fault::Fail(status) => self.sign(Err(Refusal::new(*status, "scripted", "as scripted"))),
            _ => {
                let outcome = self.respond(request, &entry);
                self.sign(outcome)
            }
        };
        entry.status = response.status();
        self.log.push(entry);
        Ok((response, fault))
    }

    /// Does what the request asks, unless the same was done before under its idempotency key.
    fn respond(&mut self, request: &HttpRequest<'_>, entry: &SandboxRequest) -> Outcome {
        let Some(user) = self.users.who(request.header("authorization")) else {
            return Err(Refusal::new(401, "unauthorized", "the API key is missing or unknown"));
        };
        let key = request.header("idempotency-key").filter(|_| request.method() == Method::POST);
        let key = key.map(|key| (user.clone(), key.to_owned()));
        if let Some((done, response)) = key.as_ref().and_then(|key| self.done.get(key)) {
            if (done.path(), done.body()) == (entry.path(), entry.body()) {
                return Ok(response.clone());
            }
            let message = "this idempotency key was used for another request";
            return Err(Refusal::new(422, "idempotency_key_reused", message));
        }
        let response = self.store.dispatch(&user, request)?;
        self.done.extend(key.map(|key| (key, (entry.clone(), response.clone()))));
        Ok(response)
    }

    /// Adds what every response carries.
    fn sign(&mut self, outcome: Outcome) -> HttpResponse {
        self.count = self.count.saturating_add(1);
        outcome
            .unwrap_or_else(|refusal| *refusal.response)
            .with_header("x-request-id", &format!("req_{}", self.count))
            .with_header("date", &http_date(self.store.now()))
    }
}

impl Transport for Sandbox {
    fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, SendError> {
        // The lock is held for this line only: others are served while this request waits.
        let (mut response, fault) = self.service().receive(&request)?;
        match fault {
            Fault::DropResponse => {
                return Err(SendError::maybe_sent(Closed, "connection closed before a response"));
            }
            Fault::Delay(delay) => wait(delay, &request)?,
            _ => {}
        }
        let (bytes, limit) = (response.body.len(), request.max_body_bytes());
        if bytes > limit && matches!(response.status, 200..300) {
            let message = format!("the response has {bytes} bytes, more than the {limit} allowed");
            return Err(SendError::maybe_sent(TooLarge, message));
        }
        // The body of an error is cut.
        response.body.truncate(limit);
        Ok(response)
    }
}

/// Waits, for as long as the caller does.
fn wait(delay: Duration, request: &HttpRequest<'_>) -> Result<(), SendError> {
    let left = request.time_left().unwrap_or(Duration::MAX);
    let token = request.cancel_token().cloned().unwrap_or_default();
    token.wait(delay.min(left));
    if left <= delay || token.is_cancelled() {
        return Err(SendError::maybe_sent(Timeout, "no response while the caller waited"));
    }
    Ok(())
}

/// A date as HTTP has it, which begins in 1970 and ends with the year 9999.
fn http_date(time: OffsetDateTime) -> String {
    let seconds = time.unix_timestamp().clamp(0, 253_402_300_799).unsigned_abs();
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    httpdate::fmt_http_date(time.unwrap_or(SystemTime::UNIX_EPOCH))
}

/// The users: the first, and those added since.
#[derive(Default)]
pub(super) struct Users {
    added: Vec<String>,
    by_key: BTreeMap<String, String>,
    /// Whether a key must be known. If not, an unknown or missing one is the first user's.
    strict: bool,
}

pub(super) const FIRST_USER: &str = "user_1";

impl Users {
    /// The first user, known by `key` alone.
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

    /// The first user's key, if there is one.
    pub(super) fn first_key(&self) -> Option<String> {
        self.by_key.iter().find(|(_, id)| *id == FIRST_USER).map(|(key, _)| key.clone())
    }

    /// The user that an `Authorization` header stands for.
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
    fn dates_are_written_as_http_has_them() {
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
    fn a_key_is_known_to_the_letter_and_may_hold_spaces() {
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
    fn a_key_that_is_given_again_is_the_new_users() {
        let mut users = Users::with_key("key".to_owned());
        assert_eq!(users.first_key().as_deref(), Some("key"));
        assert_eq!(users.add("key".to_owned()), "user_2");
        assert_eq!(users.who(Some("Bearer key")).as_deref(), Some("user_2"));
        assert_eq!(users.first_key(), None);
        assert!(users.exist(FIRST_USER) && users.exist("user_2") && !users.exist("user_3"));
    }
}
