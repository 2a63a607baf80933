//! Connections are used again if that is safe. No call fails because an idle connection was closed.

#[cfg(feature = "rustls")]
mod probe;
#[cfg(feature = "rustls")]
mod tls;

use std::cell::Cell;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use nirvana_labs::{Api, OrganizationCreateParams};

use crate::recorder::interrupted;
use crate::support::client;
use crate::support::endpoints::{ENDPOINTS, ORGANIZATION};
use crate::support::server::{Connection, Request, Server, reply, reply_with, serve};

/// Calls every endpoint, and fails if a call fails. The server closes each connection after one
/// response, without announcing it.
fn no_call_fails(api: &Api, server: &Server) {
    for round in 0..3 {
        for (number, endpoint) in ENDPOINTS.iter().enumerate() {
            (endpoint.call)(api).unwrap_or_else(|error| panic!("{}: {error:?}", endpoint.path));
            // The next call must find the connection closed.
            server.await_closed();
            assert_eq!(server.request_count(), round * ENDPOINTS.len() + number + 1);
        }
    }
}

fn answer_known(connection: &mut Connection) {
    if let Some(request) = connection.request() {
        let known = |endpoint: &&crate::support::endpoints::Endpoint| {
            endpoint.method == request.method && endpoint.path == request.target
        };
        let endpoint = ENDPOINTS.iter().find(known).expect("the request is for a known endpoint");
        connection.send(reply(200, endpoint.response_body));
    }
}

#[test]
fn an_idle_connection_that_the_server_closed_fails_no_call() {
    let server = Server::new(answer_known);
    let api = client(server.url()).max_retries(0).build().unwrap();
    no_call_fails(&api, &server);
}

#[test]
fn an_idle_connection_that_was_reset_fails_no_call() {
    let (answered, receiver) = mpsc::channel();
    let receiver = Mutex::new(receiver);
    let server = Server::new(move |connection| {
        answer_known(connection);
        receiver.lock().unwrap().recv().unwrap();
        connection.reset();
    });
    let api = client(server.url()).max_retries(0).build().unwrap();
    for endpoint in &ENDPOINTS {
        (endpoint.call)(&api).unwrap_or_else(|error| panic!("{}: {error:?}", endpoint.path));
        answered.send(()).unwrap();
        server.await_closed();
    }
    assert_eq!(server.request_count(), ENDPOINTS.len());
}

#[test]
fn a_post_is_retried_if_its_connection_was_reset_before_a_byte_was_sent() {
    // The server resets the idle connection while ureq logs. The client probes the connection after
    // the second log record, which shows the URI, and before the fourth one, which shows the whole
    // request.
    for (record, attempts) in [(1, 1), (3, 2)] {
        let (reset, receiver) = mpsc::channel();
        let receiver = Mutex::new(receiver);
        let server = Arc::new(Server::new(move |connection| {
            if connection.number == 0 {
                answer_known(connection);
                receiver.lock().unwrap().recv().unwrap();
                connection.reset();
            } else {
                serve(connection, |_| reply(201, ORGANIZATION));
            }
        }));
        let seen = Arc::new(AtomicUsize::new(0));
        let (count, resetting) = (Arc::clone(&seen), Arc::clone(&server));
        let builder = client(server.url()).max_retries(1);
        let builder = builder.observe(move |_| _ = count.fetch_add(1, Ordering::SeqCst));
        let api = builder.build().unwrap();
        api.get_organization("org_1").unwrap();
        seen.store(0, Ordering::SeqCst);
        let left = Cell::new(Some(record));
        let at_record = move || {
            if left.replace(left.get().and_then(|left: usize| left.checked_sub(1))) == Some(0) {
                reset.send(()).unwrap();
                resetting.await_closed();
            }
        };
        let params = OrganizationCreateParams::new("Acme");
        let created = interrupted(at_record, || api.create_organization(&params)).unwrap();
        assert_eq!(created.id, "org_1", "{record}");
        let creates = server.requests().iter().filter(|seen| seen.method == "POST").count();
        assert_eq!((creates, server.connections()), (1, 2), "{record}");
        assert_eq!(seen.load(Ordering::SeqCst), attempts, "{record}");
    }
}

#[test]
fn an_unrequested_response_on_an_idle_connection_fails_no_call() {
    // Some servers send a 408 before they close a connection that was idle for too long.
    let server = Server::new(|connection| {
        answer_known(connection);
        connection.send(reply(408, ""));
    });
    let api = client(server.url()).max_retries(0).build().unwrap();
    no_call_fails(&api, &server);
}

#[test]
fn a_connection_is_not_used_again_after_connection_close() {
    for headers in [&[("Connection", "close")], &[("connection", "Close")]] {
        let server = Server::new(move |connection| {
            while connection.request().is_some() {
                connection.send(reply_with(200, headers, ORGANIZATION));
            }
        });
        let api = client(server.url()).max_retries(0).build().unwrap();
        for _ in 0..3 {
            api.get_organization("org_1").unwrap();
        }
        assert_eq!(server.connections(), 3);
    }
}

#[test]
fn a_connection_is_used_again_after_any_status() {
    let large = " ".repeat(300_000);
    let responses = [
        reply(200, ORGANIZATION),
        reply(404, r#"{"message":"no such organization"}"#),
        reply(401, ""),
        reply(500, "<html>oops</html>"),
        reply(422, &large),
        reply_with(503, &[("Retry-After", "9999")], &large),
        reply(302, "moved"),
        reply(200, "not JSON"),
        reply(200, ""),
        "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
        "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\noops\r\n0\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n"
            .to_owned(),
    ];
    let calls = responses.len();
    let server = Server::new(move |connection| {
        for response in responses.iter().cycle() {
            if connection.request().is_none() {
                return;
            }
            connection.send(response);
        }
    });
    let api = client(server.url()).max_retries(0).build().unwrap();
    for _ in 0..2 * calls {
        let _ = api.get_organization("org_1");
    }
    assert_eq!((server.request_count(), server.connections()), (2 * calls, 1));
}

#[test]
fn leaving_accepts_any_body() {
    let server = Server::new(|connection| {
        for body in ["", "{}", "null", "left", r#"{"a":[1,2]}"#].iter().cycle() {
            if connection.request().is_none() {
                return;
            }
            connection.send(reply(200, body));
        }
    });
    let api = client(server.url()).max_retries(0).build().unwrap();
    for _ in 0..10 {
        api.leave_organization("org_1").unwrap();
    }
    assert_eq!(server.connections(), 1);
    // A POST without a body has a `Content-Length` of 0.
    assert_eq!(server.requests()[0].header("content-length"), Some("0"));
}

#[test]
fn an_unread_body_is_not_read_as_the_next_response() {
    // The body is too large to be read. Its rest must not be read as the next response.
    let server = Server::answering(|request| match request.target.as_str() {
        "/v1/organizations/large" => reply(200, &" ".repeat(5000)),
        _ => reply(200, ORGANIZATION),
    });
    let api = client(server.url()).max_body_bytes(1000).build().unwrap();
    for _ in 0..3 {
        assert!(api.get_organization("large").is_err());
        assert_eq!(api.get_organization("org_1").unwrap().id, "org_1");
    }
}

#[test]
fn localhost_is_tried_over_ipv4_and_ipv6() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        // Some machines have no IPv6.
        let Ok(listener) = TcpListener::bind(address) else { continue };
        let server = Server::over(
            listener,
            "http",
            |socket| Box::new(socket),
            |connection| serve(connection, |_: &Request| reply(200, ORGANIZATION)),
        );
        let api = client(format!("http://LocalHost:{}", server.address().port())).build().unwrap();
        assert_eq!(api.get_organization("org_1").unwrap().id, "org_1", "{address}");
        assert_eq!(server.connections(), 1);
    }
}
