//! `Api::request`, for endpoints that `Api` has no method for: headers, paths and HTTP methods.

use nirvana_labs::http::Method;
use nirvana_labs::{ErrorKind, RequestOptions};
use serde_json::{Value, json};

use crate::checks::http_messages::{HttpMessage, WithBody, response};
use crate::exact::{Reply, Server};
use crate::scripted::Scripted;
use crate::support::message::{Request, reply, reply_with};
use crate::support::{client, kind, server};

fn method(name: &str) -> Method {
    Method::try_from(name).unwrap()
}

#[test]
fn a_header_of_a_request_is_sent_only_with_that_request() {
    let server = Server::replying([Reply::json(200, &json!({})), Reply::json(200, &json!({}))]);
    let api = server.builder().header("x-one", "client's").build().unwrap();
    let request = api.request(Method::GET, ["v1", "things"]).header("X-One", "request's");
    request.header("x-two", "2").header("accept", "text/csv").send::<Value>().unwrap();
    let more = [("x-one", "request's"), ("x-two", "2"), ("accept", "text/csv")];
    server.expect_with("GET", "/v1/things", None, &more);
    api.request(Method::GET, ["v1", "things"]).send::<Value>().unwrap();
    let second = &server.seen()[1];
    assert_eq!((second.header("x-one"), second.header("x-two")), (Some("client's"), None));
}

#[test]
fn an_invalid_header_of_a_request_sends_nothing() {
    let server = Server::replying([]);
    for (name, value) in [
        ("", "secret"),
        ("a b", "secret"),
        ("x-one", "secret\r\nX-Injected: yes"),
        ("x-one", " secret"),
        ("Authorization", "secret"),
        ("host", "secret"),
        ("Content-Type", "secret"),
        ("content-length", "7"),
    ] {
        let request = server.api().request(Method::POST, ["v1", "things"]);
        let request = request.header(name, value).header("x-ok", "1").json(&json!({}));
        assert_eq!(format!("{request:?}"), r#"RequestBuilder(Some("POST /v1/things"))"#);
        let error = request.send::<Value>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{name}: {error:?}");
        assert_eq!(error.attempts(), 0);
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    }
    assert!(server.seen().is_empty());
}

#[test]
fn a_whole_path_is_refused() {
    let server = Server::replying([]);
    let api = server.api();
    for path in ["v1/organizations", "/v1/organizations", "v1/", "/", "https://other.example/v1"] {
        let error = api.request(Method::GET, [path]).send::<Value>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{error:?}");
        assert_eq!(error.attempts(), 0);
        let why = format!("{path:?} is not one path segment; give each by itself, without `/`");
        assert!(error.to_string().ends_with(&why), "{error}");
    }
    for text in ["v1/organizations".to_owned(), "v1/x".to_owned()] {
        assert!(api.request(Method::POST, [&text]).json(&1).send::<()>().is_err());
    }
    assert!(api.request(Method::GET, [""; 0]).send::<()>().is_err());
    assert!(server.seen().is_empty());
}

#[test]
fn only_a_header_that_repeats_the_key_is_marked_as_sensitive() {
    let sent = response(200).with_header("x-echo", "Bearer nl_0123456789");
    let sent = sent.with_header("x-note", "a").with_body("1");
    let api = Scripted::in_turn([Ok(sent)]).builder().api_key("nl_0123456789").build().unwrap();
    let response = api.request(Method::GET, ["v1", "things"]).send::<u8>().unwrap();
    assert!(response.headers()["x-echo"].is_sensitive());
    assert!(!response.headers()["x-note"].is_sensitive());
}

#[test]
fn all_headers_of_a_response_can_be_read() {
    let headers = [("X-Note", "a"), ("x-note", "b"), ("Link", "</v1?cursor=2>"), ("Date", "today")];
    let server = server::Server::replying([reply_with(200, &headers, "1")]);
    let api = client(server.url()).build().unwrap();
    let response = api.request(Method::GET, ["v1", "things"]).send::<u8>().unwrap();
    let mut read: Vec<_> = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes().to_vec()))
        .collect();
    read.sort();
    let expected = [
        ("content-length", "1"),
        ("date", "today"),
        ("link", "</v1?cursor=2>"),
        ("x-note", "a"),
        ("x-note", "b"),
    ];
    assert_eq!(read, expected.map(|(name, value)| (name, value.as_bytes().to_vec())));
    assert_eq!(
        (response.header("LINK"), response.header("x-none")),
        (Some("</v1?cursor=2>"), None)
    );
}

/// Sends a request with this method and body, and returns the request that the server received.
fn on_the_wire(name: &str, body: Option<&Value>) -> Request {
    let server = server::Server::replying(["HTTP/1.1 204 No Content\r\n\r\n"]);
    let api = client(server.url()).build().unwrap();
    let request = api.request(method(name), ["v1", "things"]);
    let request = body.into_iter().fold(request, |request, body| request.json(body));
    request.send::<()>().unwrap();
    let [request] = &*server.requests() else { panic!("not exactly one request") };
    assert_eq!((&*request.method, &*request.target), (name, "/v1/things"));
    assert_eq!(request.header("transfer-encoding"), None);
    request.clone()
}

#[test]
fn methods_of_any_name_are_sent_as_they_are() {
    // (method, `Content-Length` of a request without a body)
    for (name, length) in [
        ("GET", None),
        ("HEAD", None),
        ("OPTIONS", None),
        ("DELETE", None),
        ("PURGE", None),
        ("get", None),
        ("M-SEARCH", None),
        ("POST", Some("0")),
        ("PUT", Some("0")),
        ("PATCH", Some("0")),
    ] {
        let request = on_the_wire(name, None);
        assert_eq!(request.header("content-length"), length, "{name}");
        assert_eq!((request.header("content-type"), &*request.body), (None, ""), "{name}");
    }
    for name in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"] {
        let request = on_the_wire(name, Some(&json!({"a": 1})));
        assert_eq!(request.header("content-length"), Some("7"), "{name}");
        assert_eq!(request.header("content-type"), Some("application/json"), "{name}");
        assert_eq!(request.body, r#"{"a":1}"#, "{name}");
    }
}

#[test]
fn connect_and_trace_are_refused() {
    // The response to TRACE contains the request, with the API key.
    for method in [Method::CONNECT, Method::TRACE] {
        let transport = Scripted::in_turn([]);
        let error = transport.api().request(method.clone(), ["v1"]).send::<()>().unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Request, 0));
        assert_eq!(error.to_string(), format!("the HTTP method {method} is not supported"));
        assert_eq!(transport.count(), 0);
    }
}

#[test]
fn the_response_to_a_head_has_no_body() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 204 No Content\r\n",
    ] {
        let server = server::Server::answering(move |request| match &*request.method {
            "HEAD" => format!("{head}X-Note: a\r\n\r\n"),
            _ => reply(200, "7"),
        });
        let api = client(server.url()).max_retries(0).build().unwrap();
        for _ in 0..2 {
            let response = api.request(method("HEAD"), ["v1", "things"]).send::<()>().unwrap();
            assert_eq!(response.header("x-note"), Some("a"), "{head}");
            let next = api.request(Method::GET, ["v1", "things"]).send::<u8>().unwrap();
            assert_eq!(next.into_body(), 7, "{head}");
        }
        assert_eq!((server.request_count(), server.connections()), (4, 1), "{head}");
    }
    // The error has a status, but no message.
    let missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n";
    let server = server::Server::replying([missing]);
    let api = client(server.url()).build().unwrap();
    let error = api.request(method("HEAD"), ["v1"]).send::<()>().unwrap_err();
    assert!(error.is_not_found() && error.message().is_none(), "{error:?}");
}

#[test]
fn an_unknown_method_is_not_retried() {
    let transport = Scripted::new(|_| Ok(response(503).with_header("retry-after-ms", "0")));
    let api = transport.api();
    let keyed = api.with_options(RequestOptions::new().header("idempotency-key", "once"));
    for (name, attempts) in [("HEAD", 3), ("OPTIONS", 3), ("PURGE", 1), ("get", 1)] {
        let error = api.request(method(name), ["v1"]).send::<()>().unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(503), attempts), "{name}");
        assert!(error.may_have_been_processed(), "{name}");
        let error = keyed.request(method(name), ["v1"]).send::<()>().unwrap_err();
        assert_eq!(error.attempts(), 3, "{name}");
    }
}

#[test]
fn a_request_that_ureq_cannot_write_is_not_a_protocol_error() {
    let server = server::Server::answering(|_| reply(200, "7"));
    let api = client(server.url()).max_retries(0).build().unwrap();
    let error = api.request(method(&"A".repeat(20_000)), ["v1"]).send::<u8>().unwrap_err();
    assert_eq!(kind(&error), ErrorKind::Other, "{error}");
    assert!(!error.may_have_been_processed() && server.requests().is_empty());
}
