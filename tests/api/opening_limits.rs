//! The limits apply while a connection is opened, whichever step hangs.

use std::thread;

use nirvana_labs::ErrorKind as Kind;
use nirvana_labs::{Api, ApiBuilder, CancelToken, RequestOptions};

use crate::support::server::{Server, Unanswering};
use crate::support::{alone, client, ends_after, kind};
use crate::time_limits::{LIMIT, PAUSE, due_in};

/// Returns every stuck opening, without and with a cancel token.
fn all_stuck_openings() -> impl Iterator<Item = (bool, (&'static str, ApiBuilder, Box<dyn Send>))> {
    let with = |cancellable| stuck_openings().into_iter().map(move |row| (cancellable, row));
    with(false).chain(with(true))
}

fn maybe_cancellable(api: Api, cancellable: bool) -> Api {
    let options = RequestOptions::new();
    let token = CancelToken::new();
    api.with_options(if cancellable { options.cancel_token(&token) } else { options })
}

/// Returns openings that never finish: a name, a client, and what keeps the client waiting.
fn stuck_openings() -> Vec<(&'static str, ApiBuilder, Box<dyn Send>)> {
    let unanswering = Unanswering::new();
    let proxy = Server::new(|connection| connection.hold());
    let slow_proxy = Server::new(|connection| {
        connection.request();
        connection.trickle("HTTP/1.1 200 Connection established\r\n\r\n".repeat(9), PAUSE);
    });
    let behind = |proxy: &Server| {
        Api::builder()
            .api_key("nl_test_key")
            .base_url("http://api.example.test")
            .allow_http(true)
            .proxy(proxy.url())
    };
    #[allow(unused_mut)]
    let mut rows: Vec<(&'static str, ApiBuilder, Box<dyn Send>)> = vec![
        ("connecting", client(unanswering.url()), Box::new(unanswering)),
        ("CONNECT", behind(&proxy), Box::new(proxy)),
        ("CONNECT, byte by byte", behind(&slow_proxy), Box::new(slow_proxy)),
    ];
    #[cfg(feature = "rustls")]
    {
        let silent = Server::new(|connection| connection.hold());
        let slow = Server::new(|connection| {
            connection.await_bytes();
            // The server sends a TLS record byte by byte.
            connection.trickle([&[22, 3, 3, 64, 0][..], &[0; 1000]].concat(), PAUSE);
        });
        let https = |server: &Server| client(server.url().replace("http:", "https:"));
        rows.push(("TLS handshake", https(&silent), Box::new(silent)));
        rows.push(("TLS handshake, byte by byte", https(&slow), Box::new(slow)));
    }
    rows
}

#[test]
fn the_deadline_covers_opening_a_connection() {
    let _alone = alone();
    thread::scope(|scope| {
        for (cancellable, (name, builder, _keep)) in all_stuck_openings() {
            scope.spawn(move || {
                let _keep = _keep;
                let api = maybe_cancellable(builder.build().unwrap(), cancellable);
                ends_after(LIMIT, name, || {
                    let error = due_in(&api, LIMIT).leave_organization("org_1").unwrap_err();
                    assert_eq!(error.kind(), Kind::Deadline, "{name}: {error:?}");
                    assert!(!error.may_have_been_processed(), "{name}");
                });
            });
        }
    });
}

#[test]
fn the_connect_timeout_covers_lookup_proxy_and_tls() {
    let _alone = alone();
    thread::scope(|scope| {
        for (cancellable, (name, builder, _keep)) in all_stuck_openings() {
            scope.spawn(move || {
                let _keep = _keep;
                let api = builder.connect_timeout(LIMIT).max_retries(0).build().unwrap();
                let api = maybe_cancellable(api, cancellable);
                ends_after(LIMIT, name, || {
                    let error = api.leave_organization("org_1").unwrap_err();
                    assert_eq!(kind(&error), Kind::ConnectTimeout, "{name}: {error:?}");
                    assert!(error.is_timeout() && error.is_retryable(), "{name}");
                    assert!(!error.may_have_been_processed(), "{name}");
                });
            });
        }
    });
}

#[test]
fn the_timeout_of_an_attempt_during_opening_is_a_connect_timeout() {
    let unanswering = Unanswering::new();
    let builder = client(unanswering.url()).max_retries(0);
    // The attempt's timeout is shorter than the connect timeout of 10 s.
    let error = builder.timeout(LIMIT).build().unwrap().get_organization("org_1").unwrap_err();
    assert_eq!(kind(&error), Kind::ConnectTimeout, "{error:?}");
    assert!(error.to_string().ends_with(": could not open a connection in time"), "{error}");
}
