//! An error and its sources, as `anyhow` prints them with `{:#}`: nothing is said twice.

use std::error::Error as StdError;
use std::time::Duration;

use nirvana_labs::ErrorKind as Kind;
use nirvana_labs::http::HeaderValue;
use nirvana_labs::{ApiBuilder, Error};

use crate::checks::http_messages::HttpRequest;
use crate::support::changing::Changing;
use crate::support::client;
use crate::support::server::{Connection, Refusing, Server, Unanswering, reply, reply_with};

/// What the system or TLS reports about a connection. A chain has each of these at most once.
const SYSTEM: [&str; 7] = [
    "connection refused",
    "connection reset",
    "broken pipe",
    "timed out",
    "unexpected end of file",
    "failed to lookup address",
    "invalid peer certificate",
];

/// Returns the messages of the error and of its sources, in lower case.
fn texts(error: &Error) -> Vec<String> {
    let mut texts = vec![error.to_string().to_lowercase()];
    let mut source = error.source();
    while let Some(inner) = source {
        texts.push(inner.to_string().to_lowercase());
        source = StdError::source(inner);
    }
    texts
}

/// Fails unless a call fails with this kind of error, and no message in its chain contains another.
#[track_caller]
fn repeats_nothing(name: &str, builder: ApiBuilder, kind: Kind) {
    let api = builder.max_retries(0).build().unwrap();
    let error = api.leave_organization("org_1").unwrap_err();
    assert_eq!(error.kind(), kind, "{name}: {error:?}");
    let texts = texts(&error);
    for (at, text) in texts.iter().enumerate() {
        let others = texts.iter().enumerate().filter(|(other, _)| *other != at);
        for (_, other) in others {
            assert!(!other.contains(text.as_str()), "{name}: {other:?} contains {text:?}");
        }
    }
    let chain = texts.join(": ");
    for words in SYSTEM {
        assert!(chain.matches(words).count() <= 1, "{name}: {chain}");
    }
}

/// The same for a server that runs `play` once it has read the request.
#[track_caller]
fn fault(name: &str, kind: Kind, play: fn(&mut Connection)) {
    let server = Server::new(move |connection| {
        if connection.request().is_some() {
            play(connection);
        }
    });
    repeats_nothing(name, client(server.url()).timeout(Duration::from_millis(300)), kind);
}

#[test]
fn errors_of_opening_a_connection_repeat_nothing() {
    repeats_nothing("refused", client(Refusing::new().url()), Kind::Connect);
    let silent = Unanswering::new();
    let builder = client(silent.url()).connect_timeout(Duration::from_millis(300));
    repeats_nothing("never accepted", builder, Kind::ConnectTimeout);
    let uri = format!("http://{}.invalid/v1", "a".repeat(64));
    let elsewhere = move |request: &mut HttpRequest<'_>| *request.uri_mut() = uri.parse().unwrap();
    let builder = client("http://127.0.0.1:1").wrap_transport(|http| Changing(http, elsewhere));
    repeats_nothing("unknown host", builder, Kind::Dns);
}

#[test]
fn errors_of_an_exchange_repeat_nothing() {
    fault("closed", Kind::Closed, |_| ());
    fault("reset", Kind::Closed, |connection| connection.reset());
    fault("silent", Kind::Timeout, |connection| connection.hold());
    fault("not HTTP", Kind::Protocol, |connection| _ = connection.send("220 mail\r\n\r\n"));
    fault("a truncated head", Kind::Truncated, |connection| _ = connection.send("HTTP/1.1 200"));
    fault("a truncated body", Kind::Truncated, |connection| {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{");
    });
    fault("a truncated chunk", Kind::Truncated, |connection| {
        connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{");
    });
    fault("a bad chunk", Kind::Protocol, |connection| {
        connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n{}\r\n");
        connection.hold();
    });
    fault("too many headers", Kind::Protocol, |connection| {
        connection.send(format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Note: 1\r\n".repeat(129)));
    });
    fault("an endless head", Kind::Protocol, |connection| {
        connection.send(format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(100_000)));
        connection.hold();
    });
    let large = Server::answering(|_| reply(200, "[1, 2, 3]"));
    repeats_nothing("too large", client(large.url()).max_body_bytes(2), Kind::TooLarge);
    #[cfg(feature = "gzip")]
    fault("corrupt gzip", Kind::Protocol, |connection| {
        connection.send(reply_with(200, &[("Content-Encoding", "gzip")], "no gzip"));
    });
    let server = Server::answering(|_| reply_with(204, &[], ""));
    let change = |request: &mut HttpRequest<'_>| {
        request.headers_mut().insert("host", HeaderValue::from_static("x"));
    };
    let builder = client(server.url()).wrap_transport(move |http| Changing(http, change));
    repeats_nothing("a header that the transport sets", builder, Kind::Other);
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[test]
fn errors_of_a_proxy_repeat_nothing() {
    let through = |url: String| client("http://api.example.test").allow_http(true).proxy(url);
    repeats_nothing("refused", through(Refusing::new().url()), Kind::Proxy);
    repeats_nothing("unknown", through("http://proxy.invalid:3128".to_owned()), Kind::Proxy);
    for response in [
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        "220 mail.example.test ESMTP ready\r\n\r\n",
        "HTTP/1.1 200 Conn",
        "",
    ] {
        let proxy = Server::closing(response);
        repeats_nothing(response, through(proxy.url()), Kind::Proxy);
    }
}

#[cfg(feature = "rustls")]
#[test]
fn errors_of_tls_repeat_nothing() {
    use crate::support::tls::{EXPIRED, NOT_YET, OTHER_HOST, SELF_SIGNED};

    for certificate in [SELF_SIGNED, EXPIRED, NOT_YET, OTHER_HOST] {
        let server = Server::tls_answering(certificate, |_| reply(200, ""));
        repeats_nothing("untrusted", client(server.url()), Kind::Tls);
        let trusting = client(server.url()).root_certificate_pem(EXPIRED.pem);
        let trusting = trusting.root_certificate_pem(NOT_YET.pem);
        let trusting = trusting.root_certificate_pem(OTHER_HOST.pem);
        repeats_nothing("refused", trusting, Kind::Tls);
    }
    let version = &rustls::version::TLS13;
    let server = Server::tls_for_known_clients(SELF_SIGNED, version);
    let trusting = client(server.url()).root_certificate_pem(SELF_SIGNED.pem);
    repeats_nothing("a client certificate", trusting, Kind::Tls);
    let plays: [fn(&mut Connection); 4] = [
        |connection| connection.await_bytes(),
        |connection| _ = connection.read_more(),
        |connection| _ = connection.send("220 mail\r\n"),
        |connection| _ = connection.send([21, 3, 3, 0, 2, 2, 40]),
    ];
    for play in plays {
        let server = Server::new(move |connection| {
            connection.await_bytes();
            play(connection);
        });
        let builder = client(server.url().replace("http:", "https:"));
        repeats_nothing("the handshake", builder, Kind::Tls);
    }
}
