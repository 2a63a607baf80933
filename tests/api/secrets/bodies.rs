//! Bodies that repeat the key, complete or truncated.

use nirvana_labs::ErrorKind;
use serde_json::json;

use super::{KEY, api, clean, clean_error, echo, fail_all};
use crate::checks::http_messages::{WithBody, response};
use crate::exact::{Reply, Server};
use crate::recorder::logged;
use crate::scripted::Scripted;
use crate::support::server;

#[test]
fn a_part_of_the_key_is_redacted_if_the_body_was_cut_at_the_callers_limit() {
    let plain = [("content-type", "text/plain")];
    let cut = Reply::new(400, &plain, format!("key: {KEY} and more").into_bytes());
    let server = Server::always(cut);
    for limit in 0..40 {
        let builder = server.builder().api_key(KEY).max_body_bytes(limit);
        let error = builder.build().unwrap().get_organization("org_1").unwrap_err();
        clean_error(&error);
        assert!(!format!("{error} {error:?}").contains("nl_"), "{error}");
    }
}

#[test]
fn a_part_of_the_key_is_redacted_if_the_body_was_cut_at_64_kib() {
    for shift in (0..120).step_by(3) {
        let server = echo(400, move |key| {
            let mut body = vec![b'x'; 64 * 1024 - shift];
            body.extend(key.bytes());
            body.extend([b'x'; 1000]);
            body
        });
        let error = api(server.url()).get_organization("org_1").unwrap_err();
        clean_error(&error);
        assert_eq!(error.kind(), ErrorKind::Status);
        let body = String::from_utf8_lossy(error.body());
        assert!(body.len() > 64 * 1024 - 200 && body.len() <= 64 * 1024, "{}", body.len());
        for begun in ["nl_SENT", "nl_S", "SENT", "n"] {
            assert!(!body.contains(begun), "{}", &body[body.len() - 100..]);
        }
    }
}

#[test]
fn no_secret_is_shown_by_a_decode_error() {
    type Body = fn(&str) -> Vec<u8>;
    let bodies: [Body; 8] = [
        |key| key.as_bytes().to_vec(),
        |key| json!(key).to_string().into_bytes(),
        |key| json!({"id": 7, "key": key}).to_string().into_bytes(),
        |key| json!({key: 7, "id": {}}).to_string().into_bytes(),
        |key| format!("{{{}: nonsense", json!(key)).into_bytes(),
        |key| json!({"created_at": key, "items": key}).to_string().into_bytes(),
        |key| format!("<p>{key}</p>").into_bytes(),
        |key| [key.as_bytes(), b"\xFF", key.as_bytes()].concat(),
    ];
    for body in bodies {
        let server = echo(200, body);
        let (errors, records) = logged(|| fail_all(&api(server.url())));
        for error in &errors {
            assert_eq!(error.kind(), ErrorKind::Decode, "{error:?}");
            clean_error(error);
        }
        clean(&records);
    }
}

#[test]
fn the_key_is_redacted_wherever_a_document_breaks_off() {
    let text = json!({"a": [format!("Bearer {KEY}"), KEY], "b": KEY, KEY: KEY}).to_string();
    for end in 0..text.len() {
        let transport = Scripted::body(&text[..end]);
        let api = transport.builder().api_key(KEY).build().unwrap();
        let error = api.get_organization("org_1").unwrap_err();
        // If the body ends within the key, the start of the key may be shown.
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(KEY), "{shown}");
    }
}

#[test]
fn the_key_is_redacted_if_the_message_was_cut_through_it() {
    // The white space is not shown, so the text that is shown starts with the cut key.
    for room in 1..=KEY.len() {
        let message = " ".repeat(2048 - room) + KEY;
        let body = json!({"message": message}).to_string();
        let transport = Scripted::new(move |_| Ok(response(400).with_body(body.clone())));
        let error = transport.builder().api_key(KEY).build().unwrap().get_organization("org_1");
        let text = error.unwrap_err().to_string();
        let (_, shown) = text.split_once("400 Bad Request: ").unwrap();
        assert!("[redacted]".starts_with(shown), "{room}: {text}");
    }
}

#[test]
fn the_key_is_redacted_in_the_body_of_a_decode_error() {
    let key = "nl_0123456789-of-forty-bytes-SENTINEL-end";
    let transport = Scripted::body(format!(r#"{{"x":"{key}{key}","name":7}}"#));
    let api = transport.builder().api_key(key).build().unwrap();
    let error = api.get_organization("org_1").unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Decode, Some("name")));
    assert_eq!(error.body(), br#"{"x":"[redacted][redacted]","name":7}"#);
    for part in ["nl_", "forty", "bytes", "SENTINEL", "end"] {
        assert!(!format!("{error} {error:?} {error:#?}").contains(part), "{error:?}");
    }
}

#[test]
fn a_part_of_the_key_is_redacted_if_the_connection_cut_the_body() {
    for cut in 8..KEY.len() {
        let (key, _) = KEY.split_at(cut);
        for (content_type, body) in [
            ("text/plain", format!("invalid key {key}")),
            ("application/json", format!(r#"{{"message":"invalid","detail":"{key}"#)),
        ] {
            let server = server::Server::closing(format!(
                "HTTP/1.1 404 Not Found\r\nContent-Type: {content_type}\r\nContent-Length: 200\r\n\r\n\
                 {body}"
            ));
            let error = api(server.url()).get_organization("org_1").unwrap_err();
            assert!(error.is_not_found(), "{error:?}");
            clean_error(&error);
            let body = String::from_utf8_lossy(error.body());
            assert!(body.contains("[redacted]") && !body.contains("nl_"), "{body}");
            assert!(!error.to_string().contains("nl_"), "{error}");
        }
    }
}
