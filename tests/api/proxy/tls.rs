//! TLS through a proxy.

use super::*;
use crate::support::endpoints::ENDPOINTS;
use crate::support::tls::{OTHER_HOST, SELF_SIGNED};

/// Returns a proxy that connects every client to `target`.
fn tunnel(target: &Server) -> Server {
    proxy_to(target, &["HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n"])
}

#[test]
fn https_goes_through_a_tunnel() {
    let server = Server::tls_answering(SELF_SIGNED, |_| reply(200, ORGANIZATION));
    let proxy = tunnel(&server);
    let url = proxy.url().replace("http://", "http://user:open%20sesame@");
    let builder = through(url).root_certificate_pem(SELF_SIGNED.pem);
    assert!(!format!("{builder:?}").contains("sesame"));
    let api = builder.build().unwrap();
    for _ in 0..5 {
        assert_eq!(api.get_organization("org_1").unwrap().id, "org_1");
    }
    assert_eq!(server.request_count(), 5);
    assert_eq!((proxy.connections(), server.connections()), (1, 1), "one tunnel is enough");
    let asked = &proxy.requests()[0];
    assert_eq!((&*asked.method, &*asked.target), ("CONNECT", "api.example.test:443"));
    assert_eq!(asked.header("authorization"), None, "the proxy must not see the key");
    assert!(asked.header("proxy-authorization").unwrap().starts_with("Basic "));
    assert_eq!(server.requests()[0].header("proxy-authorization"), None);
    assert_eq!(server.requests()[0].header("host"), Some("api.example.test"));
}

#[test]
fn nothing_is_sent_if_tls_fails_behind_a_proxy() {
    let untrusted = Server::tls_answering(SELF_SIGNED, |_| reply(200, ORGANIZATION));
    let other = Server::tls_answering(OTHER_HOST, |_| reply(200, ORGANIZATION));
    let plain = Server::new(|connection| {
        connection.await_bytes();
        connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        connection.hold();
    });
    let closing = Server::new(|connection| connection.await_bytes());
    // A retry helps only if the connection was closed during the handshake.
    for (server, why, attempts) in [
        (&untrusted, "self-signed", 1),
        (&other, "for another host", 1),
        (&plain, "does not speak TLS", 1),
        (&closing, "handshake failed", 2),
    ] {
        let proxy = tunnel(server);
        let mut builder = through(proxy.url()).max_retries(1);
        if why == "for another host" {
            builder = builder.root_certificate_pem(OTHER_HOST.pem);
        }
        let api = builder.build().unwrap();
        let params = OrganizationCreateParams::new("Acme");
        let error = api.create_organization(&params).unwrap_err();
        assert_eq!(kind(&error), Kind::Tls, "{why}: {error:?}");
        assert!(error.to_string().contains(why), "{why:?} is not in: {error}");
        assert!(!error.may_have_been_processed(), "{why}");
        assert_eq!((error.attempts(), server.request_count()), (attempts, 0), "{why}");
    }
}

#[test]
fn a_request_counts_as_sent_if_its_response_is_lost_behind_a_proxy() {
    let server = Server::tls(SELF_SIGNED, |connection| drop(connection.request()));
    let proxy = tunnel(&server);
    let builder = through(proxy.url()).root_certificate_pem(SELF_SIGNED.pem);
    let api = builder.max_retries(2).build().unwrap();
    let params = OrganizationCreateParams::new("Acme");
    let error = api.create_organization(&params).unwrap_err();
    assert_eq!(kind(&error), Kind::Closed, "{error:?}");
    assert!(error.may_have_been_processed());
    assert_eq!((error.attempts(), server.request_count()), (1, 1));
}

#[test]
fn no_call_fails_because_an_idle_tunnel_was_closed() {
    let server = Server::tls(SELF_SIGNED, |connection| {
        let request = connection.request().expect("a request");
        let known = |endpoint: &&crate::support::endpoints::Endpoint| {
            endpoint.method == request.method && endpoint.path == request.target
        };
        connection.send(reply(200, ENDPOINTS.iter().find(known).unwrap().response_body));
        connection.say_goodbye();
    });
    let proxy = tunnel(&server);
    let api = through(proxy.url()).root_certificate_pem(SELF_SIGNED.pem).build().unwrap();
    for endpoint in &ENDPOINTS {
        (endpoint.call)(&api).unwrap_or_else(|error| panic!("{}: {error:?}", endpoint.path));
        // The next call can only notice that the server closed once the proxy has closed too.
        proxy.await_closed();
    }
    assert_eq!(server.request_count(), ENDPOINTS.len());
}

#[test]
fn a_proxy_that_is_not_trusted_is_not_reached() {
    let proxy = Server::tls_answering(SELF_SIGNED, |_| reply(200, ""));
    refused(proxy.url(), "could not connect to the proxy");
    assert_eq!(proxy.request_count(), 0);
}
