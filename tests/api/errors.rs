//! Each kind of error, and what its methods return.

mod chain;
mod transport;

use std::error::Error as _;
use std::time::{Duration, Instant};

use nirvana_labs::ErrorKind as Kind;
use nirvana_labs::http::Method;
use nirvana_labs::{
    Api, CancelToken, Error, ListParams, OrganizationCreateParams, RequestOptions, SendError,
};

use crate::checks::http_messages::{HttpMessage, WithBody, response};
use crate::fixtures::{organization, page};
use crate::scripted::{Scripted, limits};

/// What the methods of an error return.
#[derive(Debug, PartialEq)]
pub struct Summary {
    pub code: u32,
    pub status: Option<u16>,
    pub attempts: u32,
    pub retryable: bool,
    pub may_have_been_processed: bool,
    pub timeout: bool,
    pub retry_after: Option<Duration>,
    pub request_id: Option<String>,
}

/// An error after one attempt. All other details are missing or false.
pub const BASE: Summary = Summary {
    code: 0,
    status: None,
    attempts: 1,
    retryable: false,
    may_have_been_processed: false,
    timeout: false,
    retry_after: None,
    request_id: None,
};

#[track_caller]
pub fn check(error: &Error, display: &str, expected: Summary) {
    assert_eq!(error.to_string(), display);
    let summary = Summary {
        code: error.kind() as u32,
        status: error.status(),
        attempts: error.attempts(),
        retryable: error.is_retryable(),
        may_have_been_processed: error.may_have_been_processed(),
        timeout: error.is_timeout(),
        retry_after: error.retry_after(),
        request_id: error.request_id().map(str::to_owned),
    };
    assert_eq!(summary, expected, "{error}");
    assert_eq!(error.is_not_found(), summary.code == 7 && summary.status == Some(404));
    assert_eq!(error.is_unauthorized(), summary.code == 7 && summary.status == Some(401));
    assert_eq!(error.is_forbidden(), summary.code == 7 && summary.status == Some(403));
    assert_eq!(error.is_conflict(), summary.code == 7 && summary.status == Some(409));
    assert_eq!(error.is_rate_limited(), summary.code == 7 && summary.status == Some(429));
    assert!(error.message().is_none() || summary.code == 7);
    if let Some(method) = error.method() {
        assert!(display.starts_with(&format!("{method} {}: ", error.path().unwrap())), "{method}");
    }
    assert!(!error.to_string().contains(['\n', '\r']), "{error}");
    assert!(!format!("{error:?}").is_empty());
    // The message of a source is not repeated in the message of the error.
    let mut source = error.source();
    while let Some(inner) = source {
        assert!(!error.to_string().contains(&inner.to_string()), "{error} repeats {inner}");
        source = inner.source();
    }
}

fn answering(status: u16, headers: &'static [(&str, &str)], body: &'static [u8]) -> Scripted {
    Scripted::new(move |_| {
        let response = response(status).with_body(body);
        Ok(headers.iter().fold(response, |it, (name, value)| it.with_header(name, value)))
    })
}

/// Returns the error of a GET that is not retried.
fn get(transport: &Scripted) -> Error {
    let api = transport.builder().max_retries(0).build().unwrap();
    api.get_organization("org_1").unwrap_err()
}

/// Returns the error of a POST that is not retried.
fn post(transport: &Scripted) -> Error {
    let api = transport.builder().max_retries(0).build().unwrap();
    api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err()
}

#[test]
fn config() {
    let error = Api::new("").unwrap_err();
    check(&error, "the API key is empty", Summary { code: 1, attempts: 0, ..BASE });
    assert_eq!(error.message(), None);
}

#[test]
fn request() {
    let empty = Scripted::in_turn([]).api().leave_organization("").unwrap_err();
    let display = "POST /v1/organizations/…: a path segment must not be empty, `.` or `..`";
    check(&empty, display, Summary { code: 2, attempts: 0, ..BASE });
    let error = Scripted::in_turn([]).api().get_organization("..").unwrap_err();
    let display = "GET /v1/organizations/…: a path segment must not be empty, `.` or `..`";
    check(&error, display, Summary { code: 2, attempts: 0, ..BASE });
    assert_eq!(error.message(), None);
}

#[test]
fn cancelled() {
    let token = CancelToken::new();
    token.cancel();
    let transport = Scripted::in_turn([]);
    let api = transport.api().with_options(RequestOptions::new().cancel_token(&token));
    let error = api.get_organization("org_1").unwrap_err();
    let display =
        "GET /v1/organizations/org_1: cancelled by the caller before anything took effect";
    check(&error, display, Summary { code: 3, attempts: 0, ..BASE });
    assert_eq!(
        (error.method(), error.path()),
        (Some(&Method::GET), Some("/v1/organizations/org_1"))
    );
}

#[test]
fn deadline() {
    let api = Scripted::in_turn([]).api();
    let api = api.with_options(RequestOptions::new().deadline(Instant::now()));
    let error = api.get_organization("org_1").unwrap_err();
    let display = "GET /v1/organizations/org_1: the deadline passed before anything took effect";
    check(&error, display, Summary { code: 4, attempts: 0, timeout: true, ..BASE });
}

#[test]
fn a_call_that_is_cancelled_while_it_is_made_may_have_been_processed() {
    // The transport returns an error once the token is cancelled, as it should.
    let token = CancelToken::new();
    let stop = token.clone();
    let transport = Scripted::new(move |request| {
        assert!(!limits(request).cancel_token.is_cancelled());
        stop.cancel();
        Err(SendError::maybe_sent(Kind::Timeout, "stopped"))
    });
    let api = transport.api().with_options(RequestOptions::new().cancel_token(&token));
    let error = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err();
    let display = "POST /v1/organizations: cancelled by the caller";
    check(&error, display, Summary { code: 3, may_have_been_processed: true, ..BASE });
}

#[test]
fn decode() {
    let transport = answering(200, &[("request-id", "req_9")], b"{}");
    let display = "GET /v1/organizations/org_1: 200 with an invalid body: id: missing field `id` \
                   at line 1 column 2 [request id req_9]";
    let expected = Summary {
        code: 5,
        status: Some(200),
        may_have_been_processed: true,
        request_id: Some("req_9".to_owned()),
        ..BASE
    };
    let error = get(&transport);
    check(&error, display, expected);
    assert_eq!(error.field(), Some("id"));
    assert_eq!((error.status(), error.request_id()), (Some(200), Some("req_9")));
    assert_eq!(
        (error.method(), error.path()),
        (Some(&Method::GET), Some("/v1/organizations/org_1"))
    );
}

#[test]
fn cursor() {
    let body = page(vec![organization()], Some("c"), 1).to_string();
    let mut items = Scripted::body(body).api().list_organizations(&ListParams::new());
    let error = items.find_map(Result::err).unwrap();
    let display = "GET /v1/organizations: pagination cycle: after 2 pages the server \
                   repeated the cursor \"c\"";
    check(&error, display, Summary { code: 6, attempts: 0, ..BASE });
}

#[test]
fn api() {
    let body = br#"{"message": "no such organization", "code": "org_missing"}"#;
    let transport = answering(404, &[("x-request-id", "req_7"), ("x-more", "yes")], body);
    let error = get(&transport);
    let display =
        "GET /v1/organizations/org_1: 404 Not Found: no such organization [request id req_7]";
    let expected =
        Summary { code: 7, status: Some(404), request_id: Some("req_7".to_owned()), ..BASE };
    check(&error, display, expected);
    assert_eq!((error.status(), error.message()), (Some(404), Some("no such organization")));
    assert_eq!((error.code(), error.request_id()), (Some("org_missing"), Some("req_7")));
    assert_eq!((error.header("X-More"), error.header("x-less")), (Some("yes"), None));
    let path = "/v1/organizations/org_1";
    assert_eq!((error.method(), error.path()), (Some(&Method::GET), Some(path)));
    assert_eq!(error.body(), body);
}

#[test]
fn the_path_is_the_one_that_was_sent() {
    for (base_url, prefix, hint) in [
        ("https://gw.example", "", ""),
        ("https://gw.example/nirvana/", "/nirvana", ""),
        (
            "https://gw.example/nirvana/v1",
            "/nirvana/v1",
            "; the path has /v1 twice, so leave it out of the base URL",
        ),
    ] {
        let transport = Scripted::new(|request| match request.uri().path() {
            path if path.ends_with("org_1") => Ok(response(404)),
            path if path.ends_with("org_2") => Ok(response(200).with_body("{}")),
            _ => Err(SendError::not_sent(Kind::Connect, "no luck")),
        });
        let api = transport.builder().base_url(base_url).max_retries(0).build().unwrap();
        let line = |id: &str| api.get_organization(id).unwrap_err().to_string();
        let path = |id: &str| format!("GET {prefix}/v1/organizations/{id}");
        assert_eq!(line("org_1"), format!("{}: 404 Not Found{hint}", path("org_1")));
        assert!(line("org_2").starts_with(&format!("{}: 200 ", path("org_2"))));
        assert_eq!(line("org_3"), format!("{}: no luck", path("org_3")));
        assert!(line("").starts_with(&path("…: ")), "{}", line(""));
        let token = CancelToken::new();
        token.cancel();
        let cancelled = api.with_options(RequestOptions::new().cancel_token(&token));
        let error = cancelled.get_organization("org_1").unwrap_err();
        assert_eq!(error.kind(), Kind::Cancelled);
        assert_eq!(error.path().unwrap(), format!("{prefix}/v1/organizations/org_1"));
    }
}

#[test]
fn an_error_with_any_request_id_is_one_short_line() {
    let display = |id: &str| {
        let response = response(404).with_header("x-request-id", id);
        get(&Scripted::in_turn([Ok(response)])).to_string()
    };
    let line = "GET /v1/organizations/org_1: 404 Not Found";
    assert_eq!(display("req\t7"), format!("{line} [request id req 7]"));
    assert_eq!(display(""), line);
    assert!(display(&"7".repeat(9000)).len() < 4000);
}

#[test]
fn each_status_is_retryable_as_the_retry_table_says() {
    // The pairs are `is_retryable` and `may_have_been_processed`, of a GET and of a POST.
    for (status, reason, get_is, post_is) in [
        (301, " Moved Permanently", (false, true), (false, true)),
        (307, " Temporary Redirect", (false, false), (false, false)),
        (400, " Bad Request", (false, false), (false, false)),
        (401, " Unauthorized", (false, false), (false, false)),
        (403, " Forbidden", (false, false), (false, false)),
        (404, " Not Found", (false, false), (false, false)),
        (408, " Request Timeout", (true, true), (false, true)),
        (409, " Conflict", (false, false), (false, false)),
        (418, " I'm a teapot", (false, true), (false, true)),
        (422, " Unprocessable Entity", (false, false), (false, false)),
        (429, " Too Many Requests", (true, false), (true, false)),
        (499, "", (false, true), (false, true)),
        (500, " Internal Server Error", (true, true), (false, true)),
        (501, " Not Implemented", (false, false), (false, false)),
        (502, " Bad Gateway", (true, true), (false, true)),
        (503, " Service Unavailable", (true, true), (false, true)),
        (504, " Gateway Timeout", (true, true), (false, true)),
        (520, "", (true, true), (false, true)),
        (599, "", (true, true), (false, true)),
        (700, "", (false, true), (false, true)),
    ] {
        let transport = answering(status, &[], b"");
        let expected = |(retryable, may_have_been_processed)| Summary {
            code: 7,
            status: Some(status),
            retryable,
            may_have_been_processed,
            ..BASE
        };
        let display = format!("GET /v1/organizations/org_1: {status}{reason}");
        check(&get(&transport), &display, expected(get_is));
        let display = format!("POST /v1/organizations: {status}{reason}");
        check(&post(&transport), &display, expected(post_is));
    }
}

#[test]
fn retry_after_is_available_if_the_wait_is_too_long() {
    let transport = answering(429, &[("retry-after", "3600")], b"");
    let error = transport.api().get_organization("org_1").unwrap_err();
    let expected = Summary {
        code: 7,
        status: Some(429),
        retryable: true,
        retry_after: Some(Duration::from_secs(3600)),
        ..BASE
    };
    check(&error, "GET /v1/organizations/org_1: 429 Too Many Requests", expected);
    assert_eq!(transport.count(), 1);
}

#[test]
fn retry_after_may_be_any_http_date() {
    let forms = [
        ["Thu, 26 Nov 2026 13:16:32 GMT", "Thu, 26 Nov 2026 13:16:33 GMT"],
        ["Thursday, 26-Nov-26 13:16:32 GMT", "Thursday, 26-Nov-26 13:16:33 GMT"],
        ["Thu Nov 26 13:16:32 2026", "Thu Nov 26 13:16:33 2026"],
    ];
    for [date, _] in forms {
        for [_, retry_after] in forms {
            let headers = [("date", date), ("retry-after", retry_after)];
            let busy = move || {
                let response = response(429);
                headers.iter().fold(response, |it, (name, value)| it.with_header(name, value))
            };
            let error = get(&Scripted::new(move |_| Ok(busy())));
            assert_eq!(error.retry_after(), Some(Duration::from_secs(1)), "{headers:?}");
        }
    }
    // The client waits until that date.
    let [_, [date, _], [_, retry_after]] = forms;
    let busy = response(429).with_header("date", date).with_header("retry-after", retry_after);
    let transport = Scripted::in_turn([Ok(busy), Ok(response(404))]);
    let started = Instant::now();
    assert!(transport.api().get_organization("org_1").unwrap_err().is_not_found());
    assert!(started.elapsed() >= Duration::from_secs(1), "{:?}", started.elapsed());
}

#[test]
fn the_last_error_counts_the_attempts() {
    let transport = Scripted::in_turn([
        Err(SendError::maybe_sent(Kind::Closed, "gone")),
        Ok(response(503).with_header("retry-after-ms", "0")),
        Ok(response(403).with_body(r#"{"message": "and no"}"#)),
    ]);
    let error = transport.api().get_organization("org_1").unwrap_err();
    let display = "GET /v1/organizations/org_1: 403 Forbidden: and no (after 3 attempts)";
    // An earlier attempt may have been processed, though the last one was not.
    let expected =
        Summary { code: 7, status: Some(403), attempts: 3, may_have_been_processed: true, ..BASE };
    check(&error, display, expected);
}
