//! Redirects are not followed: the key and the body go to no other server.

use std::sync::Arc;

use nirvana_labs::ErrorKind;

use crate::exact::{self, Reply};
use crate::support::client;
use crate::support::endpoints::ENDPOINTS;
use crate::support::server::{Server, reply, reply_with};

#[test]
fn redirects_are_not_followed() {
    // Another port, host name, scheme or path. The listener counts connections of any scheme.
    let elsewhere = Arc::new(Server::answering(|_| reply(200, "")));
    let port = elsewhere.address().port();
    let targets = [
        format!("http://127.0.0.1:{port}/v1/elsewhere"),
        format!("http://localhost:{port}/v1/elsewhere"),
        format!("https://127.0.0.1:{port}/v1/elsewhere"),
        format!("//127.0.0.1:{port}/v1/elsewhere"),
        "/v1/elsewhere".to_owned(),
    ];
    for status in [300, 301, 302, 303, 305, 307, 308] {
        for target in &targets {
            let location = format!("{target}?secret=1#2");
            let server =
                Server::answering(move |_| reply_with(status, &[("Location", &location)], ""));
            let api = client(server.url()).build().unwrap();
            for endpoint in &ENDPOINTS {
                let name = format!("{status} to {target}, {}", endpoint.path);
                let error = (endpoint.call)(&api).expect_err(&name);
                assert_eq!(error.kind(), ErrorKind::Status, "{name}: {error:?}");
                assert_eq!(error.status(), Some(status), "{name}");
                assert_eq!((error.attempts(), error.is_retryable()), (1, false), "{name}");
                let not_done = matches!(status, 307 | 308);
                assert_eq!(error.may_have_been_processed(), !not_done, "{name}");
                let shown = error.to_string();
                assert!(shown.contains(target), "{name}: {shown}");
                assert!(!shown.contains("secret"), "{name}: {shown}");
            }
            assert_eq!(server.request_count(), ENDPOINTS.len(), "one request per call");
            assert_eq!(server.connections(), 1, "the connection is reused");
        }
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn a_redirect_without_a_target_or_with_many_is_an_error() {
    for headers in [&[][..], &[("Location", "")], &[("Location", "/a"), ("Location", "/b")]] {
        let server = exact::Server::always(Reply::new(302, headers, "moved"));
        let error = server.api().get_organization("org_1").unwrap_err();
        assert_eq!((error.status(), server.seen().len()), (Some(302), 1));
    }
    let server = Server::answering(|_| "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n");
    let api = client(server.url()).build().unwrap();
    for _ in 0..2 {
        assert_eq!(api.get_organization("org_1").unwrap_err().status(), Some(304));
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn the_target_of_a_redirect_is_shown_on_one_line() {
    let location = "/a\tb\u{9b}31mc\u{85}d\u{2028}e";
    let server = Server::answering(move |_| reply_with(302, &[("Location", location)], ""));
    let error = client(server.url()).build().unwrap().get_organization("org_1").unwrap_err();
    assert!(error.to_string().ends_with(" leads to /ab31mcde"), "{error:?}");
}
