//! The output in each format.

use serde_json::{Value, json};

use crate::server::{Reply, Server, organization, page};
use crate::support::{orgs_at, outcome, sandbox};

#[test]
fn an_item_has_one_line_per_property() {
    // The examples of the README cover lists and memberships.
    let acme = sandbox("show org_1").ok();
    for line in [
        "Id                     org_1\n",
        "\nBilling email          billing@acme.example\n",
        "\nDomains                id dom_1, domain acme.example, verified; id dom_2, domain acme.test\n",
        "\nServices               cloud, sso\n",
        "\nPersonal               no\n",
        "\nCreated at             2026-06-01T00:00:00Z\n",
    ] {
        assert!(acme.contains(line), "no {line} in {acme}");
    }
    let address = sandbox("address show org_1").ok();
    assert!(address.contains("123 Main St") && address.contains("94105"), "{address}");
}

#[test]
fn json_keeps_every_field_that_the_server_sent() {
    let mut grown = organization("o", "Acme");
    grown["plan"] = json!({ "seats": 5 });
    grown["services"]["vpn"] = json!(true);
    let server = Server::always(200, grown.clone());
    let shown = outcome(&mut orgs_at(&server.url, &["show", "o", "--json"])).json();
    assert_eq!(shown, grown);
    let line = outcome(&mut orgs_at(&server.url, &["--jsonl", "show", "o"])).ok();
    assert_eq!(line.lines().count(), 1);
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), grown);
    // The table also has unknown fields.
    let table = outcome(&mut orgs_at(&server.url, &["show", "o"])).ok();
    assert!(table.contains("cloud, vpn\n"), "{table}");
    assert!(table.contains("\nPlan                   seats 5\n"), "{table}");
}

#[test]
fn text_from_the_server_cannot_control_the_terminal() {
    // Escape sequences, bidirectional controls, invisible characters and line breaks.
    let evil =
        "A\u{1b}[2Jc\nme\r\u{9b}31m\u{202e}\u{2066}\u{200b}\u{200d}\u{feff}\u{2028}\u{2029}x";
    let shown = "A\u{fffd}[2Jc me \u{fffd}31m\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}  x";
    let server = Server::start(move |request| match request.line.as_str() {
        "GET /v1/organizations/o" => Reply::Status(200, organization("o", evil)),
        "GET /v1/organizations" => page(&[organization("o", evil)], None, 1),
        _ => Reply::Status(404, json!({ "message": evil })),
    });
    for args in [&["list"][..], &["show", "o"]] {
        let table = outcome(&mut orgs_at(&server.url, args)).ok();
        assert!(table.contains(shown), "{table:?}");
    }
    let error = outcome(&mut orgs_at(&server.url, &["show", "missing"])).failed(1);
    assert!(!error.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\u{2028}']), "{error:?}");
    // In JSON, the text is unchanged.
    let list = outcome(&mut orgs_at(&server.url, &["list", "--json"])).json();
    assert_eq!(list["items"][0]["name"], evil);
}

#[test]
fn a_pipe_gets_complete_rows_without_colours() {
    let name = "long ".repeat(60);
    let item = organization("o", &name);
    let server = Server::start(move |_| page(std::slice::from_ref(&item), None, 1));
    let list = outcome(orgs_at(&server.url, &["list"]).env("COLUMNS", "40")).ok();
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(list.contains(name.trim_end()) && !list.contains('\u{1b}'), "{list:?}");
}
