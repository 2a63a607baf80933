//! A request without the server and the API key: method, path, query and body.

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::error::{CallContext, Error, Result};
use crate::redact::Redactor;
use crate::transport::check_method;

/// Everything except the unreserved characters of RFC 3986 is encoded, in a path and in a query.
const PERCENT_ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request to an endpoint.
#[derive(Debug, Clone)]
pub(crate) struct ApiRequest {
    pub(crate) method: Method,
    /// The percent-encoded path and query. The path starts with the base URL's own path.
    target: String,
    /// Where the path ends in `target`.
    path_end: usize,
    pub(crate) body: Option<Vec<u8>>,
}

impl ApiRequest {
    /// Creates a request to the path that starts with `prefix`, the base URL's own path, and
    /// continues with `segments`. Each segment is percent-encoded, so it stays one segment.
    pub(crate) fn new<S: AsRef<str>>(
        method: Method,
        prefix: &str,
        segments: impl IntoIterator<Item = S>,
        redactor: &Redactor,
    ) -> Result<ApiRequest> {
        check_method(&method).map_err(Error::request)?;
        let mut target = String::with_capacity(prefix.len().saturating_add(96));
        target.push_str(prefix);
        for segment in segments {
            let segment = segment.as_ref();
            if matches!(segment, "" | "." | "..") {
                let target = redactor.redact(&target);
                return Err(Error::request(format!(
                    "{method} {target}/…: a path segment must not be empty, `.` or `..`"
                )));
            }
            target.push('/');
            encode(segment, &mut target);
        }
        if target.len() == prefix.len() {
            return Err(Error::request(format!("{method}: the path has no segments")));
        }
        let path_end = target.len();
        Ok(ApiRequest { method, target, path_end, body: None })
    }

    /// Returns the encoded path without the query.
    pub(crate) fn path(&self) -> &str {
        self.target.get(..self.path_end).unwrap_or(&self.target)
    }

    /// Returns the encoded path and query.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// Adds a query parameter.
    pub(crate) fn push_query(&mut self, name: &str, value: &str) {
        push_query(&mut self.target, name, value);
    }

    /// Removes the query.
    pub(crate) fn clear_query(&mut self) {
        self.target.truncate(self.path_end);
    }

    /// Returns the path for errors and logs. Keys are redacted, because a caller may have passed
    /// the key as an id.
    pub(crate) fn shown_path(&self, redactor: &Redactor) -> String {
        redactor.redact(self.path())
    }

    /// Returns the error for a request that is not sent because it is invalid.
    pub(crate) fn invalid(&self, why: &str, redactor: &Redactor) -> Error {
        Error::request(redactor.redact(&format!("{} {}: {why}", self.method, self.path())))
    }

    /// Returns the call as errors describe it, assuming that the server did nothing.
    pub(crate) fn context(&self, attempts: u32, redactor: &Redactor) -> CallContext {
        CallContext {
            method: self.method.clone(),
            path: self.shown_path(redactor),
            attempts,
            may_have_been_processed: false,
            retryable: false,
        }
    }

    /// Sets the body, written as JSON.
    pub(crate) fn json<B: Serialize + ?Sized>(
        mut self,
        body: &B,
        redactor: &Redactor,
    ) -> Result<ApiRequest> {
        let bytes = serde_json::to_vec(body).map_err(|error| {
            self.invalid(&format!("the body cannot be written as JSON: {error}"), redactor)
        })?;
        self.body = Some(bytes);
        Ok(self)
    }
}

/// Adds a query parameter to an encoded path.
pub(crate) fn push_query(target: &mut String, name: &str, value: &str) {
    target.push(if target.contains('?') { '&' } else { '?' });
    encode(name, target);
    target.push('=');
    encode(value, target);
}

fn encode(text: &str, into: &mut String) {
    into.extend(utf8_percent_encode(text, PERCENT_ENCODED));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        Redactor::default()
    }

    #[test]
    fn each_segment_stays_one_segment() {
        for (id, encoded) in [
            ("org_1", "/api/v1/org_1"),
            ("a/b", "/api/v1/a%2Fb"),
            ("a?b#c", "/api/v1/a%3Fb%23c"),
            ("../api_keys", "/api/v1/..%2Fapi_keys"),
            ("%2e%2e", "/api/v1/%252e%252e"),
            ("é\n ", "/api/v1/%C3%A9%0A%20"),
            ("...", "/api/v1/..."),
        ] {
            assert_eq!(
                ApiRequest::new(Method::GET, "/api", ["v1", id], &redactor()).unwrap().target(),
                encoded
            );
        }
    }

    #[test]
    fn a_segment_that_would_reach_another_path_is_refused() {
        for id in ["", ".", ".."] {
            let error = ApiRequest::new(Method::GET, "", ["v1", "organizations", id], &redactor())
                .unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Request);
            assert!(error.to_string().contains("GET /v1/organizations/…"), "{error}");
        }
        assert!(ApiRequest::new(Method::GET, "/api", [""; 0], &redactor()).is_err());
    }

    #[test]
    fn query_parameters_are_encoded_and_can_be_cleared() {
        let mut request = ApiRequest::new(Method::GET, "", ["v1"], &redactor()).unwrap();
        request.push_query("cursor", "a+b/c=&d");
        request.push_query("limit", "5");
        assert_eq!(request.target(), "/v1?cursor=a%2Bb%2Fc%3D%26d&limit=5");
        assert_eq!(request.path(), "/v1");
        request.clear_query();
        request.push_query("x", "y");
        assert_eq!(request.target(), "/v1?x=y");
    }
}
