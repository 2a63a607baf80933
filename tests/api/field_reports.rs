//! Bugs that users reported in comparable clients, with the reported inputs. Inputs that another
//! test uses are left out.

use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use nirvana_labs::{Api, ErrorKind, ListParams, OrganizationCreateParams, Sandbox};
use serde_json::{Value, json};

use crate::exact::{Reply, Server};
use crate::fixtures::{organization, page, pagination};
use crate::support::message::{reply, reply_with};
use crate::support::{client, server};

const MARK: &str = "\u{feff}";

#[test]
fn leave_fails_if_the_response_is_a_sign_in_page() {
    for status in [200, 202] {
        let html = "<!doctype html><title>Sign in</title>";
        let server = Server::replying([Reply::new(status, &[("content-type", "text/html")], html)]);
        let error = server.api().leave_organization("org_1").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error:?}");
        assert!(error.may_have_been_processed());
        server.expect("POST", "/v1/organizations/org_1/leave", None);
    }
    for body in ["", "OK", "{}"] {
        let server = Server::replying([Reply::new(200, &[("content-type", "text/html")], body)]);
        server.api().leave_organization("org_1").unwrap();
    }
}

/// Returns the time in `ahead` seconds in the three date formats of HTTP: RFC 850, asctime and
/// IMF-fixdate.
fn dates(ahead: u64) -> [String; 3] {
    let time = SystemTime::now() + Duration::from_secs(ahead);
    let text = httpdate::fmt_http_date(time);
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let [name, day, month, year, clock, _] = words[..] else { panic!("{text}") };
    let long = match name {
        "Mon" => "Monday",
        "Tue" => "Tuesday",
        "Wed" => "Wednesday",
        "Thu" => "Thursday",
        "Fri" => "Friday",
        "Sat" => "Saturday",
        _ => "Sunday",
    };
    let short_day = day.strip_prefix('0').map_or(day.to_owned(), |day| format!(" {day}"));
    [
        format!("{long}, {day}-{month}-{} {clock} GMT", &year[2..]),
        format!("{name} {month} {short_day} {clock} {year}"),
        text,
    ]
}

#[test]
fn a_retry_waits_for_a_date_in_every_form() {
    for form in 0..3 {
        let server = server::Server::answering(move |request| {
            if request.target.ends_with("again") {
                return reply(404, "");
            }
            reply_with(429, &[("Retry-After", &dates(300)[form]), ("Date", &dates(0)[2])], "")
        });
        let error = client(server.url()).build().unwrap().get_organization("1").unwrap_err();
        let wait = error.retry_after().unwrap();
        assert!((299..=301).contains(&wait.as_secs()), "{wait:?} for {}", dates(300)[form]);
        assert_eq!(error.attempts(), 1, "the wait is too long for a retry");
    }
    let server = server::Server::replying([
        reply_with(429, &[("Retry-After", &dates(2)[0]), ("Date", &dates(0)[1])], ""),
        reply(200, &organization().to_string()),
    ]);
    let started = Instant::now();
    client(server.url()).build().unwrap().get_organization("org_1").unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!(server.request_count(), 2);
}

#[test]
fn a_base_url_that_ends_in_v1_gets_a_hint() {
    let server = Server::always(Reply::json(404, &json!({"message": "no such route"})));
    let error = server.builder().base_url(server.url() + "/v1").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
    assert!(error.to_string().contains("leave it out"), "{error}");
    assert!(server.seen().is_empty());
    // A gateway may have a path that ends in v1. The error then shows the path that was sent.
    let api = server.builder().base_url(server.url() + "/nirvana/v1/").build().unwrap();
    let text = api.get_organization("org_1").unwrap_err().to_string();
    server.expect("GET", "/nirvana/v1/v1/organizations/org_1", None);
    assert!(text.starts_with("GET /nirvana/v1/v1/organizations/org_1: 404 "), "{text}");
    assert!(text.contains("no such route") && text.contains("twice"), "{text}");
    let api = server.builder().base_url(server.url() + "/nirvana").build().unwrap();
    let text = api.get_organization("org_1").unwrap_err().to_string();
    assert!(text.starts_with("GET /nirvana/v1/organizations/org_1: 404 "), "{text}");
    assert!(!text.contains("twice"), "{text}");
}

#[test]
fn a_byte_order_mark_is_skipped_in_success_and_in_error() {
    let server = Server::replying([
        Reply::new(200, &[], format!("{MARK}{}", organization())),
        Reply::new(200, &[], format!("{MARK}{}", page(vec![organization()], None, 1))),
        Reply::new(404, &[], format!("{MARK}{}", json!({"message": "gone", "code": "c_1"}))),
    ]);
    let api = server.api();
    assert_eq!(api.get_organization("org_1").unwrap().id, "org_1");
    assert_eq!(api.list_organizations(&ListParams::new()).count(), 1);
    let error = api.get_organization("org_1").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Status);
    assert_eq!((error.message(), error.code()), (Some("gone"), Some("c_1")));
}

#[test]
fn a_list_of_null_is_an_empty_list() {
    let mut end = pagination();
    end["next_cursor"] = Value::Null;
    let mut bare = organization();
    bare["domains"] = Value::Null;
    let server = Server::replying([
        Reply::json(200, &json!({"items": null, "pagination": pagination()})),
        Reply::json(200, &json!({"items": null, "pagination": end})),
        Reply::json(200, &bare),
        Reply::json(200, &json!({"items": null, "pagination": end})),
    ]);
    let api = server.api();
    // This list has two pages. The first page has a cursor.
    assert_eq!(api.list_organizations(&ListParams::new()).count(), 0);
    assert!(api.get_organization("org_1").unwrap().domains.is_empty());
    assert_eq!(api.list_organization_memberships("org_1", &ListParams::new()).count(), 0);
    assert_eq!(server.seen().len(), 4);
}

#[test]
fn the_message_of_a_422_is_shown_in_every_shape() {
    let json_body = [
        json!({"error": {"message": "name is taken"}}),
        json!({"error": "name is taken"}),
        json!({"errors": [{"message": "name is taken"}]}),
        json!({"errors": ["name is taken"]}),
        json!({"detail": "name is taken"}),
        json!({"detail": [{"msg": "name is taken"}]}),
    ];
    let json_body = json_body.map(|body| ("application/json", body.to_string()));
    let title = json!({"title": "name is taken", "status": 422}).to_string();
    let rest = [
        ("application/problem+json", title),
        ("text/plain", "name is taken".to_owned()),
        ("text/plain; charset=utf-8", "name is taken\n".to_owned()),
    ];
    for (content_type, body) in json_body.into_iter().chain(rest) {
        let server = Server::replying([Reply::new(422, &[("content-type", content_type)], &body)]);
        let error = server.api().create_organization(&OrganizationCreateParams::new("Acme"));
        let error = error.unwrap_err();
        assert_eq!(error.message(), Some("name is taken"), "{body}");
        let line = "POST /v1/organizations: 422 Unprocessable Entity: name is taken";
        assert_eq!(error.to_string(), line, "{body}");
    }
}

#[test]
fn the_charset_of_the_content_type_is_ignored() {
    // Another crate in the program may turn on the `charset` feature of ureq.
    for label in ["iso-8859-1", "windows-1252", "utf-16", "nonsense"] {
        let content_type = format!("application/json; charset={label}");
        let server = Server::replying([Reply::new(
            200,
            &[("content-type", &content_type)],
            organization().to_string(),
        )]);
        let name = server.api().get_organization("org_1").unwrap().name;
        assert_eq!(json!(name), organization()["name"], "{label}");
    }
}

#[test]
fn an_id_is_shown_if_a_header_value_is_a_part_of_it() {
    let server = Server::replying([Reply::new(404, &[], "")]);
    let api = server.builder().header("x-dry-run", "true").build().unwrap();
    let text = api.get_organization("test_org_true").unwrap_err().to_string();
    assert_eq!(text, "GET /v1/organizations/test_org_true: 404 Not Found");
}

#[test]
fn x_should_retry_does_not_repeat_a_create() {
    for status in [500, 502, 503, 504] {
        let headers = [("x-should-retry", "true"), ("retry-after-ms", "1")];
        let server = Server::always(Reply::new(status, &headers, ""));
        let error = server.api().create_organization(&OrganizationCreateParams::new("Acme"));
        let error = error.unwrap_err();
        assert_eq!((server.seen().len(), error.attempts()), (1, 1), "{status}");
        assert!(error.may_have_been_processed() && !error.is_retryable(), "{status}");
    }
}

#[test]
fn a_sandbox_client_does_not_wait_for_three_failures() {
    let sandbox = Sandbox::new();
    let id = sandbox.add_organization("Acme").id;
    (0..3).for_each(|_| sandbox.fail_next(503));
    let started = Instant::now();
    let error = sandbox.api().get_organization(&id).unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(503), 3));
    // With another transport, the two waits take at least 1.1 s.
    assert!(started.elapsed() < Duration::from_millis(800), "{:?}", started.elapsed());
}

/// Runs `environment_child` in a process with these environment variables, and returns what the
/// test prints.
fn in_environment(variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "field_reports::environment_child", "--nocapture"]);
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.env("NIRVANA_LABS_TEST_CHILD", "1").env("NIRVANA_LABS_API_KEY", "nl_key");
    command.envs(variables.iter().copied());
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let line = text.lines().find_map(|line| line.split_once("child: "));
    line.unwrap_or_else(|| panic!("the child printed no result: {text}")).1.to_owned()
}

#[test]
fn environment_child() {
    if std::env::var_os("NIRVANA_LABS_TEST_CHILD").is_some() {
        match Api::from_env() {
            Ok(api) => println!("child: {api:?}"),
            Err(error) => println!("child: {} {error}", error.kind() as u32),
        }
    }
}

#[test]
fn a_base_url_variable_with_white_space_is_refused() {
    for (url, why) in [
        ("http://127.0.0.1:4010\r", "white space or a control character at byte 21"),
        ("http://127.0.0.1:4010 ", "white space or a control character at byte 21"),
        (" http://127.0.0.1:4010", "white space or a control character at byte 0"),
        ("https://münchen.example", "its host is not ASCII; write its punycode form, xn--…"),
    ] {
        let said = in_environment(&[("NIRVANA_LABS_BASE_URL", url)]);
        assert!(said.starts_with("1 the base URL is invalid: "), "{url:?}: {said}");
        assert!(said.contains(why), "{url:?}: {said}");
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[test]
fn a_proxy_password_that_is_not_encoded_is_not_sent() {
    let listener = server::Server::new(|connection| drop(connection.request()));
    let port = listener.address().port();
    for url in [
        format!("http://us:p@ss#@127.0.0.1:{port}"),
        format!("http://u:p@127.0.0.1:{port}#x@proxy.example:3128"),
        format!("http://u:p@127.0.0.1:{port}/x@proxy.example:3128"),
        format!("http://u:p@127.0.0.1:{port}?x@proxy.example:3128"),
    ] {
        let said = in_environment(&[("HTTPS_PROXY", &url)]);
        assert!(said.starts_with("1 the proxy from the environment has a path, a query"), "{said}");
        assert!(said.contains("percent-encode"), "{said}");
        assert!(!said.contains("p@"), "{said}");
        let builder = Api::builder().api_key("nl_key").proxy(&url).build();
        let error = builder.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
        assert!(error.to_string().contains("percent-encode"), "{error}");
        // An invalid proxy is ignored if NO_PROXY contains the host.
        let no_proxy = [("HTTPS_PROXY", &*url), ("NO_PROXY", "api.nirvanalabs.io")];
        assert!(in_environment(&no_proxy).starts_with("Api {"), "{url}");
    }
    assert_eq!(listener.connections(), 0);
}

#[test]
fn the_user_agent_is_sent_to_the_proxy() {
    let target = server::Server::answering(|_| reply(200, &organization().to_string()));
    let address = target.address();
    let default = concat!("nirvana-labs-rust/", env!("CARGO_PKG_VERSION"));
    for (set, sent) in [(None, default), (Some("my-tool/1.0"), "my-tool/1.0")] {
        // This proxy refuses requests without a user agent.
        let proxy = server::Server::new(move |connection| {
            let Some(request) = connection.request() else { return };
            if request.header("user-agent").is_none() {
                connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
                return;
            }
            connection.send("HTTP/1.1 200 OK\r\n\r\n");
            connection.tunnel_to(address);
        });
        let builder = Api::builder().api_key("nl_key").base_url("http://api.example.test");
        let builder = builder.allow_http(true).proxy(proxy.url()).max_retries(0);
        let builder = set.into_iter().fold(builder, |builder, it| builder.user_agent(it));
        builder.build().unwrap().get_organization("org_1").unwrap();
        let [connect] = &*proxy.requests() else { panic!("not exactly one CONNECT") };
        assert_eq!((&*connect.method, &*connect.target), ("CONNECT", "api.example.test:80"));
        let agents = connect.headers.iter().filter(|(name, _)| name == "user-agent");
        assert_eq!(agents.map(|(_, value)| &**value).collect::<Vec<_>>(), [sent]);
        assert_eq!(connect.header("authorization"), None, "the proxy must not get the key");
        assert_eq!(target.requests().last().unwrap().header("user-agent"), Some(sent));
    }
}
