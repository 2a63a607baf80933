//! Secrets stay out of whatever is shown or logged, come what may.

mod parts;

use std::error::Error as StdError;
use std::fmt::{Debug, Display};
use std::time::Duration;

use nirvana_labs::{
    Api, CancelToken, Error, HttpResponse, ListParams, Method, OrganizationCreateParams,
    RequestOptions, SendError, TransportErrorKind,
};
use serde_json::{Value, json};

use crate::exact::{Reply, Server};
use crate::fixtures::{organization, page};
use crate::recorder::logged;
use crate::scripted::Scripted;
use crate::support::client;
use crate::support::server::{self, answer_bytes, answer_with};

const KEY: &str = "nl_SENTINEL/key+\"1\\2";
const HEADER: &str = "SENTINEL  of the  header";
const IDEMPOTENCY: &str = "SENTINEL-once";

#[track_caller]
fn clean(text: &str) {
    // The unescaped heart of each of the secrets.
    assert!(!text.contains("SENTINEL"), "a secret is shown: {text}");
}

#[track_caller]
fn shown(value: &(impl Debug + ?Sized)) {
    clean(&format!("{value:?} {value:#?}"));
}

/// The error, all that can be asked of it, and all that is beneath it.
#[track_caller]
fn told(error: &Error) {
    shown(error);
    clean(&error.to_string());
    let mut beneath = error.source();
    while let Some(error) = beneath {
        fn both(error: &(impl Debug + Display + ?Sized)) -> String {
            format!("{error:?} {error}")
        }
        clean(&both(error));
        beneath = StdError::source(error);
    }
    clean(error.request_id().unwrap_or_default());
    match error {
        Error::Api(error) => {
            shown(error);
            let texts = [error.message(), error.error_code(), error.request_id()];
            texts.into_iter().flatten().for_each(clean);
            clean(&String::from_utf8_lossy(error.body()));
            for name in ["x-echo", "location", "www-authenticate", "set-cookie"] {
                clean(error.header(name).unwrap_or_default());
            }
        }
        Error::Decode(error) => {
            shown(error);
            clean(error.snippet());
            clean(error.field());
            clean(error.reason());
        }
        Error::Transport(error) => shown(error),
        _ => {}
    }
}

fn api(url: String) -> Api {
    let builder = client(url).api_key(KEY).header("x-token", HEADER).max_retries(1);
    let options = RequestOptions::new().idempotency_key(IDEMPOTENCY);
    builder.build().unwrap().with_options(options)
}

/// Calls of every kind; each is to fail.
fn fail_all(api: &Api) -> Vec<Error> {
    vec![
        api.get_organization("org_1").unwrap_err(),
        api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err(),
        api.list_organizations(ListParams::new()).next().unwrap().unwrap_err(),
        api.request(Method::DELETE, ["v1"]).send::<u8>().unwrap_err(),
    ]
}

#[test]
fn in_success_and_in_debug() {
    let server = Server::always(Reply::json(200, &page(vec![organization()], None, 1)));
    let builder = server.builder().api_key(KEY).header("x-token", HEADER).user_agent("tool/1");
    shown(&builder);
    let api = api(server.url());
    let ((), records) = logged(|| {
        let mut items = api.list_organizations(ListParams::new());
        shown(&items);
        items.next().unwrap().unwrap();
        shown(&items);
        shown(&items.pages());
        let request = api.request(Method::GET, ["v1"]).query("token", KEY);
        shown(&request);
        shown(&request.send::<Value>().unwrap());
    });
    assert!(server.seen().iter().all(|seen| seen.header("x-token") == Some(HEADER)));
    shown(&api);
    shown(&RequestOptions::new().header("x-token", HEADER).idempotency_key(IDEMPOTENCY));
    // The log is really there: ours and that of what is beneath.
    assert!(records.contains("nirvana_labs") && records.contains("ureq"), "{records}");
    assert!(records.contains("GET /v1/organizations: 200 in "), "{records}");
    clean(&records);
}

#[test]
fn in_what_a_transport_is_given() {
    let transport = Scripted::new(|request| {
        shown(request);
        Ok(HttpResponse::new(204))
    });
    let api = transport.builder().api_key(KEY).header("x-token", HEADER).build().unwrap();
    api.leave_organization("org_1").unwrap();
}

/// The secrets of a request, in every place of an answer that can hold one.
fn echo(status: u16, body: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> server::Server {
    server::Server::answering(move |seen| {
        let sent = ["authorization", "x-token", "idempotency-key"].map(|name| seen.header(name));
        let secrets = sent.map(|value| value.unwrap_or_default()).join(" and ");
        let encoded = secrets.replace(' ', "%20").replace('"', "%22").replace('\\', "%5C");
        let location = format!("https://example.com/{}?key={encoded}", encoded.replace('/', "%2F"));
        let headers = [
            ("x-request-id", secrets.as_str()),
            ("x-echo", &secrets),
            ("www-authenticate", &secrets),
            ("set-cookie", &secrets),
            ("location", &location),
            ("retry-after-ms", "1"),
        ];
        answer_bytes(status, &headers, &body(&secrets))
    })
}

#[test]
fn in_errors_of_a_server_that_says_them_back() {
    type Body = fn(&str) -> Vec<u8>;
    let bodies: [Body; 12] = [
        |secrets| secrets.as_bytes().to_vec(),
        |secrets| json!({"message": secrets, "code": secrets}).to_string().into_bytes(),
        // As .NET writes JSON, as a URL has it, as an HTML page has it, and on several lines.
        |secrets| {
            let json = json!({"message": secrets}).to_string();
            json.replace('+', "\\u002B").replace("\\\"", "\\u0022").into_bytes()
        },
        |secrets| {
            let encoded = secrets.replace('/', "%2F").replace('+', "%2b").replace(' ', "%20");
            json!({"message": encoded}).to_string().into_bytes()
        },
        |secrets| {
            let escaped = secrets.replace('"', "&quot;").replace('+', "&#43;");
            json!({"message": escaped}).to_string().into_bytes()
        },
        |secrets| {
            let broken = secrets.replace("SENTINEL", "SENT\r\n  INEL");
            json!({"message": broken, "code": broken}).to_string().into_bytes()
        },
        // As PHP writes JSON.
        |secrets| json!({"message": secrets}).to_string().replace('/', "\\/").into_bytes(),
        |secrets| json!({"headers": [secrets, {"deep": secrets}]}).to_string().into_bytes(),
        |secrets| format!("<h1>{secrets}</h1>").into_bytes(),
        |secrets| [b"\xFF\xFE", secrets.as_bytes(), b"\xFF"].concat(),
        |secrets| format!("{{\"message\": \"{}{}", "x".repeat(490), secrets).into_bytes(),
        |_| Vec::new(),
    ];
    for status in [301, 307, 400, 401, 404, 422, 429, 500, 503, 520] {
        for body in bodies {
            let server = echo(status, body);
            let (errors, records) = logged(|| fail_all(&api(server.url())));
            for error in &errors {
                assert_eq!(error.status(), Some(status));
                told(error);
            }
            assert!(records.contains(&format!(": {status} in ")), "{records}");
            clean(&records);
        }
    }
}

#[test]
fn in_the_target_of_a_redirect() {
    let key = "nl_key?with#marks";
    let location = format!("https://example.com/{key}/x");
    let answer = HttpResponse::new(302).with_header("location", &location);
    let transport = Scripted::in_turn([Ok(answer)]);
    let api = transport.builder().api_key(key).build().unwrap();
    let error = api.get_organization("org_1").unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("[redacted]") && !shown.contains("nl_key"), "{shown}");
}

#[test]
fn in_a_body_that_was_cut_below_its_limit() {
    // By the caller's own limit, and by a server that broke off.
    let cut = Reply::new(400, &[], format!("key: {KEY} and more").into_bytes());
    let server = Server::always(cut);
    for limit in 0..40 {
        let builder = server.builder().api_key(KEY).max_body_bytes(limit);
        told(&builder.build().unwrap().get_organization("org_1").unwrap_err());
    }
    let length = "HTTP/1.1 400 Bad Request\r\nContent-Length: 1000\r\n\r\n";
    for end in 0..KEY.len() {
        let server = server::Server::closing(format!("{length}{}", &KEY[..end]));
        let api = client(server.url()).api_key(KEY).build().unwrap();
        let error = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err();
        let Error::Api(error) = error else { panic!("{error:?}") };
        assert!(!String::from_utf8_lossy(error.body()).contains("nl_S"), "{end}");
    }
}

#[test]
fn in_a_body_that_was_cut_through_one() {
    for shift in (0..120).step_by(3) {
        let server = echo(400, move |secrets| {
            let mut body = vec![b'x'; 64 * 1024 - shift];
            body.extend(secrets.bytes());
            body.extend([b'x'; 1000]);
            body
        });
        let error = api(server.url()).get_organization("org_1").unwrap_err();
        told(&error);
        let Error::Api(error) = error else { panic!("{error:?}") };
        let body = String::from_utf8_lossy(error.body());
        assert!(body.len() > 64 * 1024 - 200 && body.len() <= 64 * 1024, "{}", body.len());
        for begun in ["nl_SENT", "nl_S", "SENT"] {
            assert!(!body.contains(begun), "{}", &body[body.len() - 100..]);
        }
    }
}

#[test]
fn in_answers_that_cannot_be_read() {
    type Body = fn(&str) -> Vec<u8>;
    let bodies: [Body; 8] = [
        |secrets| secrets.as_bytes().to_vec(),
        |secrets| json!(secrets).to_string().into_bytes(),
        |secrets| json!({"id": 7, "key": secrets}).to_string().into_bytes(),
        |secrets| json!({secrets: 7, "id": {}}).to_string().into_bytes(),
        |secrets| format!("{{{}: nonsense", json!(secrets)).into_bytes(),
        |secrets| json!({"created_at": secrets, "items": secrets}).to_string().into_bytes(),
        |secrets| format!("<p>{secrets}</p>").into_bytes(),
        |secrets| [secrets.as_bytes(), b"\xFF", secrets.as_bytes()].concat(),
    ];
    for body in bodies {
        let server = echo(200, body);
        let (errors, records) = logged(|| fail_all(&api(server.url())));
        for error in &errors {
            assert!(matches!(error, Error::Decode(_)), "{error:?}");
            told(error);
        }
        clean(&records);
    }
}

#[test]
fn in_every_place_where_a_document_breaks_off() {
    let text = json!({"a": [format!("Bearer {KEY}"), HEADER], "b": IDEMPOTENCY}).to_string();
    for end in 0..text.len() {
        let body = text[..end].to_owned();
        let transport = Scripted::body(&body);
        let api = transport.builder().api_key(KEY).header("x-token", HEADER).build().unwrap();
        let api = api.with_options(RequestOptions::new().idempotency_key(IDEMPOTENCY));
        let whole = [json!(KEY), json!(HEADER), json!(IDEMPOTENCY)];
        let error = api.get_organization("org_1").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("nl_SENT"), "{error:?}");
        for secret in whole {
            let escaped = secret.to_string();
            let escaped = escaped.trim_matches('"');
            let plain = secret.as_str().unwrap();
            let text = format!("{error} {error:?}");
            assert!(!text.contains(plain) && !text.contains(escaped), "{text}");
        }
    }
}

#[test]
fn in_answers_that_are_no_http() {
    for bytes in ["SENTINEL garbage\r\n\r\n", "HTTP/1.1 SENTINEL\r\n\r\n", "", "\0SENTINEL"] {
        let server = server::Server::closing(bytes);
        let (error, records) =
            logged(|| api(server.url()).leave_organization("org_1").unwrap_err());
        assert!(matches!(error, Error::Transport(_)), "{error:?}");
        told(&error);
        clean(&records);
    }
}

#[test]
fn in_failures_to_connect() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for url in [format!("http://127.0.0.1:{port}"), format!("https://127.0.0.1:{port}")] {
        let api =
            Api::builder().api_key(KEY).header("x-token", HEADER).base_url(url).max_retries(0);
        let Ok(api) = api.build() else { continue };
        let (errors, records) = logged(|| fail_all(&api));
        errors.iter().for_each(told);
        assert!(records.contains("attempt 1"), "{records}");
        clean(&records);
    }
}

#[test]
fn in_settings_that_are_refused() {
    for key in [
        "SENTINEL\n",
        " SENTINEL",
        "SENTINEL key",
        "SENTINEL\u{e9}",
        "SENTINEL\0",
        "\u{7f}SENTINEL",
    ] {
        let (error, records) = logged(|| Api::new(key).unwrap_err());
        told(&error);
        clean(&records);
        shown(&Api::builder().api_key(key));
        let builder = || Api::builder().api_key("nl_key").transport(Scripted::in_turn([]));
        if !key.contains(' ') || key.starts_with(' ') {
            told(&builder().header("x-token", key).build().unwrap_err());
            let options = RequestOptions::new().idempotency_key(key);
            shown(&options);
            let api = builder().build().unwrap().with_options(options);
            told(&api.leave_organization("org_1").unwrap_err());
        }
        told(&builder().header("authorization", key).build().unwrap_err());
        told(&builder().header(key, "").build().unwrap_err());
        told(&builder().header(format!("x-token: {key}"), "").build().unwrap_err());
        let url = format!("https://user:{}@example.com", key.trim());
        told(&Api::builder().api_key("nl_key").base_url(url).build().unwrap_err());
    }
}

#[test]
fn in_a_path_that_was_given_the_key() {
    let transport = Scripted::new(|request| match request.path().ends_with("address") {
        true => Err(SendError::maybe_sent(TransportErrorKind::Closed, "the line went dead")),
        false => Ok(HttpResponse::new(404)),
    });
    let token = CancelToken::new();
    let api = transport.builder().api_key(KEY).max_retries(0).build().unwrap();
    let ((), records) = logged(|| {
        told(&api.get_organization(KEY).unwrap_err());
        told(&api.get_organization_address(KEY).unwrap_err());
        let mut members = api.list_organization_memberships(KEY, ListParams::new());
        shown(&members);
        told(&members.next().unwrap().unwrap_err());
        shown(&api.request(Method::GET, ["v1", KEY]));
        token.cancel();
        let api = api.with_options(RequestOptions::new().cancel(&token));
        told(&api.get_organization(KEY).unwrap_err());
    });
    assert!(records.contains("GET /v1/organizations/[redacted]: 404"), "{records}");
    clean(&records);
}

#[test]
fn in_a_proxy_s_address() {
    // Nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let proxy = format!("http://user:SENTINEL@127.0.0.1:{port}");
    for base_url in ["http://192.0.2.1", "https://192.0.2.1"] {
        let builder = Api::builder().api_key("nl_key").base_url(base_url).allow_http(true);
        let builder = builder.proxy(&proxy).max_retries(0).timeout(Duration::from_secs(5));
        shown(&builder);
        let Ok(api) = builder.build() else { continue };
        shown(&api);
        let (error, records) = logged(|| api.get_organization("org_1").unwrap_err());
        assert_eq!(error.code(), 24, "{error:?}");
        told(&error);
        clean(&records);
    }
}

#[test]
fn in_a_proxy_that_says_them_back() {
    let refusal = answer_with(407, &[("x-echo", "dXNlcjpTRU5USU5FTA==")], "SENTINEL");
    let proxy = server::Server::closing(refusal);
    let url = proxy.url().replace("http://", "http://user:SENTINEL@");
    let builder = Api::builder().api_key(KEY).base_url("http://192.0.2.1").allow_http(true);
    let api = builder.proxy(url).max_retries(0).build().unwrap();
    let (error, records) = logged(|| api.get_organization("org_1").unwrap_err());
    shown(&error);
    clean(&error.to_string());
    clean(&records);
}

#[test]
fn harmless_headers_are_not_blanked() {
    let transport = Scripted::new(|_| {
        Ok(HttpResponse::new(400).with_body(r#"{"message": "no such language: de-CH"}"#))
    });
    let api = transport.builder().header("accept-language", "de-CH").build().unwrap();
    let error = api.get_organization("org_1").unwrap_err();
    assert!(error.to_string().ends_with("no such language: de-CH"), "{error}");
}

#[test]
fn the_longer_of_two_alike_is_blanked_whole() {
    let transport = Scripted::new(|request| {
        let token = request.header("x-token").unwrap();
        Ok(HttpResponse::new(400).with_body(json!({"message": token}).to_string()))
    });
    let builder = transport.builder().api_key("nl_1234").header("x-token", "nl_1234_SENTINEL");
    let error = builder.build().unwrap().get_organization("org_1").unwrap_err();
    assert!(error.to_string().ends_with(": [redacted]"), "{error}");
}

#[test]
fn in_what_a_failed_attempt_says() {
    // A custom transport keeps its own secrets; its source is handed on as it is.
    let transport = Scripted::new(|_| {
        Err(SendError::maybe_sent(TransportErrorKind::Closed, "the line went dead"))
    });
    let api = transport.builder().api_key(KEY).max_retries(0).build().unwrap();
    let (errors, records) = logged(|| fail_all(&api));
    errors.iter().for_each(told);
    assert!(records.contains("the line went dead"), "{records}");
    clean(&records);
}

#[test]
fn in_requests_that_are_refused() {
    let api = Scripted::in_turn([]).builder().api_key(KEY).build().unwrap();
    told(&api.get_organization_membership(KEY, "").unwrap_err());
    told(&api.request(Method::GET, ["v1", KEY]).json(&1).send::<Value>().unwrap_err());
    let unwritable = std::collections::BTreeMap::from([((1, 2), KEY)]);
    let request = api.request(Method::POST, ["v1", KEY]).json(&unwritable);
    told(&request.send::<Value>().unwrap_err());
    let list = |params| api.list_organization_memberships(KEY, params).next().unwrap();
    told(&list(ListParams::new().limit(0)).unwrap_err());
}
