//! The service as a whole: it takes a request, answers it, and writes down that it came.

use std::collections::{BTreeMap, VecDeque};

use http::StatusCode;
use time::OffsetDateTime;

use super::answer::{Answer, Outcome};
use super::endpoints::Call;
use super::log::SandboxRequest;
use super::routes::{dispatch, query_pairs};
use super::script::{self, Fate, Fault};
use super::store::Store;
use super::users::{Clock, Users};
use crate::request::Method;
use crate::transport::{HttpRequest, HttpResponse, SendError};

pub(super) struct Service {
    pub(super) store: Store,
    pub(super) users: Users,
    pub(super) clock: Clock,
    pub(super) script: VecDeque<Fault>,
    pub(super) log: Vec<SandboxRequest>,
    /// What was done, by user and idempotency key.
    done: BTreeMap<(String, String), Done>,
    /// How many requests have come.
    count: u64,
}

struct Done {
    path: String,
    body: Vec<u8>,
    answer: Answer,
}

impl Service {
    pub(super) fn new(key: Option<String>) -> Service {
        Service {
            store: Store::default(),
            users: Users::new(key),
            clock: Clock::Runs(time::Duration::ZERO),
            script: VecDeque::new(),
            log: Vec::new(),
            done: BTreeMap::new(),
            count: 0,
        }
    }

    /// The answer to a request, and what becomes of it on its way; an error where the
    /// request itself does not arrive.
    pub(super) fn receive(
        &mut self,
        request: &HttpRequest<'_>,
    ) -> Result<(HttpResponse, Fate), SendError> {
        let (response, fate) = match self.script.pop_front() {
            Some(Fault::Refuse) => return Err(script::refused()),
            Some(Fault::Respond(response)) => (response, Fate::Arrives),
            Some(Fault::Fail(status)) => (self.sign(failure(status)), Fate::Arrives),
            Some(Fault::Drop) => (self.answer(request), Fate::IsLost),
            Some(Fault::Delay(delay)) => (self.answer(request), Fate::IsLate(delay)),
            Some(Fault::Pass) | None => (self.answer(request), Fate::Arrives),
        };
        self.log.push(SandboxRequest::new(request, response.status()));
        Ok((response, fate))
    }

    fn answer(&mut self, request: &HttpRequest<'_>) -> HttpResponse {
        let answer = self.act(request).unwrap_or_else(|refusal| refusal);
        self.sign(answer)
    }

    fn act(&mut self, request: &HttpRequest<'_>) -> Outcome {
        let Some(user) = self.users.who(request.header("authorization")).map(str::to_owned) else {
            return Err(Answer::refusal(401, "unauthorized", "the API key is missing or unknown"));
        };
        let key = request.header("idempotency-key").filter(|_| request.method() == Method::POST);
        let Some(key) = key else {
            return self.call(request, &user);
        };
        let (path, body) = (request.path().to_owned(), request.body().unwrap_or_default().to_vec());
        let key = (user, key.to_owned());
        if let Some(done) = self.done.get(&key) {
            if done.path == path && done.body == body {
                return Ok(done.answer.clone());
            }
            let message = "this idempotency key was used for another request";
            return Err(Answer::refusal(422, "idempotency_key_reused", message));
        }
        let answer = self.call(request, &key.0)?;
        if answer.is_success() {
            self.done.insert(key, Done { path, body, answer: answer.clone() });
        }
        Ok(answer)
    }

    fn call(&mut self, request: &HttpRequest<'_>, user: &str) -> Outcome {
        let query = query_pairs(request.query());
        let call = Call {
            store: &mut self.store,
            user,
            now: self.clock.now(),
            query: &query,
            body: request.body(),
        };
        dispatch(call, request.method(), request.endpoint_path())
    }

    /// Adds what every answer carries.
    fn sign(&mut self, answer: Answer) -> HttpResponse {
        self.count = self.count.saturating_add(1);
        answer
            .into_response()
            .with_header("x-request-id", &format!("req_{}", self.count))
            .with_header("date", &http_date(self.clock.now()))
    }
}

fn failure(status: u16) -> Answer {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let message = format!("{} (scripted)", reason.unwrap_or("failure"));
    Answer::refusal(status, "scripted", message)
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn http_date(time: OffsetDateTime) -> String {
    let (weekday, month) = (time.weekday().to_string(), time.month().to_string());
    let (hour, minute, second) = time.to_hms();
    format!(
        "{weekday:.3}, {:02} {month:.3} {:04} {hour:02}:{minute:02}:{second:02} GMT",
        time.day(),
        time.year()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_http_has_them() {
        let time = OffsetDateTime::from_unix_timestamp(784_111_777).unwrap();
        assert_eq!(http_date(time), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
