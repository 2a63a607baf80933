//! 2xx responses whose body is truncated, malformed, or not the JSON of the API schema.

use nirvana_labs::http::Method;
use serde_json::{Value, json};

use crate::checks::http_messages::{HttpMessage, WithBody, response};
use crate::data_faults::{check_decode_error, fails, schemas};
use crate::fixtures::{membership, organization};
use crate::scripted::Scripted;
use crate::support::{place, reason};

#[test]
fn a_document_that_is_not_an_object_is_an_error() {
    for schema in schemas() {
        for (body, start) in [
            ("[]", "invalid type: sequence"),
            ("[{}]", "invalid type: sequence"),
            // The values of a page, in the order of its fields.
            (
                r#"[[],{"next_cursor":null,"previous_cursor":null,"total_count":0}]"#,
                "invalid type: sequence",
            ),
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
            assert_eq!(reason(&error), "trailing characters");
            assert_eq!(error.field().unwrap(), "");
            let (line, column) = place(&error).unwrap();
            assert!(line > 1 || column > body.len(), "{error}");
        }
    }
}

#[test]
fn the_error_of_a_truncated_document_says_where_it_ends() {
    let body = organization().to_string();
    for length in (1..body.len()).filter(|at| body.is_char_boundary(*at)) {
        let error = fails(&schemas()[0], &body[..length]);
        assert!(reason(&error).starts_with("EOF while parsing"), "{}", reason(&error));
        assert_eq!(place(&error), Some((1, length)));
    }
}

#[test]
fn a_control_character_is_not_shown_in_the_error() {
    let body = "{\"id\": \"a\nb\"}";
    let error = fails(&schemas()[0], body);
    assert_eq!(error.field().unwrap(), "id");
    let body = "{\"i\u{1}\nd\": 1}";
    fails(&schemas()[0], body);
}

#[test]
fn the_error_of_a_long_value_is_short() {
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
fn the_column_in_an_error_counts_bytes() {
    let body =
        format!("{{\"id\":\"{}\",\"name\":7,\"x\":\"{}\"}}", "ä".repeat(500), "ö".repeat(500));
    let error = fails(&schemas()[0], &body);
    assert_eq!(error.field().unwrap(), "name");
    let (line, column) = place(&error).unwrap();
    assert!(line == 1 && body[..column].ends_with("\"name\":7"), "{error}");
}

#[test]
fn an_html_page_is_named_by_the_error() {
    for (kind, body) in [
        ("text/html; charset=utf-8", "<!DOCTYPE html><title>Welcome</title>"),
        ("application/json", "\n  <html></html>"),
        ("text/html", "Sign in"),
        ("Text/HTML", "Sign in"),
        ("TEXT/HTML; charset=utf-8", "Sign in"),
    ] {
        let api = Scripted::new(move |_| {
            let response = response(200).with_header("content-type", kind);
            Ok(response.with_header("x-request-id", "req_1").with_body(body))
        })
        .api();
        let error = check_decode_error(api.get_organization("org_1").unwrap_err(), body);
        assert_eq!(reason(&error), "the body is an HTML page, not JSON");
        assert_eq!(error.field().unwrap(), "");
    }
}

#[test]
fn the_error_of_a_body_that_is_not_utf_8_says_where() {
    let mut body = organization().to_string().into_bytes();
    let at = String::from_utf8_lossy(&body).find("cus_1").unwrap();
    body[at + 3] = 0xFF;
    let error = Scripted::body(&body).api().get_organization("org_1").unwrap_err();
    let error = check_decode_error(error, &String::from_utf8_lossy(&body));
    let why = format!("invalid utf-8 sequence of 1 bytes from index {}", at + 3);
    assert_eq!(reason(&error), format!("the body is not UTF-8: {why}"));
    assert_eq!(error.field(), Some("stripe_customer_id"));
}

#[test]
fn deep_nesting_is_an_error() {
    // The values of unknown fields are kept, so their depth is limited too.
    let body = format!("{{\"x\": {}", "[".repeat(1_000_000));
    let error = fails(&schemas()[0], &body);
    assert_eq!(reason(&error), "recursion limit exceeded");
    assert!(error.to_string().len() < 2000);

    let request = Scripted::body(&body).api().request(Method::GET, ["v1"]);
    let error = check_decode_error(request.send::<Value>().unwrap_err(), &body);
    assert_eq!(reason(&error), "recursion limit exceeded");
}

#[test]
fn a_syntax_error_names_the_field_around_it() {
    for (body, field) in [
        (r#"{"id": "1" x}"#, ""),
        (r#"{"message": "say "no" to it"}"#, ""),
        (r#"{"id""#, ""),
        (r#"{"x": [1, {"y": 1 2"#, "x[1]"),
        (r#"{"domains": [{"id": "1"}, {"id""#, "domains[0].domain"),
    ] {
        let error = fails(&schemas()[0], body);
        assert_eq!(error.field(), Some(field), "{body}: {error}");
    }
}
