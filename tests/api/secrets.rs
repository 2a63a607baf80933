//! The key is redacted in every text that is shown or logged, and header values are not shown.

mod bodies;
mod forms;

use std::error::Error as StdError;
use std::fmt::{Debug, Display};
use std::time::Duration;

use nirvana_labs::http::Method;
use nirvana_labs::{
    Api, CancelToken, Error, ErrorKind, ListParams, OrganizationCreateParams, RequestOptions,
    SendError,
};
use serde_json::{Value, json};

use crate::checks::http_messages::{HttpMessage, WithBody, response};
use crate::exact::{Reply, Server};
use crate::fixtures::{organization, page};
use crate::recorder::logged;
use crate::scripted::Scripted;
use crate::support::client;
use crate::support::server::{self, reply_bytes, reply_with};

const KEY: &str = "nl_SENTINEL-key_1.2~3";
const HEADER: &str = "SENTINEL  of the  header";
const IDEMPOTENCY: &str = "SENTINEL-once";

/// Fails if `text` contains a secret.
#[track_caller]
fn clean(text: &str) {
    assert!(!text.contains("SENTINEL"), "a secret is shown: {text}");
}

/// Fails if the `Debug` output of `value` contains a secret.
#[track_caller]
fn clean_debug(value: &(impl Debug + ?Sized)) {
    clean(&format!("{value:?} {value:#?}"));
}

/// Fails if `error`, a value that one of its methods returns, or one of its sources shows a secret.
#[track_caller]
fn clean_error(error: &Error) {
    clean_debug(error);
    clean(&error.to_string());
    let mut source = error.source();
    while let Some(error) = source {
        fn both(error: &(impl Debug + Display + ?Sized)) -> String {
            format!("{error:?} {error}")
        }
        clean(&both(error));
        source = StdError::source(error);
    }
    clean(error.request_id().unwrap_or_default());
    let texts = [error.message(), error.code(), error.request_id(), error.field()];
    texts.into_iter().flatten().for_each(clean);
    clean(&String::from_utf8_lossy(error.body()));
    for value in error.headers().into_iter().flat_map(|headers| headers.values()) {
        clean(&String::from_utf8_lossy(value.as_bytes()));
    }
}

fn api(url: String) -> Api {
    let builder = client(url).api_key(KEY).header("x-token", HEADER).max_retries(1);
    let options = RequestOptions::new().header("idempotency-key", IDEMPOTENCY);
    builder.build().unwrap().with_options(options)
}

/// Makes a call of each kind, all of which must fail, and returns the errors.
fn fail_all(api: &Api) -> Vec<Error> {
    vec![
        api.get_organization("org_1").unwrap_err(),
        api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err(),
        api.list_organizations(&ListParams::new()).next().unwrap().unwrap_err(),
        api.request(Method::DELETE, ["v1"]).send::<u8>().unwrap_err(),
    ]
}

#[test]
fn no_secret_is_shown_by_debug_or_in_the_log_of_a_successful_call() {
    let server = Server::always(Reply::json(200, &page(vec![organization()], None, 1)));
    let builder = server.builder().api_key(KEY).header("x-token", HEADER).user_agent("tool/1");
    clean_debug(&builder);
    let api = api(server.url());
    let ((), records) = logged(|| {
        let mut items = api.list_organizations(&ListParams::new());
        clean_debug(&items);
        items.next().unwrap().unwrap();
        clean_debug(&items);
        clean_debug(&items.into_pages());
        let request = api.request(Method::GET, ["v1"]).query("token", KEY);
        clean_debug(&request);
        clean_debug(&request.send::<Value>().unwrap());
    });
    assert!(server.seen().iter().all(|seen| seen.header("x-token") == Some(HEADER)));
    clean_debug(&api);
    clean_debug(
        &RequestOptions::new().header("x-token", HEADER).header("idempotency-key", IDEMPOTENCY),
    );
    // The log is not empty: it has records of this crate and of ureq.
    assert!(records.contains("nirvana_labs") && records.contains("ureq"), "{records}");
    assert!(records.contains("GET /v1/organizations: 200 in "), "{records}");
    clean(&records);
}

#[test]
fn no_secret_is_shown_by_debug_of_a_request() {
    let transport = Scripted::new(|request| {
        clean_debug(request);
        Ok(response(204))
    });
    let api = transport.builder().api_key(KEY).header("x-token", HEADER).build().unwrap();
    api.leave_organization("org_1").unwrap();
}

/// Returns a server that repeats the key of the request in every part of the response.
fn echo(status: u16, body: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> server::Server {
    server::Server::answering(move |seen| {
        let key = seen.header("authorization").unwrap();
        let key = key.strip_prefix("Bearer ").unwrap();
        let location = format!("https://example.com/{key}?key={key}");
        let headers = [
            ("x-request-id", key),
            ("x-echo", key),
            ("www-authenticate", &format!("Bearer {key}")),
            ("set-cookie", key),
            ("location", &location),
            ("retry-after-ms", "1"),
        ];
        reply_bytes(status, &headers, &body(key))
    })
}

#[test]
fn no_secret_is_shown_if_a_server_repeats_it_in_an_error() {
    type Body = fn(&str) -> Vec<u8>;
    let bodies: [Body; 7] = [
        |key| key.as_bytes().to_vec(),
        |key| json!({"message": key, "code": key}).to_string().into_bytes(),
        |key| json!({"headers": [key, {"deep": key}]}).to_string().into_bytes(),
        |key| format!("<h1>{key}</h1>").into_bytes(),
        |key| [b"\xFF\xFE", key.as_bytes(), b"\xFF"].concat(),
        |key| format!("{{\"message\": \"{}{}", "x".repeat(490), key).into_bytes(),
        |_| Vec::new(),
    ];
    for status in [301, 307, 400, 401, 404, 422, 429, 500, 503, 520] {
        for body in bodies {
            let server = echo(status, body);
            let (errors, records) = logged(|| fail_all(&api(server.url())));
            for error in &errors {
                assert_eq!(error.status(), Some(status));
                clean_error(error);
            }
            assert!(records.contains(&format!(": {status} in ")), "{records}");
            clean(&records);
        }
    }
}

#[test]
fn the_key_is_redacted_in_the_target_of_a_redirect() {
    let key = "nl_key?with#marks";
    let location = format!("https://example.com/{key}/x");
    let redirect = response(302).with_header("location", &location);
    let transport = Scripted::in_turn([Ok(redirect)]);
    let api = transport.builder().api_key(key).build().unwrap();
    let error = api.get_organization("org_1").unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("[redacted]") && !shown.contains("nl_key"), "{shown}");
    // White space is not shown, so it must not hide a key.
    for location in ["/a/nl_\t0123456789", "/a/nl_0123 456789?b=c"] {
        let redirect = response(302).with_header("location", location);
        let transport = Scripted::in_turn([Ok(redirect)]);
        let api = transport.builder().api_key("nl_0123456789").build().unwrap();
        let error = api.get_organization("org_1").unwrap_err();
        assert!(error.to_string().ends_with("leads to /a/[redacted]"), "{error}");
    }
}

#[test]
fn no_secret_is_shown_if_a_response_is_not_http() {
    for bytes in ["SENTINEL garbage\r\n\r\n", "HTTP/1.1 SENTINEL\r\n\r\n", "", "\0SENTINEL"] {
        let server = server::Server::closing(bytes);
        let (error, records) =
            logged(|| api(server.url()).leave_organization("org_1").unwrap_err());
        assert!(error.kind().is_transport(), "{error:?}");
        clean_error(&error);
        clean(&records);
    }
}

#[test]
fn no_secret_is_shown_if_no_connection_can_be_opened() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for url in [format!("http://127.0.0.1:{port}"), format!("https://127.0.0.1:{port}")] {
        let api =
            Api::builder().api_key(KEY).header("x-token", HEADER).base_url(url).max_retries(0);
        let Ok(api) = api.build() else { continue };
        let (errors, records) = logged(|| fail_all(&api));
        errors.iter().for_each(clean_error);
        assert!(records.contains("attempt 1"), "{records}");
        clean(&records);
    }
}

#[test]
fn no_secret_is_shown_by_a_setting_that_is_refused() {
    for key in ["SENTINEL\n", " SENTINEL", "SENTINEL\u{e9}", "SENTINEL\0", "\u{7f}SENTINEL"] {
        let (error, records) = logged(|| Api::new(key).unwrap_err());
        clean_error(&error);
        clean(&records);
        clean_debug(&Api::builder().api_key(key));
        let builder = || Api::builder().api_key("nl_key").transport(Scripted::in_turn([]));
        if !key.contains(' ') || key.starts_with(' ') {
            clean_error(&builder().header("x-token", key).build().unwrap_err());
            let options = RequestOptions::new().header("idempotency-key", key);
            clean_debug(&options);
            let api = builder().build().unwrap().with_options(options);
            clean_error(&api.leave_organization("org_1").unwrap_err());
        }
        clean_error(&builder().header("authorization", key).build().unwrap_err());
        clean_error(&builder().header(key, "").build().unwrap_err());
        clean_error(&builder().header(format!("x-token: {key}"), "").build().unwrap_err());
        let url = format!("https://user:{}@example.com", key.trim());
        clean_error(&Api::builder().api_key("nl_key").base_url(url).build().unwrap_err());
    }
}

#[test]
fn the_key_is_redacted_in_a_path() {
    let transport = Scripted::new(|request| match request.uri().path().ends_with("address") {
        true => Err(SendError::maybe_sent(ErrorKind::Closed, "the line went dead")),
        false => Ok(response(404)),
    });
    let token = CancelToken::new();
    let api = transport.builder().api_key(KEY).max_retries(0).build().unwrap();
    let ((), records) = logged(|| {
        clean_error(&api.get_organization(KEY).unwrap_err());
        clean_error(&api.get_organization_address(KEY).unwrap_err());
        let mut members = api.list_organization_memberships(KEY, &ListParams::new());
        clean_debug(&members);
        clean_error(&members.next().unwrap().unwrap_err());
        clean_debug(&api.request(Method::GET, ["v1", KEY]));
        token.cancel();
        let api = api.with_options(RequestOptions::new().cancel_token(&token));
        clean_error(&api.get_organization(KEY).unwrap_err());
    });
    assert!(records.contains("GET /v1/organizations/[redacted]: 404"), "{records}");
    clean(&records);
}

#[test]
fn the_password_of_a_proxy_is_not_shown() {
    // Nothing listens on this port.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let proxy = format!("http://user:SENTINEL@127.0.0.1:{port}");
    for base_url in ["http://192.0.2.1", "https://192.0.2.1"] {
        let builder = Api::builder().api_key("nl_key").base_url(base_url).allow_http(true);
        let builder = builder.proxy(&proxy).max_retries(0).timeout(Duration::from_secs(5));
        clean_debug(&builder);
        let Ok(api) = builder.build() else { continue };
        clean_debug(&api);
        let (error, records) = logged(|| api.get_organization("org_1").unwrap_err());
        assert_eq!(error.kind() as u32, 24, "{error:?}");
        clean_error(&error);
        clean(&records);
    }
}

#[test]
fn no_secret_is_shown_if_a_proxy_repeats_it() {
    let refusal = reply_with(407, &[("x-echo", "dXNlcjpTRU5USU5FTA==")], "SENTINEL");
    let proxy = server::Server::closing(refusal);
    let url = proxy.url().replace("http://", "http://user:SENTINEL@");
    let builder = Api::builder().api_key(KEY).base_url("http://192.0.2.1").allow_http(true);
    let api = builder.proxy(url).max_retries(0).build().unwrap();
    let (error, records) = logged(|| api.get_organization("org_1").unwrap_err());
    clean_debug(&error);
    clean(&error.to_string());
    clean(&records);
}

#[test]
fn nothing_but_the_key_is_redacted() {
    let transport = Scripted::new(|_| {
        let body = r#"{"message": "no such language: de-CH, for test_org_true"}"#;
        Ok(response(404).with_header("x-echo", "true").with_body(body))
    });
    let builder = transport.builder().api_key("nl_key").header("accept-language", "de-CH");
    let api = builder.header("x-dry-run", "true").build().unwrap();
    let error = api.get_organization("test_org_true").unwrap_err();
    let display = "GET /v1/organizations/test_org_true: 404 Not Found: \
                   no such language: de-CH, for test_org_true";
    assert_eq!(error.to_string(), display);
    assert_eq!(error.header("x-echo"), Some("true"));
    // A key shorter than 8 bytes is not redacted, because it may be a part of ordinary text.
    let api = transport.builder().api_key("org_tru").build().unwrap();
    assert_eq!(api.get_organization("test_org_true").unwrap_err().to_string(), display);
}

#[test]
fn a_key_with_spaces_is_redacted_over_a_line_break() {
    for message in ["no My API Key", "no My\nAPI\tKey", "no My  API Key"] {
        let body = json!({"message": message}).to_string();
        let transport = Scripted::new(move |_| Ok(response(400).with_body(body.clone())));
        let api = transport.builder().api_key("My API Key").build().unwrap();
        let error = api.get_organization("org_1").unwrap_err();
        assert!(error.to_string().ends_with(": no [redacted]"), "{error}");
    }
}

#[test]
fn the_key_is_redacted_in_the_message_of_a_transport() {
    // The error has no source: a source would be passed on unchanged.
    let transport = Scripted::new(|_| {
        let message = format!("the line went dead, {KEY}");
        Err(SendError::maybe_sent(ErrorKind::Closed, message))
    });
    let builder = transport.builder().api_key(KEY).max_retries(0).observe(|attempt| {
        assert!(attempt.failure.is_some());
        clean_debug(attempt);
        clean(&attempt.to_string());
    });
    let api = builder.build().unwrap();
    let (errors, records) = logged(|| fail_all(&api));
    errors.iter().for_each(clean_error);
    assert!(records.contains("the line went dead"), "{records}");
    clean(&records);
}

#[test]
fn no_secret_is_shown_by_a_request_that_is_refused() {
    let api = Scripted::in_turn([]).builder().api_key(KEY).build().unwrap();
    clean_error(&api.get_organization_membership(KEY, "").unwrap_err());
    clean_error(&api.request(Method::GET, ["v1", KEY]).json(&1).send::<Value>().unwrap_err());
    let unwritable = std::collections::BTreeMap::from([((1, 2), KEY)]);
    let request = api.request(Method::POST, ["v1", KEY]).json(&unwritable);
    clean_error(&request.send::<Value>().unwrap_err());
    let list = |params| api.list_organization_memberships(KEY, &params).next().unwrap();
    clean_error(&list(ListParams::new().limit(0)).unwrap_err());
}
