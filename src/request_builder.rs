//! Builds requests to any endpoint.

use std::fmt;

use http::{Method, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call::Client;
use crate::error::Result;
use crate::options::RequestOptions;
use crate::request::ApiRequest;

/// A request to any endpoint, for example to one that has no method in this crate. It returns the
/// status and the headers of the response too: see [`Api::request`](crate::Api::request).
#[must_use = "nothing is sent until `send` is called"]
pub struct RequestBuilder {
    pub(crate) client: Client,
    pub(crate) request: Result<ApiRequest>,
}

impl RequestBuilder {
    /// Sets a header: see [`RequestOptions::header`].
    pub fn header(mut self, name: &str, value: &str) -> RequestBuilder {
        self.client = self.client.with_options(RequestOptions::new().header(name, value));
        self
    }

    /// Adds a query parameter. Name and value are percent-encoded.
    pub fn query(mut self, name: &str, value: &str) -> RequestBuilder {
        if let Ok(request) = &mut self.request {
            request.push_query(name, value);
        }
        self
    }

    /// Sets the body, written as JSON. [`send`](RequestBuilder::send) refuses a GET with a body.
    ///
    /// ```
    /// use nirvana_labs::{Organization, Sandbox, http::Method, serde_json::json};
    ///
    /// let api = Sandbox::new().api();
    /// let request = api.request(Method::POST, ["v1", "organizations"]);
    /// let response = request.json(&json!({ "name": "Acme" })).send::<Organization>()?;
    /// assert_eq!(response.status(), 201);
    /// assert_eq!(response.body().name, "Acme");
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
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

    /// Sends the request, and decodes the body of a 2xx response.
    ///
    /// `T` may be any type that can be decoded: [`serde_json::Value`] for an unknown body, `()` for
    /// an empty one.
    ///
    /// # Errors
    ///
    /// The errors of every call: see [`Error`](crate::Error). The kind is
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) if the method, the path or the body is
    /// invalid.
    pub fn send<T: DeserializeOwned>(self) -> Result<Response<T>> {
        self.client.call(&self.request?)?.decode_whole()
    }
}

impl fmt::Debug for RequestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = |request: &ApiRequest| {
            format!("{} {}", request.method, request.shown_path(self.client.redactor()))
        };
        f.debug_tuple("RequestBuilder").field(&self.request.as_ref().ok().map(call)).finish()
    }
}
