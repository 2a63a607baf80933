//! Calls through a proxy: the proxy's own response is never taken for a response of the API.

mod environment;
#[cfg(feature = "rustls")]
mod tls;

use std::thread;
use std::time::Duration;

use nirvana_labs::ErrorKind as Kind;
use nirvana_labs::{Api, ApiBuilder, OrganizationCreateParams};

use crate::support::endpoints::ORGANIZATION;
use crate::support::server::{Connection, Refusing, Server, reply};
use crate::support::{alone, client, ends_within, kind};

const TARGET: &str = "https://api.example.test";

fn through(proxy: impl Into<String>) -> ApiBuilder {
    Api::builder().api_key("nl_test_key").base_url(TARGET).proxy(proxy).max_retries(0)
}

/// Starts a proxy that reads the CONNECT request, sends `parts` with a pause between them, and then
/// leads to `server`.
fn proxy_to(server: &Server, parts: &'static [&'static str]) -> Server {
    let target = server.address();
    Server::new(move |connection| {
        connection.request();
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                thread::sleep(Duration::from_millis(20));
            }
            connection.send(part);
        }
        connection.tunnel_to(target);
    })
}

/// Creates an organization through a proxy that refuses, and expects `why` in the error.
#[track_caller]
fn refused(proxy: impl Into<String>, why: &str) {
    fails(proxy, why, false);
}

/// Creates an organization through a proxy that fails, and expects `why` in the error.
#[track_caller]
fn broken(proxy: impl Into<String>, why: &str) {
    fails(proxy, why, true);
}

#[track_caller]
fn fails(proxy: impl Into<String>, why: &str, retryable: bool) {
    let api = through(proxy).build().unwrap();
    let error = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err();
    assert_eq!(kind(&error), Kind::Proxy, "{error:?}");
    assert!(error.to_string().contains(why), "{why:?} is not in: {error}");
    assert!(!error.may_have_been_processed(), "{error:?}");
    assert_eq!(error.is_retryable(), retryable, "{error:?}");
    assert!(error.status().is_none(), "the proxy's status is not the API's status");
}

#[test]
fn a_proxy_that_refuses_is_a_clear_error() {
    let playing = |script: fn(&mut Connection)| Server::new(script);
    let saying = |words: &'static str| {
        Server::new(move |connection| {
            connection.request();
            connection.send(words);
            connection.hold();
        })
    };
    let asks = saying("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    refused(asks.url(), "user name and a password (407)");
    assert_eq!(asks.requests()[0].target, "api.example.test:443");
    for words in [
        "HTTP/1.1 403 Forbidden\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\n407",
        "HTTP/1.1 302 Found\r\nLocation: http://login.example.test\r\n\r\n",
    ] {
        refused(saying(words).url(), "the proxy refused");
    }
    let chatty = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Note: 1\r\n".repeat(129));
    broken(saying(chatty.leak()).url(), "the proxy's response has too many headers");
    broken(saying("220 mail.example.test ESMTP ready\r\n\r\n").url(), "the proxy");
    broken(playing(|connection| drop(connection.request())).url(), "the proxy");
    broken(playing(|_| {}).url(), "the proxy");
    broken(
        playing(|connection| {
            connection.await_bytes();
            connection.reset();
        })
        .url(),
        "the proxy sent no valid response",
    );
    broken(
        playing(|connection| {
            connection.request();
            connection.send("HTTP/1.1 200 Conn");
        })
        .url(),
        "the proxy",
    );
}

#[test]
fn a_proxy_that_cannot_be_reached_is_a_clear_error() {
    broken(Refusing::new().url(), "could not connect to the proxy");
    broken("http://proxy.invalid:3128", "could not connect to the proxy");
}

#[test]
fn this_machine_is_reached_without_the_proxy() {
    let server = Server::answering(|_| reply(200, ORGANIZATION));
    let nobody = Refusing::new();
    for url in [server.url(), server.url().replace("127.0.0.1", "localhost")] {
        let api = client(url).proxy(nobody.url()).max_retries(0).build().unwrap();
        assert!(api.get_organization("org_1").is_ok());
    }
}

#[test]
fn plain_http_goes_through_a_tunnel_too() {
    let server = Server::answering(|_| reply(200, ORGANIZATION));
    let proxy = proxy_to(&server, &["HTTP/1.1 200 OK\r\n\r\n"]);
    let api = through(proxy.url()).base_url("http://api.example.test").allow_http(true);
    let api = api.build().unwrap();
    for _ in 0..3 {
        assert!(api.get_organization("org_1").is_ok());
    }
    assert_eq!(proxy.requests()[0].target, "api.example.test:80");
    assert_eq!(proxy.requests()[0].header("authorization"), None, "the proxy must not see the key");
    assert_eq!((proxy.connections(), server.connections()), (1, 1));
}

#[test]
fn interim_responses_of_a_proxy_are_skipped() {
    let server = Server::answering(|_| reply(200, ORGANIZATION));
    for parts in [
        &["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"][..],
        &["HTTP/1.1 100 Continue\r\nVia: 1.1 gw\r\n\r\nHTTP/1.1 200 OK\r\n", "\r\n"],
        &["HTTP/1.1 103 Early Hints\r\n\r\nH", "TTP/1.1 200 OK\r\nVia: 1.1 gw\r\n\r\n"],
        &["HTTP/1.0 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"],
    ] {
        let proxy = proxy_to(&server, parts);
        let api = through(proxy.url()).base_url("http://api.example.test").allow_http(true);
        assert!(api.build().unwrap().get_organization("org_1").is_ok(), "{parts:?}");
    }
}

#[test]
fn the_connect_timeout_covers_a_response_that_a_proxy_does_not_finish() {
    let _alone = alone();
    for start in ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nVia", "H", "\r\n"] {
        let proxy = Server::new(move |connection| {
            connection.request();
            connection.send(format!("HTTP/1.1 100 Continue\r\n\r\n{start}"));
            connection.hold();
        });
        let limit = Duration::from_millis(300);
        let api = through(proxy.url()).connect_timeout(limit).build().unwrap();
        ends_within(limit + Duration::from_millis(250), start, || {
            let error = api.get_organization("org_1").unwrap_err();
            assert_eq!(kind(&error), Kind::ConnectTimeout, "{error:?}");
        });
    }
}
