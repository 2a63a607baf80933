//! TLS connections are used again if that is safe.

use super::*;
use crate::support::tls::SELF_SIGNED;

fn trusting(server: &Server) -> Api {
    let builder = client(server.url()).root_certificate_pem(SELF_SIGNED.pem);
    builder.max_retries(0).build().unwrap()
}

#[test]
fn an_idle_tls_connection_that_the_server_closed_fails_no_call() {
    for polite in [true, false] {
        let server = Server::tls(SELF_SIGNED, move |connection| {
            answer_known(connection);
            if polite {
                connection.say_goodbye();
            }
        });
        no_call_fails(&trusting(&server), &server);
    }
}

#[test]
fn a_close_notify_that_came_with_the_response_fails_no_call() {
    // The socket stays open: only TLS says that the connection is closed.
    let (parted, receiver) = mpsc::channel();
    let server = Server::tls(SELF_SIGNED, move |connection| {
        answer_known(connection);
        connection.say_goodbye();
        parted.send(()).unwrap();
        connection.hold();
    });
    let api = trusting(&server);
    for endpoint in &ENDPOINTS {
        (endpoint.call)(&api).unwrap_or_else(|error| panic!("{}: {error:?}", endpoint.path));
        receiver.recv().unwrap();
    }
}

#[test]
fn unrequested_bytes_over_tls_are_not_taken_for_a_response() {
    // The bytes are in a separate TLS record, which is sent together with the response or after it.
    const RECORD: usize = 16 * 1024;
    for at_once in [true, false] {
        let (sent, receiver) = mpsc::channel();
        let server = Server::tls(SELF_SIGNED, move |connection| {
            while let Some(request) = connection.request() {
                let id = request.target.rsplit('/').next().unwrap();
                let body = ORGANIZATION.replace("org_1", id);
                // The padding makes the content length two digits longer.
                let padding = " ".repeat(2 * RECORD - reply(200, &body).len() - 2);
                let right = reply(200, &(body + &padding));
                assert_eq!(right.len(), 2 * RECORD, "the response must fill two TLS records");
                let stale = reply(200, &ORGANIZATION.replace("org_1", "stale"));
                if at_once {
                    connection.send(right + &stale);
                } else {
                    connection.send(right);
                    connection.send(stale);
                }
                sent.send(()).unwrap();
            }
        });
        let api = trusting(&server);
        for number in 0..20 {
            let id = format!("org_{number}");
            assert_eq!(api.get_organization(&id).unwrap().id, id);
            receiver.recv().unwrap();
        }
    }
}

#[test]
fn one_tls_connection_serves_many_calls() {
    let server = Server::tls_answering(SELF_SIGNED, |_| reply(200, ORGANIZATION));
    let api = trusting(&server);
    for _ in 0..50 {
        api.get_organization("org_1").unwrap();
    }
    assert_eq!(server.connections(), 1);
}
