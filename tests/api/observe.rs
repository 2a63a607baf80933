//! What those who watch see of a call.

#[allow(unused_imports)]
use crate::checks::message::{ResponseWords, reply};
use nirvana_labs::http::Method;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nirvana_labs::{ErrorKind, ListParams, RequestOptions, SendError};

use crate::fixtures::{organization, page};
use crate::scripted::{Outcome, Scripted};

/// What an attempt was, but for the time it took.
#[derive(Debug, PartialEq)]
struct Seen {
    method: Method,
    path: String,
    number: u32,
    status: Option<u16>,
    failure: Option<String>,
    wait: Option<Duration>,
    line: String,
}

/// A client that answers so, and what its observer saw.
fn watched(
    outcomes: impl IntoIterator<Item = Outcome>,
) -> (nirvana_labs::Api, Arc<Mutex<Vec<Seen>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let caller = std::thread::current().id();
    let builder = Scripted::in_turn(outcomes).builder().observe(move |attempt| {
        assert_eq!(std::thread::current().id(), caller);
        assert!(attempt.elapsed < Duration::from_secs(60));
        let line = attempt.to_string();
        log.lock().unwrap().push(Seen {
            method: attempt.method.clone(),
            path: attempt.path.to_owned(),
            number: attempt.number,
            status: attempt.status,
            failure: attempt.failure.map(ToString::to_string),
            wait: attempt.wait,
            // Without the time in the middle.
            line: line.split(" in ").next().unwrap().to_owned(),
        });
    });
    (builder.build().unwrap(), seen)
}

#[test]
fn each_attempt_is_seen_once() {
    let (api, seen) = watched([
        Err(SendError::maybe_sent(ErrorKind::Closed, "gone")),
        Ok(reply(429).with_header("retry-after-ms", "2")),
        Ok(reply(200).with_body(organization().to_string())),
    ]);
    let api = api.with_options(RequestOptions::new().query("token", "t"));
    api.get_organization("a/b").unwrap();
    let seen = seen.lock().unwrap();
    let common = |number, status, failure: Option<&str>, wait, line: &str| Seen {
        method: Method::GET,
        path: "/v1/organizations/a%2Fb".to_owned(),
        number,
        status,
        failure: failure.map(str::to_owned),
        wait,
        line: format!("GET /v1/organizations/a%2Fb: {line}"),
    };
    let backoff = seen[0].wait.unwrap();
    assert!((375..=500).contains(&backoff.as_millis()), "{backoff:?}");
    assert_eq!(seen[0], common(1, None, Some("gone"), Some(backoff), "gone"));
    assert_eq!(seen[1], common(2, Some(429), None, Some(Duration::from_millis(2)), "429"));
    assert_eq!(seen[2], common(3, Some(200), None, None, "200"));
    assert_eq!(seen.len(), 3);
}

#[test]
fn a_failure_for_good_is_seen_without_a_wait() {
    let (api, seen) = watched([Ok(reply(404))]);
    api.leave_organization("org_1").unwrap_err();
    let seen = seen.lock().unwrap();
    assert_eq!((seen.len(), seen[0].status, seen[0].wait), (1, Some(404), None));
}

#[test]
fn each_page_is_a_call() {
    let (api, seen) = watched([
        Ok(reply(200).with_body(page(vec![], Some("c"), 0).to_string())),
        Ok(reply(200).with_body(page(vec![], None, 0).to_string())),
    ]);
    assert!(api.list_organizations(&ListParams::new()).next().is_none());
    let seen = seen.lock().unwrap();
    assert_eq!(seen.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 1]);
    assert!(seen.iter().all(|attempt| attempt.path == "/v1/organizations"));
}

#[test]
fn what_is_never_sent_is_never_seen() {
    let (api, seen) = watched([]);
    api.get_organization("..").unwrap_err();
    let bad = api.with_options(RequestOptions::new().header("a b", "c"));
    bad.get_organization("org_1").unwrap_err();
    assert!(seen.lock().unwrap().is_empty());
}
