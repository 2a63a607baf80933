//! Secrets of which a part is left, or that are cut or broken.

use nirvana_labs::{Error, HttpResponse};
use serde_json::json;

use super::{KEY, told};
use crate::scripted::Scripted;

#[test]
fn what_a_server_cut_short_is_blanked_wherever_it_ends() {
    let key = "nl_live_0123456789-SENTINEL-0123456789-end";
    for length in [8, 20, key.len() - 1] {
        let begun = key.get(..length).unwrap();
        let body = json!({"message": format!("no key {begun}"), "code": begun}).to_string();
        let answer = move || {
            let answer =
                HttpResponse::new(401).with_header("x-request-id", &format!("req-{begun}"));
            Ok(answer.with_header("x-echo", begun).with_body(body.clone()))
        };
        let api = Scripted::new(move |_| answer()).builder().api_key(key).build().unwrap();
        let error = api.get_organization("org_1").unwrap_err();
        told(&error);
        let text = format!("{error} {error:?}");
        assert!(!text.contains(begun) && text.contains("no key [redacted]"), "{text}");
        let Error::Api(error) = error else { panic!("{error}") };
        assert_eq!(error.header("x-echo"), Some("[redacted]"));
    }
}

#[test]
fn what_white_space_kept_apart_is_blanked_once_it_is_whole() {
    for message in ["Token\nSENTINEL", "Token  SENTINEL", "Token\u{a0}SENTINEL"] {
        let body = json!({"message": message}).to_string();
        let transport = Scripted::new(move |_| Ok(HttpResponse::new(400).with_body(body.clone())));
        let builder = transport.builder().header("x-token", "Token SENTINEL");
        told(&builder.build().unwrap().get_organization("org_1").unwrap_err());
    }
}

#[test]
fn where_a_long_message_is_cut() {
    // What is shown begins after the white space, shortly before the cut.
    for room in 4..=KEY.len() {
        let message = " ".repeat(2048 - room) + KEY;
        let body = json!({"message": message}).to_string();
        let transport = Scripted::new(move |_| Ok(HttpResponse::new(400).with_body(body.clone())));
        let error = transport.builder().api_key(KEY).build().unwrap().get_organization("org_1");
        let text = error.unwrap_err().to_string();
        assert!(text.ends_with("400 Bad Request: [redacted]"), "{room}: {text}");
    }
}

#[test]
fn where_the_part_of_a_body_that_is_shown_begins() {
    let key = "nl_0123456789-of-forty-bytes-SENTINEL-end";
    // As long as a secret can get: eight bytes for each of its own.
    let written: String = key.bytes().map(|byte| format!("&#x{byte:04x};")).collect();
    for before in 0..60 {
        // The first of the two lies where the part begins, and the second shows as a few bytes.
        let body = format!(r#"{{"x":"{written}{written}{}","name":7}}"#, "-".repeat(before));
        let transport = Scripted::body(&body);
        let api = transport.builder().api_key(key).build().unwrap();
        let Err(Error::Decode(error)) = api.get_organization("org_1") else { panic!() };
        assert!(error.snippet().contains("\"name\":7"), "{}", error.snippet());
        assert!(!error.snippet().contains("&#x"), "{before}: {}", error.snippet());
    }
}
