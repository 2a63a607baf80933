//! `Sandbox::api` returns a client that retries without waiting.

use std::time::{Duration, Instant};

use nirvana_labs::{
    CancelToken, ErrorKind, ListParams, OrganizationCreateParams, RequestOptions, Sandbox,
};

use super::{address, status};
use crate::checks::http_messages::{HttpMessage, response};

/// Much less than the first wait before a retry.
const AT_ONCE: Duration = Duration::from_millis(300);

fn statuses(sandbox: &Sandbox) -> Vec<u16> {
    sandbox.requests().iter().map(status).collect()
}

#[test]
fn the_client_of_a_sandbox_retries_without_waiting() {
    let sandbox = Sandbox::new();
    let id = sandbox.add_organization("Acme").id;
    let api = sandbox.api();
    let started = Instant::now();
    (0..2).for_each(|_| sandbox.fail_next(503));
    assert_eq!(api.get_organization(&id).unwrap().name, "Acme");
    assert_eq!(statuses(&sandbox), [503, 503, 200]);

    (0..3).for_each(|_| sandbox.fail_next(503));
    let error = api.get_organization(&id).unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(503), 3));

    // The client does not wait for `Retry-After` either.
    sandbox.respond_next(response(429).with_header("retry-after", "60"));
    api.get_organization(&id).unwrap();
    // Clients that `with_options` returns do not wait either.
    sandbox.fail_next(503);
    let quick = api.with_options(RequestOptions::new().timeout(Duration::from_secs(30)));
    quick.get_organization(&id).unwrap();
    assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
}

#[test]
fn the_client_of_a_sandbox_follows_the_retry_table() {
    let sandbox = Sandbox::new();
    let id = sandbox.add_organization("Acme").id;
    let api = sandbox.api();

    // The wait would be too long, so there is no retry.
    sandbox.respond_next(response(429).with_header("retry-after", "61"));
    let error = api.get_organization(&id).unwrap_err();
    assert_eq!((error.attempts(), error.retry_after()), (1, Some(Duration::from_secs(61))));

    // A create that may have been processed is not retried.
    sandbox.fail_next(503);
    let error = api.create_organization(&OrganizationCreateParams::new("B")).unwrap_err();
    assert_eq!(error.attempts(), 1);

    // The wait would exceed the deadline, so there is no retry.
    sandbox.respond_next(response(503).with_header("retry-after", "30"));
    let deadline = RequestOptions::new().deadline(Instant::now() + Duration::from_secs(20));
    let error = api.with_options(deadline).get_organization(&id).unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(503), 1));

    let deadline = RequestOptions::new().deadline(Instant::now());
    let error = api.with_options(deadline).get_organization(&id).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");

    let token = CancelToken::new();
    let cancelled = api.with_options(RequestOptions::new().cancel_token(&token));
    token.cancel();
    let error = cancelled.get_organization(&id).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
}

#[test]
fn the_client_of_a_sandbox_belongs_to_the_first_user() {
    for sandbox in [Sandbox::new(), Sandbox::with_api_key("nl_key")] {
        let id = sandbox.add_organization("Acme").id;
        sandbox.add_user("nl_other");
        assert_eq!(sandbox.api().list_organizations(&ListParams::new()).count(), 1);
        assert_eq!(sandbox.api().get_organization(&id).unwrap().id, id);
    }
    // This key cannot be sent, so every call is unauthorized.
    let sandbox = Sandbox::with_api_key("nl\nkey");
    let id = sandbox.add_organization("Acme").id;
    assert!(sandbox.api().get_organization(&id).unwrap_err().is_unauthorized());
}

#[test]
fn add_address_adds_an_address() {
    let sandbox = Sandbox::new();
    let id = sandbox.add_organization("Acme").id;
    let added = sandbox.add_address(&id, &address().line2("x")).unwrap();
    assert_eq!((added.id.as_str(), added.line2.as_deref()), ("addr_1", Some("x")));
    assert_eq!(sandbox.api().get_organization_address(&id).unwrap(), added);

    let other = sandbox.add_organization("Globex").id;
    let empty = nirvana_labs::AddressCreateParams::new("Kapelstraat 1", "", "2000", "BE");
    let country = nirvana_labs::AddressCreateParams::new("Kapelstraat 1", "A", "2000", "Belgium");
    for (id, params, why) in [
        (&*id, address(), "org_1 has an address already"),
        ("org_9", address(), "no organization \"org_9\""),
        (&*other, empty, "city must not be empty"),
        (&*other, country, "country must be a two-letter code"),
    ] {
        let error = sandbox.add_address(id, &params).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{error:?}");
        assert!(error.to_string().contains(why), "{error}");
    }
    assert_eq!(sandbox.api().create_organization_address(&other, &address()).unwrap().id, "addr_2");
}
