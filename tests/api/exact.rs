//! A mock server for ordinary requests and responses: it records each request to the byte, and
//! sends scripted responses.
//!
//! `mockito` closes each connection after its response. It reads requests with `hyper`, which
//! ignores extra spaces and drops a fragment. Use [`crate::support::server`] to count connections
//! or to send unusual bytes.

use std::sync::{Arc, Mutex};

use mockito::{Matcher, ServerGuard};
use nirvana_labs::{Api, ApiBuilder};
use serde_json::Value;

use crate::support::client;
use crate::support::message::Request;

/// A `mockito` mock matches one method, so there is one mock for each.
const METHODS: [&str; 9] =
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"];

/// A response. The server adds `Content-Length`, `Date` and `Connection: close`.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Reply {
    pub(crate) fn new(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
        let headers =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Reply { status, headers, body: body.as_ref().to_vec() }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Reply {
        Reply::new(status, &[("content-type", "application/json")], body.to_string())
    }
}

/// A server from the pool of `mockito`. The pool has 50 servers, and then waits until one is
/// dropped: no test holds more than two at a time. (Servers outside the pool never stop.)
pub(crate) struct Server {
    server: ServerGuard,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Returns a server that sends `reply` to every request.
    pub(crate) fn always(reply: Reply) -> Server {
        let mut server = Server::new();
        server.mock(&reply, |_| true);
        server
    }

    /// Returns a server that sends these replies in turn, and 599 afterwards.
    pub(crate) fn replying(replies: impl IntoIterator<Item = Reply>) -> Server {
        let mut server = Server::new();
        let mut count = 0;
        for reply in replies {
            let turn = count;
            server.mock(&reply, move |seen| seen == turn);
            count += 1;
        }
        server.mock(&Reply::new(599, &[], "no such reply"), move |seen| seen >= count);
        server
    }

    fn new() -> Server {
        Server { server: mockito::Server::new(), seen: Arc::default() }
    }

    /// Sends `reply` to a request if `is_due` returns true for the number of earlier requests.
    fn mock(
        &mut self,
        reply: &Reply,
        is_due: impl Fn(usize) -> bool + Copy + Send + Sync + 'static,
    ) {
        for method in METHODS {
            let (before, log) = (Arc::clone(&self.seen), Arc::clone(&self.seen));
            let Reply { status, headers, body } = reply.clone();
            // The status function runs once for each request, after all mocks have been matched.
            let mut mock = self
                .server
                .mock(method, Matcher::Any)
                .match_request(move |_| is_due(before.lock().unwrap().len()))
                .with_status_code_from_request(move |request| {
                    log.lock().unwrap().push(read(request));
                    status.into()
                })
                .with_body_from_request(move |_| body.clone());
            for (name, value) in &headers {
                mock = mock.with_header(name, value);
            }
            mock.create();
        }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    pub(crate) fn builder(&self) -> ApiBuilder {
        client(self.url())
    }

    pub(crate) fn api(&self) -> Api {
        self.builder().build().unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// Fails unless there was one request, and it was this one to the byte: without another header,
    /// query parameter or body.
    #[track_caller]
    pub(crate) fn expect(&self, method: &str, target: &str, body: Option<&str>) {
        self.expect_with(method, target, body, &[]);
    }

    /// Like [`expect`](Server::expect), with more headers.
    #[track_caller]
    pub(crate) fn expect_with(
        &self,
        method: &str,
        target: &str,
        body: Option<&str>,
        more: &[(&str, &str)],
    ) {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "requests: {seen:#?}");
        seen[0].expect(&self.server.host_with_port(), (method, target), body, more);
    }
}

/// Converts a request. Bytes that are not UTF-8 become `U+FFFD`, which no test sends: a panic here
/// would break the server for later tests.
fn read(request: &mockito::Request) -> Request {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = request.headers().iter();
    Request {
        method: request.method().to_owned(),
        target: request.path_and_query().to_owned(),
        headers: headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
        body: request.body().map(|body| text(body)).unwrap_or_default(),
    }
}
