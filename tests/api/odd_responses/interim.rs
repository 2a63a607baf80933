//! Interim responses (RFC 9110, section 15.2): the client skips all of them, with their headers.

use std::time::Duration;

use nirvana_labs::OrganizationCreateParams;

use super::*;
use crate::support::server::{Connection, reply_with};

const CONTINUE: &str = "HTTP/1.1 100 Continue\r\nVia: 1.1 gw\r\n\r\n";
const PROCESSING: &str = "HTTP/1.1 102 Processing\r\nX-Progress: 50%\r\nDate: today\r\n\r\n";
const HINTS: &str = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\
    Link: </app.js>; rel=preload\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n";
const UNASSIGNED: &str = "HTTP/1.1 199 \r\nX-Empty:\r\n\r\n";
const BARE_LINE_FEEDS: &str = "HTTP/1.1 100 Continue\nVia: 1.1 gw\n\n";

/// Returns interim responses that a server may send before the final response.
fn before() -> Vec<String> {
    let all = [CONTINUE, PROCESSING, HINTS, UNASSIGNED, BARE_LINE_FEEDS];
    let mut rows: Vec<String> = all.map(str::to_owned).into();
    rows.push("HTTP/1.1 100 Continue\r\n\r\n".to_owned());
    rows.push("HTTP/1.0 100 Continue\r\nVia: 1.1 gw\r\n\r\n".to_owned());
    rows.push(format!("\r\n{CONTINUE}"));
    rows.push(format!("{CONTINUE}\r\n\n{HINTS}\r\n"));
    rows.push(all.concat());
    rows.push(HINTS.repeat(100));
    rows
}

/// A function that sends a text to the client.
type Send = fn(&mut Connection, &str);

/// Makes a GET and a POST to a server that sends `head` before each response.
fn responses_are_found_after(head: &str, send: Send) {
    let response = format!("{head}{}", reply(200, ORGANIZATION));
    let server = Server::new(move |connection| {
        while connection.request().is_some() {
            send(connection, &response);
        }
    });
    let api = client(server.url()).max_retries(0).build().unwrap();
    for _ in 0..2 {
        assert_eq!(api.get_organization("org_1").unwrap().id, "org_1", "{head:.100}");
        let created = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap();
        assert_eq!(created.id, "org_1", "{head:.100}");
    }
    assert_eq!((server.request_count(), server.connections()), (4, 1), "{head:.100}");
}

#[test]
fn interim_responses_in_one_packet_are_skipped() {
    for head in before() {
        responses_are_found_after(&head, |connection, bytes| _ = connection.send(bytes));
    }
}

#[test]
fn interim_responses_byte_by_byte_are_skipped() {
    for head in [CONTINUE, PROCESSING, HINTS, BARE_LINE_FEEDS] {
        let slowly: Send = |connection, bytes| {
            connection.trickle(bytes, Duration::from_micros(1));
        };
        responses_are_found_after(head, slowly);
    }
}

#[test]
fn interim_responses_in_separate_packets_are_skipped() {
    let line_by_line: Send = |connection, bytes| {
        for line in bytes.split_inclusive('\n') {
            connection.send(line);
        }
    };
    for head in before() {
        responses_are_found_after(&head, line_by_line);
    }
}

#[test]
fn the_final_response_keeps_its_own_status_and_headers() {
    let (_server, api) = once(
        format!("{HINTS}{}", reply_with(404, &[("X-Note", "final")], r#"{"message":"gone"}"#)),
        false,
    );
    let error = api.get_organization("org_1").unwrap_err();
    assert_eq!((error.status(), error.message()), (Some(404), Some("gone")));
    assert_eq!((error.header("x-note"), error.header("link")), (Some("final"), None));
}

#[test]
fn a_large_request_may_be_continued_while_it_is_sent() {
    let server = Server::new(|connection| {
        connection.await_bytes();
        connection.send(CONTINUE);
        connection.request();
        connection.send(reply(201, ORGANIZATION));
    });
    let api = client(server.url()).max_retries(0).build().unwrap();
    let name = "x".repeat(6 << 20);
    api.create_organization(&OrganizationCreateParams::new(name)).unwrap();
    assert_eq!(server.request_count(), 1);
}

#[test]
fn switching_protocols_is_a_final_response() {
    let (_server, api) = once(format!("{CONTINUE}HTTP/1.1 101 Switching\r\n\r\n"), false);
    let error = api.get_organization("org_1").unwrap_err();
    assert_eq!(error.status(), Some(101), "{error:?}");
}

#[test]
fn a_connection_closed_after_an_interim_response_is_a_truncated_response() {
    for bytes in [CONTINUE, "HTTP/1.1 100 Continue\r\nVia", "HTTP/1.1 103"] {
        let (server, api) = once(bytes, true);
        let error = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err();
        assert_eq!(kind(&error), Kind::Truncated, "{bytes:?}: {error:?}");
        assert!(error.may_have_been_processed(), "{bytes:?}");
        assert_eq!(server.request_count(), 1, "{bytes:?}");
    }
}

#[test]
fn an_interim_response_without_end_is_an_error() {
    // tests/api/time_limits.rs tests endless small interim responses.
    for piece in ["X-More: and more\r\n", "and more "] {
        let server = Server::new(move |connection| {
            connection.request();
            connection.send("HTTP/1.1 103 Early Hints\r\nX-Long: ");
            while connection.send(piece).is_some() {}
        });
        let api = client(server.url()).max_retries(0).build().unwrap();
        let error = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err();
        assert_eq!(kind(&error), Kind::Protocol, "{piece:?}: {error:?}");
        assert!(error.to_string().contains("too large"), "{error}");
        assert!(error.may_have_been_processed(), "{error:?}");
    }
}
