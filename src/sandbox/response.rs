//! What an endpoint responds with: JSON, or a refusal.

use serde::Serialize;
use serde_json::json;

use crate::error::Error;
use crate::transport::HttpResponse;

pub(super) type Outcome = Result<HttpResponse, Refusal>;

/// Why a request is refused. Nothing was changed.
pub(super) struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
    /// The methods that the path takes, where it does not take this one.
    allow: Option<&'static str>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status, code, message: message.into(), allow: None }
    }

    pub(super) fn not_found(message: impl Into<String>) -> Refusal {
        Refusal::new(404, "not_found", message)
    }

    pub(super) fn invalid(message: impl Into<String>) -> Refusal {
        Refusal::new(422, "invalid", message)
    }

    pub(super) fn method_not_allowed(allow: &'static str) -> Refusal {
        let message = format!("this path takes {allow}");
        Refusal { allow: Some(allow), ..Refusal::new(405, "method_not_allowed", message) }
    }
}

impl From<Refusal> for HttpResponse {
    fn from(refusal: Refusal) -> HttpResponse {
        let body = json!({ "message": refusal.message, "code": refusal.code });
        let response = json_response(refusal.status, body.to_string());
        refusal
            .allow
            .into_iter()
            .fold(response, |response, allow| response.with_header("allow", allow))
    }
}

/// As the methods of `Sandbox` itself return it.
impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Error::request(format!("sandbox: {}", refusal.message))
    }
}

/// A response of this status with `body` as JSON.
pub(super) fn json(status: u16, body: &impl Serialize) -> Outcome {
    match serde_json::to_vec(body) {
        Ok(body) => Ok(json_response(status, body)),
        // A clock set before the year 0 cannot be written as RFC 3339.
        Err(error) => Err(Refusal::new(500, "internal", error.to_string())),
    }
}

fn json_response(status: u16, body: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse::new(status).with_header("content-type", "application/json").with_body(body)
}
