//! Calls with an API key of their own.

use nirvana_labs::{
    CancelToken, ErrorKind, ListParams, OrganizationCreateParams, RequestOptions, Sandbox,
};
use serde_json::json;

use crate::checks::http_messages::{HttpMessage, WithBody, response};
use crate::exact::{Reply, Server};
use crate::fixtures::{organization, page};
use crate::recorder::logged;
use crate::scripted::Scripted;

const CLIENT_KEY: &str = "nl_of_the_client";
const CALL_KEY: &str = "nl_of_the_call";

fn keyed(key: &str) -> RequestOptions {
    RequestOptions::new().api_key(key)
}

#[test]
fn the_key_of_a_call_replaces_the_client_s() {
    let server = Server::replying([
        Reply::json(200, &organization()),
        Reply::json(200, &organization()),
        Reply::json(200, &page(vec![], Some("c"), 0)),
        Reply::json(200, &page(vec![], None, 0)),
    ]);
    let api = server.builder().api_key(CLIENT_KEY).build().unwrap();
    let other = api.with_options(keyed(CALL_KEY));
    other.get_organization("org_1").unwrap();
    let authorization = format!("Bearer {CALL_KEY}");
    let more = [("authorization", &*authorization)];
    server.expect_with("GET", "/v1/organizations/org_1", None, &more);
    api.get_organization("org_1").unwrap();
    // The key is sent with every page, and a clone with other options keeps the key.
    let again = other.with_options(RequestOptions::new().query("expand", "x"));
    assert_eq!(again.list_organizations(&ListParams::new()).count(), 0);
    let seen = server.seen();
    let keys: Vec<_> = seen.iter().map(|seen| seen.header("authorization").unwrap()).collect();
    let clients = format!("Bearer {CLIENT_KEY}");
    assert_eq!(keys, [&*authorization, &*clients, &*authorization, &*authorization]);
}

#[test]
fn a_call_may_set_a_key_if_the_client_has_none() {
    let sandbox = Sandbox::with_api_key(CALL_KEY);
    let id = sandbox.add_organization("Acme").id;
    let api = nirvana_labs::Api::builder().transport(sandbox).build().unwrap();
    assert!(api.get_organization(&id).unwrap_err().is_unauthorized());
    assert_eq!(api.with_options(keyed(CALL_KEY)).get_organization(&id).unwrap().name, "Acme");
}

#[test]
fn both_keys_are_redacted() {
    let echo = json!({"message": format!("neither {CLIENT_KEY} nor {CALL_KEY} may do this")});
    let transport = Scripted::new(move |request| {
        let status = if request.uri().path().ends_with("decode") { 200 } else { 403 };
        let response = response(status).with_header("x-echo", CALL_KEY);
        Ok(response.with_header("x-echo-2", CLIENT_KEY).with_body(echo.to_string()))
    });
    let token = CancelToken::new();
    let api = transport.builder().api_key(CLIENT_KEY).build().unwrap();
    let api = api.with_options(keyed(CALL_KEY).cancel_token(&token));
    let (errors, records) = logged(|| {
        let mut errors = vec![
            api.get_organization("org_1").unwrap_err(),
            api.get_organization("decode").unwrap_err(),
            api.get_organization(&format!("{CLIENT_KEY} {CALL_KEY}")).unwrap_err(),
            api.create_organization(&OrganizationCreateParams::new(CALL_KEY)).unwrap_err(),
        ];
        token.cancel();
        errors.push(api.get_organization(CLIENT_KEY).unwrap_err());
        errors
    });
    for error in &errors {
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("nl_of_the"), "{shown}");
        if error.kind() != ErrorKind::Status {
            continue;
        }
        assert_eq!(error.message(), Some("neither [redacted] nor [redacted] may do this"));
        assert!(!String::from_utf8_lossy(error.body()).contains("nl_of_the"));
        for name in ["x-echo", "x-echo-2"] {
            assert_eq!(error.header(name), Some("[redacted]"));
        }
    }
    assert!(records.contains("attempt 1") && !records.contains("nl_of_the"), "{records}");
    let options = keyed(CALL_KEY);
    assert!(!format!("{options:?} {api:?}").contains("nl_of_the"), "{options:?}");
}

#[test]
fn an_invalid_key_of_a_call_sends_nothing() {
    let transport = Scripted::in_turn([]);
    let api = transport.builder().api_key(CLIENT_KEY).build().unwrap();
    for (key, why) in [
        ("", "the API key is empty"),
        ("secret\n", "the API key starts or ends with white space, at byte 6; trim it"),
        ("sec\0ret", "the API key contains an invalid character at byte 3"),
        ("sec\tret", "the API key contains an invalid character at byte 3"),
    ] {
        let error = api.with_options(keyed(key)).get_organization("org_1").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
        assert_eq!((error.to_string().as_str(), error.attempts()), (why, 0));
    }
    assert_eq!(transport.count(), 0);
}
