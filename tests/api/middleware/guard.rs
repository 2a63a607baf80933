//! Requests of a wrapper that `HttpTransport` refuses to send.

use nirvana_labs::http::{HeaderValue, Method, Version};
use nirvana_labs::{Error, ErrorKind as Kind};

use super::sensitive;
use crate::checks::http_messages::HttpRequest;
use crate::exact::{Reply, Server};
use crate::support::changing::Changing;

/// Returns the error of a call whose request is changed before `HttpTransport` gets it. The server
/// must not see the request, and the client must not send it again.
#[track_caller]
fn refused(change: impl Fn(&mut HttpRequest<'_>) + Send + Sync + 'static) -> Error {
    let server = Server::replying([]);
    let builder = server.builder().max_retries(2);
    let api = builder.wrap_transport(|http| Changing(http, change)).build().unwrap();
    let error = api.leave_organization("org_1").unwrap_err();
    assert_eq!(error.kind(), Kind::Other, "{error:?}");
    assert!(!error.may_have_been_processed() && !error.is_retryable(), "{error:?}");
    assert_eq!(error.attempts(), 1, "{error:?}");
    assert!(server.seen().is_empty(), "{error:?}");
    error
}

#[test]
fn http_transport_refuses_a_request_with_a_header_of_its_own() {
    for (name, why) in [
        ("host", "the header host is set by ApiBuilder::base_url"),
        ("accept-encoding", "the header accept-encoding is set by the feature"),
        ("content-length", "the header content-length is set by the body"),
        ("transfer-encoding", "the header transfer-encoding is set by the body"),
        ("connection", "the header connection is set by the connection pool"),
        ("upgrade", "the header upgrade is set by the connection pool"),
        ("te", "the header te is set by the connection pool"),
        ("expect", "the header expect is set by the connection pool"),
    ] {
        let error = refused(move |request| {
            request.headers_mut().insert(name, sensitive("secret"));
        });
        assert!(error.to_string().contains(why), "{error}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    }
}

#[test]
fn http_transport_refuses_an_incomplete_or_unsupported_uri() {
    for uri in [
        "/v1/organizations",
        "example.com",
        "127.0.0.1:80",
        "*",
        "ftp://127.0.0.1/v1",
        "http://127.0.0.1:0/v1",
        "http://127.0.0.1:65536/v1",
        "http://127.0.0.1:99999/v1",
        "http://127.0.0.1:/v1",
    ] {
        let error = refused(move |request| *request.uri_mut() = uri.parse().unwrap());
        let why = "the URI of the request needs http or https, a host and a valid port";
        assert!(error.to_string().ends_with(why), "{uri}: {error}");
    }
}

#[test]
fn http_transport_refuses_connect_and_trace() {
    for method in [Method::CONNECT, Method::TRACE] {
        let name = method.clone();
        let error = refused(move |request| *request.method_mut() = method.clone());
        let why = format!("the HTTP method {name} is not supported");
        assert!(error.to_string().ends_with(&why), "{error}");
    }
}

#[test]
fn http_transport_refuses_a_header_that_is_too_long_to_send() {
    // A header that does not fit into the output buffer is not sent, not even in part.
    let with_note = |length: usize| {
        let note: HeaderValue = "x".repeat(length).parse().unwrap();
        move |request: &mut HttpRequest<'_>| {
            request.headers_mut().insert("x-note", note.clone());
        }
    };
    let longest = 16 * 1024 - 64 - "x-note".len();
    for length in [longest + 1, 20_000] {
        let error = refused(with_note(length));
        assert!(!error.to_string().contains("xxx"), "{error}");
    }
    let server = Server::always(Reply::new(204, &[], ""));
    let change = with_note(longest);
    let api = server.builder().wrap_transport(move |http| Changing(http, change));
    api.build().unwrap().leave_organization("org_1").unwrap();
    assert_eq!(server.seen()[0].header("x-note").map(str::len), Some(longest));
}

#[test]
fn http_transport_always_speaks_http_1_1() {
    for version in [Version::HTTP_09, Version::HTTP_10, Version::HTTP_2, Version::HTTP_3] {
        let server = Server::always(Reply::new(204, &[], ""));
        let change = move |request: &mut HttpRequest<'_>| *request.version_mut() = version;
        let api = server.builder().wrap_transport(move |http| Changing(http, change));
        api.build().unwrap().leave_organization("org_1").unwrap();
        server.expect("POST", "/v1/organizations/org_1/leave", None);
    }
}
