//! What is made of the body of an error, and of a redirect's target.

#[allow(unused_imports)]
use crate::checks::message::{RequestWords, ResponseWords, reply};
use nirvana_labs::Error;

use crate::errors::{Answers, NO, check};
use crate::exact::{Reply, Server};
use crate::scripted::Scripted;
use crate::support::message::answer;
use crate::support::{client, server};

#[test]
fn bodies_of_errors_may_be_anything() {
    let page = "<!DOCTYPE html><h1>502 Bad Gateway</h1>";
    for (body, message) in [
        (&br#"{"message": "said so"}"#[..], Some("said so")),
        (br#"{"message": "  two\r\nlines\t"}"#, Some("two lines")),
        (br#"{"message": ""}"#, None),
        (br#"{"message": ["a", "b"]}"#, None),
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
        let server = Server::replying([Reply::new(418, &[], body)]);
        let error = server.api().get_organization("org_1").unwrap_err();
        let told = message.map_or(String::new(), |message| format!(": {message}"));
        let display = format!("GET /v1/organizations/org_1: 418 I'm a teapot{told}");
        check(&error, &display, Answers { code: 7, status: Some(418), ..NO });
        let api = error;
        assert_eq!((api.message(), api.body()), (message, body));
    }
}

#[test]
fn the_reason_is_never_the_server_s() {
    // Which says "Whatever".
    let server = server::Server::replying([answer(418, ""), answer(599, "")]);
    let api = client(server.url()).build().unwrap();
    for display in ["418 I'm a teapot", "599"] {
        let error = api.get_organization("org_1").unwrap_err();
        assert_eq!(error.to_string(), format!("GET /v1/organizations/org_1: {display}"));
    }
}

#[test]
fn a_message_is_found_where_servers_put_it() {
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
        (json, r#"{"message": " ", "error": {}, "errors": [], "title": "t"}"#, Some("t")),
        (json, r#"{"message": "first", "error": "second"}"#, Some("first")),
        (json, r#"{"message": 1, "error": [], "errors": {}, "detail": [1], "title": {}}"#, None),
        ("text/plain", "name is taken", Some("name is taken")),
        ("Text/Plain; charset=utf-8", "\u{feff}\r\nname is taken\r\nat x", Some("name is taken")),
        ("text/plain", "<html>name is taken", None),
        ("text/html", "name is taken", None),
        ("", "name is taken", None),
    ] {
        let answer = reply(422).with_header("content-type", content_type).with_body(body);
        let error = Scripted::in_turn([Ok(answer)]).api().get_organization("org_1").unwrap_err();
        assert_eq!(error.message(), message, "{body}");
        let told = message.map_or(String::new(), |message| format!(": {message}"));
        let display = format!("GET /v1/organizations/org_1: 422 Unprocessable Entity{told}");
        assert_eq!(error.to_string(), display);
    }
    for (size, is_message) in [(1024, true), (1025, false)] {
        let answer = reply(500).with_header("content-type", "text/plain");
        let answer = answer.with_body("x".repeat(size));
        let api = Scripted::in_turn([Ok(answer)]).builder().max_retries(0).build().unwrap();
        let error = api.get_organization("org_1").unwrap_err();
        assert_eq!(error.message().is_some(), is_message, "{size}");
    }
}

#[test]
fn a_long_message_is_cut() {
    let body = format!(r#"{{"message": "{}"}}"#, "ä".repeat(10_000));
    let api = Scripted::new(move |_| Ok(reply(400).with_body(body.as_str()))).api();
    let error = api.get_organization("org_1").unwrap_err();
    let api = &error;
    assert_eq!(api.message().unwrap(), format!("{}…", "ä".repeat(500)));
}

#[test]
fn a_body_is_kept_to_64_kib() {
    for size in [64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 1024 * 1024] {
        let body = "x".repeat(size);
        let server = server::Server::replying([answer(400, &body), answer(400, "after it")]);
        let over_http = client(server.url()).build().unwrap();
        let scripted = Scripted::new(move |_| Ok(reply(400).with_body(body.as_str()))).api();
        for api in [&over_http, &scripted] {
            let error = api.get_organization("org_1").unwrap_err();
            assert_eq!(error.body().len(), size.min(64 * 1024));
            assert!(error.body().iter().all(|byte| *byte == b'x'));
        }
        // It was read to its end all the same.
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
        let told =
            format!("redirects are not followed, and this one leads to {}/v2", elsewhere.url());
        assert!(error.to_string().ends_with(&told), "{error}");
        assert_eq!(server.seen().len(), 1);
    }
    assert!(elsewhere.seen().is_empty());
}
