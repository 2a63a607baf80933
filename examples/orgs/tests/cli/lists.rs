//! Lists: pages, limits, cursors, and errors between pages.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::server::{Reply, Server, gate, organization, page, two_pages};
use crate::support::{orgs_at, outcome, sandbox};

fn ids(items: &Value) -> Vec<String> {
    let items = items.as_array().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn continuing_from_a_cursor_loses_and_repeats_nothing() {
    // These limits are below, at and above the size of a page.
    for limit in [40, 100, 120] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let list = sandbox(&format!("members org_1 --json --limit {limit} {cursor}"));
            let list: Value = serde_json::from_str(&list.stdout).unwrap();
            assert_eq!(list["total_count"], 250);
            seen.extend(ids(&list["items"]));
            match list["next_cursor"].as_str() {
                Some(next) => cursor = format!("--cursor={next}"),
                None => break,
            }
        }
        let all: Vec<String> = (1..=250).map(|n| format!("mem_{n}")).collect();
        assert_eq!(seen, all, "--limit {limit}");
    }
}

#[test]
fn the_cursor_is_shown_in_every_format() {
    let json = sandbox("members org_1 --limit 3 --json");
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    let cursor = document["next_cursor"].as_str().unwrap();
    let line = format!("3 of 250 shown; continue with --cursor={cursor}\n");
    for format in ["", "--json", "--jsonl"] {
        assert_eq!(sandbox(&format!("members org_1 --limit 3 {format}")).stderr, line);
    }
    // At the end of the list, there is no cursor.
    assert!(sandbox("list --limit 3").stderr.is_empty());
    assert_eq!(sandbox("list --json").json()["next_cursor"], Value::Null);
}

#[test]
fn a_cursor_may_have_any_characters() {
    let server = Server::start(|_| page(&[], None, 0));
    outcome(&mut orgs_at(&server.url, &["list", "--jsonl", "--cursor=-a b&c"])).ok();
    assert_eq!(server.lines(), ["GET /v1/organizations?cursor=-a%20b%26c"]);
}

#[test]
fn each_request_asks_for_at_most_the_rest_of_the_limit() {
    // This server sends at most 40 items in a page.
    let server = Server::start(|request| {
        let limit = request.line.split("limit=").nth(1).unwrap().split('&').next().unwrap();
        let limit: usize = limit.parse().unwrap();
        let organizations = vec![organization("org", "Acme"); limit.min(40)];
        let number = request.line.split("cursor=c").nth(1).map_or(1, |n| n.parse().unwrap());
        page(&organizations, Some(&format!("c{}", number + 1)), 1000)
    });
    let list = outcome(&mut orgs_at(&server.url, &["list", "--jsonl", "--limit=150"]));
    assert_eq!(list.stdout.lines().count(), 150);
    assert_eq!(list.stderr, "150 of 1000 shown; continue with --cursor=c5\n");
    assert_eq!(
        server.lines(),
        [
            "GET /v1/organizations?limit=100",
            "GET /v1/organizations?limit=100&cursor=c2",
            "GET /v1/organizations?limit=70&cursor=c3",
            "GET /v1/organizations?limit=30&cursor=c4",
        ]
    );
}

#[test]
fn a_page_larger_than_the_limit_is_shown_completely() {
    let server = Server::start(|_| {
        let items = [organization("org_1", "Acme"), organization("org_2", "Globex")];
        page(&items, Some("c2"), 9)
    });
    let list = outcome(&mut orgs_at(&server.url, &["list", "--jsonl", "--limit=1"]));
    assert_eq!(list.stdout.lines().count(), 2);
    assert_eq!(list.stderr, "2 of 9 shown; continue with --cursor=c2\n");
}

#[test]
fn without_a_limit_the_server_chooses_the_page_size() {
    let server = two_pages(|| true);
    let list = outcome(&mut orgs_at(&server.url, &["list", "--json"])).json();
    assert_eq!(ids(&list["items"]), ["org_1", "org_2"]);
    assert_eq!(server.lines(), ["GET /v1/organizations", "GET /v1/organizations?cursor=c2"]);
}

#[test]
fn json_lines_are_written_as_pages_arrive() {
    let (open, gate) = gate();
    let server = two_pages(gate);
    let mut child =
        orgs_at(&server.url, &["list", "--jsonl"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&first).unwrap()["id"], "org_1");
    // The server sends the second page only now.
    open.send(()).unwrap();
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&rest).unwrap()["id"], "org_2");
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    for form in ["--jsonl", "--json", "-v"] {
        let (open, gate) = gate();
        let server = two_pages(gate);
        let mut child = orgs_at(&server.url, &["list", form])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The pipe is closed as soon as the first request has arrived.
        server.wait_for_request();
        drop(child.stdout.take());
        let _ = open.send(());
        let ended = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(0), "{form}: {stderr}");
        assert!(stderr.lines().all(|line| line.starts_with("GET ")), "{form}: {stderr}");
    }
}

#[test]
fn pages_before_an_error_are_shown_with_the_cursor() {
    let server = Server::start(|request| {
        if request.line.contains("cursor=c2") {
            Reply::Status(403, json!({}))
        } else {
            page(&[organization("org_1", "Acme")], Some("c2"), 2)
        }
    });
    for form in ["--jsonl", "--retries=0"] {
        let list = outcome(&mut orgs_at(&server.url, &["list", form]));
        assert_eq!(list.code, Some(1));
        assert!(list.stdout.contains("org_1"), "{list:?}");
        assert!(list.error_line().ends_with("continue with --cursor=c2"), "{list:?}");
    }
    // With --json nothing is shown, because half a document is not valid JSON.
    let error = outcome(&mut orgs_at(&server.url, &["list", "--json"])).failed(1);
    assert!(!error.contains("--cursor"), "{error}");
}

#[test]
fn an_empty_list_has_a_note_only_in_the_table_format() {
    let server = Server::start(|_| page(&[], None, 0));
    let list = outcome(&mut orgs_at(&server.url, &["list"]));
    assert_eq!((list.code, &*list.stdout, &*list.stderr), (Some(0), "", "no organizations\n"));
    assert_eq!(outcome(&mut orgs_at(&server.url, &["list", "--jsonl"])).ok(), "");
    let json = outcome(&mut orgs_at(&server.url, &["list", "--json"])).json();
    assert_eq!(json, json!({ "items": [], "next_cursor": null, "total_count": 0 }));
}

#[test]
fn a_repeated_cursor_is_an_error() {
    let server = Server::start(|_| page(&[], Some("c1"), 9));
    let error = outcome(&mut orgs_at(&server.url, &["list", "--limit=5"])).failed(3);
    assert!(error.contains("check --base-url"), "{error}");
}
