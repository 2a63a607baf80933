//! The service as a whole: it takes a request, responds, and logs it.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, SystemTime};

use time::OffsetDateTime;

use super::endpoints::Call;
use super::log::SandboxRequest;
use super::response::{Outcome, Refusal};
use super::routes::dispatch;
use super::script::Fault;
use super::store::Store;
use super::users::Users;
use crate::error::TransportErrorKind::{Connect, ConnectTimeout};
use crate::transport::{HttpRequest, HttpResponse, SendError};

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
    pub(super) fn receive(
        &mut self,
        request: &HttpRequest<'_>,
    ) -> Result<(HttpResponse, Fault), SendError> {
        if request.time_left() == Some(Duration::ZERO) {
            return Err(SendError::not_sent(ConnectTimeout, "no time was left"));
        }
        let fault = self.script.pop_front().unwrap_or(Fault::None);
        let mut entry = SandboxRequest::new(request);
        let response = match &fault {
            Fault::Refuse => {
                return Err(SendError::not_sent(Connect, "connection refused"));
            }
            Fault::Respond(response) => response.clone(),
            Fault::Fail(status) => self.sign(Err(Refusal::new(*status, "scripted", "as scripted"))),
            _ => {
                let outcome = self.respond(&entry, request.endpoint_path());
                self.sign(outcome)
            }
        };
        entry.status = response.status();
        self.log.push(entry);
        Ok((response, fault))
    }

    fn respond(&mut self, request: &SandboxRequest, path: &str) -> Outcome {
        let Some(user) = self.users.who(request.header("authorization")) else {
            return Err(Refusal::new(401, "unauthorized", "the API key is missing or unknown"));
        };
        let key = request.header("idempotency-key");
        let Some(key) = key.filter(|_| request.method().as_str() == "POST") else {
            return dispatch(Call { store: &mut self.store, user: &user, request }, path);
        };
        let key = (user, key.to_owned());
        if let Some((done, response)) = self.done.get(&key) {
            if (done.path(), done.body()) == (request.path(), request.body()) {
                return Ok(response.clone());
            }
            let message = "this idempotency key was used for another request";
            return Err(Refusal::new(422, "idempotency_key_reused", message));
        }
        let response = dispatch(Call { store: &mut self.store, user: &key.0, request }, path)?;
        self.done.insert(key, (request.clone(), response.clone()));
        Ok(response)
    }

    /// Adds what every response carries.
    fn sign(&mut self, outcome: Outcome) -> HttpResponse {
        self.count = self.count.saturating_add(1);
        outcome
            .unwrap_or_else(HttpResponse::from)
            .with_header("x-request-id", &format!("req_{}", self.count))
            .with_header("date", &http_date(self.store.clock.now()))
    }
}

/// A date as HTTP has it, which begins in 1970 and ends with the year 9999.
fn http_date(time: OffsetDateTime) -> String {
    let seconds = time.unix_timestamp().clamp(0, 253_402_300_799).unsigned_abs();
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    httpdate::fmt_http_date(time.unwrap_or(SystemTime::UNIX_EPOCH))
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
}
