//! No call exceeds its limits by more than 250 ms, whatever the server does.

use std::thread;
use std::time::{Duration, Instant};

use nirvana_labs::ErrorKind as Kind;
use nirvana_labs::http::Method;
use nirvana_labs::{Api, ListParams, RequestOptions};

use crate::support::endpoints::ORGANIZATION;
use crate::support::server::{Connection, Refusing, Server, reply, reply_with};
use crate::support::{alone, client, ends_after, ends_within, kind};

pub(crate) const LIMIT: Duration = Duration::from_millis(500);
/// How long a call may run beyond its limit.
const GRACE: Duration = Duration::from_millis(250);
pub(crate) const PAUSE: Duration = Duration::from_millis(20);

/// Returns a client with a deadline that is `limit` from now.
pub(crate) fn due_in(api: &Api, limit: Duration) -> Api {
    api.with_options(RequestOptions::new().deadline(Instant::now() + limit))
}

/// Sends an organization as the body, one byte at a time.
fn trickled_body(connection: &mut Connection, status: &str) {
    let length = ORGANIZATION.len();
    connection.send(format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n"));
    connection.trickle(ORGANIZATION, PAUSE);
}

fn endless(connection: &mut Connection, piece: &str) {
    while connection.send(piece).is_some() {}
}

type Trick = fn(&mut Connection);

/// Ways in which a server can keep a client waiting after it has read the request.
const TRICKS: [(&str, Trick); 7] = [
    ("silence", |connection| connection.hold()),
    ("a head, byte by byte", |connection| {
        connection.trickle(reply(200, ORGANIZATION), PAUSE);
    }),
    ("a body, byte by byte", |connection| trickled_body(connection, "200 OK")),
    ("chunks, byte by byte", |connection| {
        connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        connection.trickle("1\r\n{\r\n".repeat(100), PAUSE);
    }),
    ("endless headers", |connection| {
        connection.send("HTTP/1.1 200 OK\r\n");
        while connection.send("X-More: and more\r\n").is_some() {
            thread::sleep(PAUSE);
        }
    }),
    ("endless 100 responses", |connection| {
        endless(connection, "HTTP/1.1 100 Continue\r\n\r\n");
    }),
    ("endless 103 responses", |connection| {
        endless(connection, "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n");
    }),
];

fn playing(trick: Trick) -> Server {
    Server::new(move |connection| {
        if connection.request().is_some() {
            trick(connection);
        }
    })
}

#[test]
fn the_deadline_holds_whatever_the_server_does() {
    let _alone = alone();
    thread::scope(|scope| {
        for (name, trick) in TRICKS {
            scope.spawn(move || {
                let server = playing(trick);
                let api = client(server.url()).build().unwrap();
                ends_after(LIMIT, name, || {
                    let error = due_in(&api, LIMIT).get_organization("org_1").unwrap_err();
                    assert_eq!(error.kind(), Kind::Deadline, "{name}: {error:?}");
                    assert!(error.is_timeout() && error.may_have_been_processed(), "{name}");
                    assert_eq!(error.attempts(), 1, "{name}");
                });
            });
        }
    });
}

#[test]
fn the_timeout_of_an_attempt_covers_the_body() {
    let _alone = alone();
    thread::scope(|scope| {
        for (name, trick) in TRICKS {
            scope.spawn(move || {
                let server = playing(trick);
                let api = client(server.url()).timeout(LIMIT).max_retries(0).build().unwrap();
                ends_after(LIMIT, name, || {
                    let error = api.get_organization("org_1").unwrap_err();
                    assert_eq!(kind(&error), Kind::Timeout, "{name}: {error:?}");
                    assert!(error.is_timeout(), "{name}");
                });
            });
        }
    });
}

#[test]
fn an_endless_response_ends_in_time() {
    let _alone = alone();
    let floods: [(&str, Kind, Trick); 2] = [
        ("headers", Kind::Protocol, |connection| {
            connection.send("HTTP/1.1 200 OK\r\n");
            endless(connection, "X-More: and more\r\n");
        }),
        ("one header", Kind::Protocol, |connection| {
            connection.send("HTTP/1.1 200 OK\r\nX-Long: ");
            endless(connection, &"and more ".repeat(100));
        }),
    ];
    for (name, expected, flood) in floods {
        let server = playing(flood);
        let api = client(server.url()).max_retries(0).build().unwrap();
        ends_within(LIMIT + GRACE, name, || {
            let error = due_in(&api, LIMIT).get_organization("org_1").unwrap_err();
            assert_eq!(kind(&error), expected, "{name}: {error:?}");
        });
    }
    let server = playing(|connection| {
        connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        endless(connection, &format!("400\r\n{}\r\n", " ".repeat(0x400)));
    });
    let api = client(server.url()).max_body_bytes(1 << 20).build().unwrap();
    ends_within(Duration::from_secs(10), "body", || {
        let error = api.get_organization("org_1").unwrap_err();
        assert_eq!(kind(&error), Kind::TooLarge, "{error:?}");
        assert_eq!(error.attempts(), 1);
    });
}

#[test]
fn the_timeout_covers_sending() {
    let _alone = alone();
    // The body is larger than the socket buffers.
    let body = "x".repeat(5 << 20);
    let (server, first_bytes) = Server::deaf();
    let api = client(server.url()).timeout(LIMIT).max_retries(0).build().unwrap();
    let mut took = Vec::new();
    for _ in 0..3 {
        let error =
            api.request(Method::POST, ["v1", "notes"]).json(&body).send::<()>().unwrap_err();
        took.push(first_bytes.recv().unwrap().elapsed());
        assert_eq!(kind(&error), Kind::Timeout, "{error:?}");
        assert!(error.may_have_been_processed(), "a part of the request was sent");
        if took.iter().any(|elapsed| *elapsed <= LIMIT + GRACE) {
            return;
        }
    }
    panic!("took {took:?}");
}

#[test]
fn a_wait_that_is_too_long_is_not_started() {
    let server = Server::answering(|_| {
        reply_with(429, &[("Retry-After", "3600")], r#"{"message":"later"}"#)
    });
    let api = client(server.url()).build().unwrap();
    // The first client never waits that long. The deadline of the second comes earlier.
    let patient = client(server.url()).max_retry_wait(Duration::MAX).build().unwrap();
    for api in [api, due_in(&patient, Duration::from_secs(60))] {
        let before = server.request_count();
        let started = Instant::now();
        let error = api.get_organization("org_1").unwrap_err();
        assert!(error.is_rate_limited() && started.elapsed() < Duration::from_secs(20));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
        assert_eq!((error.attempts(), server.request_count() - before), (1, 1));
    }
}

#[test]
fn the_deadline_covers_all_attempts_and_waits() {
    let _alone = alone();
    // Each attempt fails at once. Only the waits between attempts take time.
    let nobody = Refusing::new();
    let api = client(nobody.url()).max_retries(u32::MAX).build().unwrap();
    ends_within(2 * LIMIT + GRACE, "refused", || {
        let error = due_in(&api, 2 * LIMIT).get_organization("org_1").unwrap_err();
        assert_eq!(kind(&error), Kind::Connect, "expected the last real error, got {error:?}");
        assert_eq!(error.attempts(), 2, "a second wait of 0.75 s or more would exceed the limit");
    });
}

#[test]
fn a_deadline_that_has_passed_sends_nothing() {
    let server = Server::answering(|_| reply(200, ORGANIZATION));
    let api = client(server.url()).build().unwrap();
    let late = api.with_options(RequestOptions::new().deadline(Instant::now()));
    let error = late.get_organization("org_1").unwrap_err();
    assert!(error.kind() == Kind::Deadline && error.attempts() == 0);
    assert!(!error.may_have_been_processed());
    assert_eq!(server.connections(), 0);
    // A later deadline does not replace an earlier one.
    let later =
        late.with_options(RequestOptions::new().deadline(Instant::now() + Duration::from_secs(60)));
    assert!(later.get_organization("org_1").is_err_and(|error| error.kind() == Kind::Deadline));
}

#[test]
fn the_deadline_covers_all_pages_of_a_list() {
    let _alone = alone();
    let server = Server::answering(|request| {
        thread::sleep(Duration::from_millis(30));
        let next = request.target.len();
        reply(
            200,
            &format!(
                r#"{{"items":[{ORGANIZATION}],"pagination":
                {{"next_cursor":"{}","previous_cursor":null,"total_count":1}}}}"#,
                "x".repeat(next)
            ),
        )
    });
    let api = client(server.url()).build().unwrap();
    ends_after(LIMIT, "a slow list", || {
        let mut items = due_in(&api, LIMIT).list_organizations(&ListParams::new());
        let fetched = items.by_ref().take_while(Result::is_ok).count();
        assert!(fetched > 1, "several pages come in time");
        assert!(items.next().is_none(), "the list ends after an error");
    });
}

#[test]
fn limits_beyond_the_clock_do_not_limit() {
    let server = Server::answering(|_| reply(200, ORGANIZATION));
    let api = client(server.url()).timeout(Duration::MAX).connect_timeout(Duration::MAX);
    assert!(api.build().unwrap().get_organization("org_1").is_ok());
}

#[test]
fn an_error_with_an_endless_body_keeps_its_status() {
    let _alone = alone();
    let server = playing(|connection| trickled_body(connection, "404 Not Found"));
    let api = client(server.url()).build().unwrap();
    ends_after(LIMIT, "an error's body", || {
        let error = due_in(&api, LIMIT).get_organization("org_1").unwrap_err();
        assert!(error.is_not_found(), "{error:?}");
    });
}
