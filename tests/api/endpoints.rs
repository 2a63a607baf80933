//! The ten endpoints on the wire: an extra header, parameter or byte fails the test.

use nirvana_labs::http::Method;
use nirvana_labs::{
    AddressCreateParams, AddressUpdateParams, ErrorKind, ListParams, OrganizationCreateParams,
    OrganizationUpdateParams,
};
use serde_json::{json, to_value};

use crate::checks::http_messages::HttpMessage;
use crate::exact::{Reply, Server};
use crate::fixtures::{address, membership, organization, page};
use crate::support::endpoints::ENDPOINTS;
use crate::support::message::{percent_decoded, reply};
use crate::support::{client, server};

#[test]
fn create_organization() {
    let server = Server::replying([Reply::json(201, &organization())]);
    let params = OrganizationCreateParams::new("Acme").billing_email("billing@acme.io");
    let created = server.api().create_organization(&params).unwrap();
    let body = r#"{"name":"Acme","billing_email":"billing@acme.io"}"#;
    server.expect("POST", "/v1/organizations", Some(body));
    assert_eq!(created.id, "org_1");
}

#[test]
fn create_organization_with_only_a_name() {
    let server = Server::replying([Reply::json(201, &organization())]);
    let params = OrganizationCreateParams::new("Ac\"me\n🚀");
    server.api().create_organization(&params).unwrap();
    server.expect("POST", "/v1/organizations", Some(r#"{"name":"Ac\"me\n🚀"}"#));
}

#[test]
fn get_organization() {
    let server = Server::replying([Reply::json(200, &organization())]);
    let got = server.api().get_organization("org_1").unwrap();
    server.expect("GET", "/v1/organizations/org_1", None);
    assert_eq!(to_value(&got).unwrap()["services"], organization()["services"]);
}

#[test]
fn update_organization() {
    let server = Server::replying([Reply::json(200, &organization())]);
    let params = OrganizationUpdateParams::new().name("New").clear_billing_email();
    let updated = server.api().update_organization("org_1", &params).unwrap();
    let body = r#"{"name":"New","billing_email":null}"#;
    server.expect("PATCH", "/v1/organizations/org_1", Some(body));
    assert_eq!(updated.id, "org_1");
}

#[test]
fn list_organizations() {
    let server = Server::replying([Reply::json(200, &page(vec![organization()], None, 1))]);
    let mut items = server.api().list_organizations(&ListParams::new());
    assert_eq!(items.next().unwrap().unwrap().id, "org_1");
    assert!(items.next().is_none());
    server.expect("GET", "/v1/organizations", None);
}

#[test]
fn list_organizations_from_a_cursor() {
    let server = Server::replying([Reply::json(200, &page(vec![], None, 0))]);
    let params = ListParams::new().limit(50).cursor("a b");
    assert!(server.api().list_organizations(&params).next().is_none());
    server.expect("GET", "/v1/organizations?limit=50&cursor=a%20b", None);
}

#[test]
fn leave_organization() {
    for reply in [
        Reply::new(204, &[], ""),
        Reply::new(200, &[], ""),
        Reply::new(200, &[], "bye"),
        Reply::json(200, &json!({"left": true})),
    ] {
        let server = Server::replying([reply]);
        server.api().leave_organization("org_1").unwrap();
        server.expect("POST", "/v1/organizations/org_1/leave", None);
    }
}

#[test]
fn get_organization_membership() {
    let server = Server::replying([Reply::json(200, &membership())]);
    let got = server.api().get_organization_membership("org_1", "mem_1").unwrap();
    server.expect("GET", "/v1/organizations/org_1/memberships/mem_1", None);
    assert_eq!(got.user_id, "user_1");
}

#[test]
fn list_organization_memberships() {
    let server = Server::replying([Reply::json(200, &page(vec![membership()], None, 1))]);
    let params = ListParams::new().limit(1);
    let items = server.api().list_organization_memberships("org_1", &params);
    assert_eq!(items.map(|item| item.unwrap().id).collect::<Vec<_>>(), ["mem_1"]);
    server.expect("GET", "/v1/organizations/org_1/memberships?limit=1", None);
}

#[test]
fn create_organization_address() {
    let server = Server::replying([Reply::json(201, &address())]);
    let params = AddressCreateParams::new("123 Main St", "San Francisco", "94105", "US")
        .line2("Suite 4")
        .state("CA")
        .tax_id("12-3456789")
        .tax_id_type("us_ein");
    let created = server.api().create_organization_address("org_1", &params).unwrap();
    let body = concat!(
        r#"{"line1":"123 Main St","city":"San Francisco","postal_code":"94105","country":"US","#,
        r#""line2":"Suite 4","state":"CA","tax_id":"12-3456789","tax_id_type":"us_ein"}"#,
    );
    server.expect("POST", "/v1/organizations/org_1/address", Some(body));
    assert_eq!(created.id, "addr_1");
}

#[test]
fn create_organization_address_with_only_the_required_fields() {
    let server = Server::replying([Reply::json(201, &address())]);
    let params = AddressCreateParams::new("Line 1", "City", "12345", "DE");
    server.api().create_organization_address("org_1", &params).unwrap();
    let body = r#"{"line1":"Line 1","city":"City","postal_code":"12345","country":"DE"}"#;
    server.expect("POST", "/v1/organizations/org_1/address", Some(body));
}

#[test]
fn get_organization_address() {
    let server = Server::replying([Reply::json(200, &address())]);
    let got = server.api().get_organization_address("org_1").unwrap();
    server.expect("GET", "/v1/organizations/org_1/address", None);
    assert_eq!(got.postal_code, "94105");
}

#[test]
fn update_organization_address() {
    let server = Server::replying([Reply::json(200, &address())]);
    let params = AddressUpdateParams::new().line2("Suite 4").clear_state();
    let updated = server.api().update_organization_address("org_1", &params).unwrap();
    let body = r#"{"line2":"Suite 4","state":null}"#;
    server.expect("PATCH", "/v1/organizations/org_1/address", Some(body));
    assert_eq!(updated.id, "addr_1");
}

#[test]
fn a_base_url_may_have_a_path() {
    for (suffix, prefix) in [("", ""), ("/", ""), ("/a/b", "/a/b"), ("/a%20b/", "/a%20b")] {
        let server = Server::replying([
            Reply::json(200, &organization()),
            Reply::json(200, &page(vec![], None, 0)),
        ]);
        let api = server.builder().base_url(server.url() + suffix).build().unwrap();
        api.get_organization("org_1").unwrap();
        assert!(api.list_organizations(&ListParams::new().cursor("c")).next().is_none());
        let targets: Vec<String> = server.seen().into_iter().map(|seen| seen.target).collect();
        let expected = ["/v1/organizations/org_1", "/v1/organizations?cursor=c"]
            .map(|t| format!("{prefix}{t}"));
        assert_eq!(targets, expected);
    }
}

#[test]
fn an_id_is_always_one_path_segment() {
    for id in ["a/b", "a?b=c", "a#b", "../..", "%2e%2e", "ä ö", "\n\0", "...", "a;b", "a+b&c", "🚀"]
    {
        let server = Server::replying([Reply::json(200, &membership())]);
        server.api().get_organization_membership(id, id).unwrap();
        let target = &server.seen()[0].target;
        let segments: Vec<String> = target.split('/').skip(1).map(percent_decoded).collect();
        assert_eq!(segments, ["v1", "organizations", id, "memberships", id], "{target}");
        assert!(!target.contains(['?', '#', '+']), "{target}");
    }
}

#[test]
fn an_id_that_would_reach_another_path_sends_nothing() {
    let server = Server::replying([]);
    let api = server.api();
    for id in ["", ".", ".."] {
        let update = OrganizationUpdateParams::new();
        let address = AddressCreateParams::new("c", "a", "d", "b");
        let address_update = AddressUpdateParams::new();
        let errors = [
            api.get_organization(id).unwrap_err(),
            api.update_organization(id, &update).unwrap_err(),
            api.leave_organization(id).unwrap_err(),
            api.get_organization_membership(id, "mem_1").unwrap_err(),
            api.get_organization_membership("org_1", id).unwrap_err(),
            api.list_organization_memberships(id, &ListParams::new()).next().unwrap().unwrap_err(),
            api.create_organization_address(id, &address).unwrap_err(),
            api.get_organization_address(id).unwrap_err(),
            api.update_organization_address(id, &address_update).unwrap_err(),
            api.request(Method::GET, ["v1", id]).send::<()>().unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Request, "{error:?}");
            assert_eq!(error.attempts(), 0);
            assert!(
                error.to_string().contains("a path segment must not be empty, `.` or `..`"),
                "{error}"
            );
        }
    }
    assert!(server.seen().is_empty());
}

#[test]
fn other_endpoints_are_reached_by_request() {
    let server = Server::replying([Reply::json(200, &json!({"a": 1}))]);
    let response = server
        .api()
        .request(Method::PUT, ["v2", "things", "a/b"])
        .query("expand", "x y")
        .query("empty", "")
        .json(&json!({"b": [1, null]}))
        .send::<serde_json::Value>()
        .unwrap();
    let target = "/v2/things/a%2Fb?expand=x%20y&empty=";
    server.expect("PUT", target, Some(r#"{"b":[1,null]}"#));
    assert_eq!(
        (response.status().as_u16(), response.header("Content-Type")),
        (200, Some("application/json"))
    );
    assert_eq!(response.into_body(), json!({"a": 1}));
}

#[test]
fn every_method_is_sent_with_and_without_a_body() {
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let server = Server::replying([Reply::new(204, &[], "")]);
        let request = server.api().request(method.clone(), ["v1", "things"]);
        request.json(&json!({"a": 1})).send::<()>().unwrap();
        server.expect(method.as_str(), "/v1/things", Some(r#"{"a":1}"#));

        let server = Server::replying([Reply::new(204, &[], "")]);
        server.api().request(method.clone(), ["v1", "things"]).send::<()>().unwrap();
        let seen = &server.seen()[0];
        assert_eq!((seen.method.as_str(), seen.body.as_str()), (method.as_str(), ""));
        assert_eq!(seen.header("content-type"), None);
        assert_eq!(seen.header("transfer-encoding"), None);
        if method != Method::DELETE {
            assert_eq!(seen.header("content-length"), Some("0"));
        }
    }
}

#[test]
fn a_get_takes_no_body() {
    let server = Server::replying([]);
    let request = server.api().request(Method::GET, ["v1"]).json(&json!({}));
    assert_eq!(request.send::<()>().unwrap_err().kind(), ErrorKind::Request);
    assert!(server.seen().is_empty());
}

#[test]
fn one_connection_serves_every_call() {
    let server = server::Server::replying([
        reply(200, &organization().to_string()),
        reply(404, "<html>not here</html>"),
        "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
        reply(200, "a body that nobody asked for"),
        reply(200, r#"{"not":"an organization"}"#),
        reply(200, &organization().to_string()),
    ]);
    let api = client(server.url()).build().unwrap();
    api.get_organization("1").unwrap();
    api.get_organization("2").unwrap_err();
    api.leave_organization("3").unwrap();
    api.leave_organization("4").unwrap();
    api.get_organization("5").unwrap_err();
    api.get_organization("6").unwrap();
    assert_eq!((server.request_count(), server.connections()), (6, 1));
}

#[test]
fn no_unexpected_bytes_are_on_the_wire() {
    // This server parses requests itself. A library could hide extra spaces, a fragment or another
    // HTTP version.
    for endpoint in &ENDPOINTS {
        let server = server::Server::replying([reply(200, endpoint.response_body)]);
        (endpoint.call)(&client(server.url()).build().unwrap()).unwrap();
        let requests = server.requests();
        assert_eq!(requests.len(), 1);
        let body = Some(requests[0].body.as_str()).filter(|body| !body.is_empty());
        let line = (endpoint.method, endpoint.path);
        requests[0].expect(&server.address().to_string(), line, body, &[]);
    }
}
