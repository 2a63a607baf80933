//! How errors show the response body, and the target of a redirect.

use nirvana_labs::ErrorKind;

use crate::checks::http_messages::{HttpMessage, WithBody, response};
use crate::errors::{BASE, Summary, check};
use crate::exact::{Reply, Server};
use crate::scripted::Scripted;
use crate::support::message::reply;
use crate::support::{client, server};

#[test]
fn an_error_may_have_any_body() {
    let page = "<!DOCTYPE html><h1>502 Bad Gateway</h1>";
    for (body, message) in [
        (&br#"{"message": "said so"}"#[..], Some("said so")),
        (br#"{"message": "  two\r\nlines\t"}"#, Some("two lines")),
        (br#"{"message": ""}"#, None),
        (br#"{"message": ["a", "b"]}"#, Some("a")),
        (br#"{"message": null}"#, None),
        (br#"{"error": "elsewhere"}"#, Some("elsewhere")),
        ("\u{feff}{\"message\": \"marked\"}".as_bytes(), Some("marked")),
        (b"[1]", None),
        (b"\"text\"", None),
        (br#"{"message": "cut"#, None),
        (page.as_bytes(), None),
        (b"", None),
        (b"\xFF\xFE\x00\x01", None),
        (b"\n", None),
    ] {
        let server = Server::replying([Reply::new(409, &[], body)]);
        let error = server.api().get_organization("org_1").unwrap_err();
        let suffix = message.map_or(String::new(), |message| format!(": {message}"));
        let display = format!("GET /v1/organizations/org_1: 409 Conflict{suffix}");
        check(&error, &display, Summary { code: 7, status: Some(409), ..BASE });
        assert_eq!((error.message(), error.body()), (message, body));
    }
}

#[test]
fn the_reason_phrase_of_the_server_is_not_shown() {
    // The reason phrase of this server is "Whatever".
    let server = server::Server::replying([reply(418, ""), reply(599, "")]);
    let api = client(server.url()).max_retries(0).build().unwrap();
    for display in ["418 I'm a teapot", "599"] {
        let error = api.get_organization("org_1").unwrap_err();
        assert_eq!(error.to_string(), format!("GET /v1/organizations/org_1: {display}"));
    }
}

#[test]
fn a_message_is_found_in_every_shape() {
    let json = "application/json";
    for (content_type, body, message) in [
        (json, r#"{"error": {"message": "name is taken"}}"#, Some("name is taken")),
        (json, r#"{"error": "name is taken"}"#, Some("name is taken")),
        (json, r#"{"errors": [{"message": "name is taken"}, "x"]}"#, Some("name is taken")),
        (json, r#"{"errors": ["name is taken"]}"#, Some("name is taken")),
        (json, r#"{"detail": "name is taken"}"#, Some("name is taken")),
        (json, r#"{"detail": [{"loc": ["name"], "msg": "name is taken"}]}"#, Some("name is taken")),
        ("application/problem+json", r#"{"title": "name is taken"}"#, Some("name is taken")),
        ("", r#"{"title": "Conflict", "detail": "name is taken"}"#, Some("name is taken")),
        (
            json,
            r#"{"statusCode": 400, "message": ["name should not be empty"], "error": "Bad Request"}"#,
            Some("name should not be empty"),
        ),
        (json, r#"{"errors": [{"detail": "is taken"}]}"#, Some("is taken")),
        (
            json,
            r#"{"errors": [{"code": 7}, {"title": "t", "detail": "is taken"}]}"#,
            Some("is taken"),
        ),
        (json, r#"{"errors": {"name": ["is taken", "is short"]}}"#, Some("is taken")),
        (json, r#"{"error": "invalid_grant", "error_description": "expired"}"#, Some("expired")),
        (json, r#"{"error": {"code": "x_1", "description": "is taken"}}"#, Some("is taken")),
        (json, r#"{"Message": "is taken"}"#, Some("is taken")),
        (json, r#"{"ERRORS": [{"Detail": "is taken"}]}"#, Some("is taken")),
        (json, r#"{"message": {"de": "ist belegt"}}"#, Some("ist belegt")),
        (json, r#"{"reason": "is taken"}"#, None),
        (json, r#"[{"message": "is taken"}]"#, None),
        (json, r#"{"message": " ", "error": {}, "errors": [], "title": "t"}"#, Some("t")),
        (json, r#"{"message": "first", "error": "second"}"#, Some("first")),
        (json, r#"{"message": 1, "error": [], "errors": {}, "detail": [1], "title": {}}"#, None),
        ("text/plain", "name is taken", Some("name is taken")),
        ("Text/Plain; charset=utf-8", "\u{feff}\r\nname is taken\r\nat x", Some("name is taken")),
        ("text/plain", "<html>name is taken", None),
        ("text/html", "name is taken", None),
        ("", "name is taken", None),
    ] {
        let response = response(422).with_header("content-type", content_type).with_body(body);
        let error = Scripted::in_turn([Ok(response)]).api().get_organization("org_1").unwrap_err();
        assert_eq!(error.message(), message, "{body}");
        let suffix = message.map_or(String::new(), |message| format!(": {message}"));
        let display = format!("GET /v1/organizations/org_1: 422 Unprocessable Entity{suffix}");
        assert_eq!(error.to_string(), display);
    }
    for (size, is_message) in [(1024, true), (1025, false)] {
        let response = response(500).with_header("content-type", "text/plain");
        let response = response.with_body("x".repeat(size));
        let api = Scripted::in_turn([Ok(response)]).builder().max_retries(0).build().unwrap();
        let error = api.get_organization("org_1").unwrap_err();
        assert_eq!(error.message().is_some(), is_message, "{size}");
    }
}

#[test]
fn a_message_is_found_beside_invalid_fields() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    // Numbers that do not fit into a float, deep nesting, and half of a surrogate pair.
    for value in ["1e400", "-1e999", &*deep, r#""\ud800""#, r#"{"a": [1e400]}"#] {
        for body in [
            format!(r#"{{"message": "is taken", "x": {value}}}"#),
            format!(r#"{{"x": {value}, "message": "is taken"}}"#),
            format!(r#"{{"x": {value}, "errors": [{{"detail": "is taken"}}], "y": {value}}}"#),
            format!(r#"{{"message": "is taken", "x": {value}"#),
        ] {
            let transport = Scripted::new(move |_| Ok(response(400).with_body(body.as_str())));
            let error = transport.api().get_organization("org_1").unwrap_err();
            assert_eq!(error.message(), Some("is taken"), "{value}");
        }
    }
    let body = [&b"{\"x\": \"\xFF\", \"message\": \"is taken\"}"[..]].concat();
    let transport = Scripted::new(move |_| Ok(response(400).with_body(body.as_slice())));
    let error = transport.api().get_organization("org_1").unwrap_err();
    assert_eq!(error.message(), Some("is taken"));
}

#[test]
fn a_long_message_is_truncated() {
    let body = format!(r#"{{"message": "{}"}}"#, "ä".repeat(10_000));
    let api = Scripted::new(move |_| Ok(response(400).with_body(body.as_str()))).api();
    let error = api.get_organization("org_1").unwrap_err();
    assert_eq!(error.message().unwrap(), format!("{}…", "ä".repeat(500)));
}

#[test]
fn the_first_64_kib_of_a_body_are_kept() {
    for size in [64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 1024 * 1024] {
        let body = "x".repeat(size);
        let server = server::Server::replying([reply(400, &body), reply(400, "after it")]);
        let over_http = client(server.url()).build().unwrap();
        let scripted = Scripted::new(move |_| Ok(response(400).with_body(body.as_str()))).api();
        for api in [&over_http, &scripted] {
            let error = api.get_organization("org_1").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Status);
            assert_eq!(error.body().len(), size.min(64 * 1024));
            assert!(error.body().iter().all(|byte| *byte == b'x'));
        }
        // The body was still read to its end, so its connection is used again.
        over_http.get_organization("org_1").unwrap_err();
        assert_eq!((server.request_count(), server.connections()), (2, 1));
    }
}

#[test]
fn redirects_are_errors_that_name_the_target() {
    let elsewhere = Server::replying([]);
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/v2?token=t#f", elsewhere.url());
        let server = Server::replying([Reply::new(status, &[("location", &location)], "")]);
        let error = server.api().get_organization("org_1").unwrap_err();
        assert_eq!(error.status(), Some(status));
        let target =
            format!("redirects are not followed, and this one leads to {}/v2", elsewhere.url());
        assert!(error.to_string().ends_with(&target), "{error}");
        assert_eq!(server.seen().len(), 1);
    }
    assert!(elsewhere.seen().is_empty());
}
