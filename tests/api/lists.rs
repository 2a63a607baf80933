//! Lists: when the client sends requests, and what the requests contain.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nirvana_labs::{ListParams, Organization, RequestOptions};
use serde_json::Value;

use crate::checks::http_messages::{WithBody, response};
use crate::exact::{Reply, Server};
use crate::fixtures::{membership, named, page};
use crate::scripted::Scripted;
use crate::support::message::reply;
use crate::support::{client, server};

/// Returns the bodies of a list's pages. The pages have these sizes and the cursors c1, c2 …
fn pages(sizes: &[usize]) -> Vec<Value> {
    let total: usize = sizes.iter().sum();
    let mut first = 0;
    let mut pages = Vec::new();
    for (index, size) in sizes.iter().enumerate() {
        let items = (first..first + size).map(|n| named(&n.to_string())).collect();
        let next = format!("c{}", index + 1);
        let next = Some(next.as_str()).filter(|_| index + 1 < sizes.len());
        let mut page = page(items, next, total);
        if index > 0 {
            page["pagination"]["previous_cursor"] = Value::from("before");
        }
        pages.push(page);
        first += size;
    }
    pages
}

fn serve(sizes: &[usize]) -> Scripted {
    Scripted::in_turn(
        pages(sizes).into_iter().map(|page| Ok(response(200).with_body(page.to_string()))),
    )
}

fn name(item: Option<nirvana_labs::Result<Organization>>) -> String {
    item.unwrap().unwrap().name
}

#[test]
fn a_page_is_fetched_only_when_it_is_needed() {
    let transport = serve(&[2, 1, 2]);
    let mut items = transport.api().list_organizations(&ListParams::new());
    assert_eq!(
        (transport.count(), items.total_count(), items.resume()),
        (0, None, Some(ListParams::new()))
    );
    assert_eq!(items.size_hint(), (0, None));

    let (start, at) = (ListParams::new(), |cursor| Some(ListParams::new().cursor(cursor)));
    // (name, requests so far, result of `resume`)
    for (expected, requests, resume) in [
        ("0", 1, Some(start)),
        ("1", 1, at("c1")),
        ("2", 2, at("c2")),
        ("3", 3, at("c2")),
        ("4", 3, None),
    ] {
        assert_eq!(name(items.next()), expected);
        assert_eq!((transport.count(), items.resume()), (requests, resume), "{expected}");
        assert_eq!(items.total_count(), Some(5));
    }
    assert_eq!(items.size_hint(), (0, Some(0)));
    for _ in 0..3 {
        assert!(items.next().is_none());
    }
    assert_eq!((transport.count(), items.total_count()), (3, Some(5)));
}

#[test]
fn each_page_takes_one_request() {
    let transport = serve(&[2, 0, 1]);
    let mut pages = transport.api().list_organizations(&ListParams::new()).into_pages();
    assert_eq!(
        (transport.count(), pages.total_count(), pages.resume()),
        (0, None, Some(ListParams::new()))
    );
    for (requests, size, cursor) in [(1, 2, Some("c1")), (2, 0, Some("c2")), (3, 1, None)] {
        let page = pages.next().unwrap().unwrap();
        assert_eq!((transport.count(), page.items.len()), (requests, size));
        let resume = cursor.map(|cursor| ListParams::new().cursor(cursor));
        assert_eq!((page.pagination.next_cursor.as_deref(), pages.resume()), (cursor, resume));
        assert_eq!((page.pagination.total_count, pages.total_count()), (3, Some(3)));
    }
    assert!(pages.next().is_none() && pages.next().is_none());
    assert_eq!(transport.count(), 3);
}

#[test]
fn empty_pages_are_followed() {
    let transport = serve(&[0, 0, 1, 0, 2, 0]);
    let items = transport.api().list_organizations(&ListParams::new());
    assert_eq!(items.map(|item| name(Some(item))).collect::<String>(), "012");
    assert_eq!(transport.count(), 6);

    let transport = serve(&[0]);
    assert!(transport.api().list_organizations(&ListParams::new()).next().is_none());
    assert_eq!(transport.count(), 1);
}

#[test]
fn dropping_a_list_sends_nothing() {
    let transport = serve(&[2, 2]);
    let api = transport.api();
    drop(api.list_organizations(&ListParams::new()));
    assert_eq!(transport.count(), 0);
    let mut items = api.list_organizations(&ListParams::new());
    items.next().unwrap().unwrap();
    drop(items);
    assert_eq!(transport.count(), 1);
}

#[test]
fn total_count_comes_from_the_latest_page() {
    let mut pages = pages(&[1, 1, 1]);
    pages[1]["pagination"]["total_count"] = Value::from(i64::MAX);
    // Servers that do not know the total may send -1.
    pages[2]["pagination"]["total_count"] = Value::from(-1);
    let transport = Scripted::in_turn(
        pages.into_iter().map(|page| Ok(response(200).with_body(page.to_string()))),
    );
    let mut items = transport.api().list_organizations(&ListParams::new());
    name(items.next());
    assert_eq!(items.total_count(), Some(3));
    name(items.next());
    assert_eq!(items.total_count(), Some(i64::MAX));
    name(items.next());
    assert_eq!(items.total_count(), Some(-1));
}

#[test]
fn into_pages_keeps_the_remaining_items() {
    for taken in 0..=5 {
        let transport = serve(&[2, 2, 1]);
        let mut items = transport.api().list_organizations(&ListParams::new());
        let mut names: String = (0..taken).map(|_| name(items.next())).collect();
        let left = [0, 1, 0, 1, 0, 0][taken];
        let count = transport.count();
        let resume = items.resume();
        let mut pages = items.into_pages();
        assert_eq!((transport.count(), pages.resume()), (count, resume));
        if left > 0 {
            let rest = pages.next().unwrap().unwrap();
            assert_eq!((rest.items.len(), transport.count()), (left, count));
            let next = pages.resume().and_then(|params| params.cursor);
            assert_eq!(rest.pagination.next_cursor, next);
            assert_eq!(rest.pagination.total_count, 5);
            let previous = rest.pagination.previous_cursor.as_deref();
            assert_eq!(
                previous,
                Some("before").filter(|_| taken > 2),
                "the cursor of the same page"
            );
            names.extend(rest.items.into_iter().map(|item| item.name));
        }
        for page in pages {
            let items = page.unwrap().items;
            assert!(!items.is_empty(), "after {taken}: a page without items left");
            names.extend(items.into_iter().map(|item| item.name));
        }
        assert_eq!((names.as_str(), transport.count()), ("01234", 3), "after {taken}");
    }
}

#[test]
fn a_list_continues_from_a_saved_cursor() {
    let api = serve(&[2, 2, 1]).api();
    let mut items = api.list_organizations(&ListParams::new());
    name(items.next());
    name(items.next());
    let saved = items.resume().unwrap();
    drop(items);
    // The next scripted response is the second page.
    let rest = api.list_organizations(&saved);
    assert_eq!(rest.map(|item| name(Some(item))).collect::<String>(), "234");
}

#[test]
fn an_empty_cursor_starts_the_list() {
    for params in
        [ListParams::new(), ListParams::new().cursor(""), ListParams::new().cursor(String::new())]
    {
        let server = Server::replying([Reply::json(200, &page(vec![], None, 0))]);
        assert!(server.api().list_organizations(&params).next().is_none());
        server.expect("GET", "/v1/organizations", None);
    }
}

#[test]
fn limit_and_options_apply_to_every_page() {
    let pages = pages(&[1, 1, 1]);
    let server = server::Server::replying(pages.iter().map(|page| reply(200, &page.to_string())));
    let api = client(server.url()).build().unwrap();
    let options = RequestOptions::new().header("x-team", "blue").query("expand", "a b");
    let items = api.with_options(options).list_organizations(&ListParams::new().limit(1));
    assert_eq!(items.map(|item| name(Some(item))).collect::<String>(), "012");
    let seen = server.requests();
    let targets: Vec<&str> = seen.iter().map(|seen| seen.target.as_str()).collect();
    assert_eq!(
        targets,
        [
            "/v1/organizations?limit=1&expand=a%20b",
            "/v1/organizations?limit=1&cursor=c1&expand=a%20b",
            "/v1/organizations?limit=1&cursor=c2&expand=a%20b",
        ]
    );
    assert!(seen.iter().all(|seen| seen.header("x-team") == Some("blue")));
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_cursor_is_sent_back_byte_for_byte() {
    for cursor in [
        "a b",
        "a+b",
        "100%",
        "%20",
        "%",
        "&limit=1",
        "a=b",
        "#",
        "?",
        "/../",
        "ünï",
        "🚀",
        "\"quoted\"",
        "back\\slash",
        "\u{0}\u{7f}",
        "\r\nx: y",
        " lead and trail ",
        "'",
        "+/==",
        ".",
    ] {
        let server = Server::replying([
            Reply::json(200, &page(vec![membership()], Some(cursor), 2)),
            Reply::json(200, &page(vec![membership()], None, 2)),
        ]);
        let mut items = server.api().list_organization_memberships("org_1", &ListParams::new());
        items.next().unwrap().unwrap();
        assert_eq!(items.resume(), Some(ListParams::new().cursor(cursor)));
        items.next().unwrap().unwrap();
        assert!(items.next().is_none());
        let seen = server.seen();
        assert_eq!(seen[1].query(), [("cursor".to_owned(), cursor.to_owned())], "{cursor:?}");
        assert_eq!(seen[1].target.split('?').next(), Some("/v1/organizations/org_1/memberships"));
    }
}

#[test]
fn a_list_outlives_its_client_and_moves_between_threads() {
    let api = serve(&[1, 1]).api();
    let mut items = api.list_organizations(&ListParams::new());
    name(items.next());
    drop(api);
    let last = std::thread::spawn(move || name(items.next())).join().unwrap();
    assert_eq!(last, "1");
}

#[test]
fn taking_few_items_fetches_few_pages() {
    // This list never ends.
    let count = Arc::new(AtomicUsize::new(0));
    let pages = Arc::clone(&count);
    let transport = Scripted::new(move |_| {
        let number = pages.fetch_add(1, Ordering::SeqCst);
        let cursor = format!("c{number}");
        let page = page(vec![named(&number.to_string())], Some(&cursor), 1_000_000);
        Ok(response(200).with_body(page.to_string()))
    });
    let items = transport.api().list_organizations(&ListParams::new());
    assert_eq!(items.take(25).filter(Result::is_ok).count(), 25);
    assert_eq!(count.load(Ordering::SeqCst), 25);
}

#[test]
fn debug_of_a_list_shows_path_and_total() {
    let mut items = serve(&[1, 1]).api().list_organizations(&ListParams::new());
    name(items.next());
    let text = format!("{items:?}");
    assert!(text.contains("/v1/organizations") && text.contains("total_count: Some(2)"), "{text}");
    // The cursor is not shown, because it is part of the query.
    assert!(!text.contains("nl_key") && !text.contains("c1"), "{text}");
}
