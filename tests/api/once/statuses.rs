//! Which statuses are retried, and after which statuses the server may have acted.

use std::sync::{Arc, Mutex};

use nirvana_labs::RequestOptions;
use nirvana_labs::http::Method;

use super::*;
use crate::checks::http_messages::{HttpMessage, response};
use crate::exact::{self, Reply};
use crate::scripted::Scripted;
use crate::support::server::reply_with;

/// Returns the rule of the retry table for a status outside 2xx.
fn rule(status: u16) -> Rule {
    match status {
        429 => Rule::Safe,
        408 => Rule::Unsure,
        307 | 308 | 501 | 505 => Rule::Final,
        400..=417 | 421..=426 | 428 | 431 | 451 => Rule::Final,
        500..=599 => Rule::Unsure,
        _ => Rule::Unknown,
    }
}

#[test]
fn every_status_follows_the_retry_table() {
    for status in (100..1000).filter(|status| !(200..300).contains(status)) {
        let transport =
            Scripted::new(move |_| Ok(response(status).with_header("retry-after-ms", "0")));
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE, Method::POST] {
            // Each retry uses the budget of a client, so every request has a new client.
            let api = transport.builder().max_retries(1).build().unwrap();
            let before = transport.count();
            let error = api.request(method.clone(), ["v1", "x"]).send::<()>().unwrap_err();
            let due = rule(status).attempts(method != Method::POST);
            let name = format!("{method}, {status}");
            assert_eq!((error.kind(), error.status()), (Kind::Status, Some(status)), "{name}");
            assert_eq!((transport.count() - before, error.attempts()), (due, due as u32), "{name}");
            assert_eq!(error.is_retryable(), due == 2, "{name}");
            assert_eq!(error.may_have_been_processed(), rule(status).may_have_acted(), "{name}");
        }
    }
}

#[test]
fn every_endpoint_follows_the_retry_table() {
    for status in [
        101, 300, 301, 302, 303, 307, 308, 400, 408, 409, 418, 425, 429, 451, 499, 500, 501, 502,
        503, 504, 505, 507, 520, 522, 599, 700, 999,
    ] {
        for_each_endpoint(|endpoint| {
            let server = Server::answering(move |_| {
                reply_with(status, &[("Retry-After-Ms", "1")], r#"{"message":"no"}"#)
            });
            let api = client(server.url()).max_retries(1).build().unwrap();
            let rule = rule(status);
            let due = Expected { outcome: Outcome::Status(status), rule, read: true };
            check(&status.to_string(), endpoint, &api, Some(&server), &due);
            assert_eq!(server.connections(), 1, "{status}: the connection is used again");
        });
    }
}

#[test]
fn a_create_with_an_error_status_is_sent_once_and_may_have_been_processed() {
    for status in [101, 300, 301, 302, 303, 305, 399, 408, 418, 419, 499, 500, 503, 522, 600, 700] {
        let created = Arc::new(Mutex::new(Vec::new()));
        let store = Arc::clone(&created);
        let server = Server::answering(move |request| {
            store.lock().unwrap().push(request.body.clone());
            reply_with(status, &[("Location", "/v1/organizations/org_1")], "")
        });
        let api = client(server.url()).max_retries(3).build().unwrap();
        let error = (ENDPOINTS[0].call)(&api).unwrap_err();
        assert_eq!(*created.lock().unwrap(), [r#"{"name":"Acme"}"#], "{status}");
        assert_eq!((error.status(), error.attempts()), (Some(status), 1));
        assert!(error.may_have_been_processed() && !error.is_retryable(), "{status}: {error}");
    }
}

#[test]
fn post_is_not_retried_after_408() {
    let server = exact::Server::always(Reply::new(408, &[("Retry-After-Ms", "1")], ""));
    let error = (ENDPOINTS[0].call)(&server.api()).unwrap_err();
    assert_eq!((error.status(), error.attempts(), server.seen().len()), (Some(408), 1, 1));
    assert!(error.may_have_been_processed() && !error.is_retryable(), "{error:?}");
}

#[test]
fn get_is_retried_after_522() {
    let fails = Reply::new(522, &[("Retry-After-Ms", "1")], "");
    let server =
        exact::Server::replying([fails.clone(), fails, Reply::new(200, &[], ORGANIZATION)]);
    (ENDPOINTS[1].call)(&server.api()).unwrap();
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn x_should_retry_forbids_a_retry_or_allows_one_for_idempotent_requests() {
    // (status, header value, attempts of an idempotent request, attempts of a POST)
    for (status, word, repeatable, once) in [
        // The header allows no retry of a POST that may have been processed or was rejected.
        (500, "true", 2, 1),
        (408, "true", 2, 1),
        (409, "true", 2, 1),
        (302, "true", 2, 1),
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
            assert_eq!(error.may_have_been_processed(), rule(status).may_have_acted(), "{name}");
        });
    }
}

#[test]
fn an_idempotency_key_makes_a_post_repeatable() {
    for status in [408, 503] {
        let server = exact::Server::always(Reply::new(status, &[("Retry-After-Ms", "1")], ""));
        let options = RequestOptions::new().header("idempotency-key", "once");
        let api = server.builder().max_retries(2).build().unwrap().with_options(options);
        let error = (ENDPOINTS[0].call)(&api).unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(status), 3));
        for request in server.seen() {
            assert_eq!(request.header("idempotency-key"), Some("once"));
        }
    }
}

#[test]
fn an_earlier_attempt_without_a_response_is_remembered() {
    // The server rejects the second attempt, but may have processed the first one.
    let server = Server::new(|connection| {
        connection.request();
        if connection.number > 0 {
            connection.send(reply(409, ""));
        }
    });
    let api = client(server.url()).max_retries(1).build().unwrap();
    let error = (ENDPOINTS[2].call)(&api).unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(409), 2));
    assert!(error.may_have_been_processed());
}
