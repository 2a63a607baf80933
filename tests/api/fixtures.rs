//! Every schema of the contract as JSON, every field filled in.

use serde_json::{Value, json};

pub fn organization() -> Value {
    json!({
        "id": "org_1",
        "billing_email": "billing@acme.io",
        "created_at": "2026-06-01T12:00:00.123456Z",
        "domains": [domain(), {"id": "dom_2", "domain": "acme.dev", "verified": false}],
        "metronome_customer_id": "met_1",
        "name": "Acme — \"Ünïcode\" 🚀",
        "personal": false,
        "services": services(),
        "stripe_customer_id": "cus_1",
        "type": "company",
        "updated_at": "2026-06-02T00:00:00+02:00",
        "auth_id": "auth_1",
    })
}

pub fn domain() -> Value {
    json!({"id": "dom_1", "domain": "acme.io", "verified": true})
}

pub fn services() -> Value {
    json!({"cloud": true, "jit_provisioning": false, "scim": true, "siem": false, "sso": true})
}

pub fn membership() -> Value {
    json!({
        "id": "mem_1",
        "created_at": "2026-06-01T12:00:00Z",
        "organization_id": "org_1",
        "role": "owner",
        "updated_at": "2026-06-01T12:00:01Z",
        "user_id": "user_1",
    })
}

pub fn address() -> Value {
    json!({
        "id": "addr_1",
        "city": "San Francisco",
        "country": "US",
        "created_at": "2026-06-01T12:00:00Z",
        "line1": "123 Main St",
        "line2": "Suite 4",
        "organization_id": "org_1",
        "postal_code": "94105",
        "state": "CA",
        "tax_id": "12-3456789",
        "tax_id_type": "us_ein",
        "updated_at": "2026-06-01T12:00:00Z",
    })
}

pub fn pagination() -> Value {
    json!({"next_cursor": "c_2", "previous_cursor": "c_0", "total_count": 7})
}

/// Returns a page of `items`, with the number of items of the whole list.
pub fn page(items: Vec<Value>, next_cursor: Option<&str>, total_count: usize) -> Value {
    json!({
        "items": items,
        "pagination": {
            "next_cursor": next_cursor, "previous_cursor": null, "total_count": total_count,
        },
    })
}

/// An organization of this name.
pub fn named(name: &str) -> Value {
    let mut organization = organization();
    organization["id"] = json!(format!("org_{name}"));
    organization["name"] = json!(name);
    organization
}
