//! The log of requests, for assertions.

use http::Request;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Sandbox;

impl Sandbox {
    /// Returns the requests that have arrived so far, in order. This includes retries, and requests
    /// with a scripted failure.
    ///
    /// The body is `null` if it is empty or not JSON. The request's
    /// [`extensions`](http::Request::extensions) have the [`StatusCode`](http::StatusCode) of the
    /// response, even if the response was dropped.
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
    /// assert_eq!(requests[0].uri().path(), "/v1/organizations/org_1");
    /// assert_eq!(requests[0].body(), &json!({ "billing_email": null }));
    /// let status = requests[0].extensions().get::<nirvana_labs::http::StatusCode>().unwrap();
    /// assert_eq!(status.as_u16(), 200);
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn requests(&self) -> Vec<Request<Value>> {
        self.service().log.clone()
    }

    /// Clears the log.
    pub fn clear_requests(&self) {
        self.service().log.clear();
    }
}

/// Returns the log entry for a request: the whole request, with its body as JSON.
pub(super) fn entry(request: &Request<&[u8]>) -> Request<Value> {
    let mut entry = request.clone().map(json);
    // `Debug` must not show the key.
    entry.headers_mut().values_mut().for_each(|value| value.set_sensitive(true));
    entry
}

/// Returns the body, or `null` if it is not JSON.
fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

/// Returns the percent-decoded segments of a path.
pub(super) fn segments(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(decode).collect()
}

/// Returns the percent-decoded names and values of a query.
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
    fn a_body_that_is_not_one_json_value_becomes_null() {
        for malformed in ["", "{", "{} {}", "name=A", "{'name': 1}", &"[".repeat(100_000)] {
            assert_eq!(json(malformed.as_bytes()), Value::Null, "{malformed:.20}");
        }
        assert_eq!(json(b"{\"a\": \"\xff\"}"), Value::Null);
        for value in ["{}", "[]", "1", r#""name""#, r#"{"name": "A"}"#] {
            assert!(!json(value.as_bytes()).is_null(), "{value}");
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
