//! Errors that a transport returns.

use std::error::Error as _;

use nirvana_labs::ErrorKind as Kind;
use nirvana_labs::{Api, OrganizationCreateParams, SendError};

use super::{BASE, Summary, check, get, post};
use crate::scripted::Scripted;

#[test]
fn each_kind_is_retryable_as_the_retry_table_says() {
    for (kind, code) in [
        (Kind::Dns, 20),
        (Kind::Connect, 21),
        (Kind::ConnectTimeout, 22),
        (Kind::Tls, 23),
        (Kind::Proxy, 24),
        (Kind::Timeout, 25),
        (Kind::Closed, 26),
        (Kind::Truncated, 27),
        (Kind::Protocol, 28),
        (Kind::TooLarge, 29),
        (Kind::Other, 39),
    ] {
        for sent in [false, true] {
            let transport = Scripted::new(move |_| {
                let source = std::io::Error::other("the cause");
                let new = if sent { SendError::maybe_sent } else { SendError::not_sent };
                Err(new(kind, "no luck").with_source(source))
            });
            let expected = |is_idempotent| Summary {
                code,
                retryable: !sent || (is_idempotent && kind != Kind::TooLarge),
                may_have_been_processed: sent,
                timeout: matches!(kind, Kind::Timeout | Kind::ConnectTimeout),
                ..BASE
            };
            let error = get(&transport);
            check(&error, "GET /v1/organizations/org_1: no luck", expected(true));
            assert_eq!(error.source().unwrap().to_string(), "the cause");
            assert_eq!(error.kind(), kind);
            check(&post(&transport), "POST /v1/organizations: no luck", expected(false));
        }
    }
}

#[test]
fn a_kind_that_is_not_about_transport_becomes_other() {
    for kind in [
        Kind::Config,
        Kind::Request,
        Kind::Cancelled,
        Kind::Deadline,
        Kind::Decode,
        Kind::PaginationCycle,
        Kind::Status,
    ] {
        assert!(!kind.is_transport(), "{kind:?}");
        assert_eq!(SendError::not_sent(kind, "no luck").kind(), Kind::Other, "{kind:?}");
        assert_eq!(SendError::maybe_sent(kind, "no luck").kind(), Kind::Other, "{kind:?}");
    }
}

#[test]
fn the_line_includes_the_system_error() {
    use std::io::{Error as Io, ErrorKind};
    let unknown = "failed to lookup address information: Name or service not known";
    for (source, cause) in [
        (Io::new(ErrorKind::ConnectionRefused, "the system"), ": connection refused"),
        (Io::new(ErrorKind::ConnectionReset, "the system"), ": connection reset"),
        // A library has wrapped the error.
        (Io::other(Io::new(ErrorKind::ConnectionReset, "the system")), ": connection reset"),
        (Io::new(ErrorKind::BrokenPipe, "the system"), ": broken pipe"),
        (Io::new(ErrorKind::TimedOut, "the system"), ": timed out"),
        (Io::new(ErrorKind::HostUnreachable, "the system"), ": host unreachable"),
        (Io::other(unknown), ": Name or service not known"),
        // These repeat the message, or say little on their own.
        (Io::new(ErrorKind::NotFound, "the system"), ""),
        (Io::new(ErrorKind::InvalidData, "bad certificate"), ""),
    ] {
        let source = std::sync::Mutex::new(Some(source));
        let transport = Scripted::new(move |_| {
            let source = source.lock().unwrap().take().unwrap();
            Err(SendError::not_sent(Kind::Connect, "no luck").with_source(source))
        });
        let display = format!("GET /v1/organizations/org_1: no luck{cause}");
        let expected = Summary { code: 21, retryable: true, ..BASE };
        check(&get(&transport), &display, expected);
    }
    let transport = Scripted::new(|_| {
        let source = Io::new(ErrorKind::TimedOut, "the system");
        Err(SendError::maybe_sent(Kind::Timeout, "the attempt timed out").with_source(source))
    });
    let line = get(&transport).to_string();
    assert_eq!(line, "GET /v1/organizations/org_1: the attempt timed out");
}

#[test]
fn a_refused_connection_names_its_cause_once() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let api = Api::builder().api_key("nl_key").base_url(url).max_retries(0).build().unwrap();
    let error = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err();
    let display = "POST /v1/organizations: could not connect to the host: connection refused";
    check(&error, display, Summary { code: 21, retryable: true, ..BASE });
    assert!(error.source().is_none());
    assert_eq!(error.io_error().unwrap().kind(), std::io::ErrorKind::ConnectionRefused);
}
