//! What is made of the body of an error, and of a redirect's target.

use nirvana_labs::{Error, HttpResponse};

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
        (br#"{"error": "elsewhere"}"#, None),
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
        let Error::Api(api) = error else { panic!("{error:?}") };
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
fn a_long_message_is_cut() {
    let body = format!(r#"{{"message": "{}"}}"#, "ä".repeat(10_000));
    let api = Scripted::new(move |_| Ok(HttpResponse::new(400).with_body(body.as_str()))).api();
    let error = api.get_organization("org_1").unwrap_err();
    let Error::Api(api) = &error else { panic!("{error:?}") };
    assert_eq!(api.message().unwrap(), format!("{}…", "ä".repeat(500)));
}

#[test]
fn a_body_is_kept_to_64_kib() {
    for size in [64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 1024 * 1024] {
        let body = "x".repeat(size);
        let server = server::Server::replying([answer(400, &body), answer(400, "after it")]);
        let over_http = client(server.url()).build().unwrap();
        let scripted =
            Scripted::new(move |_| Ok(HttpResponse::new(400).with_body(body.as_str()))).api();
        for api in [&over_http, &scripted] {
            let error = api.get_organization("org_1").unwrap_err();
            let Error::Api(error) = error else { panic!("{error:?}") };
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
