//! The sandbox as a `Transport`: a server may pass requests of any kind to it.

use nirvana_labs::http::Method;
use nirvana_labs::{Limits, MembershipRole, OrganizationCreateParams, Sandbox, Transport};
use serde_json::{Value, json};

use crate::checks::http_messages::{HttpMessage, HttpResponse, request};
use crate::sandbox::status;

/// Returns the sandbox's response to a request with these headers and this body.
fn send(
    sandbox: &Sandbox,
    (method, target): (&str, &str),
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
) -> HttpResponse {
    let url = format!("http://127.0.0.1:4010{target}");
    let request = request(Method::try_from(method).unwrap(), &url);
    let request =
        headers.iter().fold(request, |request, (name, value)| request.with_header(name, value));
    let request = request.map(|_| body.unwrap_or_default());
    sandbox.send(request, &Limits::default()).unwrap()
}

fn code(response: &HttpResponse) -> (u16, String) {
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert!(!body["message"].as_str().unwrap().is_empty());
    (response.status().as_u16(), body["code"].as_str().unwrap().to_owned())
}

fn acme() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.add_organization("Acme");
    sandbox
}

#[test]
fn a_plain_request_is_served() {
    let sandbox = acme();
    let response = send(&sandbox, ("GET", "/v1/organizations?limit=1"), &[], None);
    let page: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!((response.status().as_u16(), &page["items"][0]["name"]), (200, &json!("Acme")));
    let body = br#"{"name": "Globex", "billing_email": "b@acme.io"}"#;
    let response = send(&sandbox, ("POST", "/v1/organizations"), &[], Some(body));
    let created: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!((response.status().as_u16(), &created["id"]), (201, &json!("org_2")));
    assert!(response.header("date").unwrap().ends_with(" GMT"));
    assert_eq!(response.header("x-request-id"), Some("req_2"));
}

#[test]
fn methods_that_no_path_supports_are_refused() {
    let sandbox = acme();
    for method in ["HEAD", "OPTIONS", "TRACE", "PURGE", "get", "PUT", "DELETE"] {
        for (path, allow) in [
            ("/v1/organizations", "GET, POST"),
            ("/v1/organizations/org_1", "GET, PATCH"),
            ("/v1/organizations/org_1/leave", "POST"),
            ("/v1/organizations/org_1/memberships", "GET"),
            ("/v1/organizations/org_1/memberships/mem_1", "GET"),
            ("/v1/organizations/org_1/address", "GET, POST, PATCH"),
        ] {
            let response = send(&sandbox, (method, path), &[], None);
            assert_eq!(code(&response), (405, "method_not_allowed".to_owned()), "{method} {path}");
            assert_eq!(response.header("allow"), Some(allow), "{method} {path}");
        }
        let nowhere = send(&sandbox, (method, "/v1/nothing"), &[], None);
        assert_eq!(code(&nowhere), (404, "not_found".to_owned()), "{method}");
    }
}

#[test]
fn unknown_paths_are_404() {
    let sandbox = acme();
    for target in [
        "/",
        "",
        "/v1",
        "/v1/organizations/",
        "//v1/organizations",
        "/V1/organizations",
        "/v1/organizations/org_1/",
        "/v1/organizations/org_9",
        "/v1/organizations/org_1%2Fleave",
        "/v1/organizations/%FF",
        "/v1/organizations/org_1/address",
    ] {
        assert_eq!(code(&send(&sandbox, ("GET", target), &[], None)).0, 404, "{target}");
    }
    for method in ["POST", "PATCH", "DELETE"] {
        let target = "/v1/organizations/";
        assert_eq!(code(&send(&sandbox, (method, target), &[], None)).0, 404, "{method}");
    }
    // A path that is percent-encoded without need is the same path.
    assert_eq!(send(&sandbox, ("GET", "/v1/organizations/org%5F1"), &[], None).status(), 200);
}

#[test]
fn malformed_json_is_400_and_json_of_the_wrong_shape_is_422() {
    let sandbox = acme();
    let post = ("POST", "/v1/organizations");
    for body in [
        None,
        Some(&b""[..]),
        Some(b"{"),
        Some(b"{\"name\": }"),
        Some(b"{\"name\": \"A\"} {}"),
        Some(b"name=A"),
        Some(b"{\"name\": \"\xFF\"}"),
    ] {
        let response = send(&sandbox, post, &[], body);
        assert_eq!(code(&response), (400, "malformed_json".to_owned()), "{body:?}");
    }
    for body in [&b"null"[..], b"[]", b"[\"A\"]", b"7", b"{}", b"{\"name\": 7}", b"{\"nom\": 1}"] {
        let response = send(&sandbox, post, &[], Some(body));
        assert_eq!(code(&response), (422, "invalid".to_owned()), "{body:?}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(code(&send(&sandbox, post, &[], Some(deep.as_bytes()))).0, 400);
    assert_eq!(sandbox.api().list_organizations(&Default::default()).count(), 1);
}

#[test]
fn a_request_without_a_valid_key_is_401() {
    let sandbox = Sandbox::with_api_key("My API Key");
    sandbox.add_organization("Acme");
    let get = |authorization: Option<&str>| {
        let headers: Vec<_> =
            authorization.into_iter().map(|value| ("authorization", value)).collect();
        send(&sandbox, ("GET", "/v1/organizations"), &headers, None)
    };
    for bad in [
        None,
        Some("Bearer"),
        Some("Bearer My"),
        Some("Bearer my api key"),
        Some("My API Key"),
        Some("Basic My API Key"),
        Some("Bearer My API Key2"),
    ] {
        assert_eq!(code(&get(bad)), (401, "unauthorized".to_owned()), "{bad:?}");
    }
    assert_eq!(get(Some("Bearer My API Key")).status(), 200);
    // The key is checked first, so that no one without a key learns which paths exist.
    for request in [("HEAD", "/v1/organizations"), ("GET", "/nothing"), ("PURGE", "/v1")] {
        assert_eq!(code(&send(&sandbox, request, &[], None)).0, 401, "{request:?}");
    }
}

#[test]
fn the_vendor_s_placeholder_key_is_accepted() {
    let sandbox = Sandbox::with_api_key("My API Key");
    let id = sandbox.api().create_organization(&OrganizationCreateParams::new("Acme")).unwrap().id;
    assert_eq!(sandbox.api().get_organization(&id).unwrap().name, "Acme");
    let request = &sandbox.requests()[0];
    assert_eq!(request.header("authorization"), Some("Bearer My API Key"));
    let other = nirvana_labs::Api::builder().api_key("my api key").transport(sandbox.clone());
    assert!(other.build().unwrap().get_organization(&id).unwrap_err().is_unauthorized());
}

#[test]
fn odd_requests_are_in_the_log() {
    let sandbox = acme();
    let member = sandbox.add_user("nl_member");
    sandbox.add_member("org_1", &member, MembershipRole::Member).unwrap();
    let headers = [("authorization", "Bearer nl_member"), ("x-note", "a")];
    let target = "/v1/organizations/org_1?x=%20&y";
    let response = send(&sandbox, ("PATCH", target), &headers, Some(b"not JSON"));
    assert_eq!(code(&response), (403, "forbidden".to_owned()));
    send(&sandbox, ("HEAD", "/v1/organizations"), &[], None);
    let [patch, head] = &*sandbox.requests() else { panic!() };
    assert_eq!((patch.method().as_str(), head.method().as_str()), ("PATCH", "HEAD"));
    assert_eq!((status(patch), status(head)), (403, 405));
    assert_eq!((patch.body(), patch.header("X-Note")), (&Value::Null, Some("a")));
    assert_eq!(patch.uri().path(), "/v1/organizations/org_1");
    assert_eq!(patch.uri().query(), Some("x=%20&y"));
    assert!(!format!("{patch:?}").contains("nl_member"), "{patch:?}");
}
