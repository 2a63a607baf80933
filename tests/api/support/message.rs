//! The requests that the raw server reads, and the responses that it writes.

use std::collections::BTreeMap;

use super::KEY;
use crate::checks::wire;

/// A request as it arrived at the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path and the query.
    pub(crate) target: String,
    /// The names are in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the percent-decoded pairs of the query.
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap();
                (percent_decoded(name), percent_decoded(value))
            })
            .collect()
    }

    /// Fails unless the request was sent to `host` and is exactly the expected one: an extra
    /// header, parameter or byte fails. `more` adds headers to those that are always sent, or
    /// replaces their values.
    #[track_caller]
    pub(crate) fn expect(
        &self,
        host: &str,
        (method, target): (&str, &str),
        body: Option<&str>,
        more: &[(&str, &str)],
    ) {
        let (key, length) = (format!("Bearer {KEY}"), body.map_or(0, str::len).to_string());
        let mut expected = BTreeMap::from([
            ("host", host),
            ("authorization", key.as_str()),
            ("accept", "application/json"),
            ("user-agent", concat!("nirvana-labs-rust/", env!("CARGO_PKG_VERSION"))),
        ]);
        if cfg!(feature = "gzip") {
            expected.insert("accept-encoding", "gzip");
        }
        if method != "GET" {
            expected.insert("content-length", &length);
        }
        if body.is_some() {
            expected.insert("content-type", "application/json");
        }
        expected.extend(more.iter().copied());
        let mut headers = self.headers.clone();
        headers.sort();
        let expected: Vec<(String, String)> =
            expected.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        assert_eq!(headers, expected);
        assert_eq!(self.method, method);
        assert_eq!(self.target, target);
        assert_eq!(self.body, body.unwrap_or_default());
    }
}

/// Percent-decodes `text` as in RFC 3986: a plus sign stays a plus sign.
pub(crate) fn percent_decoded(text: &str) -> String {
    String::from_utf8(wire::percent_decoded(text)).unwrap()
}

/// Returns a response with a `Content-Length`.
pub(crate) fn reply(status: u16, body: &str) -> String {
    reply_with(status, &[], body)
}

/// Returns a response with a `Content-Length` and more headers.
pub(crate) fn reply_with(status: u16, headers: &[(&str, &str)], body: &str) -> String {
    head(status, headers, body.len()) + body
}

/// Like [`reply_with`], for a body of any bytes.
pub(crate) fn reply_bytes(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    [head(status, headers, body.len()).as_bytes(), body].concat()
}

fn head(status: u16, headers: &[(&str, &str)], length: usize) -> String {
    let mut text = format!("HTTP/1.1 {status} Whatever\r\nContent-Length: {length}\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text + "\r\n"
}
