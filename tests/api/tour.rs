//! The example `tour` calls all ten methods on the sandbox, and only reads from the API.

use nirvana_labs::http::Method;
use nirvana_labs::{Api, Sandbox};

#[allow(dead_code)]
#[path = "../../examples/tour.rs"]
mod example;

/// Runs the part of the tour that reads from the API, and returns its output.
fn read(api: &Api) -> String {
    let mut out = Vec::new();
    example::read(api, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn all_ten_methods_are_called_and_their_results_printed() {
    let mut out = Vec::new();
    example::on_sandbox(&Sandbox::new(), &mut out).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        r#"create_organization: org_1 "Acme"
update_organization: org_1 "Acme Ltd"
create_organization_address: "123 Main St", "San Francisco"
update_organization_address: "125 Main St", "San Francisco"
list_organizations: org_1 "Acme Ltd"
get_organization: org_1 "Acme Ltd"
list_organization_memberships: mem_1 owner
get_organization_membership: mem_1 owner
get_organization_address: "125 Main St"
leave_organization: org_1
"#
    );
}

#[test]
fn with_a_key_the_tour_only_reads() {
    let sandbox = Sandbox::new();
    (0..30).for_each(|n| drop(sandbox.add_organization(format!("Acme {n}"))));
    let printed = read(&sandbox.api());
    assert_eq!(printed.matches("list_organizations: ").count(), 10);
    assert!(printed.ends_with("get_organization_address: none\n"), "{printed}");
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 5);
    assert!(requests.iter().all(|request| request.method() == Method::GET));
}

#[test]
fn an_account_without_organizations_is_not_an_error() {
    assert_eq!(read(&Sandbox::new().api()), "");
}

#[test]
fn the_first_error_ends_the_tour() {
    let sandbox = Sandbox::with_api_key("nl_good");
    let api = Api::builder().api_key("nl_bad").transport(sandbox.clone()).build().unwrap();
    let error = example::read(&api, &mut Vec::new()).unwrap_err();
    assert!(error.downcast::<nirvana_labs::Error>().unwrap().is_unauthorized());
    assert_eq!(sandbox.requests().len(), 1);
}
