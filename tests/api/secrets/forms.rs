//! A key is redacted in each of its forms: verbatim, percent-encoded, or escaped as in JSON.

use std::collections::HashMap;

use nirvana_labs::http::Method;
use nirvana_labs::{Api, Error, ErrorKind, ListParams, RequestOptions};
use serde_json::json;

use crate::checks::http_messages::{HttpMessage, WithBody, response};
use crate::recorder::logged;
use crate::scripted::Scripted;

/// A key in base64. Some JSON writers escape its `/`.
const BASE64: &str = "c2VjcmV0+/3sesame/+A==";
const ENCODED: &str = "c2VjcmV0%2B%2F3sesame%2F%2BA%3D%3D";
/// A key with each character that JSON must escape.
const QUOTED: &str = r#"say "sesame\secret""#;

/// Fails if `text` contains a part of one of the keys.
#[track_caller]
fn clean(text: &str) {
    for part in ["c2VjcmV0", "sesame", "secret"] {
        assert!(!text.contains(part), "{part} is shown: {text}");
    }
}

/// Fails if `error` shows a part of one of the keys.
#[track_caller]
fn clean_error(error: &Error) {
    clean(&format!("{error} {error:?} {error:#?}"));
    clean(error.path().unwrap_or_default());
    clean(error.message().unwrap_or_default());
    clean(&String::from_utf8_lossy(error.body()));
    for value in error.headers().into_iter().flat_map(|headers| headers.values()) {
        clean(&String::from_utf8_lossy(value.as_bytes()));
    }
}

fn with_key(transport: &Scripted, key: &str) -> Api {
    transport.builder().api_key(key).max_retries(0).build().unwrap()
}

#[test]
fn a_key_that_was_given_as_an_id_is_redacted() {
    for key in [BASE64, QUOTED] {
        let transport = Scripted::new(|_| Ok(response(404)));
        let api = with_key(&transport, key);
        let (errors, records) = logged(|| {
            let mut members = api.list_organization_memberships(key, &ListParams::new());
            clean(&format!("{members:?}"));
            [
                api.get_organization(key).unwrap_err(),
                api.get_organization_membership("org_1", &format!("x{key}x")).unwrap_err(),
                members.next().unwrap().unwrap_err(),
                api.get_organization_membership(key, "").unwrap_err(),
            ]
        });
        errors.iter().for_each(clean_error);
        assert_eq!(errors[0].path(), Some("/v1/organizations/[redacted]"));
        assert_eq!(errors[1].path(), Some("/v1/organizations/org_1/memberships/x[redacted]x"));
        assert!(records.contains("GET /v1/organizations/[redacted]: 404"), "{records}");
        clean(&records);
    }
}

#[test]
fn every_form_of_the_key_is_redacted() {
    let in_json = json!(QUOTED).to_string();
    let escaped = in_json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap();
    let forms = [
        (BASE64, BASE64.to_owned()),
        (BASE64, ENCODED.to_owned()),
        (BASE64, ENCODED.to_lowercase().replace("c2vjcmv0", "c2VjcmV0").replace("%2ba", "%2bA")),
        (BASE64, ENCODED.replacen("%2F", "%2f", 1)),
        (BASE64, BASE64.replace('/', r"\/")),
        // .NET writes JSON like the first. The second is percent-encoded only in part.
        (BASE64, BASE64.replace('+', r"\u002B")),
        (BASE64, BASE64.replace('=', "%3D")),
        (QUOTED, QUOTED.to_owned()),
        (QUOTED, escaped.to_owned()),
        (QUOTED, "say%20%22sesame%5csecret%22".to_owned()),
    ];
    for (key, form) in forms {
        for status in [200, 400, 500] {
            let said = form.clone();
            let transport = Scripted::new(move |_| {
                // If the form has unescaped quotes, the body is invalid JSON, which is shown too.
                let body = format!("{{\"message\": \"{said}\", \"x\": \"<{said}>\"}}");
                let response = response(status).with_header("x-echo", &said);
                Ok(response.with_header("x-request-id", &format!("req-{said}")).with_body(body))
            });
            let api = with_key(&transport, key);
            let (error, records) = logged(|| api.get_organization("org_1").unwrap_err());
            let expected = if status == 200 { ErrorKind::Decode } else { ErrorKind::Status };
            assert_eq!(error.kind(), expected, "{form}: {error:?}");
            clean_error(&error);
            clean(&records);
            assert_eq!(error.header("x-echo"), Some("[redacted]"), "{form}");
            assert_eq!(error.request_id(), Some("req-[redacted]"), "{form}");
            assert!(String::from_utf8_lossy(error.body()).contains("<[redacted]>"), "{error:?}");
        }
    }
}

#[test]
fn a_key_of_8_kib_is_redacted_in_a_decode_error() {
    // The percent-encoded key is three times as long.
    let key = format!("sesame{}", "%".repeat(8000));
    let body = json!({"id": 7, "name": key.replace('%', "%25")}).to_string();
    let transport = Scripted::body(&body);
    let request = with_key(&transport, &key).request(Method::GET, ["v1", "names"]);
    let error = request.send::<HashMap<String, u32>>().unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Decode, Some("name")));
    clean_error(&error);
}

#[test]
fn text_that_is_not_a_form_of_the_key_is_shown() {
    let transport = Scripted::new(|_| {
        let body = json!({"message": ENCODED.to_uppercase()}).to_string();
        Ok(response(400).with_body(body))
    });
    // Only the hex digits of a percent-encoded key are case-insensitive.
    let error = with_key(&transport, BASE64).get_organization("org_1").unwrap_err();
    assert_eq!(error.message(), Some(&*ENCODED.to_uppercase()));
}

#[test]
fn the_newest_of_many_keys_are_redacted() {
    // A service may set the key of each tenant on one client.
    let key = |number: usize| format!("tenant/{number:03}+secret=");
    let all: Vec<String> = (0..100).map(key).collect();
    let message = all.join(" ");
    let body = json!({"message": message}).to_string();
    let transport = Scripted::new(move |_| Ok(response(400).with_body(body.as_str())));
    let mut api = with_key(&transport, "nl_of_the_client");
    for (number, key) in all.iter().enumerate() {
        api = api.with_options(RequestOptions::new().api_key(key));
        if ![0, 7, 8, 40, 99].contains(&number) {
            continue;
        }
        let error = api.get_organization("org_1").unwrap_err();
        let body = String::from_utf8_lossy(error.body()).into_owned();
        let shown: Vec<usize> = (0..100).filter(|n| body.contains(all[*n].as_str())).collect();
        // The client remembers 8 keys, which limits the cost of an error.
        let newest = number.saturating_sub(7)..=number;
        let older: Vec<usize> = (0..100).filter(|n| !newest.contains(n)).collect();
        assert_eq!(shown, older, "{number}");
    }
}
