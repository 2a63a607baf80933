//! Once means once: every endpoint under every fault. What the server saw, what the error
//! says, and what it says about having been processed, are what the retry table promises.

#[allow(unused_imports)]
use crate::checks::message::RequestWords;
use std::thread;
use std::time::Duration;

use nirvana_labs::ErrorKind as Kind;
use nirvana_labs::{Api, Error, RequestOptions};

use crate::exact::{self, Reply};
use crate::support::endpoints::{ENDPOINTS, Endpoint, ORGANIZATION};
use crate::support::server::{Connection, Refusing, Server, answer, answer_with};
use crate::support::{client, kind};

/// What may be done about a fault.
#[derive(Clone, Copy, PartialEq)]
enum Rule {
    /// Nothing reached the server, or it did not act: everything is tried again.
    Safe,
    /// The server may have acted: only what may be done twice is tried again.
    Unsure,
    /// The server has said its last word, and did not act.
    Final,
}

/// How a call must end.
#[derive(Clone, Copy)]
enum Outcome {
    Transport(Kind),
    Status(u16),
}

/// What a fault must lead to: the outcome, the rule, and whether the server reads requests.
struct Expected {
    outcome: Outcome,
    rule: Rule,
    read: bool,
}

/// Calls `endpoint` with one retry allowed, and checks how that ends.
fn check(fault: &str, endpoint: &Endpoint, api: &Api, server: Option<&Server>, due: &Expected) {
    let name = format!("{fault}, {} {}", endpoint.method, endpoint.path);
    let error = (endpoint.call)(api).expect_err(&name);
    match due.outcome {
        Outcome::Transport(due) => assert_eq!(kind(&error), due, "{name}: {error:?}"),
        Outcome::Status(due) => {
            assert!(error.kind() == Kind::Status, "{name}: {error:?}");
            assert_eq!(error.status(), Some(due), "{name}");
        }
    }
    let (attempts, processed) = match due.rule {
        Rule::Safe => (2, false),
        Rule::Unsure if endpoint.is_repeatable() => (2, true),
        Rule::Unsure => (1, true),
        Rule::Final => (1, false),
    };
    assert_eq!(error.attempts(), attempts, "{name}: {error}");
    assert_eq!(error.may_have_been_processed(), processed, "{name}: {error}");
    assert_eq!(error.is_retryable(), attempts == 2, "{name}: {error}");
    let Some(server) = server else { return };
    let requests = server.requests();
    assert_eq!(requests.len(), if due.read { attempts as usize } else { 0 }, "{name}");
    for request in &requests {
        assert_eq!(
            (&*request.method, &*request.target),
            (endpoint.method, endpoint.path),
            "{name}"
        );
        assert_eq!(request.body, requests[0].body, "{name}: a retry says the same");
    }
    if !due.read {
        assert_eq!(server.connections(), attempts as usize, "{name}");
    }
}

/// Runs `row` for all ten endpoints at once: a row mostly waits.
fn for_each_endpoint(row: impl Fn(&Endpoint) + Sync) {
    let row = &row;
    thread::scope(|scope| {
        for endpoint in &ENDPOINTS {
            scope.spawn(move || row(endpoint));
        }
    });
}

/// A fault that a server plays on each connection.
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
    // A label of more than 63 letters: no resolver can know it, and none is asked.
    let url = format!("http://{}.invalid", "a".repeat(64));
    for_each_endpoint(|endpoint| {
        let api = client(&url).allow_http(true).no_proxy().max_retries(1).build().unwrap();
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
fn truncated_answer() {
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

#[test]
fn reset_within_the_answer() {
    // Not even where the end of the body is the end of the connection.
    for length in ["Content-Length: 500\r\n", "Transfer-Encoding: chunked\r\n", ""] {
        for_each_endpoint(|endpoint| {
            let server = Server::new(move |connection| {
                connection.request();
                let piece = if length.starts_with('T') { "40\r\n{" } else { "{" };
                connection.send(format!("HTTP/1.1 200 OK\r\n{length}\r\n{piece}"));
                connection.reset();
            });
            let api = client(server.url()).max_retries(1).build().unwrap();
            let name = format!("reset within the answer, {length:?}");
            // The reset may overtake what came before it.
            let error = (endpoint.call)(&api).expect_err(&name);
            let kind = kind(&error);
            assert!(matches!(kind, Kind::Truncated | Kind::Closed), "{name}: {error:?}");
            let due = if endpoint.is_repeatable() { 2 } else { 1 };
            assert_eq!((server.request_count(), error.attempts()), (due, due as u32), "{name}");
            assert!(error.may_have_been_processed(), "{name}");
        });
    }
}

#[test]
fn garbage_for_a_status_line() {
    fault("garbage", broken(Kind::Protocol), |connection| {
        connection.request();
        connection.send("220 mail.example.test ESMTP ready\r\n\r\n");
    });
}

#[test]
fn statuses() {
    let rows = [
        (408, Rule::Safe),
        (409, Rule::Final),
        (429, Rule::Safe),
        (500, Rule::Unsure),
        (501, Rule::Final),
        (502, Rule::Unsure),
        (503, Rule::Unsure),
        (504, Rule::Unsure),
    ];
    for (status, rule) in rows {
        for_each_endpoint(|endpoint| {
            let server = Server::answering(move |_| {
                answer_with(status, &[("Retry-After-Ms", "1")], r#"{"message":"no"}"#)
            });
            let api = client(server.url()).max_retries(1).build().unwrap();
            let due = Expected { outcome: Outcome::Status(status), rule, read: true };
            check(&status.to_string(), endpoint, &api, Some(&server), &due);
            assert_eq!(server.connections(), 1, "{status}: the connection is used again");
        });
    }
}

#[test]
fn the_server_may_ask_for_a_retry_or_forbid_it() {
    // (status, what it says, attempts of what may be repeated, and of a POST)
    for (status, word, repeatable, once) in [
        // What may have been processed, or is refused, is not made safe by a gateway's word.
        (500, "true", 2, 1),
        (409, "true", 2, 1),
        (429, "true", 2, 2),
        (503, "false", 1, 1),
        (429, "false", 1, 1),
        (503, "perhaps", 2, 1),
    ] {
        for_each_endpoint(|endpoint| {
            let headers = [("X-Should-Retry", word), ("Retry-After-Ms", "1")];
            let server = exact::Server::always(Reply::new(status, &headers, ""));
            let api = server.builder().max_retries(1).build().unwrap();
            let error = (endpoint.call)(&api).unwrap_err();
            let due = if endpoint.is_repeatable() { repeatable } else { once };
            let name = format!("{status}, {word}, {} {}", endpoint.method, endpoint.path);
            assert_eq!((server.seen().len(), error.attempts()), (due, due as u32), "{name}");
            assert_eq!(error.is_retryable(), due == 2, "{name}");
            assert_eq!(error.may_have_been_processed(), status >= 500, "{name}");
        });
    }
}

#[test]
fn an_idempotency_key_makes_a_post_repeatable() {
    let server = exact::Server::always(Reply::new(503, &[("Retry-After-Ms", "1")], ""));
    let options = RequestOptions::new().header("idempotency-key", "once");
    let api = server.builder().max_retries(2).build().unwrap().with_options(options);
    let error = (ENDPOINTS[0].call)(&api).unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(503), 3));
    for request in server.seen() {
        assert_eq!(request.header("idempotency-key"), Some("once"));
    }
}

#[test]
fn what_an_earlier_request_sent_is_not_taken_for_this_one_s() {
    let server = Server::answering(|_| answer(200, ORGANIZATION));
    let api = client(server.url()).max_retries(1).build().unwrap();
    api.get_organization("org_1").unwrap();
    // There is a connection to send on, and no time to do so.
    let hasty = api.with_options(RequestOptions::new().timeout(Duration::ZERO));
    let error = (ENDPOINTS[0].call)(&hasty).unwrap_err();
    assert!(error.is_timeout() && error.is_retryable(), "{error:?}");
    assert!(!error.may_have_been_processed(), "{error:?}");
    assert_eq!((error.attempts(), server.request_count()), (2, 1));
}

#[test]
fn the_first_lost_answer_is_remembered() {
    // The second attempt is refused for certain; the first may still have been processed.
    let server = Server::new(|connection| {
        connection.request();
        if connection.number > 0 {
            connection.send(answer(409, ""));
        }
    });
    let api = client(server.url()).max_retries(1).build().unwrap();
    let error = (ENDPOINTS[2].call)(&api).unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(409), 2));
    assert!(error.may_have_been_processed());
}

#[cfg(feature = "rustls")]
mod tls {
    use super::*;
    use crate::support::tls::SELF_SIGNED;

    #[test]
    fn tls_failure() {
        for_each_endpoint(|endpoint| {
            let server = Server::tls_answering(SELF_SIGNED, |_| answer(200, ""));
            let api = client(server.url()).max_retries(1).build().unwrap();
            // It would be refused again.
            let due = Expected { rule: Rule::Final, ..not_sent(Kind::Tls) };
            check("untrusted", endpoint, &api, Some(&server), &due);
        });
    }

    #[test]
    fn closed_after_the_request_is_read_over_tls() {
        for_each_endpoint(|endpoint| {
            // With and without a word of goodbye.
            for polite in [true, false] {
                let server = Server::tls(SELF_SIGNED, move |connection| {
                    connection.request();
                    if polite {
                        connection.say_goodbye();
                    }
                });
                let api = client(server.url()).root_certificate_pem(SELF_SIGNED.pem);
                let api = api.max_retries(1).build().unwrap();
                check("closed, TLS", endpoint, &api, Some(&server), &broken(Kind::Closed));
            }
        });
    }

    #[test]
    fn truncated_answer_over_tls() {
        for_each_endpoint(|endpoint| {
            let server = Server::tls(SELF_SIGNED, |connection| {
                connection.request();
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\": ");
            });
            let api = client(server.url()).root_certificate_pem(SELF_SIGNED.pem);
            let api = api.max_retries(1).build().unwrap();
            check("truncated, TLS", endpoint, &api, Some(&server), &broken(Kind::Truncated));
        });
    }

    #[test]
    fn reset_within_the_handshake() {
        for_each_endpoint(|endpoint| {
            let server = Server::new(|connection| {
                connection.await_bytes();
                connection.reset();
            });
            let url = server.url().replace("http:", "https:");
            let api = client(url).max_retries(1).build().unwrap();
            check("reset handshake", endpoint, &api, Some(&server), &not_sent(Kind::Tls));
        });
    }
}
