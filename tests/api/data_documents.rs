//! A 2xx answer that is no document of the contract's: cut, in pieces, or not JSON at all.

#[allow(unused_imports)]
use crate::checks::message::{RequestWords, ResponseWords, reply};
use crate::support::reason;
use nirvana_labs::http::Method;
use serde_json::{Value, json};

use crate::data_faults::{fails, schemas, unusable};
use crate::fixtures::{membership, organization};
use crate::scripted::Scripted;

#[test]
fn a_document_of_another_shape_is_refused() {
    for schema in schemas() {
        for (body, start) in [
            ("[]", "invalid type: sequence"),
            ("[{}]", "invalid type: sequence"),
            ("\"text\"", "invalid type: string"),
            ("null", "invalid type: null"),
            ("true", "invalid type: boolean"),
            ("42", "invalid type: integer"),
            ("{\"id\":", "EOF while parsing"),
            ("{\"id\"", "EOF while parsing"),
            ("nonsense", "expected ident"),
            (" ", "EOF while parsing"),
            ("", "the body is empty"),
        ] {
            let error = fails(&schema, body);
            if body.starts_with('[') && schema.example["items"].is_array() {
                // To serde's derive, an array may be a page; not this one.
                continue;
            }
            assert!(reason(&error).starts_with(start), "{body}: {}", reason(&error));
            if !body.starts_with("{\"id") {
                assert_eq!(error.field().unwrap(), "", "{body}");
            }
        }
        let error = fails(&schema, "{}");
        assert!(reason(&error).starts_with("missing field `"), "{}", reason(&error));
    }
}

#[test]
fn bytes_after_the_document_are_refused() {
    for schema in schemas() {
        let body = schema.example.to_string();
        for rest in ["x", " {}", "}", ",", "\n\u{0}"] {
            let error = fails(&schema, &format!("{body}{rest}"));
            assert_eq!(reason(&error), "there is more after the end of the document");
            assert_eq!(error.field().unwrap(), "");
        }
    }
}

#[test]
fn a_cut_document_says_where_it_ends() {
    let body = organization().to_string();
    for length in (1..body.len()).filter(|at| body.is_char_boundary(*at)) {
        let error = fails(&schemas()[0], &body[..length]);
        assert!(reason(&error).starts_with("EOF while parsing"), "{}", reason(&error));
    }
}

#[test]
fn a_control_character_stays_off_the_line() {
    let body = "{\"id\": \"a\nb\"}";
    let error = fails(&schemas()[0], body);
    assert_eq!(error.field().unwrap(), "id");
    let body = "{\"i\u{1}\nd\": 1}";
    fails(&schemas()[0], body);
}

#[test]
fn a_long_value_does_not_make_a_long_error() {
    let mut body = membership();
    body["created_at"] = json!("x".repeat(100_000));
    let transport = Scripted::body(body.to_string());
    let error = transport.api().get_organization_membership("o", "m").unwrap_err();
    assert!(error.to_string().len() < 2000, "{}", error.to_string().len());

    let body = format!("{{\"{}\": nonsense}}", "k".repeat(100_000));
    let error = Scripted::body(body).api().get_organization("o").unwrap_err();
    assert!(error.to_string().len() < 2000, "{}", error.to_string().len());
}

#[test]
fn the_snippet_is_the_surroundings() {
    let body =
        format!("{{\"id\":\"{}\",\"name\":7,\"x\":\"{}\"}}", "ä".repeat(500), "ö".repeat(500));
    let error = fails(&schemas()[0], &body);
    assert_eq!(error.field().unwrap(), "name");
}

#[test]
fn html_is_called_by_its_name() {
    for (kind, body) in [
        ("text/html; charset=utf-8", "<!DOCTYPE html><title>Welcome</title>"),
        ("application/json", "\n  <html></html>"),
        ("text/html", "Sign in"),
    ] {
        let api = Scripted::new(move |_| {
            let answer = reply(200).with_header("content-type", kind);
            Ok(answer.with_header("x-request-id", "req_1").with_body(body))
        })
        .api();
        let error = unusable(api.get_organization("org_1").unwrap_err(), body);
        assert_eq!(reason(&error), "the body is an HTML page, not JSON");
        assert_eq!(error.field().unwrap(), "");
    }
}

#[test]
fn what_is_not_utf_8_says_where() {
    let mut body = organization().to_string().into_bytes();
    let at = String::from_utf8_lossy(&body).find("cus_1").unwrap();
    body[at + 3] = 0xFF;
    let error = Scripted::body(&body).api().get_organization("org_1").unwrap_err();
    let error = unusable(error, &String::from_utf8_lossy(&body));
    assert!(reason(&error).starts_with("the body is not UTF-8: "));
}

#[test]
fn deep_nesting_is_not_followed() {
    // It would have to be kept, in a field that is not known too.
    let body = format!("{{\"x\": {}", "[".repeat(1_000_000));
    let error = fails(&schemas()[0], &body);
    assert_eq!(reason(&error), "recursion limit exceeded");
    assert!(error.to_string().len() < 2000);

    let request = Scripted::body(&body).api().request(Method::GET, ["v1"]);
    let error = unusable(request.send::<Value>().unwrap_err(), &body);
    assert_eq!(reason(&error), "recursion limit exceeded");
}
