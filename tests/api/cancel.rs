//! Cancelling ends a wait within 100 ms and a blocked read within 250 ms. Other calls go on.

use std::thread;
use std::time::{Duration, Instant};

use nirvana_labs::http::Method;
use nirvana_labs::{Api, CancelToken, Error, ErrorKind, RequestOptions};

use crate::support::endpoints::ORGANIZATION;
use crate::support::server::{Connection, Server, Unanswering, reply, reply_with};
use crate::support::{alone, client};

/// Cancels `call` once `blocked` has returned. Returns the error of the call, and how long the call
/// took to end after it was cancelled.
fn cancel_when(api: &Api, call: fn(&Api) -> Error, blocked: impl FnOnce()) -> (Error, Duration) {
    let token = CancelToken::new();
    let api = api.with_options(RequestOptions::new().cancel_token(&token));
    thread::scope(|scope| {
        let calling = scope.spawn(|| (call(&api), Instant::now()));
        blocked();
        let cancelled = Instant::now();
        token.cancel();
        let (error, ended) = calling.join().unwrap();
        (error, ended.saturating_duration_since(cancelled))
    })
}

fn get(api: &Api) -> Error {
    api.get_organization("org_1").unwrap_err()
}

/// How long a blocked read may take to end.
const READ: Duration = Duration::from_millis(250);
/// How long a wait between attempts may take to end, with 50 ms extra for a busy machine.
const WAIT: Duration = Duration::from_millis(100 + 50);

/// Cancels a call that waits while the server runs `script`. One of three calls must end in time.
fn cancel_during(name: &str, limit: Duration, script: fn(&mut Connection)) {
    let mut took = Vec::new();
    for _ in 0..3 {
        let server = Server::new(move |connection| {
            connection.request();
            script(connection);
        });
        let api = client(server.url()).build().unwrap();
        let (error, elapsed) = cancel_when(&api, get, || {
            server.await_requests(1);
            // Cancel in the middle of the wait.
            thread::sleep(Duration::from_millis(30));
        });
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{name}: {error:?}");
        assert!(error.may_have_been_processed() && error.attempts() == 1, "{name}");
        assert_eq!(server.request_count(), 1, "{name}: there was a retry");
        took.push(elapsed);
        if elapsed <= limit {
            return;
        }
    }
    panic!("{name}: took {took:?}");
}

#[test]
fn a_blocked_read_ends() {
    let _alone = alone();
    cancel_during("no response", READ, |connection| connection.hold());
    cancel_during("a slow body", READ, |connection| {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n");
        connection.trickle(ORGANIZATION, Duration::from_millis(10));
    });
}

#[test]
fn a_call_that_is_cancelled_within_the_body_of_an_error_is_cancelled() {
    let _alone = alone();
    cancel_during("the body of an error", READ, |connection| {
        connection.send("HTTP/1.1 503 No\r\nContent-Length: 999\r\n\r\n");
        connection.hold();
    });
}

#[test]
fn a_wait_between_attempts_ends_within_100_ms() {
    let _alone = alone();
    cancel_during("a wait before a retry", WAIT, |connection| {
        connection.send(reply_with(503, &[("Retry-After", "30")], ""));
        connection.hold();
    });
}

#[test]
fn opening_a_connection_ends() {
    let _alone = alone();
    let pause = || thread::sleep(Duration::from_millis(100));
    let full = Unanswering::new();
    for url in [full.url(), full.url().replace("127.0.0.1", "localhost")] {
        let (error, elapsed) = cancel_when(&client(&url).build().unwrap(), get, pause);
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{url}: {error:?}");
        assert!(!error.may_have_been_processed());
        assert!(elapsed < Duration::from_secs(5), "{url}: {elapsed:?}");
    }
    if cfg!(feature = "rustls") {
        let silent = Server::new(|connection| connection.hold());
        let url = silent.url().replace("http:", "https:");
        let (error, elapsed) = cancel_when(&client(url).build().unwrap(), get, pause);
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");
        assert!(!error.may_have_been_processed());
        assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
    }
}

#[test]
fn a_blocked_write_ends() {
    let _alone = alone();
    let (server, first_bytes) = Server::deaf();
    let send = |api: &Api| {
        let body = "x".repeat(5 << 20);
        api.request(Method::POST, ["v1", "notes"]).json(&body).send::<()>().unwrap_err()
    };
    let api = client(server.url()).build().unwrap();
    let (error, elapsed) = cancel_when(&api, send, || {
        first_bytes.recv().unwrap();
        thread::sleep(Duration::from_millis(100));
    });
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");
    assert!(error.may_have_been_processed(), "part of the request was sent");
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
}

#[test]
fn a_cancelled_token_sends_nothing() {
    let server = Server::answering(|_| reply(200, ORGANIZATION));
    let token = CancelToken::new();
    token.cancel();
    let api = client(server.url()).build().unwrap();
    let error = get(&api.with_options(RequestOptions::new().cancel_token(&token)));
    assert!(error.kind() == ErrorKind::Cancelled && error.attempts() == 0);
    assert!(!error.may_have_been_processed());
    assert_eq!(server.connections(), 0);
}

#[test]
fn calls_without_the_token_are_not_affected() {
    // The server never responds to org_1. It responds to org_2 only after the call for org_1 was
    // cancelled.
    let (cancelled, go_on) = std::sync::mpsc::channel::<()>();
    let go_on = std::sync::Mutex::new(go_on);
    let server = Server::new(move |connection| {
        while let Some(request) = connection.request() {
            match request.target.as_str() {
                "/v1/organizations/org_1" => return connection.hold(),
                "/v1/organizations/org_2" => go_on.lock().unwrap().recv().unwrap(),
                _ => {}
            }
            connection.send(reply(200, ORGANIZATION));
        }
    });
    let api = client(server.url()).build().unwrap();
    thread::scope(|scope| {
        let other = scope.spawn(|| api.get_organization("org_2"));
        server.await_requests(1);
        let (error, _) = cancel_when(&api, get, || server.await_requests(2));
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");
        cancelled.send(()).unwrap();
        assert!(other.join().unwrap().is_ok());
    });
    for _ in 0..3 {
        assert!(api.get_organization("org_3").is_ok(), "the client still works");
    }
    assert_eq!(server.connections(), 2, "the later calls reuse a connection");
}
