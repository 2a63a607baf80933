//! Options of a client and of a call.

use std::time::{Duration, Instant};

use nirvana_labs::http::Method;
use nirvana_labs::{CancelToken, ErrorKind, OrganizationCreateParams, RequestOptions};

use crate::checks::http_messages::{HttpMessage, WithBody, response};
use crate::exact::{Reply, Server};
use crate::fixtures::organization;
use crate::scripted::{Scripted, limits};
use crate::support::message::reply;
use crate::support::{client, server};

/// The name and the value of a query parameter.
type Pair = (String, String);

fn sent(api: &nirvana_labs::Api, server: &Server, name: &str) -> Option<String> {
    api.get_organization("org_1").unwrap();
    server.seen().last().unwrap().header(name).map(str::to_owned)
}

fn good() -> Server {
    Server::always(Reply::json(200, &organization()))
}

#[test]
fn headers_of_client_and_call_are_sent_together() {
    let server = good();
    let api = server.builder().header("X-One", "1").header("x-two", "client's").build().unwrap();
    let options = RequestOptions::new().header("x-two", "call's").header("x-three", "a\tb c");
    api.with_options(options).get_organization("org_1").unwrap();
    let more = [("x-one", "1"), ("x-two", "call's"), ("x-three", "a\tb c")];
    server.expect_with("GET", "/v1/organizations/org_1", None, &more);
}

#[test]
fn with_options_does_not_change_the_original() {
    let server = good();
    let api = server.api();
    let changed = api.with_options(RequestOptions::new().header("x-one", "1").max_retries(0));
    let again = changed.with_options(RequestOptions::new().header("x-two", "2"));
    assert_eq!(sent(&changed, &server, "x-one").as_deref(), Some("1"));
    assert_eq!(sent(&again, &server, "x-one").as_deref(), Some("1"));
    assert_eq!(sent(&again, &server, "x-two").as_deref(), Some("2"));
    assert_eq!(sent(&changed, &server, "x-two"), None);
    assert_eq!(sent(&api, &server, "x-one"), None);
}

#[test]
fn with_options_shares_the_connection_pool() {
    let server = server::Server::answering(|_| reply(200, &organization().to_string()));
    let api = client(server.url()).build().unwrap();
    let changed = api.with_options(RequestOptions::new().header("x-one", "1").max_retries(0));
    let again = changed.with_options(RequestOptions::new().header("x-two", "2"));
    for api in [&changed, &again, &changed, &api] {
        api.get_organization("org_1").unwrap();
    }
    assert_eq!((server.request_count(), server.connections()), (4, 1));
}

#[test]
fn accept_can_be_set_but_the_user_agent_has_its_own_setting() {
    let server = good();
    let api = server.builder().header("accept", "application/vnd.x+json").user_agent("tool/1.0");
    api.build().unwrap().get_organization("org_1").unwrap();
    let more = [("accept", "application/vnd.x+json"), ("user-agent", "tool/1.0")];
    server.expect_with("GET", "/v1/organizations/org_1", None, &more);
}

#[test]
fn query_options_are_added() {
    let server = good();
    let first = server.api().with_options(RequestOptions::new().query("a", "1 &").query("é", ""));
    let both = first.with_options(RequestOptions::new().query("a", "2"));
    both.request(Method::GET, ["v1", "organizations", "org_1"])
        .query("own", "+")
        .send::<serde_json::Value>()
        .unwrap();
    let target = "/v1/organizations/org_1?own=%2B&a=1%20%26&%C3%A9=&a=2";
    server.expect("GET", target, None);
    let pair = |name: &str, value: &str| -> Pair { (name.to_owned(), value.to_owned()) };
    let expected = [pair("own", "+"), pair("a", "1 &"), pair("é", ""), pair("a", "2")];
    assert_eq!(server.seen()[0].query(), expected);
}

#[test]
fn a_query_too_long_to_send_is_refused() {
    let server = Server::replying([]);
    // Path and query may have 8192 bytes together.
    let most = 8192 - "/v1/organizations/org_1?q=".len();
    let options = RequestOptions::new().query("q", "x".repeat(most + 1));
    let error = server.api().with_options(options).get_organization("org_1").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request, "{error:?}");
    let transport = Scripted::body("{}");
    let options = RequestOptions::new().query("q", "x".repeat(most));
    let error = transport.api().with_options(options).get_organization("org_1").unwrap_err();
    assert_eq!((error.kind(), transport.count()), (ErrorKind::Decode, 1), "{error:?}");
    let error = server.api().get_organization(&"/".repeat(3000)).unwrap_err();
    assert!(error.to_string().contains("8192 is the maximum"), "{error}");
    assert!(server.seen().is_empty());
}

#[test]
fn a_header_too_long_to_send_is_refused() {
    let server = good();
    let long = "x".repeat(8 * 1024);
    let (name, fits) = ("x-long", long.split_at("x-long".len()).1);
    let api = server.builder().header(name, fits).header("x-more", fits).build().unwrap();
    assert_eq!(sent(&api, &server, name).as_deref(), Some(fits));
    let requests = server.seen().len();
    for options in [
        RequestOptions::new().header(name, format!("{fits}x")),
        RequestOptions::new().header(format!("{name}x"), fits),
        RequestOptions::new().header("idempotency-key", &long),
    ] {
        let error = server.api().with_options(options).get_organization("org_1").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
        assert!(error.to_string().contains("8192 bytes is the maximum"), "{error}");
    }
    assert_eq!(server.seen().len(), requests);
    // An API key and a user agent may be up to 8 KiB long, without the header name.
    let longer = format!("{long}x");
    for (builder, what) in [
        (server.builder().api_key(&longer), "the API key"),
        (server.builder().user_agent(&longer), "the user agent"),
    ] {
        let error = builder.build().unwrap_err();
        let why = format!("{what} is too long: 8192 bytes is the maximum");
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::Config, why));
    }
    let api = server.builder().api_key(&long).user_agent(&long).build().unwrap();
    assert_eq!(sent(&api, &server, "authorization"), Some(format!("Bearer {long}")));
    assert_eq!(sent(&api, &server, "user-agent"), Some(long));
}

#[test]
fn an_invalid_header_sends_nothing() {
    let server = Server::replying([]);
    for (name, value) in [
        ("", "v"),
        ("a b", "v"),
        ("a:", "v"),
        ("é", "v"),
        ("a\r\nb", "v"),
        ("x", "v\r\nInjected: yes"),
        ("x", "v\n"),
        ("x", "v\0"),
        ("x", "\u{7f}"),
        ("x", "é"),
        ("x", " v"),
        ("x", "v "),
        ("x", "\tv"),
    ] {
        let error = server.builder().header(name, value).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{name:?}: {value:?}");
        let api = server.api().with_options(RequestOptions::new().header(name, value));
        let same = api.get_organization("org_1").unwrap_err();
        assert_eq!((same.to_string(), same.attempts()), (error.to_string(), 0));
        // A clone keeps the error.
        let clone = api.with_options(RequestOptions::new().header("x-ok", "1"));
        assert_eq!(clone.leave_organization("org_1").unwrap_err().kind() as u32, 1);
    }
    assert!(server.seen().is_empty());
}

#[test]
fn headers_that_the_client_writes_are_refused() {
    let server = Server::replying([]);
    for (name, owner) in [
        ("Authorization", "ApiBuilder::api_key"),
        ("user-agent", "ApiBuilder::user_agent"),
        // If a client had an idempotency key, all its calls would share the key.
        ("Idempotency-Key", "RequestOptions::header"),
        ("accept-encoding", "gzip"),
        ("HOST", "ApiBuilder::base_url"),
        ("content-type", "the body"),
        ("Content-Length", "the body"),
        ("transfer-encoding", "the body"),
        ("connection", "the connection pool"),
        ("upgrade", "the connection pool"),
        ("te", "the connection pool"),
        ("expect", "the connection pool"),
    ] {
        let error = server.builder().header(name, "x").build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = error.to_string();
        assert!(text.contains(&name.to_lowercase()) && text.contains(owner), "{text}");
    }
    assert!(server.seen().is_empty());
}

#[test]
fn an_idempotency_key_is_sent_with_every_attempt_of_a_post() {
    let server = Server::replying([
        Reply::new(503, &[("retry-after-ms", "1")], ""),
        Reply::new(500, &[("retry-after-ms", "1")], ""),
        Reply::json(201, &organization()),
    ]);
    let api = server.api().with_options(RequestOptions::new().header("idempotency-key", "once-1"));
    api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap();
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|seen| seen.body == r#"{"name":"Acme"}"#));
    assert!(seen.iter().all(|seen| seen.header("idempotency-key") == Some("once-1")));
    assert_eq!((&seen[1], &seen[2]), (&seen[0], &seen[0]), "every attempt sends the same request");
}

#[test]
fn without_an_idempotency_key_a_post_is_sent_once() {
    let server = Server::replying([Reply::new(503, &[("retry-after-ms", "1")], "")]);
    let error = server.api().create_organization(&OrganizationCreateParams::new("A")).unwrap_err();
    assert!(error.may_have_been_processed());
    server.expect("POST", "/v1/organizations", Some(r#"{"name":"A"}"#));
}

#[test]
fn post_with_an_empty_idempotency_key_is_sent_once() {
    let server = Server::replying([Reply::new(503, &[("retry-after-ms", "1")], "")]);
    let options = RequestOptions::new().header("idempotency-key", "");
    let error = server.api().with_options(options).leave_organization("org_1").unwrap_err();
    assert_eq!((error.status(), error.attempts(), server.seen().len()), (Some(503), 1, 1));
}

#[test]
fn an_unusable_idempotency_key_sends_nothing() {
    let server = Server::replying([]);
    for key in [" ", "a\nb", "é", "\0"] {
        let options = RequestOptions::new().header("Idempotency-Key", key);
        let error = server.api().with_options(options).leave_organization("org_1").unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Config, 0), "{error:?}");
        assert!(error.to_string().contains("the header idempotency-key"), "{error}");
    }
    assert!(server.seen().is_empty());
}

#[test]
fn the_earlier_of_two_deadlines_applies() {
    let past = Instant::now();
    let future = past + Duration::from_secs(600);
    for (first, second) in [(past, future), (future, past)] {
        let transport = Scripted::in_turn([]);
        let api = transport
            .api()
            .with_options(RequestOptions::new().deadline(first))
            .with_options(RequestOptions::new().deadline(second));
        let error = api.get_organization("org_1").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Deadline, "{error:?}");
        assert_eq!(transport.count(), 0);
    }
}

#[test]
fn a_transport_gets_the_time_that_is_left() {
    let time_left = |options: RequestOptions| {
        let transport = Scripted::new(|request| {
            let left = limits(request).time_left().unwrap().as_millis();
            Ok(response(200).with_body(left.to_string()))
        });
        let api = transport.builder().timeout(Duration::from_secs(30)).build().unwrap();
        let request = api.with_options(options).request(Method::GET, ["v1"]);
        request.send::<u64>().unwrap().into_body()
    };
    let seconds = Duration::from_secs;
    let around = |left: u64, expected: u64| left <= expected && left + 5_000 > expected;
    assert!(around(time_left(RequestOptions::new()), 30_000));
    assert!(around(time_left(RequestOptions::new().timeout(seconds(20))), 20_000));
    let deadline = Instant::now() + seconds(10);
    assert!(around(time_left(RequestOptions::new().deadline(deadline)), 10_000));
    let options = RequestOptions::new().deadline(deadline).timeout(seconds(5));
    assert!(around(time_left(options), 5_000));
}

#[test]
fn max_retries_is_the_number_of_retries() {
    for (of_client, of_call, requests) in [
        (None, None, 3),
        (Some(4), None, 5),
        (Some(0), None, 1),
        (Some(4), Some(1), 2),
        (None, Some(0), 1),
    ] {
        let transport = Scripted::new(|_| Ok(response(503).with_header("retry-after-ms", "0")));
        let mut builder = transport.builder();
        if let Some(retries) = of_client {
            builder = builder.max_retries(retries);
        }
        let options = RequestOptions::new();
        let options = of_call.into_iter().fold(options, RequestOptions::max_retries);
        let api = builder.build().unwrap().with_options(options);
        let error = api.get_organization("org_1").unwrap_err();
        assert_eq!((transport.count(), error.attempts()), (requests, requests as u32));
        assert_eq!(error.status(), Some(503));
    }
}

#[test]
fn a_cancelled_token_affects_only_its_own_calls() {
    let server = good();
    let (token, other) = (CancelToken::new(), CancelToken::new());
    token.clone().cancel();
    let api = server.api();
    let cancelled = api.with_options(RequestOptions::new().cancel_token(&token));
    assert_eq!(cancelled.get_organization("1").unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(server.seen().is_empty());
    api.get_organization("2").unwrap();
    // The latest token replaces the earlier one.
    let renewed = cancelled.with_options(RequestOptions::new().cancel_token(&other));
    renewed.get_organization("3").unwrap();
    assert!(token.is_cancelled() && !other.is_cancelled());
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn a_cancelled_call_is_not_retried() {
    let token = CancelToken::new();
    let stop = token.clone();
    let transport = Scripted::new(move |_| {
        stop.cancel();
        Ok(response(503))
    });
    let api = transport.api().with_options(RequestOptions::new().cancel_token(&token));
    // The server's status says more than that the call was cancelled.
    assert_eq!(api.get_organization("1").unwrap_err().status(), Some(503));
    assert_eq!(transport.count(), 1);
}

#[test]
fn debug_shows_names_and_no_values() {
    let options = RequestOptions::new()
        .header("x-team", "secret-1")
        .query("expand", "secret-2")
        .header("idempotency-key", "secret-3")
        .timeout(Duration::from_secs(7));
    let text = format!("{options:?}");
    assert!(text.contains("x-team") && text.contains("expand") && text.contains("7s"), "{text}");
    assert!(text.contains(r#"("expand", [redacted])"#) && !text.contains("secret"), "{text}");
    assert!(text.contains("redactor: [redacted]"), "{text}");
}
