//! The log of requests, to assert on.

use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Sandbox;
use crate::request::Method;
use crate::transport::HttpRequest;

impl Sandbox {
    /// Returns the requests that arrived so far, retries and scripted failures included, in order.
    ///
    /// ```
    /// use nirvana_labs::{OrganizationUpdateParams, Sandbox};
    /// use serde_json::json;
    ///
    /// let sandbox = Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// let params = OrganizationUpdateParams::new().clear_billing_email();
    /// sandbox.api().update_organization(&id, &params)?;
    ///
    /// let requests = sandbox.requests();
    /// assert_eq!(requests[0].path(), "/v1/organizations/org_1");
    /// assert_eq!(requests[0].body(), Some(&json!({ "billing_email": null })));
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn requests(&self) -> Vec<SandboxRequest> {
        self.service().log.clone()
    }

    /// Removes the requests that arrived so far from the log.
    pub fn clear_requests(&self) {
        self.service().log.clear();
    }
}

/// A request that arrived at a [`Sandbox`](super::Sandbox): see
/// [`Sandbox::requests`](super::Sandbox::requests).
#[derive(Debug, Clone)]
pub struct SandboxRequest {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Option<Value>,
    pub(super) status: u16,
}

/// A body, if it is JSON.
fn json(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).ok()
}

impl SandboxRequest {
    pub(super) fn new(request: &HttpRequest<'_>) -> SandboxRequest {
        let mut headers = request.headers.clone();
        // `Debug` shows no value: the key is among them.
        headers.values_mut().for_each(|value| value.set_sensitive(true));
        SandboxRequest {
            method: request.method().clone(),
            path: request.path().to_owned(),
            query: query_pairs(request.query()),
            headers,
            body: request.body().and_then(json),
            status: 0,
        }
    }

    /// Returns the method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the path, encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the segments of the path, decoded: `["v1", "organizations", "org_1"]`.
    pub fn segments(&self) -> Vec<String> {
        segments(&self.path)
    }

    /// Returns the names and values of the query, decoded, in order.
    pub fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// Returns the body, where it is JSON.
    pub fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    /// Returns a header, where it was sent and is text. Its name may be in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the status of the response, be it one that was dropped.
    pub fn status(&self) -> u16 {
        self.status
    }
}

/// The segments of a path, decoded.
pub(super) fn segments(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(decode).collect()
}

/// The names and values of a query, decoded.
pub(super) fn query_pairs(query: Option<&str>) -> Vec<(String, String)> {
    let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let halves = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    halves.map(|(name, value)| (decode(name), decode(value))).collect()
}

/// Undoes percent-encoding.
fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_one_json_value() {
        for malformed in ["", "{", "{} {}", "name=A", "{'name': 1}", &"[".repeat(100_000)] {
            assert_eq!(json(malformed.as_bytes()), None, "{malformed:.20}");
        }
        assert_eq!(json(b"{\"a\": \"\xff\"}"), None);
        for value in ["{}", "[]", "null", "1", r#""name""#, r#"{"name": "A"}"#] {
            assert!(json(value.as_bytes()).is_some(), "{value}");
        }
    }

    #[test]
    fn percent_encoding_is_undone() {
        for (encoded, decoded) in [
            ("org_1", "org_1"),
            ("a%2Fb%3f", "a/b?"),
            ("%C3%A9+", "é+"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%%41", "%A"),
        ] {
            assert_eq!(decode(encoded), decoded);
        }
    }

    #[test]
    fn queries_are_split_into_pairs() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(query_pairs(None), []);
        assert_eq!(
            query_pairs(Some("limit=5&cursor=a%3Db&&flag")),
            [pair("limit", "5"), pair("cursor", "a=b"), pair("flag", "")]
        );
    }
}
