//! The requests of the commands that change something.

use serde_json::{Value, json};

use crate::server::{Server, organization};
use crate::support::{orgs_at, outcome, sandbox};

/// Runs `orgs` with the words of `line`. Returns the first line and the body of its request.
fn sent(response: Value, line: &str) -> (String, Value) {
    let server = Server::always(200, response);
    let args: Vec<&str> = line.split(' ').collect();
    outcome(&mut orgs_at(&server.url, &args)).ok();
    let [request] = &server.requests()[..] else { panic!("{:?}", server.lines()) };
    (request.line.clone(), request.body.clone())
}

#[test]
fn changes_of_organizations_send_only_the_given_fields() {
    for (args, line, body) in [
        ("update o --name New", "PATCH /v1/organizations/o", json!({ "name": "New" })),
        (
            "update o --billing-email=a@b.example",
            "PATCH /v1/organizations/o",
            json!({ "billing_email": "a@b.example" }),
        ),
        (
            "update o --clear-billing-email",
            "PATCH /v1/organizations/o",
            json!({ "billing_email": null }),
        ),
        ("create Acme", "POST /v1/organizations", json!({ "name": "Acme" })),
        (
            "create Acme --billing-email a@b.example",
            "POST /v1/organizations",
            json!({ "name": "Acme", "billing_email": "a@b.example" }),
        ),
        ("leave o --yes", "POST /v1/organizations/o/leave", Value::Null),
    ] {
        assert_eq!(sent(organization("o", "Acme"), args), (line.to_owned(), body), "{args}");
    }
}

#[test]
fn changes_of_addresses_send_only_the_given_fields() {
    let address = || {
        json!({
            "id": "addr_1", "city": "c", "country": "US", "created_at": "2026-06-01T12:00:00Z",
            "line1": "l", "line2": null, "organization_id": "o", "postal_code": "p",
            "state": null, "tax_id": null, "tax_id_type": null,
            "updated_at": "2026-06-01T12:00:00Z",
        })
    };
    let flags = "--city=c --country=us --line1=l --postal-code=p --line2=2 --state=CA --tax-id=9 \
                 --tax-id-type=us_ein";
    let all = json!({
        "city": "c", "country": "US", "line1": "l", "postal_code": "p", "line2": "2",
        "state": "CA", "tax_id": "9", "tax_id_type": "us_ein",
    });
    let clear = "--clear-line2 --clear-state --clear-tax-id --clear-tax-id-type";
    let none = json!({ "line2": null, "state": null, "tax_id": null, "tax_id_type": null });
    for (command, flags, method, body) in [
        ("create", flags, "POST", &all),
        ("update", flags, "PATCH", &all),
        ("update", clear, "PATCH", &none),
    ] {
        let (line, sent) = sent(address(), &format!("address {command} o {flags}"));
        assert_eq!((line, &sent), (format!("{method} /v1/organizations/o/address"), body));
    }
}

#[test]
fn the_result_of_leave_is_a_line_or_json() {
    assert_eq!(sandbox("leave org_1 --yes").ok(), "left org_1\n");
    let left = sandbox("leave org_1 --yes --json").json();
    assert_eq!(left, json!({ "organization_id": "org_1", "left": true }));
}
