//! Scripted failures, and the log of requests.

use std::thread;
use std::time::{Duration, Instant};

use nirvana_labs::http::Method;
use nirvana_labs::{
    Api, CancelToken, Error, ErrorKind, ListParams, OrganizationCreateParams,
    OrganizationUpdateParams, RequestOptions, Sandbox,
};
use serde_json::{Value, json};

use super::{client, client_of, status};
use crate::checks::http_messages::{HttpMessage, WithBody, response};

fn acme() -> OrganizationCreateParams {
    OrganizationCreateParams::new("Acme")
}

fn count(sandbox: &Sandbox) -> usize {
    client(sandbox).list_organizations(&ListParams::new()).count()
}

fn kind(error: &Error) -> Option<ErrorKind> {
    Some(error.kind()).filter(|kind| kind.is_transport())
}

#[test]
fn a_scripted_failure_happens_once_and_changes_nothing() {
    let sandbox = Sandbox::new();
    let api = client(&sandbox);
    for (status, retryable, processed) in [
        (503, false, true),
        (429, true, false),
        (408, false, true),
        (400, false, false),
        (307, false, false),
        (302, false, true),
    ] {
        sandbox.fail_next(status);
        let error = api.create_organization(&acme()).unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.is_retryable(), retryable, "{status}");
        assert_eq!(error.may_have_been_processed(), processed, "{status}");
        assert!(error.request_id().is_some());
    }
    assert_eq!(count(&sandbox), 0);
    api.create_organization(&acme()).unwrap();
    assert_eq!(count(&sandbox), 1);
}

#[test]
fn scripted_failures_happen_in_order() {
    let sandbox = Sandbox::new();
    let api = client(&sandbox);
    sandbox.fail_next(500);
    sandbox.refuse_next();
    sandbox.fail_next(404);
    let error = || api.get_organization("org_1").unwrap_err();
    assert_eq!(error().status(), Some(500));
    assert_eq!(kind(&error()), Some(ErrorKind::Connect));
    assert!(error().is_not_found());

    // Only the second of three requests gets the scripted failure.
    sandbox.pass_next();
    sandbox.fail_next(429);
    assert_eq!(count(&sandbox), 0);
    assert!(error().is_rate_limited());
    assert!(error().is_not_found());

    sandbox.fail_next(500);
    sandbox.refuse_next();
    sandbox.clear_script();
    assert!(error().is_not_found());
}

#[test]
fn a_retry_succeeds_after_a_scripted_failure() {
    let sandbox = Sandbox::new();
    sandbox.add_organization("Acme");
    let api = Api::builder().transport(sandbox.clone()).build().unwrap();
    sandbox.respond_next(response(503).with_header("retry-after-ms", "1"));
    assert_eq!(api.get_organization("org_1").unwrap().name, "Acme");
    let statuses: Vec<u16> = sandbox.requests().iter().map(status).collect();
    assert_eq!(statuses, [503, 200]);
}

#[test]
fn a_scripted_response_arrives_unchanged() {
    let sandbox = Sandbox::new();
    let api = client(&sandbox);
    let scripted = response(418).with_header("retry-after", "7").with_body("<h1>tea</h1>");
    sandbox.respond_next(scripted);
    let error = api.create_organization(&acme()).unwrap_err();
    assert_eq!((error.status(), error.request_id()), (Some(418), None));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));

    sandbox.respond_next(response(200).with_body("{}"));
    assert_eq!(api.get_organization("org_1").unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(count(&sandbox), 0);
}

#[test]
fn a_request_with_a_dropped_response_is_processed() {
    let sandbox = Sandbox::new();
    let api = client(&sandbox);
    sandbox.drop_next_response();
    let error = api.create_organization(&acme()).unwrap_err();
    assert_eq!(kind(&error), Some(ErrorKind::Closed));
    assert!(error.may_have_been_processed() && !error.is_retryable());
    assert_eq!(status(&sandbox.requests()[0]), 201);
    assert_eq!(count(&sandbox), 1);
}

#[test]
fn a_refused_request_never_arrives() {
    let sandbox = Sandbox::new();
    let api = client(&sandbox);
    sandbox.refuse_next();
    let error = api.create_organization(&acme()).unwrap_err();
    assert_eq!(kind(&error), Some(ErrorKind::Connect));
    assert!(!error.may_have_been_processed() && error.is_retryable());
    assert!(sandbox.requests().is_empty());
    assert_eq!(count(&sandbox), 0);
}

#[test]
fn a_delayed_response_arrives_if_there_is_time() {
    let sandbox = Sandbox::new();
    let api = client(&sandbox);
    let delay = Duration::from_millis(30);
    sandbox.delay_next(delay);
    let started = Instant::now();
    assert_eq!(api.create_organization(&acme()).unwrap().id, "org_1");
    assert!(started.elapsed() >= delay);
}

#[test]
fn a_timeout_or_a_deadline_ends_a_delay() {
    let sandbox = Sandbox::new();
    let short = Duration::from_millis(30);
    let hour = Duration::from_secs(3600);
    let started = Instant::now();
    let with = |options| client(&sandbox).with_options(options);

    sandbox.delay_next(hour);
    let error = with(RequestOptions::new().timeout(short)).create_organization(&acme());
    let error = error.unwrap_err();
    assert_eq!(kind(&error), Some(ErrorKind::Timeout));
    assert!(error.is_timeout() && error.may_have_been_processed());

    sandbox.delay_next(hour);
    let error = with(RequestOptions::new().deadline(Instant::now() + short));
    let error = error.create_organization(&acme()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
    assert!(started.elapsed() < Duration::from_secs(60));
    // Both requests were processed, although the calls had timed out.
    assert_eq!(count(&sandbox), 2);
}

#[test]
fn a_cancel_ends_a_delay_and_delays_no_other_call() {
    let sandbox = Sandbox::new();
    let token = CancelToken::new();
    let api = client(&sandbox).with_options(RequestOptions::new().cancel_token(&token));
    sandbox.delay_next(Duration::from_secs(3600));
    let waiting = thread::spawn(move || api.create_organization(&acme()).unwrap_err());
    // Other calls are served during the delay.
    while sandbox.requests().is_empty() {
        thread::yield_now();
    }
    assert_eq!(count(&sandbox), 1);
    token.cancel();
    let error = waiting.join().unwrap();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    assert!(error.may_have_been_processed());
}

#[test]
fn a_response_over_the_limit_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.add_organization("Acme");
    let builder = Api::builder().transport(sandbox.clone()).max_retries(0);
    let api = builder.max_body_bytes(100).build().unwrap();
    let error = api.get_organization("org_1").unwrap_err();
    assert_eq!(kind(&error), Some(ErrorKind::TooLarge));
    // A body of exactly the limit is not too large.
    sandbox.respond_next(response(200).with_body("x".repeat(100)));
    let error = api.get_organization("org_1").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error:?}");
    // An error keeps its status, and its body is truncated, as over the network.
    let error = api.get_organization(&"x".repeat(200)).unwrap_err();
    assert!(error.is_not_found() && !error.may_have_been_processed(), "{error:?}");
    assert_eq!(error.body().len(), 100);
}

#[test]
fn without_time_left_no_request_arrives() {
    let sandbox = Sandbox::new();
    let options = RequestOptions::new().timeout(Duration::from_nanos(1));
    let error = client(&sandbox).with_options(options).create_organization(&acme()).unwrap_err();
    assert!(error.is_timeout() && !error.may_have_been_processed(), "{error:?}");
    assert!(sandbox.requests().is_empty());
}

#[test]
fn the_log_has_each_request() {
    let sandbox = Sandbox::new();
    let api = client_of(&sandbox, "nl_secret");
    api.create_organization(&acme()).unwrap();
    let clear = OrganizationUpdateParams::new().clear_billing_email();
    api.update_organization("org_1", &clear).unwrap();
    sandbox.fail_next(500);
    let params = ListParams::new().limit(5).cursor("a b&c");
    api.list_organizations(&params).next().unwrap().unwrap_err();
    api.get_organization("a/b").unwrap_err();

    let requests = sandbox.requests();
    let [create, update, list, get] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((create.method(), create.uri().path()), (&Method::POST, "/v1/organizations"));
    assert_eq!((create.body(), status(create)), (&json!({ "name": "Acme" }), 201));
    assert_eq!(create.header("Authorization"), Some("Bearer nl_secret"));
    assert_eq!(create.header("content-type"), Some("application/json"));
    assert_eq!(update.method(), Method::PATCH);
    assert_eq!(update.body(), &json!({ "billing_email": null }));
    assert_eq!(list.uri().query(), Some("limit=5&cursor=a%20b%26c"));
    assert_eq!((list.body(), status(list)), (&Value::Null, 500));
    assert_eq!(get.uri().path(), "/v1/organizations/a%2Fb");
    assert!(!format!("{requests:?}").contains("nl_secret"));
    assert_eq!(format!("{sandbox:?}"), "Sandbox { requests: 4, .. }");

    sandbox.clear_requests();
    assert!(sandbox.requests().is_empty());
    assert_eq!(sandbox.add_organization("Globex").id, "org_2");
}

#[test]
fn threads_share_one_sandbox() {
    let sandbox = Sandbox::new();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..25 {
                    client(&sandbox).create_organization(&acme()).unwrap();
                }
            });
        }
    });
    assert_eq!(count(&sandbox), 200);
    // The sandbox still works after a thread has panicked while using it.
    let poisoned = thread::scope(|scope| {
        let edit = || sandbox.edit_organization("org_1", |_| panic!("on purpose"));
        scope.spawn(edit).join().is_err()
    });
    assert!(poisoned);
    assert_eq!(count(&sandbox), 200);
}
