//! A request without server and key: method, path, query and body bytes. Pure.

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::error::{Call, Error, Result};
use crate::redact::Redactor;

/// Whether a second request changes nothing that the first did not. A method that this crate does
/// not know is taken for one that does.
pub(crate) fn is_idempotent(method: &Method) -> bool {
    method.is_idempotent() || method == Method::PATCH
}

/// A request to an endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The encoded path from that of the base URL on, `?` and the encoded query.
    target: String,
    /// Where the path ends in `target`.
    path_end: usize,
    pub(crate) body: Option<Vec<u8>>,
}

impl Request {
    /// A request for the path made of `segments`, each of which stays one segment
    /// whatever it holds, after the base URL's own path, `prefix`. An error shows none of
    /// `redactor`'s keys.
    pub(crate) fn new<S: AsRef<str>>(
        method: Method,
        prefix: &str,
        segments: impl IntoIterator<Item = S>,
        redactor: &Redactor,
    ) -> Result<Request> {
        if method == Method::CONNECT {
            return Err(Error::request("the HTTP method CONNECT has no path"));
        }
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
        Ok(Request { method, target, path_end, body: None })
    }

    /// The path, encoded, without the query.
    pub(crate) fn path(&self) -> &str {
        self.target.get(..self.path_end).unwrap_or(&self.target)
    }

    /// The path and the query, encoded.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// Adds a query parameter.
    pub(crate) fn push_query(&mut self, name: &str, value: &str) {
        push_query(&mut self.target, name, value);
    }

    /// Takes the query off again, so that the next page can have its own.
    pub(crate) fn clear_query(&mut self) {
        self.target.truncate(self.path_end);
    }

    /// The path as it may be shown: what was given as an id may be the key, by mistake.
    pub(crate) fn shown_path(&self, redactor: &Redactor) -> String {
        redactor.redact(self.path())
    }

    /// Why it is not sent.
    pub(crate) fn invalid(&self, why: &str, redactor: &Redactor) -> Error {
        Error::request(redactor.redact(&format!("{} {}: {why}", self.method, self.path())))
    }

    /// How errors call it, where nothing was processed.
    pub(crate) fn as_call(&self, attempts: u32, redactor: &Redactor) -> Call {
        Call {
            method: self.method.clone(),
            path: self.shown_path(redactor),
            attempts,
            may_have_been_processed: false,
            retryable: false,
        }
    }

    /// Gives it a JSON body.
    pub(crate) fn json<B: Serialize + ?Sized>(
        mut self,
        body: &B,
        redactor: &Redactor,
    ) -> Result<Request> {
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

/// Percent-encodes all but RFC 3986's unreserved characters.
fn encode(text: &str, into: &mut String) {
    const ENCODED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    into.extend(utf8_percent_encode(text, ENCODED));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        Redactor::default()
    }

    #[test]
    fn every_segment_stays_one_segment() {
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
                Request::new(Method::GET, "/api", ["v1", id], &redactor()).unwrap().target(),
                encoded
            );
        }
    }

    #[test]
    fn segments_that_would_reach_another_path_are_refused() {
        for id in ["", ".", ".."] {
            let error = Request::new(Method::GET, "", ["v1", "organizations", id], &redactor())
                .unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Request);
            assert!(error.to_string().contains("GET /v1/organizations/…"), "{error}");
        }
        assert!(Request::new(Method::GET, "/api", [""; 0], &redactor()).is_err());
    }

    #[test]
    fn query_values_are_encoded_and_can_be_replaced() {
        let mut request = Request::new(Method::GET, "", ["v1"], &redactor()).unwrap();
        request.push_query("cursor", "a+b/c=&d");
        request.push_query("limit", "5");
        assert_eq!(request.target(), "/v1?cursor=a%2Bb%2Fc%3D%26d&limit=5");
        assert_eq!(request.path(), "/v1");
        request.clear_query();
        request.push_query("x", "y");
        assert_eq!(request.target(), "/v1?x=y");
    }
}
