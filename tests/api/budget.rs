//! The retry budget, which all clones of a client share: retries stop if the service is down.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use nirvana_labs::ErrorKind as Kind;
use nirvana_labs::{Api, Attempt, CancelToken, RequestOptions, SendError};

use crate::checks::http_messages::{HttpMessage, response};
use crate::scripted::Scripted;
use crate::support::endpoints::ORGANIZATION;
use crate::support::server::{Server, reply, reply_with};
use crate::support::{alone, client};

/// The budget has 500 tokens, and a retry costs 5.
const MAX_RETRIES: usize = 100;

/// Returns a server that responds with 503 while `down` is true, and a client for it.
fn service(down: &Arc<AtomicBool>) -> (Server, Api) {
    let down = Arc::clone(down);
    let server = Server::answering(move |_| {
        if down.load(Ordering::SeqCst) {
            reply_with(503, &[("Retry-After-Ms", "1")], r#"{"message":"down for now"}"#)
        } else {
            reply(200, ORGANIZATION)
        }
    });
    let api = client(server.url()).build().unwrap();
    (server, api)
}

/// Makes failing calls until the budget is spent, and returns how many retries there were.
fn spend(server: &Server, api: &Api) -> usize {
    let (calls, before) = (MAX_RETRIES + 10, server.request_count());
    for _ in 0..calls {
        assert_eq!(api.get_organization("org_1").unwrap_err().status(), Some(503));
    }
    server.request_count() - before - calls
}

#[test]
fn clones_share_one_budget() {
    const THREADS: usize = 64;
    const CALLS: usize = 100;
    let _alone = alone();
    let down = Arc::new(AtomicBool::new(true));
    let (server, api) = service(&down);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            // Each thread has its own clone and its own options.
            let api = api.clone().with_options(RequestOptions::new());
            scope.spawn(move || {
                for _ in 0..CALLS {
                    let error = api.get_organization("org_1").unwrap_err();
                    assert_eq!(error.status(), Some(503));
                    assert!(error.to_string().contains("down for now"), "{error}");
                    assert!(error.is_retryable(), "this does not depend on the budget");
                }
            });
        }
    });
    assert_eq!(server.request_count(), THREADS * CALLS + MAX_RETRIES);
    assert!(server.connections() <= THREADS);
}

#[test]
fn a_retry_that_was_not_sent_is_refunded() {
    let server = Server::answering(|request| {
        let wait = if request.target.ends_with("long") { "60000" } else { "1" };
        reply_with(503, &[("Retry-After-Ms", wait)], "down")
    });
    let token = Arc::new(Mutex::new(CancelToken::new()));
    let current = Arc::clone(&token);
    // Cancels the call as soon as it reports the long wait.
    let cancel = move |attempt: &Attempt<'_>| {
        if attempt.wait.is_some_and(|wait| wait.as_secs() == 60) {
            current.lock().unwrap().cancel();
        }
    };
    let api = client(server.url()).observe(cancel).build().unwrap();
    for _ in 0..MAX_RETRIES + 5 {
        let fresh = CancelToken::new();
        token.lock().unwrap().clone_from(&fresh);
        let options = RequestOptions::new().cancel_token(&fresh);
        let error = api.with_options(options).get_organization("long").unwrap_err();
        assert_eq!(error.kind(), Kind::Cancelled, "{error}");
        assert_eq!(error.attempts(), 1);
    }
    assert_eq!(spend(&server, &api), MAX_RETRIES);
}

#[test]
fn a_retry_after_a_timeout_costs_twice() {
    let transport = Scripted::new(|request| match request.uri().path() {
        "/v1/organizations/slow" => Err(SendError::maybe_sent(Kind::Timeout, "too slow")),
        _ => Ok(response(503).with_header("retry-after-ms", "0")),
    });
    // Only the retry after the timeout waits: the 503 responses ask for a wait of 0.
    let api = transport.builder().max_retries(1).build().unwrap();
    assert!(api.get_organization("slow").unwrap_err().is_timeout());
    let (calls, before) = (MAX_RETRIES + 10, transport.count());
    for _ in 0..calls {
        api.get_organization("org_1").unwrap_err();
    }
    assert_eq!(transport.count() - before - calls, MAX_RETRIES - 2);
}

#[test]
fn the_budget_refills_when_the_service_is_back() {
    let down = Arc::new(AtomicBool::new(true));
    let (server, api) = service(&down);
    assert_eq!(spend(&server, &api), MAX_RETRIES);
    assert_eq!(spend(&server, &api), 0, "the budget is spent");

    down.store(false, Ordering::SeqCst);
    for _ in 0..50 {
        api.get_organization("org_1").unwrap();
    }
    down.store(true, Ordering::SeqCst);
    assert_eq!(spend(&server, &api), 10, "50 successful calls pay for 10 retries");

    down.store(false, Ordering::SeqCst);
    for _ in 0..1_000 {
        api.get_organization("org_1").unwrap();
    }
    down.store(true, Ordering::SeqCst);
    assert_eq!(spend(&server, &api), MAX_RETRIES, "the budget refills to its initial size");
}

#[test]
fn a_retry_that_succeeds_is_refunded() {
    let server = Server::new(|connection| {
        for turn in 0.. {
            if connection.request().is_none() {
                return;
            }
            connection.send(match turn % 2 {
                0 => reply_with(503, &[("Retry-After-Ms", "0")], ""),
                _ => reply(200, ORGANIZATION),
            });
        }
    });
    let api = client(server.url()).build().unwrap();
    for _ in 0..3 * MAX_RETRIES {
        api.get_organization("org_1").unwrap();
    }
}

#[test]
fn each_built_client_has_its_own_budget() {
    let down = Arc::new(AtomicBool::new(true));
    let (server, api) = service(&down);
    assert_eq!(spend(&server, &api), MAX_RETRIES);
    let other = client(server.url()).build().unwrap();
    assert_eq!(spend(&server, &other), MAX_RETRIES);
}
