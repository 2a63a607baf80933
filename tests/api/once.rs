//! Every endpoint with every fault. The requests that the server sees, the error, and whether the
//! server may have acted must follow the retry table.

mod statuses;
#[cfg(feature = "rustls")]
mod tls;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nirvana_labs::ErrorKind as Kind;
use nirvana_labs::{Api, HttpTransport, Limits, RequestOptions, SendError, Transport};

use crate::checks::http_messages::{HttpRequest, HttpResponse};
use crate::support::changing::Changing;
use crate::support::endpoints::{ENDPOINTS, Endpoint, ORGANIZATION};
use crate::support::server::{Connection, Refusing, Server, reply};
use crate::support::{client, kind};

/// Whether a retry is allowed after a fault, and whether the server may have acted.
#[derive(Clone, Copy, PartialEq)]
enum Rule {
    /// The server got no request, or did not act: every request is retried.
    Safe,
    /// The server may have acted: only idempotent requests are retried.
    Unsure,
    /// The server may have acted, and another attempt would not help.
    Unknown,
    /// The server did not act, and another attempt would not help.
    Final,
}

impl Rule {
    /// Returns the number of attempts if one retry is allowed.
    fn attempts(self, is_repeatable: bool) -> usize {
        match self {
            Rule::Safe => 2,
            Rule::Unsure if is_repeatable => 2,
            _ => 1,
        }
    }

    fn may_have_acted(self) -> bool {
        matches!(self, Rule::Unsure | Rule::Unknown)
    }
}

/// How a call must end.
#[derive(Clone, Copy)]
enum Outcome {
    Transport(Kind),
    Status(u16),
}

/// The expected result of a fault. `read` says whether the server reads requests.
struct Expected {
    outcome: Outcome,
    rule: Rule,
    read: bool,
}

/// Calls `endpoint` with one retry allowed, and checks that the result is `due`.
fn check(fault: &str, endpoint: &Endpoint, api: &Api, server: Option<&Server>, due: &Expected) {
    let name = format!("{fault}, {} {}", endpoint.method, endpoint.path);
    let error = (endpoint.call)(api).expect_err(&name);
    match due.outcome {
        Outcome::Transport(due) => assert_eq!(kind(&error), due, "{name}: {error:?}"),
        Outcome::Status(due) => {
            assert_eq!(error.kind(), Kind::Status, "{name}: {error:?}");
            assert_eq!(error.status(), Some(due), "{name}");
        }
    }
    let attempts = due.rule.attempts(endpoint.is_repeatable());
    assert_eq!(error.attempts() as usize, attempts, "{name}: {error}");
    assert_eq!(error.may_have_been_processed(), due.rule.may_have_acted(), "{name}: {error}");
    assert_eq!(error.is_retryable(), attempts == 2, "{name}: {error}");
    let Some(server) = server else { return };
    let requests = server.requests();
    assert_eq!(requests.len(), if due.read { attempts } else { 0 }, "{name}");
    for request in &requests {
        assert_eq!(
            (&*request.method, &*request.target),
            (endpoint.method, endpoint.path),
            "{name}"
        );
        assert_eq!(request.body, requests[0].body, "{name}: a retry has the same body");
    }
    if !due.read {
        assert_eq!(server.connections(), attempts, "{name}");
    }
}

/// Runs `row` for all ten endpoints in parallel, because a row mostly waits.
fn for_each_endpoint(row: impl Fn(&Endpoint) + Sync) {
    let row = &row;
    thread::scope(|scope| {
        for endpoint in &ENDPOINTS {
            scope.spawn(move || row(endpoint));
        }
    });
}

/// Checks every endpoint against a server that runs `play` on each connection.
fn fault(name: &str, due: Expected, play: fn(&mut Connection)) {
    for_each_endpoint(|endpoint| {
        let server = Server::new(play);
        let api = client(server.url()).max_retries(1).build().unwrap();
        check(name, endpoint, &api, Some(&server), &due);
    });
}

fn broken(kind: Kind) -> Expected {
    Expected { outcome: Outcome::Transport(kind), rule: Rule::Unsure, read: true }
}

fn not_sent(kind: Kind) -> Expected {
    Expected { outcome: Outcome::Transport(kind), rule: Rule::Safe, read: false }
}

#[test]
fn connection_refused() {
    let nobody = Refusing::new();
    for_each_endpoint(|endpoint| {
        let api = client(nobody.url()).max_retries(1).build().unwrap();
        check("refused", endpoint, &api, None, &not_sent(Kind::Connect));
    });
}

#[test]
fn unknown_host() {
    // The lookup of a label with more than 63 bytes fails without a resolver. A base URL cannot
    // have such a label, so a wrapper changes the URI of the request.
    for_each_endpoint(|endpoint| {
        let url = format!("http://{}.invalid{}", "a".repeat(64), endpoint.path);
        let change = move |request: &mut HttpRequest<'_>| *request.uri_mut() = url.parse().unwrap();
        let builder = client("http://api.invalid").allow_http(true).no_proxy().max_retries(1);
        let api = builder.wrap_transport(move |http| Changing(http, change)).build().unwrap();
        check("unknown host", endpoint, &api, None, &not_sent(Kind::Dns));
    });
}

#[test]
fn reset_before_the_request_is_read() {
    let due = Expected { read: false, ..broken(Kind::Closed) };
    fault("reset", due, |connection| {
        connection.await_bytes();
        connection.reset();
    });
}

#[test]
fn closed_after_the_request_is_read() {
    fault("closed", broken(Kind::Closed), |connection| drop(connection.request()));
}

#[test]
fn the_error_of_a_closed_connection_says_when_it_was_closed() {
    for (reply, when) in [
        ("", "the connection closed before a response"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
            "closed before the response was complete",
        ),
    ] {
        let server = Server::closing(reply);
        let api = client(server.url()).max_retries(0).build().unwrap();
        let error = api.get_organization("org_1").unwrap_err();
        assert!(error.to_string().contains(when), "{error}");
    }
}

#[test]
fn reset_after_the_request_is_read() {
    fault("reset when read", broken(Kind::Closed), |connection| {
        connection.request();
        connection.reset();
    });
}

#[test]
fn stalled_past_the_timeout() {
    for_each_endpoint(|endpoint| {
        let server = Server::new(|connection| {
            connection.request();
            connection.hold();
        });
        let builder = client(server.url()).max_retries(1).timeout(Duration::from_millis(400));
        let api = builder.build().unwrap();
        check("stalled", endpoint, &api, Some(&server), &broken(Kind::Timeout));
    });
}

#[test]
fn truncated_response() {
    fault("truncated", broken(Kind::Truncated), |connection| {
        connection.request();
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\": ");
    });
}

#[test]
fn truncated_chunk() {
    fault("truncated chunk", broken(Kind::Truncated), |connection| {
        connection.request();
        connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"id\": ");
    });
}

#[test]
fn truncated_head() {
    fault("truncated head", broken(Kind::Truncated), |connection| {
        connection.request();
        connection.send("HTTP/1.1 200 OK\r\nContent-Le");
    });
}

/// Resets the connection after one byte of the body. The header `length` gives the length of the
/// body. `length` may be empty.
fn reset_within_a_body(length: &'static str) {
    for_each_endpoint(|endpoint| {
        let server = Server::new(move |connection| {
            connection.request();
            let piece = if length.starts_with('T') { "40\r\n{" } else { "{" };
            connection.send(format!("HTTP/1.1 200 OK\r\n{length}\r\n{piece}"));
            connection.reset();
        });
        let api = client(server.url()).max_retries(1).build().unwrap();
        let name = format!("reset within the response, {length:?}");
        // The reset may overtake the bytes that were sent before it.
        let error = (endpoint.call)(&api).expect_err(&name);
        let kind = kind(&error);
        assert!(matches!(kind, Kind::Truncated | Kind::Closed), "{name}: {error:?}");
        let due = if endpoint.is_repeatable() { 2 } else { 1 };
        assert_eq!((server.request_count(), error.attempts()), (due, due as u32), "{name}");
        assert!(error.may_have_been_processed(), "{name}");
    });
}

#[test]
fn reset_within_the_response() {
    for length in ["Content-Length: 500\r\n", "Transfer-Encoding: chunked\r\n"] {
        reset_within_a_body(length);
    }
}

#[test]
#[cfg_attr(windows, ignore = "Wine clears the error of a reset, and the next read returns 0")]
fn reset_within_a_response_that_ends_with_the_connection() {
    reset_within_a_body("");
}

#[test]
fn garbage_instead_of_a_status_line() {
    fault("garbage", broken(Kind::Protocol), |connection| {
        connection.request();
        connection.send("220 mail.example.test ESMTP ready\r\n\r\n");
    });
}

#[test]
fn a_call_does_not_count_bytes_of_an_earlier_call_as_sent() {
    let server = Server::answering(|_| reply(200, ORGANIZATION));
    let late = Arc::new(AtomicBool::new(false));
    // A connection is open, but a wrapper uses up the time of the second call.
    let slow = Arc::clone(&late);
    let wrap = move |http| Delaying { http, is_late: slow };
    let builder = client(server.url()).max_retries(1).timeout(Duration::from_millis(50));
    let api = builder.wrap_transport(wrap).build().unwrap();
    let patient = RequestOptions::new().timeout(Duration::from_secs(30));
    api.with_options(patient).get_organization("org_1").unwrap();
    late.store(true, Ordering::SeqCst);
    let error = (ENDPOINTS[0].call)(&api).unwrap_err();
    assert!(error.is_timeout() && error.is_retryable(), "{error:?}");
    assert!(!error.may_have_been_processed(), "{error:?}");
    assert_eq!((error.attempts(), server.request_count()), (2, 1));
}

/// Sends a request only after its deadline if `is_late` is set.
struct Delaying {
    http: HttpTransport,
    is_late: Arc<AtomicBool>,
}

impl Transport for Delaying {
    fn send(&self, request: HttpRequest<'_>, limits: &Limits) -> Result<HttpResponse, SendError> {
        if self.is_late.load(Ordering::SeqCst) {
            thread::sleep(limits.time_left().unwrap());
        }
        self.http.send(request, limits)
    }
}
