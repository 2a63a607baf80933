//! What is shown, in each form.

use serde_json::{Value, json};

use crate::server::{Server, organization, page};
use crate::support::{orgs_at, outcome, sandbox};

#[test]
fn a_list_is_a_table() {
    assert_eq!(
        sandbox("list").ok(),
        "\
ID     NAME    TYPE      BILLING EMAIL         CREATED
org_1  Acme    company   billing@acme.example  2026-06-01
org_2  Globex  company   -                     2026-06-11
org_3  Robin   personal  -                     2026-06-11
"
    );
}

#[test]
fn one_thing_is_a_line_a_property() {
    let member = sandbox("member org_1 mem_2").ok();
    assert_eq!(
        member,
        "\
ID            mem_2
Organization  org_1
User          user_2
Role          owner
Since         2026-06-01 01:00:00 UTC
Updated       2026-06-01 01:00:00 UTC
"
    );
    let acme = sandbox("show org_1").ok();
    assert!(acme.contains("acme.example (verified)"), "{acme}");
    assert!(acme.contains("acme.test (not verified)"), "{acme}");
    assert!(acme.contains("cloud, SSO"), "{acme}");
    let address = sandbox("address show org_1").ok();
    assert!(address.contains("123 Main St") && address.contains("94105"), "{address}");
}

#[test]
fn json_is_what_the_server_said() {
    let server = Server::always(200, organization("o", "Acme"));
    let shown = outcome(&mut orgs_at(&server, &["show", "o", "--json"])).json();
    assert_eq!(shown, organization("o", "Acme"));
    let line = outcome(&mut orgs_at(&server, &["--jsonl", "show", "o"])).ok();
    assert_eq!(line.lines().count(), 1);
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), shown);
}

#[test]
fn what_others_wrote_moves_no_cursor() {
    let evil = organization("o", "A\u{1b}[2Jc\nme\r\u{9b}31m");
    let server = Server::start(move |request| {
        if request.line.ends_with("/o") {
            crate::server::Reply::Status(200, evil.clone())
        } else {
            page(std::slice::from_ref(&evil), None, 1)
        }
    });
    for args in [&["list"][..], &["show", "o"]] {
        let shown = outcome(&mut orgs_at(&server, args)).ok();
        assert!(!shown.contains(['\u{1b}', '\r', '\u{9b}']), "{shown:?}");
    }
    assert_eq!(outcome(&mut orgs_at(&server, &["list"])).ok().lines().count(), 2);
    // Programs get it as it is.
    let list = outcome(&mut orgs_at(&server, &["list", "--json"])).json();
    assert_eq!(list["items"][0]["name"], json!("A\u{1b}[2Jc\nme\r\u{9b}31m"));
}

#[test]
fn a_pipe_gets_rows_of_any_width_and_no_colours() {
    let name = "long ".repeat(60);
    let item = organization("o", &name);
    let server = Server::start(move |_| page(std::slice::from_ref(&item), None, 1));
    let list = outcome(&mut orgs_at(&server, &["list"])).ok();
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(!list.contains('\u{1b}'));
}
