//! What an endpoint returns: a JSON response, or a refusal.

use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

use crate::error::Error;

pub(super) type Received = Response<Vec<u8>>;
pub(super) type EndpointResult = Result<Received, Refusal>;

/// Why a request is refused. A refused request changes nothing.
pub(super) struct Refusal {
    pub(super) response: Box<Received>,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Refusal {
        let message = message.into();
        let body = serde_json::json!({ "message": message, "code": code });
        Refusal { response: json_response(status, body.to_string()).into(), message }
    }

    pub(super) fn not_found(message: impl Into<String>) -> Refusal {
        Refusal::new(404, "not_found", message)
    }

    pub(super) fn invalid(message: impl Into<String>) -> Refusal {
        Refusal::new(422, "invalid", message)
    }

    /// Refuses a method, because the path supports only the methods in `allow`.
    pub(super) fn method_not_allowed(allow: &'static str) -> Refusal {
        let message = format!("this path supports only {allow}");
        let mut refusal = Refusal::new(405, "method_not_allowed", message);
        refusal.response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
        refusal
    }
}

/// The methods of `Sandbox` itself return a refusal as an error.
impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Error::request(format!("sandbox: {}", refusal.message))
    }
}

/// Returns a response with this status, and `body` as JSON.
pub(super) fn json(status: u16, body: &impl Serialize) -> EndpointResult {
    match serde_json::to_vec(body) {
        Ok(body) => Ok(json_response(status, body)),
        // A timestamp set by `edit_organization` may have a year that RFC 3339 cannot write.
        Err(error) => Err(Refusal::new(500, "internal", error.to_string())),
    }
}

fn json_response(status: u16, body: impl Into<Vec<u8>>) -> Received {
    let mut response = Response::new(body.into());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
