//! Every status outside 2xx that the sandbox returns unless a failure is scripted.

use nirvana_labs::http::{Method, Response};
use nirvana_labs::{
    AddressUpdateParams, Api, Error, ErrorKind, Limits, MembershipRole, OrganizationUpdateParams,
    Sandbox, Transport,
};
use serde_json::{Value, json};

use super::{address, client, client_of};
use crate::checks::http_messages::request;

/// Returns the status and the `code` of a refusal. Fails if the message or the request id is
/// missing.
fn refusal(outcome: Result<Response<Value>, Error>) -> (u16, String) {
    match outcome {
        Err(error) => {
            assert!(error.request_id().unwrap().starts_with("req_"));
            assert!(!error.is_retryable() && !error.may_have_been_processed(), "{error}");
            assert_eq!(error.kind(), ErrorKind::Status);
            assert!(!error.message().unwrap().is_empty());
            assert_eq!(error.header("content-type"), Some("application/json"));
            (error.status().unwrap(), error.code().unwrap().to_owned())
        }
        Ok(response) => panic!("not refused: {response:?}"),
    }
}

fn send(api: &Api, method: &Method, path: &str, body: Value) -> (u16, String) {
    let request = api.request(method.clone(), path.split('/'));
    let request = if *method == Method::GET { request } else { request.json(&body) };
    refusal(request.send())
}

#[test]
fn keys_are_checked_if_the_sandbox_has_one() {
    let strict = Sandbox::with_api_key("nl_good");
    strict.add_organization("Acme");
    assert_eq!(client_of(&strict, "nl_good").get_organization("org_1").unwrap().name, "Acme");
    for api in [client_of(&strict, "nl_bad"), client(&strict)] {
        let error = api.get_organization("org_1").unwrap_err();
        assert!(error.is_unauthorized(), "{error}");
        assert_eq!(send(&api, &Method::POST, "v1/organizations", json!({})).0, 401);
    }
    // A sandbox without a key treats every caller as its first user.
    let open = Sandbox::new();
    open.add_organization("Acme");
    for api in [client_of(&open, "nl_any"), client(&open)] {
        assert_eq!(api.get_organization("org_1").unwrap().name, "Acme");
    }
    // A key that is given to another user belongs to that user from then on.
    open.add_user("nl_any");
    assert!(client_of(&open, "nl_any").get_organization("org_1").unwrap_err().is_not_found());
}

#[test]
fn only_owners_may_change_an_organization() {
    let sandbox = Sandbox::new();
    let id = sandbox.add_organization("Acme").id;
    let owner = client(&sandbox);
    owner.create_organization_address(&id, &address()).unwrap();
    for role in [MembershipRole::Member, MembershipRole::Other("auditor".into())] {
        let user = sandbox.add_user(role.as_str());
        sandbox.add_member(&id, &user, role.clone()).unwrap();
        let api = client_of(&sandbox, role.as_str());
        let rename = OrganizationUpdateParams::new().name("Mine");
        let status = |error: Error| error.status();
        assert_eq!(api.update_organization(&id, &rename).map_err(status), Err(Some(403)));
        let move_away = AddressUpdateParams::new().city("Ghent");
        assert_eq!(
            api.update_organization_address(&id, &move_away).map_err(status),
            Err(Some(403))
        );
        assert_eq!(
            api.create_organization_address(&id, &address()).map_err(status),
            Err(Some(403))
        );
        assert_eq!(api.get_organization(&id).unwrap().name, "Acme");
        assert_eq!(api.get_organization_address(&id).unwrap().city, "Antwerp");
    }
}

#[test]
fn a_missing_resource_is_404() {
    let sandbox = Sandbox::new();
    let id = sandbox.add_organization("Acme").id;
    sandbox.add_organization("Globex");
    sandbox.add_user("nl_stranger");
    let (get, post, patch) = (&Method::GET, &Method::POST, &Method::PATCH);
    let of = |id: &str, rest: &str| format!("v1/organizations/{id}{rest}");
    let routes = [(get, ""), (patch, ""), (post, "/leave"), (get, "/memberships")];
    let more = [(get, "/memberships/mem_1"), (get, "/address"), (post, "/address")];
    let all = || routes.into_iter().chain(more).chain([(patch, "/address")]);

    let (api, stranger) = (client(&sandbox), client_of(&sandbox, "nl_stranger"));
    let not_found = (404, "not_found".to_owned());
    for (method, rest) in all() {
        for unknown in ["org_9", "org_01", "org_+1", "mem_1", "1", "org_", "é"] {
            assert_eq!(send(&api, method, &of(unknown, rest), json!({})), not_found, "{unknown}");
        }
        // This user does not see the organization.
        assert_eq!(send(&stranger, method, &of(&id, rest), json!({})), not_found, "{rest}");
    }
    assert_eq!(send(&api, get, &of(&id, "/address"), json!({})), not_found);
    assert_eq!(send(&api, patch, &of(&id, "/address"), json!({})), not_found);
    // `mem_2` belongs to the second organization.
    assert_eq!(send(&api, get, &of(&id, "/memberships/mem_2"), json!({})), not_found);
    for nowhere in ["v1", "v2/organizations", "organizations", "v1/organizations/org_1/domains"] {
        assert_eq!(send(&api, get, nowhere, json!({})), not_found, "{nowhere}");
    }
}

#[test]
fn only_exact_paths_are_served() {
    let sandbox = Sandbox::new();
    let id = sandbox.add_organization("Acme").id;
    for prefix in ["/nirvana", "/api/v1", "/v1/nirvana"] {
        let base_url = format!("https://gateway.example{prefix}/");
        let api = Api::builder().base_url(base_url).transport(sandbox.clone()).build().unwrap();
        assert!(api.get_organization(&id).unwrap_err().is_not_found());
        let path = format!("{prefix}/v1/organizations/org_1");
        assert_eq!(sandbox.requests().last().unwrap().uri().path(), path);
    }
}

#[test]
fn a_405_lists_the_methods_that_the_path_supports() {
    let sandbox = Sandbox::new();
    sandbox.add_organization("Acme");
    let api = client(&sandbox);
    for (path, methods) in [
        ("v1/organizations", "GET, POST"),
        ("v1/organizations/org_1", "GET, PATCH"),
        ("v1/organizations/org_1/leave", "POST"),
        ("v1/organizations/org_1/memberships", "GET"),
        ("v1/organizations/org_1/memberships/mem_1", "GET"),
        ("v1/organizations/org_1/address", "GET, POST, PATCH"),
    ] {
        let all = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        let mut refused = 0;
        for method in all.into_iter().filter(|method| !methods.contains(method.as_str())) {
            let error = api.request(method.clone(), path.split('/')).send::<Value>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Status, "{method} {path}");
            assert_eq!(error.status(), Some(405), "{method} {path}");
            assert_eq!(error.header("allow"), Some(methods));
            refused += 1;
        }
        assert_eq!(refused, 5 - methods.split(", ").count());
    }
}

#[test]
fn conflicts_are_409() {
    let sandbox = Sandbox::new();
    let id = sandbox.add_organization("Acme").id;
    let api = client(&sandbox);
    let leave = format!("v1/organizations/{id}/leave");
    assert_eq!(send(&api, &Method::POST, &leave, json!({})), (409, "last_owner".into()));
    // The last owner cannot leave, even if there are other members. A second owner changes that.
    let member = sandbox.add_user("nl_member");
    sandbox.add_member(&id, &member, MembershipRole::Member).unwrap();
    assert_eq!(api.leave_organization(&id).unwrap_err().status(), Some(409));
    let owner = sandbox.add_user("nl_owner");
    sandbox.add_member(&id, &owner, MembershipRole::Owner).unwrap();
    api.leave_organization(&id).unwrap();
    let error = client_of(&sandbox, "nl_owner").leave_organization(&id).unwrap_err();
    assert_eq!(error.status(), Some(409));
}

#[test]
fn bodies_that_violate_the_schema_are_422_and_change_nothing() {
    let sandbox = Sandbox::new();
    let id = sandbox.add_organization("Acme").id;
    let api = client(&sandbox);
    let (post, patch) = (&Method::POST, &Method::PATCH);
    let good = json!({ "city": "A", "country": "BE", "line1": "B", "postal_code": "1" });
    let but = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let without = |name: &str| {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(name);
        body
    };
    let address = format!("v1/organizations/{id}/address");
    let mut rows = vec![
        (post, "v1/organizations", json!({})),
        (post, "v1/organizations", json!([])),
        (post, "v1/organizations", json!("Acme")),
        (post, "v1/organizations", json!({ "name": "" })),
        (post, "v1/organizations", json!({ "name": 1 })),
        (post, "v1/organizations", json!({ "name": null })),
        (post, "v1/organizations", json!({ "name": "A", "billing_email": null })),
        (post, "v1/organizations", json!({ "name": "A", "billing_email": ["b@c.d"] })),
        (post, "v1/organizations", json!({ "name": "A", "personal": true })),
        (patch, "v1/organizations/org_1", json!({ "name": "" })),
        (patch, "v1/organizations/org_1", json!({ "name": null })),
        (patch, "v1/organizations/org_1", json!({ "billing_email": "b@c.d", "name": 1 })),
        (patch, "v1/organizations/org_1", json!({ "billing_email": "b@c.d", "type": "x" })),
        (patch, "v1/organizations/org_1", json!({ "billing_email": false })),
    ];
    for name in ["city", "country", "line1", "postal_code"] {
        rows.push((post, &address, without(name)));
        rows.push((post, &address, but(name, Value::Null)));
        rows.push((post, &address, but(name, json!(94105))));
        rows.push((post, &address, but(name, json!(" "))));
    }
    for name in ["line2", "state", "tax_id", "tax_id_type"] {
        rows.push((post, &address, but(name, Value::Null)));
        rows.push((post, &address, but(name, json!({}))));
    }
    for country in ["", "B", "BEL", "B1", "é", "Bé"] {
        rows.push((post, &address, but("country", json!(country))));
    }
    rows.push((post, &address, but("zip", json!("1"))));
    for (method, path, body) in rows {
        assert_eq!(send(&api, method, path, body.clone()), (422, "invalid".into()), "{body}");
    }
    assert_eq!(api.list_organizations(&Default::default()).count(), 1);
    assert_eq!(api.get_organization(&id).unwrap().billing_email, None);
    assert!(api.get_organization_address(&id).unwrap_err().is_not_found());

    let created = api.create_organization_address(&id, &super::address()).unwrap();
    for body in [
        json!({ "city": null }),
        json!({ "city": "Ghent", "country": "BEL" }),
        json!({ "city": "Ghent", "line2": 3 }),
        json!({ "city": "Ghent", "line1": "" }),
        json!({ "city": "Ghent", "zip": "9000" }),
        json!(null),
    ] {
        assert_eq!(send(&api, patch, &address, body.clone()), (422, "invalid".into()), "{body}");
    }
    assert_eq!(api.get_organization_address(&id).unwrap(), created);
}

#[test]
fn a_missing_body_is_not_json() {
    let sandbox = Sandbox::new();
    sandbox.add_organization("Acme");
    let api = client(&sandbox);
    for (method, path) in
        [(Method::POST, "v1/organizations"), (Method::PATCH, "v1/organizations/org_1")]
    {
        let outcome = api.request(method.clone(), path.split('/')).send();
        assert_eq!(refusal(outcome), (400, "malformed_json".into()));
    }
}

#[test]
fn a_body_that_is_not_json_is_400_with_the_position() {
    let sandbox = Sandbox::new();
    sandbox.add_organization("Acme");
    let url = "https://api.nirvanalabs.io/v1/organizations";
    for (method, path, body, place) in [
        (Method::POST, "", "{\n  \"name\": Acme }", "line 2 column 11"),
        (Method::POST, "", "{\"name\": \"A\"} x", "line 1 column 15"),
        (Method::PATCH, "/org_1", "{\"name\": 1, ", "line 1 column 12"),
        (Method::POST, "/org_1/address", "", "line 1 column 0"),
    ] {
        let request = request(method, &format!("{url}{path}")).map(|_| body.as_bytes());
        let response = sandbox.send(request, &Limits::default()).unwrap();
        assert_eq!(response.status().as_u16(), 400, "{body}");
        let refusal: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(refusal["code"], "malformed_json");
        let message = refusal["message"].as_str().unwrap();
        assert!(message.starts_with("the body is not JSON: "), "{message}");
        assert!(message.ends_with(place), "{message}");
    }
}

#[test]
fn the_invalid_field_of_a_body_is_named() {
    let sandbox = Sandbox::new();
    sandbox.add_organization("Acme");
    let api = client(&sandbox);
    let (post, patch) = (&Method::POST, &Method::PATCH);
    let address = "v1/organizations/org_1/address";
    let good = json!({ "city": "A", "country": "BE", "line1": "B", "postal_code": "1" });
    let but = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for (method, path, body, message) in [
        (post, "v1/organizations", json!({}), "missing field `name`"),
        (post, "v1/organizations", json!([]), "invalid type: sequence, expected an object"),
        (post, "v1/organizations", json!({"name": " "}), "name must not be empty"),
        (
            post,
            "v1/organizations",
            json!({"name": null}),
            "name: invalid type: null, expected a string",
        ),
        (post, address, but("zip", json!("1")), "unknown field `zip`"),
        (post, address, but("state", json!(7)), "state: invalid type: integer `7`"),
        (post, address, but("country", json!("BEL")), "country must be a two-letter code"),
        (patch, "v1/organizations/org_1", json!({"name": ""}), "name must not be empty"),
        (
            patch,
            "v1/organizations/org_1",
            json!({"billing_email": []}),
            "billing_email: invalid type",
        ),
    ] {
        let request = api.request(method.clone(), path.split('/')).json(&body);
        let error = request.send::<Value>().unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(422)), "{body}");
        assert!(error.message().unwrap().starts_with(message), "{error:?}");
    }
}
