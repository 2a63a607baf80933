//! Responses that are unusual, outdated or invalid. Each is read correctly or is an error, and none
//! is returned for another request.

mod codings;
#[cfg(feature = "gzip")]
mod compressed;
mod framing;
mod interim;

use std::net::TcpListener;

use nirvana_labs::ErrorKind as Kind;
use nirvana_labs::{Api, ListParams};

use crate::support::endpoints::ORGANIZATION;
use crate::support::server::{Server, reply, serve};
use crate::support::{client, kind};

/// Starts a server that answers the first request on each connection with these bytes. The server
/// then closes the connection if `close` is true, and otherwise keeps it open.
fn once(bytes: impl Into<Vec<u8>>, close: bool) -> (Server, Api) {
    let bytes = bytes.into();
    let server = Server::new(move |connection| {
        if connection.request().is_some() {
            connection.send(&bytes);
            if !close {
                connection.hold();
            }
        }
    });
    let api = client(server.url()).max_retries(0).build().unwrap();
    (server, api)
}

pub(crate) fn with_length(head: &str) -> Vec<u8> {
    format!("{head}\r\nContent-Length: {}\r\n\r\n{ORGANIZATION}", ORGANIZATION.len()).into_bytes()
}

pub(crate) fn chunked(chunks: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}").into_bytes()
}

pub(crate) fn chunk() -> String {
    format!("{:x}\r\n{ORGANIZATION}\r\n", ORGANIZATION.len())
}

#[test]
fn unusual_responses_that_are_valid_are_read() {
    let length = ORGANIZATION.len();
    let headers = |count: usize| -> String {
        (0..count).map(|number| format!("\r\nX-Number-{number}: {number}")).collect()
    };
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("continue first", with_length("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")),
        ("hints first", {
            with_length("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK")
        }),
        ("both, twice", {
            let hints = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n";
            with_length(&format!("{hints}{hints}HTTP/1.1 200 OK"))
        }),
        ("no reason", with_length("HTTP/1.1 200")),
        ("lines that end in a line feed", {
            format!("HTTP/1.1 200 OK\nContent-Length: {length}\n\n{ORGANIZATION}").into()
        }),
        ("an empty line first", with_length("\r\nHTTP/1.1 200 OK")),
        ("lower case, no spaces", {
            format!("HTTP/1.1 200 OK\r\ncontent-length:{length}\r\n\r\n{ORGANIZATION}").into()
        }),
        ("a header that is not ASCII", with_length("HTTP/1.1 200 OK\r\nX-Name: Zoë")),
        ("a header without value", with_length("HTTP/1.1 200 OK\r\nX-Empty:")),
        ("as many headers as fit", with_length(&format!("HTTP/1.1 200 OK{}", headers(127)))),
        (
            "the same length twice",
            with_length(&format!("HTTP/1.1 200 OK\r\nContent-Length: {length}")),
        ),
        ("another success status", with_length("HTTP/1.1 203 Whatever")),
        ("a content coding that changes nothing", {
            with_length("HTTP/1.1 200 OK\r\nContent-Encoding: identity")
        }),
        ("one chunk", chunked(&format!("{}0\r\n\r\n", chunk()))),
        ("chunks with extensions and a trailer", {
            let extended = chunk().replacen("\r\n", ";name=\"value\"\r\n", 1);
            chunked(&format!("{extended}0;last\r\nX-Sum: 1\r\n\r\n"))
        }),
        ("chunks of one byte", {
            let bytes: String =
                ORGANIZATION.chars().map(|byte| format!("1\r\n{byte}\r\n")).collect();
            chunked(&format!("{bytes}0\r\n\r\n"))
        }),
        ("a length overridden by chunks", {
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked";
            format!("{head}\r\n\r\n{}0\r\n\r\n", chunk()).into()
        }),
    ];
    for (name, bytes) in rows {
        let (_server, api) = once(bytes, false);
        match api.get_organization("org_1") {
            Ok(organization) => assert_eq!(organization.id, "org_1", "{name}"),
            Err(error) => panic!("{name}: {error:?}"),
        }
    }
}

#[test]
fn a_response_that_ends_with_its_connection_is_read() {
    for head in ["HTTP/1.0 200 OK", "HTTP/1.1 200 OK", "HTTP/1.0 200 OK\r\nConnection: close"] {
        let (server, api) = once(format!("{head}\r\n\r\n{ORGANIZATION}"), true);
        for _ in 0..2 {
            assert_eq!(api.get_organization("org_1").unwrap().id, "org_1", "{head}");
        }
        assert_eq!(server.connections(), 2, "{head}");
    }
}

#[test]
fn a_response_that_is_not_http_is_a_protocol_error() {
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("another protocol", b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec()),
        ("a TLS alert", vec![21, 3, 1, 0, 2, 2, 70]),
        ("another version", with_length("HTTP/2 200 OK")),
        ("a future version", with_length("HTTP/1.7 200 OK")),
        ("no status", with_length("HTTP/1.1 OK")),
        ("a status of two digits", with_length("HTTP/1.1 20 OK")),
        ("a status below 100", with_length("HTTP/1.1 099 OK")),
        ("a header without colon", with_length("HTTP/1.1 200 OK\r\nNonsense")),
        ("a header with a NUL byte", with_length("HTTP/1.1 200 OK\r\nX: a\0b")),
        ("too many headers", {
            let headers: String = (0..200).map(|number| format!("\r\nX-{number}: 1")).collect();
            with_length(&format!("HTTP/1.1 200 OK{headers}"))
        }),
        ("a header that is too long", {
            with_length(&format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(100_000)))
        }),
        ("two different lengths", with_length("HTTP/1.1 200 OK\r\nContent-Length: 3")),
        ("a negative length", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n".to_vec()),
        ("a length that is not a number", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n".to_vec()),
        ("a chunk without a size", chunked("{\r\n")),
        ("a chunk with a negative size", chunked("-1\r\n{\r\n")),
        ("a chunk larger than memory", chunked("fffffffffffffffff\r\n{")),
        ("a chunk longer than its size", chunked("1\r\n{}{}\r\n0\r\n\r\n")),
        ("a chunk whose size never ends", chunked(&"1".repeat(100_000))),
        ("a trailer that never ends", chunked(&format!("0\r\nX: {}", "x".repeat(100_000)))),
    ];
    for (name, bytes) in rows {
        let (server, api) = once(bytes, false);
        let error = api.get_organization("org_1").expect_err(name);
        assert_eq!(kind(&error), Kind::Protocol, "{name}: {error:?}");
        assert!(error.may_have_been_processed(), "{name}");
        // The bytes left on the connection do not affect the next call.
        let _ = api.get_organization("org_1");
        assert_eq!(server.connections(), 2, "{name}: the connection is not used again");
    }
}

#[test]
fn a_response_with_an_impossible_length_is_too_large() {
    let (_server, api) =
        once("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n{", false);
    assert_eq!(kind(&api.get_organization("org_1").unwrap_err()), Kind::TooLarge);
}

#[test]
fn an_unassigned_status_is_returned() {
    for status in [101, 207, 226, 299, 306, 418, 451, 499, 506, 524, 599, 600, 777, 999] {
        let (_server, api) = once(with_length(&format!("HTTP/1.1 {status} Whatever")), false);
        match api.get_organization("org_1") {
            Ok(_) => assert!((200..300).contains(&status), "{status}"),
            Err(error) => {
                assert_eq!(error.kind(), Kind::Status, "{status}: {error:?}");
                assert_eq!(error.status(), Some(status));
            }
        }
    }
}

#[test]
fn a_204_is_an_error_only_if_a_body_is_expected() {
    let (_server, api) = once("HTTP/1.1 204 No Content\r\n\r\n", false);
    api.leave_organization("org_1").unwrap();
    let (_server, api) = once("HTTP/1.1 204 No Content\r\n\r\n", false);
    let error = api.get_organization("org_1").unwrap_err();
    assert_eq!(error.kind(), Kind::Decode, "{error:?}");
    assert_eq!(error.status(), Some(204));
}

/// This test needs Linux: on other systems, the reset may overtake the response.
#[cfg(target_os = "linux")]
#[test]
fn a_response_that_comes_before_the_request_was_read_is_returned() {
    let server = Server::new(|connection| {
        connection.await_bytes();
        connection.send(reply(413, r#"{"message":"too much"}"#));
        // The request is not read, so closing the connection resets it.
    });
    let api = client(server.url()).max_retries(0).build().unwrap();
    // The kernel accepts a small body at once. A large body is still being written.
    for size in [10, 6 << 20] {
        let request =
            api.request(nirvana_labs::http::Method::POST, ["v1", "notes"]).json(&"x".repeat(size));
        let error = request.send::<()>().unwrap_err();
        assert_eq!(error.status(), Some(413), "{size}: {error:?}");
    }
}

#[test]
fn early_hints_before_a_large_page_are_skipped() {
    let items = vec![ORGANIZATION; 500].join(",");
    let body = format!(
        r#"{{"items":[{items}],"pagination":
        {{"next_cursor":null,"previous_cursor":null,"total_count":500}}}}"#
    );
    let (_server, api) =
        once(format!("HTTP/1.1 103 Early Hints\r\n\r\n{}", reply(200, &body)), false);
    assert_eq!(api.list_organizations(&ListParams::new()).filter(Result::is_ok).count(), 500);
}

#[test]
fn an_ipv6_address_can_be_the_host() {
    // Some machines have no IPv6.
    let Ok(listener) = TcpListener::bind("[::1]:0") else { return };
    let script = |connection: &mut crate::support::server::Connection| {
        serve(connection, |_| reply(200, ORGANIZATION));
    };
    let server = Server::over(listener, "http", |socket| Box::new(socket), script);
    let api = client(server.url()).max_retries(0).build().unwrap();
    for _ in 0..2 {
        api.get_organization("org_1").unwrap();
    }
    assert_eq!(server.requests()[0].header("host"), Some(server.address().to_string().as_str()));
    assert_eq!(server.connections(), 1);
}

#[test]
fn the_error_says_that_a_response_has_too_many_headers() {
    let headers = "X-Note: 1\r\n".repeat(129);
    let (_server, api) = once(format!("HTTP/1.1 200 OK\r\n{headers}\r\n"), false);
    let error = api.get_organization("org_1").unwrap_err();
    assert_eq!(kind(&error), Kind::Protocol, "{error:?}");
    assert!(error.to_string().ends_with("the response has too many headers"), "{error}");
}
