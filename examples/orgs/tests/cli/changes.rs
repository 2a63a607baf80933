//! What the commands that change something send, and show.

use serde_json::{Value, json};

use crate::server::{Server, organization};
use crate::support::{orgs_at, outcome, sandbox};

/// The first line and the body of what `args` send.
fn sent(reply: Value, args: &[&str]) -> (String, Value) {
    let server = Server::always(200, reply);
    outcome(&mut orgs_at(&server, args)).ok();
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    (requests[0].line.clone(), requests[0].body.clone())
}

#[test]
fn organizations() {
    let acme = || organization("o", "Acme");
    let update = |args: &[&str]| {
        let (line, body) = sent(acme(), &[&["update", "o"], args].concat());
        assert_eq!(line, "PATCH /v1/organizations/o");
        body
    };
    assert_eq!(update(&["--name", "New"]), json!({ "name": "New" }));
    assert_eq!(update(&["--billing-email=a@b.example"]), json!({ "billing_email": "a@b.example" }));
    assert_eq!(update(&["--clear-billing-email"]), json!({ "billing_email": null }));

    let (line, body) = sent(acme(), &["create", "Acme", "--billing-email", "a@b.example"]);
    assert_eq!(line, "POST /v1/organizations");
    assert_eq!(body, json!({ "name": "Acme", "billing_email": "a@b.example" }));
    let (_, body) = sent(acme(), &["create", "Acme"]);
    assert_eq!(body, json!({ "name": "Acme" }));
}

#[test]
fn addresses() {
    let address = || {
        json!({
            "id": "addr_1", "city": "c", "country": "US", "created_at": "2026-06-01T12:00:00Z",
            "line1": "l", "line2": null, "organization_id": "o", "postal_code": "p",
            "state": null, "tax_id": null, "tax_id_type": null,
            "updated_at": "2026-06-01T12:00:00Z",
        })
    };
    let (line, body) = sent(
        address(),
        &[
            "address",
            "create",
            "o",
            "--city=c",
            "--country=us",
            "--line1=l",
            "--postal-code=p",
            "--line2=2",
            "--state=CA",
            "--tax-id=9",
            "--tax-id-type=us_ein",
        ],
    );
    assert_eq!(line, "POST /v1/organizations/o/address");
    assert_eq!(
        body,
        json!({
            "city": "c", "country": "US", "line1": "l", "postal_code": "p", "line2": "2",
            "state": "CA", "tax_id": "9", "tax_id_type": "us_ein",
        })
    );
    let set = |args: &[&str]| {
        let (line, body) = sent(address(), &[&["address", "set", "o"], args].concat());
        assert_eq!(line, "PATCH /v1/organizations/o/address");
        body
    };
    assert_eq!(
        set(&["--clear-line2", "--clear-state", "--clear-tax-id", "--clear-tax-id-type"]),
        json!({ "line2": null, "state": null, "tax_id": null, "tax_id_type": null })
    );
    assert_eq!(
        set(&[
            "--city=Oslo",
            "--country=no",
            "--line1=1",
            "--postal-code=0150",
            "--line2=2",
            "--state=s",
            "--tax-id=9",
            "--tax-id-type=no_vat"
        ]),
        json!({
            "city": "Oslo", "country": "NO", "line1": "1", "postal_code": "0150", "line2": "2",
            "state": "s", "tax_id": "9", "tax_id_type": "no_vat",
        })
    );
}

#[test]
fn leaving_without_a_terminal_does_not_ask() {
    let server = Server::always(204, json!(null));
    assert_eq!(outcome(&mut orgs_at(&server, &["leave", "o"])).ok(), "left o\n");
    assert_eq!(server.lines(), ["POST /v1/organizations/o/leave"]);
    let left = outcome(&mut orgs_at(&server, &["leave", "o", "--yes", "--json"])).json();
    assert_eq!(left, json!({ "organization_id": "o", "left": true }));
}

#[test]
fn the_sandbox_does_what_it_is_told() {
    let created = sandbox("create Initech --billing-email pay@initech.example --json").json();
    assert_eq!(created["name"], "Initech");
    assert_eq!(created["billing_email"], "pay@initech.example");
    let updated = sandbox("update org_1 --clear-billing-email --json").json();
    assert_eq!((&updated["name"], &updated["billing_email"]), (&json!("Acme"), &Value::Null));
    let address = sandbox("address set org_1 --clear-line2 --city Oakland --json").json();
    assert_eq!((&address["city"], &address["line2"]), (&json!("Oakland"), &Value::Null));
    let flags = "--line1 1 --city Oslo --postal-code 0150 --country NO";
    let address = sandbox(&format!("address create org_2 {flags} --json")).json();
    assert_eq!(address["organization_id"], "org_2");
    assert_eq!(sandbox("leave org_1").ok(), "left org_1\n");
}
