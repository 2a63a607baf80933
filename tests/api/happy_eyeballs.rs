//! Hosts with two addresses (RFC 8305, section 5). `localhost` has an IPv4 and an IPv6 address, and
//! needs no DNS lookup.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use nirvana_labs::{Api, ErrorKind};

use crate::support::endpoints::ORGANIZATION;
use crate::support::server::{Connection, Refusing, Server, Unanswering, reply, serve};
use crate::support::{alone, client, ends_after, ends_within, kind};

/// How long the client waits for one address before it tries the next one.
const HEAD_START: Duration = Duration::from_millis(250);
/// A time much shorter than the connect timeout of 10 s, and long enough for a busy machine.
const SOON: Duration = Duration::from_secs(5);

/// Starts a server at this address. Returns `None` if the address is taken or the machine has no
/// IPv6.
fn listen(address: &str, port: u16) -> Option<Server> {
    let listener = TcpListener::bind((address, port)).ok()?;
    let script = |connection: &mut Connection| serve(connection, |_| reply(200, ORGANIZATION));
    Some(Server::over(listener, "http", |socket| Box::new(socket), script))
}

/// Calls `make` to open a port of 127.0.0.1, and starts a server on the same port of ::1. Returns
/// `None` if that is not possible.
fn with_ipv6<T>(make: impl Fn() -> T, port: impl Fn(&T) -> u16) -> Option<(T, Server)> {
    // The port may be taken at ::1, so up to 20 ports are tried.
    let pairs = (0..20).map(|_| make());
    pairs.into_iter().find_map(|one| listen("::1", port(&one)).map(|server| (one, server)))
}

fn localhost(port: u16) -> Api {
    client(format!("http://localhost:{port}")).max_retries(0).build().unwrap()
}

#[test]
fn an_address_that_never_answers_costs_250_ms() {
    let _alone = alone();
    let Some((silent, server)) = with_ipv6(Unanswering::new, Unanswering::port) else { return };
    let started = Instant::now();
    let organization = localhost(silent.port()).get_organization("org_1").unwrap();
    let elapsed = started.elapsed();
    assert_eq!((&*organization.id, server.connections()), ("org_1", 1));
    assert!(elapsed >= HEAD_START && elapsed < SOON, "{elapsed:?}");
}

#[test]
fn the_second_address_is_tried_at_once_if_the_first_refuses() {
    let _alone = alone();
    let Some((refusing, server)) = with_ipv6(Refusing::new, Refusing::port) else { return };
    let api = || localhost(refusing.port());
    ends_within(HEAD_START, "refused at the first address", || {
        assert_eq!(api().get_organization("org_1").unwrap().id, "org_1");
    });
    assert_eq!(server.connections(), server.request_count());
}

#[test]
fn the_second_address_is_not_tried_if_the_first_accepts() {
    let one = || listen("127.0.0.1", 0).expect("no free port");
    let Some((first, second)) = with_ipv6(one, |server| server.address().port()) else { return };
    let api = localhost(first.address().port());
    for _ in 0..3 {
        api.get_organization("org_1").unwrap();
    }
    assert_eq!((first.connections(), first.request_count()), (1, 3));
    assert_eq!(second.connections(), 0);
}

#[test]
fn if_all_addresses_refuse_the_last_error_is_returned() {
    let nobody = Refusing::new();
    let error = localhost(nobody.port()).leave_organization("org_1").unwrap_err();
    assert_eq!(kind(&error), ErrorKind::Connect, "{error:?}");
    assert!(error.to_string().ends_with("could not connect to the host: connection refused"));
    assert!(!error.may_have_been_processed() && error.is_retryable());
}

#[test]
fn the_connect_timeout_covers_all_addresses() {
    let _alone = alone();
    let silent = Unanswering::new();
    let limit = Duration::from_millis(600);
    let builder = client(format!("http://localhost:{}", silent.port())).connect_timeout(limit);
    let api = builder.max_retries(0).build().unwrap();
    ends_after(limit, "no address answers", || {
        let error = api.leave_organization("org_1").unwrap_err();
        assert_eq!(kind(&error), ErrorKind::ConnectTimeout, "{error:?}");
    });
}

#[test]
fn a_create_is_sent_to_only_one_address() {
    let Some((silent, server)) = with_ipv6(Unanswering::new, Unanswering::port) else { return };
    let api = localhost(silent.port());
    for _ in 0..3 {
        api.leave_organization("org_1").unwrap();
    }
    assert_eq!((server.request_count(), server.connections()), (3, 1));
}
