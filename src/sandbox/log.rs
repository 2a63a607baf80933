//! The log of requests, to assert on.

use std::fmt;

use http::HeaderMap;
use serde_json::Value;

use super::routes::{decode, query_pairs};
use crate::request::Method;
use crate::transport::HttpRequest;

/// A request that arrived at a [`Sandbox`](super::Sandbox): see
/// [`Sandbox::requests`](super::Sandbox::requests).
#[derive(Clone)]
pub struct SandboxRequest {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Option<Value>,
    status: u16,
}

impl SandboxRequest {
    pub(super) fn new(request: &HttpRequest<'_>, status: u16) -> SandboxRequest {
        SandboxRequest {
            method: request.method().clone(),
            path: request.path().to_owned(),
            query: query_pairs(request.query()),
            headers: request.headers.clone(),
            body: request.body().and_then(|body| serde_json::from_slice(body).ok()),
            status,
        }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path, encoded.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The segments of the path, decoded: `["v1", "organizations", "org_1"]`.
    #[must_use]
    pub fn segments(&self) -> Vec<String> {
        self.path.split('/').skip(1).map(decode).collect()
    }

    /// The names and values of the query, decoded, in order.
    #[must_use]
    pub fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// The JSON body, where there was one.
    #[must_use]
    pub fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    /// A header, where it was sent and is text. Its name may be in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The status that the request was answered with, though the answer may have been lost
    /// on its way.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }
}

impl fmt::Debug for SandboxRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the headers: the key is among them.
        f.debug_struct("SandboxRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("body", &self.body)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
