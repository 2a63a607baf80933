//! TLS: the client refuses untrusted servers, and the error gives the reason.

use nirvana_labs::ErrorKind as Kind;
use nirvana_labs::OrganizationCreateParams;

use crate::support::endpoints::ORGANIZATION;
use crate::support::server::{Connection, Server, reply};
use crate::support::tls::{AUTHORITY, Certificate, EXPIRED, NOT_YET, OTHER_HOST, SELF_SIGNED};
use crate::support::{client, kind};

/// Calls a server that sends the certificate `shown`, and expects `why` in the error. The client
/// trusts `trusted`, or the built-in list.
#[track_caller]
fn refuses(shown: Certificate, trusted: Option<Certificate>, why: &str) {
    let server = Server::tls_answering(shown, |_| reply(200, ORGANIZATION));
    let mut builder = client(server.url()).max_retries(0);
    if let Some(trusted) = trusted {
        builder = builder.root_certificate_pem(trusted.pem);
    }
    let api = builder.build().unwrap();
    let error = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err();
    assert_eq!(kind(&error), Kind::Tls, "{error:?}");
    assert!(error.to_string().contains(why), "{why:?} is not in: {error}");
    assert!(!error.may_have_been_processed() && !error.is_retryable());
    assert!(std::error::Error::source(&error).is_some(), "the error has a source");
    assert_eq!(server.request_count(), 0);
}

#[test]
fn certificates_are_refused_with_the_reason() {
    refuses(SELF_SIGNED, None, "self-signed");
    refuses(SELF_SIGNED, Some(OTHER_HOST), "self-signed or untrusted; see root_certificate_pem");
    refuses(EXPIRED, Some(EXPIRED), "expired");
    refuses(NOT_YET, Some(NOT_YET), "not valid yet");
    refuses(OTHER_HOST, Some(OTHER_HOST), "for another host");
}

#[test]
fn a_server_certificate_marked_as_an_authority_is_refused_with_the_reason() {
    for trusted in [None, Some(SELF_SIGNED), Some(AUTHORITY)] {
        refuses(AUTHORITY, trusted, "marked CA:TRUE");
    }
}

/// Calls a server that breaks the handshake, and expects `why` in the error.
#[track_caller]
fn fails(script: fn(&mut Connection), why: &str, retryable: bool) {
    let server = Server::new(script);
    let url = server.url().replace("http:", "https:");
    let api = client(url).max_retries(0).build().unwrap();
    let error = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err();
    assert_eq!(kind(&error), Kind::Tls, "{error:?}");
    assert!(error.to_string().contains(why), "{why:?} is not in: {error}");
    assert_eq!(error.is_retryable(), retryable, "{error:?}");
    assert!(!error.may_have_been_processed(), "{error:?}");
}

#[test]
fn a_server_that_does_not_speak_tls_is_not_retried() {
    let plain = "does not speak TLS";
    fails(
        |connection| {
            connection.await_bytes();
            connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            connection.hold();
        },
        plain,
        false,
    );
    fails(
        |connection| {
            connection.send("220 mail.example.test ESMTP ready\r\n");
            connection.hold();
        },
        plain,
        false,
    );
}

#[test]
fn a_handshake_that_the_network_breaks_is_retryable() {
    // The server closes the connection with unread bytes, which resets it.
    fails(|connection| connection.await_bytes(), "the TLS handshake failed", true);
    let closed = |connection: &mut Connection| _ = connection.read_more();
    fails(closed, "the TLS handshake failed", true);
}

#[test]
fn a_handshake_that_the_server_refuses_is_not_retried() {
    // Two fatal alerts: handshake_failure and protocol_version.
    for (alert, why) in [(40, "ended the TLS handshake"), (70, "the client's TLS versions")] {
        let server = Server::new(move |connection| {
            connection.await_bytes();
            connection.send([21, 3, 3, 0, 2, 2, alert]);
            connection.hold();
        });
        let url = server.url().replace("http:", "https:");
        let api = client(url).max_retries(2).build().unwrap();
        let error = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err();
        assert_eq!((kind(&error), error.attempts()), (Kind::Tls, 1), "{error:?}");
        assert!(error.to_string().contains(why), "{error}");
        assert!(!error.may_have_been_processed() && !error.is_retryable(), "{error:?}");
    }
}

#[test]
fn a_root_certificate_makes_its_server_trusted() {
    let server = Server::tls_answering(SELF_SIGNED, |_| reply(200, ORGANIZATION));
    let bundle = [OTHER_HOST.pem, SELF_SIGNED.pem].concat();
    for url in [server.url(), server.url().replace("127.0.0.1", "localhost")] {
        let one = client(&url).root_certificate_pem(SELF_SIGNED.pem);
        let two = client(&url).root_certificate_pem(OTHER_HOST.pem);
        let two = two.root_certificate_pem(SELF_SIGNED.pem);
        let bundled = client(&url).root_certificate_pem(&bundle);
        for builder in [one, two, bundled] {
            let api = builder.max_retries(0).build().unwrap();
            assert_eq!(api.get_organization("org_1").unwrap().id, "org_1");
        }
    }
}

#[test]
fn an_unusable_root_certificate_is_refused_at_once() {
    for pem in ["", "not PEM", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        let outcome = client("https://localhost").root_certificate_pem(pem).build();
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), Kind::Config, "{pem:?}: {error:?}");
        assert!(error.to_string().contains("root certificate"), "{error}");
    }
}

#[test]
fn no_server_is_trusted_with_an_invalid_root_certificate() {
    let server = Server::tls_answering(SELF_SIGNED, |_| reply(200, ORGANIZATION));
    let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let api = client(server.url()).root_certificate_pem(nonsense).max_retries(0).build().unwrap();
    let error = api.get_organization("org_1").unwrap_err();
    assert_eq!(kind(&error), Kind::Tls, "{error:?}");
    assert!(error.to_string().contains("root_certificate_pem"), "{error}");
    assert_eq!(server.request_count(), 0);
}

#[test]
fn root_certificates_are_not_shared_between_clients() {
    let server = Server::tls_answering(SELF_SIGNED, |_| reply(200, ORGANIZATION));
    let trusting = client(server.url()).root_certificate_pem(SELF_SIGNED.pem).build().unwrap();
    let wary = client(server.url()).max_retries(0).build().unwrap();
    for _ in 0..2 {
        assert!(trusting.get_organization("org_1").is_ok());
        assert_eq!(kind(&wary.get_organization("org_1").unwrap_err()), Kind::Tls);
    }
}

#[test]
fn a_certificate_without_its_key_is_refused() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = Server::tls_with_key_of(SELF_SIGNED, OTHER_HOST, version);
        let api = client(server.url()).root_certificate_pem(SELF_SIGNED.pem);
        let error = api.max_retries(0).build().unwrap().get_organization("org_1").unwrap_err();
        assert_eq!(kind(&error), Kind::Tls, "{error:?}");
        assert!(format!("{error:?}").contains("BadSignature"), "{error:?}");
        assert_eq!(server.request_count(), 0);
    }
}

#[test]
fn the_error_says_that_the_server_requires_a_client_certificate() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = Server::tls_for_known_clients(SELF_SIGNED, version);
        let api = client(server.url()).root_certificate_pem(SELF_SIGNED.pem).max_retries(0);
        let error = api.build().unwrap().get_organization("org_1").unwrap_err();
        assert_eq!(kind(&error), Kind::Tls, "{error:?}");
        assert_eq!(server.request_count(), 0);
        if *version == rustls::version::TLS13 {
            assert!(error.to_string().contains("requires a client certificate"), "{error}");
        }
    }
}
