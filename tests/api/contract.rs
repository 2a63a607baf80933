//! All ten endpoints against a server that checks requests against the API schema.
//!
//! The tests need this server, so they are ignored by default. For example, run
//! `CONTRACT_SERVER=http://127.0.0.1:4010 cargo test --test api contract -- --ignored --nocapture`
//! while `prism mock openapi.yaml -p 4010` or `steady -p 4010 openapi.yaml` is running.

use nirvana_labs::http::Method;
use nirvana_labs::{
    AddressCreateParams, AddressUpdateParams, Api, ErrorKind, ListParams, OrganizationCreateParams,
    OrganizationUpdateParams, Page,
};
use serde::de::DeserializeOwned;

fn contract_server() -> String {
    std::env::var("CONTRACT_SERVER").expect("CONTRACT_SERVER must be the URL of a server")
}

/// Reads a whole list, and returns a summary. A mock server may repeat the cursor for ever. The
/// client must then report a pagination cycle.
fn walk<T: DeserializeOwned>(items: nirvana_labs::Items<T>) -> String {
    let mut count = 0;
    for item in items {
        match item {
            Ok(_) => count += 1,
            Err(error) if error.kind() == ErrorKind::PaginationCycle => {
                return format!("{count} items, then: {error}");
            }
            Err(error) => panic!("{error}"),
        }
        assert!(count < 10_000, "the list does not end");
    }
    format!("{count} items")
}

#[test]
#[ignore = "needs CONTRACT_SERVER"]
fn all_ten_endpoints_are_accepted() {
    let url = contract_server();
    let api = Api::builder().api_key("nl_key").base_url(&url).max_retries(0).build().unwrap();

    let params = OrganizationCreateParams::new("Acme").billing_email("billing@acme.io");
    println!("create_organization: {}", api.create_organization(&params).unwrap().name);
    api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap();
    println!("get_organization: {}", api.get_organization("org_1").unwrap().name);

    for params in [
        OrganizationUpdateParams::new(),
        OrganizationUpdateParams::new().name("New"),
        OrganizationUpdateParams::new().billing_email("b@acme.io"),
        OrganizationUpdateParams::new().clear_billing_email(),
    ] {
        println!("update_organization: {}", api.update_organization("a/b", &params).unwrap().name);
    }
    for params in [ListParams::new(), ListParams::new().limit(5), ListParams::new().cursor("a +%")]
    {
        println!("list_organizations: {}", walk(api.list_organizations(&params)));
    }
    api.leave_organization("org_1").unwrap();
    println!("leave_organization: done");

    let membership = api.get_organization_membership("org_1", "mem_1").unwrap();
    println!("get_organization_membership: {}", membership.role);
    let params = ListParams::new().limit(5);
    println!(
        "list_organization_memberships: {}",
        walk(api.list_organization_memberships("org_1", &params))
    );

    let params = AddressCreateParams::new("123 Main St", "San Francisco", "94105", "US");
    api.create_organization_address("org_1", &params).unwrap();
    let params = params.line2("Suite 4").state("CA").tax_id("12-3456789").tax_id_type("us_ein");
    let address = api.create_organization_address("org_1", &params).unwrap();
    println!("create_organization_address: {}", address.city);
    println!(
        "get_organization_address: {}",
        api.get_organization_address("org_1").unwrap().country
    );
    let values = AddressUpdateParams::new().city("c").country("DE").line1("l").postal_code("p");
    for params in [
        AddressUpdateParams::new(),
        values.line2("2").state("s").tax_id("t").tax_id_type("eu_vat"),
        AddressUpdateParams::new().clear_line2().clear_state().clear_tax_id().clear_tax_id_type(),
    ] {
        let address = api.update_organization_address("org_1", &params).unwrap();
        println!("update_organization_address: {}", address.city);
    }

    let raw = api.request(Method::GET, ["v1", "organizations"]);
    let page = raw.send::<Page<nirvana_labs::Organization>>().unwrap();
    println!("request: {}, {} items", page.status(), page.body().items.len());
}

#[test]
#[ignore = "needs CONTRACT_SERVER"]
fn an_invalid_request_is_rejected() {
    let url = contract_server();
    // This shows that the server does check requests: otherwise the other test could not fail.
    let api = Api::builder().api_key("nl_key").base_url(&url).max_retries(0).build().unwrap();
    let request = api.request(Method::POST, ["v1", "organizations"]);
    let error =
        request.json(&serde_json::json!({"nom": 7})).send::<serde_json::Value>().unwrap_err();
    println!("{error}");
    assert!(matches!(error.status(), Some(400..500)), "{error:?}");
}
