//! The sandbox responds as the API schema says.

mod lists;
mod own_client;
mod refusals;
mod script;

use std::time::Duration;

use nirvana_labs::http::{Method, Request, Response, StatusCode};
use nirvana_labs::{
    AddressCreateParams, AddressUpdateParams, Api, ListParams, MembershipRole,
    OrganizationCreateParams, OrganizationType, OrganizationUpdateParams, Sandbox,
};
use serde_json::{Value, json};
use time::{Date, OffsetDateTime, UtcOffset};

use crate::checks::http_messages::HttpMessage;

/// Returns a client that does not retry, so that its error is the sandbox's first response.
fn client(sandbox: &Sandbox) -> Api {
    Api::builder().transport(sandbox.clone()).max_retries(0).build().unwrap()
}

fn client_of(sandbox: &Sandbox, key: &str) -> Api {
    let builder = Api::builder().transport(sandbox.clone()).max_retries(0);
    builder.api_key(key).build().unwrap()
}

/// Returns the status of the response to a request in the log.
pub fn status(request: &Request<Value>) -> u16 {
    request.extensions().get::<StatusCode>().unwrap().as_u16()
}

fn address() -> AddressCreateParams {
    AddressCreateParams::new("Kapelstraat 1", "Antwerp", "2000", "BE")
}

#[test]
fn ids_count_up_and_a_new_organization_has_the_fields_of_its_create() {
    let sandbox = Sandbox::new();
    let api = client(&sandbox);
    let time = OffsetDateTime::from_unix_timestamp(1_780_000_000).unwrap();
    sandbox.set_time(time).unwrap();
    let params = OrganizationCreateParams::new("Acme").billing_email("b@acme.io");
    let created = api.create_organization(&params).unwrap();
    assert_eq!(created.id, "org_1");
    assert_eq!(created.name, "Acme");
    assert_eq!(created.billing_email.as_deref(), Some("b@acme.io"));
    assert_eq!(created.organization_type, OrganizationType::Company);
    assert!(created.services.cloud && !created.services.sso && !created.personal);
    assert_eq!((created.created_at, created.updated_at), (time, time));
    assert_eq!(api.get_organization("org_1").unwrap(), created);

    let second = api.create_organization(&OrganizationCreateParams::new("Globex")).unwrap();
    assert_eq!((second.id.as_str(), second.billing_email), ("org_2", None));

    let member = api.get_organization_membership("org_2", "mem_2").unwrap();
    assert_eq!((&*member.user_id, &*member.organization_id), (&*sandbox.user_id(), "org_2"));
    assert_eq!(member.role, MembershipRole::Owner);
}

#[test]
fn statuses_and_bodies_follow_the_api_schema() {
    let sandbox = Sandbox::new();
    let api = client(&sandbox);
    let send = |method: &Method, path: &str, body: Option<Value>| -> Response<Value> {
        let request = api.request(method.clone(), path.split('/'));
        match body {
            Some(body) => request.json(&body).send().unwrap(),
            None => request.send().unwrap(),
        }
    };
    let keys = |value: &Value| -> Vec<String> {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    let organization = [
        "billing_email",
        "created_at",
        "domains",
        "id",
        "metronome_customer_id",
        "name",
        "personal",
        "services",
        "stripe_customer_id",
        "type",
        "updated_at",
    ];
    let address = [
        "city",
        "country",
        "created_at",
        "id",
        "line1",
        "line2",
        "organization_id",
        "postal_code",
        "state",
        "tax_id",
        "tax_id_type",
        "updated_at",
    ];
    let membership = ["created_at", "id", "organization_id", "role", "updated_at", "user_id"];
    let (get, post, patch) = (&Method::GET, &Method::POST, &Method::PATCH);
    let new_address = json!({ "city": "Antwerp", "country": "BE", "line1": "Kapelstraat 1", "postal_code": "2000" });
    for (method, path, body, status, fields) in [
        (post, "v1/organizations", Some(json!({ "name": "Acme" })), 201, &organization[..]),
        (get, "v1/organizations/org_1", None, 200, &organization),
        (patch, "v1/organizations/org_1", Some(json!({ "name": "B" })), 200, &organization),
        (get, "v1/organizations", None, 200, &["items", "pagination"]),
        (get, "v1/organizations/org_1/memberships", None, 200, &["items", "pagination"]),
        (get, "v1/organizations/org_1/memberships/mem_1", None, 200, &membership),
        (post, "v1/organizations/org_1/address", Some(new_address), 201, &address),
        (get, "v1/organizations/org_1/address", None, 200, &address),
        (patch, "v1/organizations/org_1/address", Some(json!({ "state": null })), 200, &address),
    ] {
        let response = send(method, path, body);
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        assert_eq!(keys(response.body()), fields, "{method} {path}");
        assert_eq!(response.header("content-type"), Some("application/json"));
        assert!(response.header("date").unwrap().ends_with(" GMT"));
    }
    sandbox.add_member("org_1", &sandbox.add_user("k"), MembershipRole::Owner).unwrap();
    let left = send(post, "v1/organizations/org_1/leave", None);
    assert_eq!((left.status().as_u16(), left.header("content-type")), (204, None));
    assert_eq!((left.header("x-request-id"), left.body()), (Some("req_10"), &Value::Null));
}

#[test]
fn an_update_sets_clears_or_keeps_each_field() {
    let sandbox = Sandbox::new();
    let api = client(&sandbox);
    sandbox.set_time(OffsetDateTime::UNIX_EPOCH).unwrap();
    let params = OrganizationCreateParams::new("Acme").billing_email("b@acme.io");
    let id = api.create_organization(&params).unwrap().id;

    let update = |params: OrganizationUpdateParams| {
        sandbox.advance(Duration::from_secs(10));
        let updated = api.update_organization(&id, &params).unwrap();
        assert_eq!(api.get_organization(&id).unwrap(), updated);
        assert_eq!(updated.created_at, OffsetDateTime::UNIX_EPOCH);
        (updated.name, updated.billing_email, updated.updated_at.unix_timestamp())
    };
    let new = OrganizationUpdateParams::new;
    let email = |text: &str| Some(text.to_owned());
    assert_eq!(update(new().name("B")), ("B".into(), email("b@acme.io"), 10));
    assert_eq!(update(new().clear_billing_email()), ("B".into(), None, 20));
    assert_eq!(update(new().billing_email("c@d.e")), ("B".into(), email("c@d.e"), 30));
    // An empty update changes nothing, not even the time of the last update.
    assert_eq!(update(new()), ("B".into(), email("c@d.e"), 30));
}

#[test]
fn an_address_is_created_once_and_updated_in_parts() {
    let sandbox = Sandbox::new();
    let api = client(&sandbox);
    let id = sandbox.add_organization("Acme").id;
    sandbox.set_time(OffsetDateTime::UNIX_EPOCH).unwrap();
    let params = address().line2("bus 3").state("VAN").tax_id("BE0123").tax_id_type("eu_vat");
    let created = api.create_organization_address(&id, &params).unwrap();
    assert_eq!((&*created.id, &*created.organization_id), ("addr_1", &*id));
    assert_eq!(created.tax_id_type.as_deref(), Some("eu_vat"));

    sandbox.advance(Duration::from_secs(5));
    let params = AddressUpdateParams::new().city("Ghent").clear_line2().clear_tax_id().state("VOV");
    let updated = api.update_organization_address(&id, &params).unwrap();
    assert_eq!(updated.updated_at.unix_timestamp(), 5);
    let mut expected = created;
    expected.city = "Ghent".into();
    (expected.line2, expected.tax_id) = (None, None);
    expected.state = Some("VOV".into());
    expected.updated_at = updated.updated_at;
    assert_eq!(updated, expected);
    assert_eq!(api.get_organization_address(&id).unwrap(), expected);

    let error = api.create_organization_address(&id, &address()).unwrap_err();
    assert_eq!(error.status(), Some(409));
    assert_eq!(api.get_organization_address(&id).unwrap(), expected);
}

#[test]
fn each_user_sees_their_own_organizations() {
    let sandbox = Sandbox::new();
    let (ann, bob) = (client(&sandbox), client_of(&sandbox, "nl_bob"));
    let bob_id = sandbox.add_user("nl_bob");
    let shared = sandbox.add_organization("Shared").id;
    sandbox.add_organization("Ann's");
    let own = bob.create_organization(&OrganizationCreateParams::new("Bob's")).unwrap().id;
    sandbox.add_member(&shared, &bob_id, MembershipRole::Member).unwrap();

    let names = |api: &Api| -> Vec<String> {
        let list = api.list_organizations(&ListParams::new());
        list.map(|organization| organization.unwrap().name).collect()
    };
    assert_eq!(names(&ann), ["Shared", "Ann's"]);
    assert_eq!(names(&bob), ["Shared", "Bob's"]);
    assert!(ann.get_organization(&own).unwrap_err().is_not_found());

    // A member can read everything, and can leave at any time.
    assert_eq!(bob.list_organization_memberships(&shared, &ListParams::new()).count(), 2);
    bob.leave_organization(&shared).unwrap();
    assert!(bob.get_organization(&shared).unwrap_err().is_not_found());
    assert!(bob.leave_organization(&shared).unwrap_err().is_not_found());
    assert_eq!(names(&bob), ["Bob's"]);
    assert_eq!(ann.list_organization_memberships(&shared, &ListParams::new()).count(), 1);
}

#[test]
fn added_resources_are_served() {
    let sandbox = Sandbox::new();
    let api = client(&sandbox);
    let id = sandbox.add_organization("Acme").id;
    let domain = sandbox.add_domain(&id, "acme.io", true).unwrap();
    sandbox
        .edit_organization(&id, |organization| {
            organization.id = "org_99".into();
            organization.services.scim = true;
            organization.auth_id = Some("auth_1".into());
            // The closure can call the sandbox.
            organization.name = format!("Acme of {}", sandbox.user_id());
        })
        .unwrap();
    let organization = api.get_organization(&id).unwrap();
    assert_eq!(organization.domains, [domain]);
    assert!(organization.services.scim);
    assert_eq!(organization.auth_id.as_deref(), Some("auth_1"));
    assert_eq!(organization.name, "Acme of user_1");

    let user = sandbox.user_id();
    for error in [
        sandbox.edit_organization("org_9", |_| ()).unwrap_err(),
        sandbox.add_domain("org_9", "a.b", true).unwrap_err(),
        sandbox.add_member("org_9", &user, MembershipRole::Owner).unwrap_err(),
        sandbox.add_member(&id, "user_9", MembershipRole::Owner).unwrap_err(),
        sandbox.add_member(&id, &user, MembershipRole::Owner).unwrap_err(),
    ] {
        assert_eq!((error.kind() as u32, error.attempts()), (2, 0), "{error}");
    }
}

#[test]
fn the_clock_runs_until_it_is_set() {
    let sandbox = Sandbox::new();
    let before = OffsetDateTime::now_utc();
    let real = sandbox.add_organization("Now").created_at;
    assert!(real >= before && real <= OffsetDateTime::now_utc());

    sandbox.advance(Duration::from_secs(3600));
    let ahead = sandbox.add_organization("Soon").created_at;
    assert!(ahead >= before + Duration::from_secs(3600));

    sandbox.set_time(OffsetDateTime::UNIX_EPOCH).unwrap();
    sandbox.advance(Duration::from_millis(1500));
    let still = sandbox.add_organization("Then").created_at;
    assert_eq!(still.unix_timestamp_nanos(), 1_500_000_000);
    assert_eq!(sandbox.add_organization("Then").created_at, still);
    // The clock stops at the end of the year 9999.
    sandbox.advance(Duration::MAX);
    assert!(sandbox.add_organization("Late").created_at > still);
}

#[test]
fn set_time_refuses_years_outside_0_to_9999() {
    let sandbox = Sandbox::new();
    let api = client(&sandbox);
    let at = |year, hours| {
        let start = Date::from_ordinal_date(year, 1).unwrap().midnight();
        start.assume_offset(UtcOffset::from_hms(hours, 0, 0).unwrap())
    };
    let last = at(9999, 0) + time::Duration::seconds(365 * 86_400 - 1);
    let before = OffsetDateTime::now_utc();
    // In UTC, the last two are in the years -1 and 10000.
    for time in [at(-9999, 0), at(-1, 0), at(0, 1), last.replace_offset(at(1, -1).offset())] {
        let error = sandbox.set_time(time).unwrap_err();
        assert_eq!((error.kind() as u32, error.attempts()), (2, 0), "{error:?}");
        assert!(error.to_string().contains("year"), "{error}");
        // The clock still runs.
        let created = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap();
        assert!(created.created_at >= before);
    }
    for time in [at(0, 0), at(1970, 2), last] {
        sandbox.set_time(time).unwrap();
        let created = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap();
        assert_eq!(created.created_at, time);
    }
}
