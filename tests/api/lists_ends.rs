//! Lists that end early: after errors, pagination cycles and the caller's limits.

use std::time::{Duration, Instant};

use nirvana_labs::{CancelToken, ErrorKind, ListParams, RequestOptions};

use crate::checks::http_messages::{HttpMessage, WithBody, response};
use crate::fixtures::{named, page};
use crate::scripted::{Outcome, Scripted};

/// Returns the parameters of the rest of a list that starts at this cursor.
fn rest(cursor: &str) -> Option<ListParams> {
    Some(ListParams::new().cursor(cursor))
}

fn page_of(name: &str, next_cursor: Option<&str>) -> Outcome {
    let body = page(vec![named(name)], next_cursor, 3).to_string();
    Ok(response(200).with_body(body))
}

#[test]
fn an_error_ends_the_list_at_the_page_that_failed() {
    for failure in [
        Ok(response(403)),
        Ok(response(200).with_body("{}")),
        Ok(response(200).with_body("<html>")),
    ] {
        let transport = Scripted::in_turn([page_of("0", Some("c1")), failure, page_of("1", None)]);
        let api = transport.api();
        let mut items = api.list_organizations(&ListParams::new());
        items.next().unwrap().unwrap();
        items.next().unwrap().unwrap_err();
        assert_eq!((items.resume(), items.total_count()), (rest("c1"), Some(3)));
        for _ in 0..3 {
            assert!(items.next().is_none());
        }
        assert_eq!(transport.count(), 2);

        // A new list continues with the page that failed.
        let params = items.resume().unwrap();
        let names = api.list_organizations(&params).map(|item| item.unwrap().name);
        assert_eq!(names.collect::<Vec<_>>(), ["1"]);
    }
}

#[test]
fn an_error_on_the_first_page_resumes_at_the_caller_s_cursor() {
    let transport = Scripted::in_turn([Ok(response(403))]);
    let mut pages =
        transport.api().list_organizations(&ListParams::new().cursor("mine")).into_pages();
    assert_eq!(pages.resume(), rest("mine"));
    assert_eq!(pages.next().unwrap().unwrap_err().status(), Some(403));
    assert_eq!((pages.resume(), pages.total_count()), (rest("mine"), None));
    assert!(pages.next().is_none());
}

#[test]
fn a_page_that_fails_is_retried() {
    let transport = Scripted::in_turn([
        page_of("0", Some("c1")),
        Ok(response(503).with_header("retry-after-ms", "1")),
        page_of("1", None),
    ]);
    let items = transport.api().list_organizations(&ListParams::new());
    let names: Vec<_> = items.map(|item| item.unwrap().name).collect();
    assert_eq!((names.concat().as_str(), transport.count()), ("01", 3));
}

/// Serves a list without end: after `tail` pages, the same `cycle` pages come again and again.
fn cyclic_list(tail: usize, cycle: usize) -> Scripted {
    Scripted::new(move |request| {
        let cursor = request.uri().query().and_then(|query| query.strip_prefix("cursor=c"));
        let number: usize = cursor.map_or(0, |number| number.parse().unwrap());
        page_of(&number.to_string(), Some(&next_in_cycle(number, tail, cycle)))
    })
}

/// Returns the next cursor of the page with this number.
fn next_in_cycle(number: usize, tail: usize, cycle: usize) -> String {
    let next = if number + 1 < tail + cycle { number + 1 } else { tail };
    format!("c{next}")
}

#[test]
fn a_pagination_cycle_of_any_length_is_found() {
    for tail in [1, 2, 7] {
        for cycle in [1, 2, 3, 4, 5, 8, 13, 50] {
            let transport = cyclic_list(tail, cycle);
            let mut items = transport.api().list_organizations(&ListParams::new());
            let (mut count, mut last, mut end) = (0, 0, None);
            for item in items.by_ref() {
                match item {
                    Ok(item) => {
                        last = item.name.parse().unwrap();
                        count += 1;
                    }
                    Err(error) => end = Some(error),
                }
                assert!(count < 1000, "{tail}+{cycle}: the cycle is not found");
            }
            let error = end.unwrap();
            assert_eq!((error.kind() as u32, error.status(), error.attempts()), (6, None, 0));
            assert!(!error.is_retryable() && !error.may_have_been_processed());
            assert_eq!(count, transport.count());
            let repeated = next_in_cycle(last, tail, cycle);
            let display = format!(
                "GET /v1/organizations: pagination cycle: after {count} pages the server \
                 repeated the cursor {repeated:?}"
            );
            assert_eq!(error.to_string(), display);
            assert_eq!(items.resume(), None);
            assert!(count >= tail + cycle, "{tail}+{cycle}: false alarm at {count}");
            assert!(count <= 3 * (tail + cycle) + 2, "{tail}+{cycle}: only found at {count}");
            assert!(items.next().is_none());
        }
    }
}

#[test]
fn a_cycle_through_the_caller_s_cursor_is_found() {
    let transport = Scripted::new(|_| page_of("0", Some("c1")));
    let mut items = transport.api().list_organizations(&ListParams::new().cursor("c1"));
    items.next().unwrap().unwrap();
    assert_eq!(items.next().unwrap().unwrap_err().kind(), ErrorKind::PaginationCycle);
    assert_eq!(transport.count(), 1);
}

#[test]
fn an_empty_cursor_ends_the_list() {
    let transport = Scripted::in_turn([page_of("0", Some(""))]);
    let mut items = transport.api().list_organizations(&ListParams::new());
    items.next().unwrap().unwrap();
    assert!(items.next().is_none() && items.resume().is_none());
}

#[test]
fn a_limit_of_0_sends_nothing() {
    let transport = Scripted::in_turn([]);
    let mut items = transport.api().list_organizations(&ListParams::new().limit(0));
    let error = items.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(error.to_string().contains("a limit of 0"), "{error}");
    assert_eq!((error.kind() as u32, error.attempts(), transport.count()), (2, 0, 0));
    assert!(items.next().is_none());
}

#[test]
fn limit_and_cursor_cannot_be_set_twice() {
    let transport = Scripted::in_turn([]);
    for name in ["cursor", "limit"] {
        let api = transport.api().with_options(RequestOptions::new().query(name, "1"));
        let error = api.list_organizations(&ListParams::new()).next().unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(error.to_string().contains("with ListParams"), "{error}");
    }
    assert_eq!(transport.count(), 0);
}

#[test]
fn the_largest_limit_is_sent() {
    let transport = Scripted::new(|request| {
        assert_eq!(request.uri().query(), Some("limit=4294967295"));
        page_of("0", None)
    });
    let mut items = transport.api().list_organizations(&ListParams::new().limit(u32::MAX));
    items.next().unwrap().unwrap();
}

#[test]
fn one_deadline_spans_all_pages() {
    // Each page takes 5 ms, and the list never ends.
    let transport = Scripted::new(|request| {
        std::thread::sleep(Duration::from_millis(5));
        let query = request.uri().query().unwrap_or_default().len();
        page_of("0", Some(&"c".repeat(query + 1)))
    });
    let deadline = Instant::now() + Duration::from_millis(100);
    let api = transport.api().with_options(RequestOptions::new().deadline(deadline));
    let mut items = api.list_organizations(&ListParams::new());
    let error = items.find_map(Result::err).unwrap();
    assert_eq!(error.kind(), ErrorKind::Deadline, "{error:?}");
    assert!(Instant::now() >= deadline);
    assert!(items.next().is_none());
    assert_eq!((error.kind() as u32, error.attempts()), (4, 0));
}

#[test]
fn a_cancelled_list_ends_at_the_next_page() {
    let transport = Scripted::new(|_| page_of("0", Some("c1")));
    let token = CancelToken::new();
    let api = transport.api().with_options(RequestOptions::new().cancel_token(&token));
    let mut items = api.list_organizations(&ListParams::new());
    items.next().unwrap().unwrap();
    token.cancel();
    let error = items.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");
    assert_eq!((items.resume(), transport.count()), (rest("c1"), 1));
    assert!(items.next().is_none());
}

#[test]
fn a_page_can_be_fetched_again_while_it_is_read() {
    let transport = Scripted::new(|request| {
        Ok(match request.uri().query() {
            None => page_of("a", Some("c_2")).unwrap(),
            Some("cursor=c_2") => page_of("b", Some("c_3")).unwrap(),
            Some("cursor=c_3") => page_of("c", None).unwrap(),
            other => panic!("{other:?}"),
        })
    });
    let api = transport.api();
    let mut items = api.list_organizations(&ListParams::new());
    for (name, next) in [("a", Some("c_2")), ("b", Some("c_3")), ("c", None)] {
        let again = items.resume().unwrap();
        assert_eq!(items.next().unwrap().unwrap().name, name);
        assert_eq!(items.resume(), next.and_then(rest));
        assert_eq!(api.list_organizations(&again).next().unwrap().unwrap().name, name);
    }
}
