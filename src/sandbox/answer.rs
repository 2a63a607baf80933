//! What an endpoint says, before it is an HTTP response.

use serde::Serialize;
use serde_json::json;

use crate::transport::HttpResponse;

/// A status and a JSON body. As an error it is a refusal: nothing was done.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    body: Option<Vec<u8>>,
    allow: Option<&'static str>,
}

pub(super) type Outcome = Result<Answer, Answer>;

impl Answer {
    pub(super) fn ok(body: &impl Serialize) -> Outcome {
        Answer::json(200, body)
    }

    pub(super) fn created(body: &impl Serialize) -> Outcome {
        Answer::json(201, body)
    }

    pub(super) fn no_content() -> Outcome {
        Ok(Answer { status: 204, body: None, allow: None })
    }

    fn json(status: u16, body: &impl Serialize) -> Outcome {
        // A clock set before the year 0 cannot be written as RFC 3339.
        let body = serde_json::to_vec(body).map_err(|error| {
            Answer::refusal(500, "internal", format!("the answer cannot be written: {error}"))
        })?;
        Ok(Answer { status, body: Some(body), allow: None })
    }

    pub(super) fn refusal(status: u16, code: &str, message: impl AsRef<str>) -> Answer {
        let body = json!({ "message": message.as_ref(), "code": code });
        Answer { status, body: Some(body.to_string().into_bytes()), allow: None }
    }

    pub(super) fn not_found(message: impl AsRef<str>) -> Answer {
        Answer::refusal(404, "not_found", message)
    }

    pub(super) fn invalid(message: impl AsRef<str>) -> Answer {
        Answer::refusal(422, "invalid", message)
    }

    pub(super) fn method_not_allowed(allow: &'static str) -> Answer {
        let message = format!("this path takes {allow}");
        Answer { allow: Some(allow), ..Answer::refusal(405, "method_not_allowed", message) }
    }

    pub(super) fn is_success(&self) -> bool {
        matches!(self.status, 200..300)
    }

    pub(super) fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status);
        if let Some(allow) = self.allow {
            response = response.with_header("allow", allow);
        }
        match self.body {
            Some(body) => response.with_header("content-type", "application/json").with_body(body),
            None => response,
        }
    }
}
