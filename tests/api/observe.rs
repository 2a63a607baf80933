//! What an observer and the log show of each attempt.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nirvana_labs::http::Method;
use nirvana_labs::{Api, CancelToken, ErrorKind, ListParams, RequestOptions, SendError};

use crate::checks::http_messages::{HttpMessage, WithBody, response};
use crate::fixtures::{organization, page};
use crate::recorder::logged;
use crate::scripted::{Outcome, Scripted, limits};

/// An observed attempt, without the elapsed time.
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

/// Returns a client whose attempts have these outcomes, and the attempts that its observer sees.
fn watched(outcomes: impl IntoIterator<Item = Outcome>) -> (Api, Arc<Mutex<Vec<Seen>>>) {
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
            // The line up to the elapsed time.
            line: line.split(" in ").next().unwrap().to_owned(),
        });
    });
    (builder.build().unwrap(), seen)
}

#[test]
fn each_attempt_is_observed_once() {
    let (api, seen) = watched([
        Err(SendError::maybe_sent(ErrorKind::Closed, "gone")),
        Ok(response(429).with_header("retry-after-ms", "2")),
        Ok(response(200).with_body(organization().to_string())),
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
fn a_failure_that_is_not_retried_has_no_wait() {
    let (api, seen) = watched([Ok(response(404))]);
    api.leave_organization("org_1").unwrap_err();
    let seen = seen.lock().unwrap();
    assert_eq!((seen.len(), seen[0].status, seen[0].wait), (1, Some(404), None));
}

#[test]
fn each_page_is_a_call() {
    let (api, seen) = watched([
        Ok(response(200).with_body(page(vec![], Some("c"), 0).to_string())),
        Ok(response(200).with_body(page(vec![], None, 0).to_string())),
    ]);
    assert!(api.list_organizations(&ListParams::new()).next().is_none());
    let seen = seen.lock().unwrap();
    assert_eq!(seen.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 1]);
    assert!(seen.iter().all(|attempt| attempt.path == "/v1/organizations"));
}

#[test]
fn an_invalid_request_is_not_observed() {
    let (api, seen) = watched([]);
    api.get_organization("..").unwrap_err();
    let bad = api.with_options(RequestOptions::new().header("a b", "c"));
    bad.get_organization("org_1").unwrap_err();
    assert!(seen.lock().unwrap().is_empty());
}

/// Runs `call`. Returns for each observed attempt why there is no retry, and the end of the line.
fn ends(
    transport: &Scripted,
    options: RequestOptions,
    call: impl Fn(&Api),
) -> Vec<(Option<&'static str>, String)> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let builder = transport.builder().observe(move |attempt| {
        let line = attempt.to_string();
        let number = format!(", attempt {}", attempt.number);
        let end = line.rsplit_once(&number).unwrap().1.to_owned();
        log.lock().unwrap().push((attempt.no_retry, end));
    });
    let ((), records) = logged(|| call(&builder.build().unwrap().with_options(options)));
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    // The log has the same lines.
    let lines = records.lines().filter(|line| line.starts_with("nirvana_labs"));
    assert_eq!(lines.clone().count(), seen.len(), "{records}");
    assert!(lines.zip(&seen).all(|(line, (_, end))| line.ends_with(end)), "{records}");
    seen
}

fn get(api: &Api) {
    api.get_organization("org_1").unwrap_err();
}

fn post(api: &Api) {
    api.leave_organization("org_1").unwrap_err();
}

/// A server that is down and asks for a retry after `wait` milliseconds.
fn down(wait: &'static str) -> Scripted {
    Scripted::new(move |_| Ok(response(503).with_header("retry-after-ms", wait)))
}

#[test]
fn an_attempt_says_why_there_is_no_retry() {
    let new = RequestOptions::new;
    let second = Duration::from_secs(1);
    let lost = || Scripted::new(|_| Err(SendError::maybe_sent(ErrorKind::Closed, "gone")));
    let cancelling = Scripted::new(|request| {
        limits(request).cancel_token.cancel();
        Ok(response(503))
    });
    let token = CancelToken::new();
    type Call = fn(&Api);
    let rows: [(&'static str, Scripted, RequestOptions, Call); 9] = [
        ("not idempotent", down("0"), new(), post),
        ("not idempotent", lost(), new(), post),
        ("retries used up", down("0"), new().max_retries(0), get),
        ("retries used up", lost(), new().max_retries(0), get),
        ("wait too long", down("60001"), new(), get),
        ("no time left", down("2000"), new().total_timeout(second), get),
        ("no time left", down("2000"), new().deadline(Instant::now() + second), get),
        // A backoff of at least 375 ms is too long as well.
        ("no time left", lost(), new().total_timeout(second / 4), get),
        ("cancelled", cancelling, new().cancel_token(&token), get),
    ];
    for (why, transport, options, call) in rows {
        let seen = ends(&transport, options, call);
        assert_eq!(seen, [(Some(why), format!(", no retry: {why}"))]);
        assert_eq!(transport.count(), 1, "{why}");
    }
}

#[test]
fn the_last_attempt_says_that_the_retries_are_used_up() {
    let seen = ends(&down("0"), RequestOptions::new().max_retries(2), get);
    let again = (None, ", again in 0.0ns".to_owned());
    let last = (Some("retries used up"), ", no retry: retries used up".to_owned());
    assert_eq!(seen, [again.clone(), again, last]);
}

#[test]
fn an_attempt_says_that_the_budget_is_spent() {
    // 500 tokens pay for 100 retries.
    let seen = ends(&down("0"), RequestOptions::new().max_retries(200), get);
    let (last, before) = seen.split_last().unwrap();
    assert_eq!(*last, (Some("budget spent"), ", no retry: budget spent".to_owned()));
    assert_eq!(before.len(), 100);
    assert!(before.iter().all(|(why, _)| why.is_none()), "{before:?}");
}

#[test]
fn an_attempt_gives_no_reason_if_no_retry_would_help() {
    for status in [200, 204, 302, 400, 404, 409, 499, 501] {
        let body = if status == 200 { organization().to_string() } else { String::new() };
        let transport = Scripted::new(move |_| Ok(response(status).with_body(body.as_str())));
        for call in [
            |api: &Api| drop(api.get_organization("org_1")),
            |api: &Api| {
                drop(api.leave_organization("org_1"));
            },
        ] {
            assert_eq!(ends(&transport, RequestOptions::new(), call), [(None, String::new())]);
        }
    }
}
