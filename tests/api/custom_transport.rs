//! Custom transports: the requests that they get, and what the client does with their responses.

use std::sync::{Arc, Mutex};

use nirvana_labs::http::Method;
use nirvana_labs::{
    Api, CancelToken, ErrorKind, ListParams, OrganizationCreateParams, RequestOptions, SendError,
};
use serde_json::{Value, json};

use crate::checks::http_messages::{HttpMessage, WithBody, response};
use crate::fixtures::{organization, page};
use crate::scripted::{Scripted, limits};

#[test]
fn a_transport_gets_the_whole_request() {
    let transport = Scripted::new(|request| {
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.uri().to_string(), "https://example.com/x/v1/organizations?a=b%20c");
        assert_eq!(
            (request.uri().path(), request.uri().query()),
            ("/x/v1/organizations", Some("a=b%20c"))
        );
        assert_eq!(request.header("Authorization"), Some("Bearer nl_key"));
        assert_eq!(request.header("x-one"), Some("1"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert!(
            request
                .headers()
                .iter()
                .any(|(name, value)| name == "accept" && value == "application/json")
        );
        for own in ["host", "accept-encoding", "content-length"] {
            assert_eq!(request.header(own), None);
        }
        assert_eq!(*request.body(), br#"{"name":"Acme"}"#);
        assert_eq!(limits(request).max_body_bytes, 1000);
        assert!(!limits(request).cancel_token.is_cancelled());
        Ok(response(201).with_body(organization().to_string()))
    });
    let api = transport
        .builder()
        .base_url("https://example.com/x/")
        .header("x-one", "1")
        .max_body_bytes(1000)
        .build()
        .unwrap()
        .with_options(RequestOptions::new().query("a", "b c"));
    api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap();
    assert_eq!(transport.count(), 1);
}

#[test]
fn without_a_key_there_is_no_authorization() {
    let transport = Scripted::new(|request| {
        assert_eq!((request.header("authorization"), request.body().len()), (None, 0));
        assert_eq!(request.header("content-type"), None);
        Ok(response(200).with_body(page(vec![], None, 0).to_string()))
    });
    let api = Api::builder().transport(transport.clone()).build().unwrap();
    assert!(api.list_organizations(&ListParams::new()).next().is_none());
    assert_eq!(transport.count(), 1);
}

#[test]
fn responses_of_a_transport_are_decoded() {
    let transport = Scripted::new(|_| {
        let response = response(202).with_header("x-request-id", "req_1").with_header("x-n", "1");
        Ok(response.with_body("[1, 2]"))
    });
    let response = transport.api().request(Method::GET, ["v1"]).send::<Vec<u8>>().unwrap();
    assert_eq!((response.status().as_u16(), response.header("x-request-id")), (202, Some("req_1")));
    assert_eq!((response.header("X-N"), response.header("x-bad")), (Some("1"), None));
    assert_eq!(response.body(), &[1, 2]);
    assert_eq!(response.clone().into_body(), [1, 2]);
}

#[test]
fn a_post_is_retried_only_if_the_transport_did_not_send_it() {
    type New = fn(ErrorKind, &'static str) -> SendError;
    let rows: [(New, bool, usize); 2] =
        [(SendError::not_sent, false, 3), (SendError::maybe_sent, true, 1)];
    for (new, sent, requests) in rows {
        let transport = Scripted::new(move |_| Err(new(ErrorKind::Other, "the line is dead")));
        let api = transport.builder().max_retries(2).build().unwrap();
        let error = api.leave_organization("org_1").unwrap_err();
        assert_eq!((transport.count(), error.attempts()), (requests, requests as u32));
        assert_eq!(error.may_have_been_processed(), sent);
    }
}

#[test]
fn an_empty_body_decodes_as_null() {
    for status in [200, 202, 204] {
        let api = Scripted::new(move |_| Ok(response(status))).api();
        api.request(Method::POST, ["v1"]).send::<()>().unwrap();
        let response = api.request(Method::POST, ["v1"]).send::<Option<Value>>().unwrap();
        assert_eq!((response.status().as_u16(), response.into_body()), (status, None));
        let response = api.request(Method::POST, ["v1"]).send::<Value>().unwrap();
        assert_eq!(response.into_body(), Value::Null);
        assert_eq!(api.request(Method::POST, ["v1"]).send::<u8>().unwrap_err().kind() as u32, 5);
    }
}

#[test]
fn requests_made_by_api_request_are_retried() {
    for (method, requests) in [
        (Method::GET, 3),
        (Method::PUT, 3),
        (Method::PATCH, 3),
        (Method::DELETE, 3),
        (Method::POST, 1),
    ] {
        let transport = Scripted::new(|_| Ok(response(502).with_header("retry-after-ms", "0")));
        let error = transport.api().request(method.clone(), ["v1", "x"]).send::<()>().unwrap_err();
        assert_eq!((transport.count(), error.status()), (requests, Some(502)), "{method:?}");
    }
}

#[test]
fn a_body_that_cannot_be_written_as_json_is_not_sent() {
    let transport = Scripted::in_turn([]);
    let map = std::collections::BTreeMap::from([((1, 2), "a key that is no string")]);
    let request = transport.api().request(Method::POST, ["v1"]).json(&map);
    let error = request.send::<()>().unwrap_err();
    assert!(error.to_string().starts_with("POST /v1: the body cannot be written as JSON"));
    assert_eq!(error.kind() as u32, 2);
}

#[test]
fn all_attempts_of_a_call_send_the_same_bytes() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let transport = Scripted::new(move |request| {
        let headers: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect();
        log.lock().unwrap().push((request.uri().to_string(), headers, request.body().to_vec()));
        Ok(response(429).with_header("retry-after", "0"))
    });
    let request = transport.api().request(Method::POST, ["v1"]).json(&json!({"a": [1.5, null]}));
    request.send::<()>().unwrap_err();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|request| *request == seen[0]));
    assert_eq!(seen[0].2, br#"{"a":[1.5,null]}"#);
}

#[test]
fn a_transport_may_return_any_error_for_a_cancelled_request() {
    for kind in [ErrorKind::Closed, ErrorKind::Timeout, ErrorKind::Other] {
        let transport = Scripted::new(move |request| {
            limits(request).cancel_token.cancel();
            Err(SendError::maybe_sent(kind, "gone"))
        });
        let options = RequestOptions::new().cancel_token(&CancelToken::new());
        let api = transport.api().with_options(options);
        let error = api.get_organization("org_1").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");
        assert!(error.may_have_been_processed());
        assert_eq!((transport.count(), error.attempts()), (1, 1));
    }
}

#[test]
fn the_message_of_a_transport_is_shown_on_one_line() {
    let transport = Scripted::new(|_| {
        Err(SendError::not_sent(ErrorKind::Other, "first\n\u{1b}[31msecond\r\n"))
    });
    let api = transport.builder().max_retries(0).observe(|attempt| {
        assert!(attempt.to_string().contains(": first [31msecond in "), "{attempt}");
    });
    let error = api.build().unwrap().get_organization("org_1").unwrap_err();
    assert_eq!(error.to_string(), "GET /v1/organizations/org_1: first [31msecond");
}
