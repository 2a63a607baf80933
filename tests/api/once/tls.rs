//! Every endpoint with TLS faults, and with other faults over TLS.

use super::*;
use crate::support::tls::SELF_SIGNED;

#[test]
fn refused_certificate() {
    for_each_endpoint(|endpoint| {
        let server = Server::tls_answering(SELF_SIGNED, |_| reply(200, ""));
        let api = client(server.url()).max_retries(1).build().unwrap();
        // A retry would fail in the same way.
        let due = Expected { rule: Rule::Final, ..not_sent(Kind::Tls) };
        check("untrusted", endpoint, &api, Some(&server), &due);
    });
}

#[test]
fn server_that_does_not_speak_tls() {
    for_each_endpoint(|endpoint| {
        let server = Server::new(|connection| {
            connection.await_bytes();
            connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            connection.hold();
        });
        let url = server.url().replace("http:", "https:");
        let api = client(url).max_retries(1).build().unwrap();
        let due = Expected { rule: Rule::Final, ..not_sent(Kind::Tls) };
        check("no TLS", endpoint, &api, Some(&server), &due);
    });
}

#[test]
fn closed_after_the_request_is_read_over_tls() {
    for_each_endpoint(|endpoint| {
        // The server closes the connection with a close_notify or without one.
        for close_notify in [true, false] {
            let server = Server::tls(SELF_SIGNED, move |connection| {
                connection.request();
                if close_notify {
                    connection.say_goodbye();
                }
            });
            let api = client(server.url()).root_certificate_pem(SELF_SIGNED.pem);
            let api = api.max_retries(1).build().unwrap();
            check("closed, TLS", endpoint, &api, Some(&server), &broken(Kind::Closed));
        }
    });
}

#[test]
fn truncated_response_over_tls() {
    for_each_endpoint(|endpoint| {
        let server = Server::tls(SELF_SIGNED, |connection| {
            connection.request();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\": ");
        });
        let api = client(server.url()).root_certificate_pem(SELF_SIGNED.pem);
        let api = api.max_retries(1).build().unwrap();
        check("truncated, TLS", endpoint, &api, Some(&server), &broken(Kind::Truncated));
    });
}

#[test]
fn reset_within_the_handshake() {
    handshake_broken_by("reset handshake", |connection| {
        connection.await_bytes();
        connection.reset();
    });
}

#[test]
fn closed_within_the_handshake() {
    // The server sends the head of a TLS record, and nothing more.
    handshake_broken_by("closed handshake", |connection| {
        connection.read_more();
        connection.send([22, 3, 3, 0, 100]);
    });
}

fn handshake_broken_by(name: &str, play: fn(&mut Connection)) {
    for_each_endpoint(|endpoint| {
        let server = Server::new(play);
        let url = server.url().replace("http:", "https:");
        let api = client(url).max_retries(1).build().unwrap();
        check(name, endpoint, &api, Some(&server), &not_sent(Kind::Tls));
    });
}
