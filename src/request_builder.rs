//! Requests to endpoints that this crate has no method for.

use std::fmt;

use http::{Method, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::error::Result;
use crate::options::RequestOptions;
use crate::request::Request;

/// A request to an endpoint that this crate has no method for, or one whose status and
/// headers are wanted: see [`Api::request`](crate::Api::request).
#[must_use = "nothing is sent until `send` is called"]
pub struct RequestBuilder {
    pub(crate) client: Client,
    pub(crate) request: Result<Request>,
}

impl RequestBuilder {
    /// Sets a header, as [`RequestOptions::header`] does.
    pub fn header(mut self, name: &str, value: &str) -> RequestBuilder {
        self.client = self.client.with_options(RequestOptions::new().header(name, value));
        self
    }

    /// Adds a query parameter, percent-encoded as needed.
    pub fn query(mut self, name: &str, value: &str) -> RequestBuilder {
        if let Ok(request) = &mut self.request {
            request.push_query(name, value);
        }
        self
    }

    /// Sets the JSON body.
    pub fn json<B: Serialize + ?Sized>(mut self, body: &B) -> RequestBuilder {
        let redactor = self.client.redactor();
        self.request = self.request.and_then(|request| {
            if request.method == Method::GET {
                return Err(request.invalid("a GET has no body; use query parameters", redactor));
            }
            request.json(body, redactor)
        });
        self
    }

    /// Sends the request, and reads the body of the response into any type: into
    /// [`serde_json::Value`] where it is unknown, into `()` where it is empty.
    ///
    /// # Errors
    ///
    /// See [`Api`](crate::Api); [`ErrorKind::Request`](crate::ErrorKind::Request) also if the path or the
    /// body is invalid.
    pub fn send<T: DeserializeOwned>(self) -> Result<Response<T>> {
        self.client.call(&self.request?)?.into_response()
    }
}

impl fmt::Debug for RequestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = |request: &Request| request.as_call(0, self.client.redactor()).to_string();
        f.debug_tuple("RequestBuilder").field(&self.request.as_ref().ok().map(call)).finish()
    }
}
