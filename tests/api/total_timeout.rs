//! The total timeout is measured anew for each call, and for each page of a list.

use std::thread;
use std::time::{Duration, Instant};

use nirvana_labs::{Api, Error, ErrorKind, ListParams, RequestOptions};

use crate::checks::http_messages::{HttpMessage, WithBody, response};
use crate::scripted::{Scripted, limits};
use crate::support::endpoints::ORGANIZATION;
use crate::support::server::{Server, reply, reply_with};
use crate::support::{alone, client, ends_after, ends_within};
use crate::time_limits::LIMIT;

/// How long after its limit a call may end.
const GRACE: Duration = Duration::from_millis(250);
/// How long a slow response takes.
const SLOW: Duration = Duration::from_millis(400);

fn within(limit: Duration) -> RequestOptions {
    RequestOptions::new().total_timeout(limit)
}

fn slow() -> Server {
    Server::answering(|_| {
        thread::sleep(SLOW);
        reply(200, ORGANIZATION)
    })
}

fn silent() -> Server {
    Server::new(|connection| {
        connection.request();
        connection.hold();
    })
}

#[track_caller]
fn is_deadline(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Deadline, "{error:?}");
    assert!(error.is_timeout(), "{error:?}");
}

/// Returns a page of one organization, with the cursor of the next page.
fn page(next_cursor: Option<usize>) -> String {
    let cursor = next_cursor.map_or("null".to_owned(), |cursor| format!("\"{cursor}\""));
    format!(
        r#"{{"items":[{ORGANIZATION}],"pagination":
        {{"next_cursor":{cursor},"previous_cursor":null,"total_count":9}}}}"#
    )
}

#[test]
fn each_call_gets_the_total_timeout_anew() {
    let _alone = alone();
    let server = slow();
    let by_builder = client(server.url()).total_timeout(3 * SLOW).build().unwrap();
    let by_options = client(server.url()).build().unwrap().with_options(within(3 * SLOW));
    for api in [by_builder, by_options] {
        let started = Instant::now();
        for _ in 0..4 {
            api.get_organization("org_1").unwrap();
        }
        assert!(started.elapsed() >= 4 * SLOW);
    }
}

#[test]
fn the_total_timeout_ends_an_attempt() {
    let _alone = alone();
    let server = silent();
    let builder = client(server.url()).total_timeout(LIMIT).max_retries(5).build().unwrap();
    let options = client(server.url()).build().unwrap().with_options(within(LIMIT));
    for api in [builder, options] {
        ends_after(LIMIT, "a silent server", || {
            let error = api.get_organization("org_1").unwrap_err();
            is_deadline(&error);
            assert!(error.may_have_been_processed());
            assert_eq!(error.attempts(), 1, "there was a retry");
        });
    }
}

#[test]
fn the_total_timeout_covers_all_attempts() {
    let _alone = alone();
    // The timeout of an attempt ends the first one. The total timeout ends the second one.
    let server = silent();
    let (own, total) = (Duration::from_millis(400), Duration::from_millis(1100));
    let api = client(server.url()).timeout(own).total_timeout(total).build().unwrap();
    ends_after(total, "two attempts", || {
        let error = api.get_organization("org_1").unwrap_err();
        is_deadline(&error);
        assert_eq!((error.attempts(), error.may_have_been_processed()), (2, true));
    });
    // The first error does not come back if the time ends during the second attempt.
    let server = Server::new(|connection| {
        connection.request();
        connection.send(reply_with(503, &[("Retry-After-Ms", "1")], ""));
        connection.request();
        connection.hold();
    });
    let api = client(server.url()).total_timeout(LIMIT).build().unwrap();
    ends_after(LIMIT, "the second attempt", || {
        let error = api.get_organization("org_1").unwrap_err();
        is_deadline(&error);
        assert_eq!(error.attempts(), 2);
    });
}

#[test]
fn a_wait_past_the_total_timeout_is_not_started() {
    let transport = Scripted::new(|_| Ok(response(503).with_header("retry-after", "30")));
    for api in [
        transport.builder().total_timeout(Duration::from_secs(20)).build().unwrap(),
        transport.api().with_options(within(Duration::from_secs(20))),
    ] {
        let (before, started) = (transport.count(), Instant::now());
        let error = api.get_organization("org_1").unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(503), 1), "{error:?}");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
        assert!(started.elapsed() < Duration::from_secs(10));
        assert_eq!(transport.count() - before, 1);
    }
}

#[test]
fn the_total_timeout_covers_the_waits() {
    let _alone = alone();
    let transport = Scripted::new(|_| Ok(response(503).with_header("retry-after-ms", "300")));
    let api = transport.builder().max_retries(u32::MAX).total_timeout(LIMIT).build().unwrap();
    ends_within(LIMIT + GRACE, "waits", || {
        let error = api.get_organization("org_1").unwrap_err();
        // The last real error comes back. A second wait of 0.3 s would pass the limit of 0.5 s.
        assert_eq!((error.status(), error.attempts()), (Some(503), 2), "{error:?}");
    });
}

#[test]
fn each_page_gets_the_total_timeout_anew() {
    let _alone = alone();
    let server = Server::answering(|request| {
        thread::sleep(SLOW);
        let number = request.target.split('=').nth(1).map_or(0, |cursor| cursor.parse().unwrap());
        reply(200, &page((number < 3).then_some(number + 1)))
    });
    let api = client(server.url()).total_timeout(3 * SLOW).build().unwrap();
    let started = Instant::now();
    let items: Vec<_> = api.list_organizations(&ListParams::new()).map(Result::unwrap).collect();
    assert_eq!((items.len(), server.request_count()), (4, 4));
    assert!(started.elapsed() >= 4 * SLOW);
}

#[test]
fn a_page_that_takes_too_long_ends_its_list() {
    let _alone = alone();
    let server = Server::new(|connection| {
        connection.request();
        connection.send(reply(200, &page(Some(1))));
        connection.request();
        connection.hold();
    });
    let api = client(server.url()).total_timeout(LIMIT).build().unwrap();
    let mut items = api.list_organizations(&ListParams::new());
    items.next().unwrap().unwrap();
    is_deadline(&items.next().unwrap().unwrap_err());
    assert!(items.next().is_none());
    // The rest starts with the page that failed.
    assert_eq!(items.resume(), Some(ListParams::new().cursor("1")));
}

#[test]
fn a_total_timeout_of_0_is_refused() {
    let transport = Scripted::in_turn([]);
    let error = transport.builder().total_timeout(Duration::ZERO).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
    assert!(error.to_string().contains("total timeout must be greater than 0"), "{error}");

    let api = transport.api().with_options(within(Duration::ZERO));
    let first = api.get_organization("org_1").unwrap_err();
    assert_eq!(first.kind(), ErrorKind::Config, "{first:?}");
    assert_eq!((first.to_string(), first.attempts()), (error.to_string(), 0));
    let mut items = api.list_organizations(&ListParams::new());
    assert!(
        items.next().unwrap().is_err_and(|error| error.kind() == ErrorKind::Config)
            && items.next().is_none()
    );
    assert_eq!(transport.count(), 0);
}

#[test]
fn the_total_timeout_of_a_call_replaces_the_client_s() {
    let answering = || {
        Scripted::new(|request| {
            let left = limits(request).time_left().unwrap().as_secs();
            Ok(response(200).with_body(left.to_string()))
        })
    };
    let left = |api: &Api| {
        let request = api.request(nirvana_labs::http::Method::GET, ["v1"]);
        request.send::<u64>().unwrap().into_body()
    };
    let seconds = Duration::from_secs;
    let client = |limit| {
        let builder = answering().builder().timeout(seconds(900));
        builder.total_timeout(seconds(limit)).build().unwrap()
    };
    assert!((80..100).contains(&left(&client(100))));
    assert!((180..200).contains(&left(&client(100).with_options(within(seconds(200))))));
    assert!((30..50).contains(&left(&client(100).with_options(within(seconds(50))))));
    // A deadline and the timeout of an attempt apply too: the earliest limit counts.
    let both = |total, deadline| {
        let options = within(seconds(total)).deadline(Instant::now() + seconds(deadline));
        left(&client(900).with_options(options))
    };
    assert!((80..100).contains(&both(100, 500)));
    assert!((80..100).contains(&both(500, 100)));
    let attempt = within(seconds(500)).timeout(seconds(100));
    assert!((80..100).contains(&left(&client(900).with_options(attempt))));
    // A total timeout that ends beyond the clock does not limit.
    assert!(left(&client(900).with_options(within(Duration::MAX))) > 800);
}

#[test]
fn the_earlier_of_total_timeout_and_deadline_ends_the_call() {
    let _alone = alone();
    let server = silent();
    let api = client(server.url()).build().unwrap();
    for (total, deadline) in [(LIMIT, 10 * LIMIT), (10 * LIMIT, LIMIT)] {
        ends_after(LIMIT, "the earlier limit", || {
            let options = within(total).deadline(Instant::now() + deadline);
            is_deadline(&api.with_options(options).get_organization("org_1").unwrap_err());
        });
    }
}

#[test]
fn a_client_outlives_a_total_timeout_but_not_a_deadline() {
    let server = Server::answering(|_| reply(200, ORGANIZATION));
    let api = client(server.url()).build().unwrap();
    let kept = api.with_options(within(Duration::from_secs(20)));
    let moment = Instant::now() + Duration::from_millis(10);
    let dead = api.with_options(RequestOptions::new().deadline(moment));
    thread::sleep(Duration::from_millis(20));
    for _ in 0..2 {
        let error = dead.get_organization("org_1").unwrap_err();
        is_deadline(&error);
        assert_eq!((error.attempts(), error.may_have_been_processed()), (0, false));
        // A total timeout does not replace the deadline.
        let error = dead.with_options(within(Duration::from_secs(20))).get_organization("org_1");
        is_deadline(&error.unwrap_err());
        kept.get_organization("org_1").unwrap();
        api.get_organization("org_1").unwrap();
    }
    assert_eq!(server.request_count(), 4);
}
