//! 2xx responses that do not match the API schema: the error names the field and the place in the
//! body, and no value is made up.

use nirvana_labs::http::Method;
use nirvana_labs::{Api, Error, ListParams};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::checks::http_messages::{HttpMessage, WithBody, response};
use crate::fixtures::{address, membership, organization, pagination};
use crate::scripted::Scripted;
use crate::support::{place, reason};

/// A schema: a call that reads it, an example, and its fields as JSON pointers.
pub struct Schema {
    read: fn(&Api) -> Result<(), Error>,
    pub example: Value,
    required: &'static [&'static str],
    nullable: &'static [&'static str],
}

pub fn schemas() -> Vec<Schema> {
    vec![
        Schema {
            read: |api| api.get_organization("org_1").map(drop),
            example: organization(),
            required: &[
                "/id",
                "/created_at",
                "/domains",
                "/domains/0",
                "/domains/0/id",
                "/domains/1/domain",
                "/domains/0/verified",
                "/name",
                "/personal",
                "/services",
                "/services/cloud",
                "/services/jit_provisioning",
                "/services/scim",
                "/services/siem",
                "/services/sso",
                "/type",
                "/updated_at",
            ],
            nullable: &[
                "/billing_email",
                "/metronome_customer_id",
                "/stripe_customer_id",
                "/auth_id",
            ],
        },
        Schema {
            read: |api| api.get_organization_membership("org_1", "mem_1").map(drop),
            example: membership(),
            required: &[
                "/id",
                "/created_at",
                "/organization_id",
                "/role",
                "/updated_at",
                "/user_id",
            ],
            nullable: &[],
        },
        Schema {
            read: |api| api.get_organization_address("org_1").map(drop),
            example: address(),
            required: &[
                "/id",
                "/city",
                "/country",
                "/created_at",
                "/line1",
                "/organization_id",
                "/postal_code",
                "/updated_at",
            ],
            nullable: &["/line2", "/state", "/tax_id", "/tax_id_type"],
        },
        Schema {
            read: |api| api.list_organizations(&ListParams::new()).next().unwrap().map(drop),
            example: json!({"items": [organization(), organization()], "pagination": pagination()}),
            required: &[
                "/items",
                "/items/1",
                "/items/1/id",
                "/items/1/services/cloud",
                "/items/1/domains/1/id",
                "/pagination",
                "/pagination/total_count",
            ],
            nullable: &["/pagination/next_cursor", "/pagination/previous_cursor"],
        },
    ]
}

/// Returns a JSON pointer as errors write it: `/items/1/id` as `items[1].id`.
fn as_field(pointer: &str) -> String {
    let mut field = String::new();
    for step in pointer.split('/').skip(1) {
        match step.parse::<usize>() {
            Ok(index) => field += &format!("[{index}]"),
            Err(_) if field.is_empty() => field += step,
            Err(_) => field += &format!(".{step}"),
        }
    }
    field
}

#[track_caller]
pub fn fails(schema: &Schema, body: &str) -> Error {
    let transport = Scripted::body(body);
    let error = (schema.read)(&transport.api()).unwrap_err();
    assert_eq!(transport.count(), 1, "a 2xx response is not retried");
    check_decode_error(error, body)
}

/// Checks what every decode error has in common, and returns the error.
#[track_caller]
pub fn check_decode_error(error: Error, body: &str) -> Error {
    assert_eq!((error.status(), error.request_id()), (Some(200), Some("req_1")), "{error}");
    assert_eq!((error.attempts(), error.kind() as u32), (1, 5));
    assert!(error.may_have_been_processed() && !error.is_retryable());
    let text = error.to_string();
    assert!(!text.contains('\n') && text.contains(": 200 with an invalid body: "), "{text}");
    assert!(text.contains("[request id req_1]"), "{text}");
    assert!(!reason(&error).is_empty(), "{text}");
    if let Some((line, column)) = place(&error) {
        // An error at the end of a line is at column 0 of the next one.
        let line = body.split('\n').nth(line - 1);
        assert!(line.is_some_and(|line| column <= line.len()), "{text}");
    }
    error
}

#[test]
fn a_missing_field_is_named() {
    for schema in schemas() {
        for pointer in schema.required {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let mut body = schema.example.clone();
            let Some(parent) = body.pointer_mut(parent).unwrap().as_object_mut() else { continue };
            parent.remove(name);
            let error = fails(&schema, &body.to_string());
            assert_eq!(error.field().unwrap(), as_field(pointer));
            assert_eq!(reason(&error), format!("missing field `{name}`"));
        }
    }
}

#[test]
fn a_null_in_a_required_field_is_named() {
    for schema in schemas() {
        for pointer in schema.required {
            let mut body = schema.example.clone();
            *body.pointer_mut(pointer).unwrap() = Value::Null;
            if matches!(*pointer, "/domains" | "/items") {
                // Go servers send null for an empty list: tests/api/data.rs checks that.
                continue;
            }
            let error = fails(&schema, &body.to_string());
            assert_eq!(error.field().unwrap(), as_field(pointer), "{}", reason(&error));
            assert!(reason(&error).starts_with("invalid type: null"), "{}", reason(&error));
        }
    }
}

#[test]
fn a_field_of_the_wrong_type_is_named() {
    let wrong = [
        (json!(31337), "31337"),
        (json!("31337"), "\"31337\""),
        (json!([31337]), "[31337]"),
        (json!([[31337]]), "[[31337]]"),
        (json!({"x": 31337}), "{\"x\":31337}"),
        (json!([]), "[]"),
        (json!({}), "{}"),
        (json!(1.5), "1.5"),
        (json!(-7), "-7"),
    ];
    for schema in schemas() {
        for pointer in schema.required.iter().chain(schema.nullable) {
            let original = schema.example.pointer(pointer).unwrap();
            for (value, text) in &wrong {
                // The value itself has the right type. At most its content is wrong.
                let alike = value.is_string() && original.is_string()
                    || value.is_array() && original.is_array()
                    || value.is_object() && original.is_object()
                    || value.is_i64() && original.is_i64();
                if alike {
                    continue;
                }
                let mut body = schema.example.clone();
                *body.pointer_mut(pointer).unwrap() = value.clone();
                let name = pointer.rsplit('/').next().unwrap();
                let body = body.to_string();
                let error = fails(&schema, &body);
                let why = format!("{pointer} as {text}: {error}");
                assert_eq!(error.field().unwrap(), as_field(pointer), "{why}");
                assert!(reason(&error).starts_with("invalid"), "{why}");
                if name.parse::<usize>().is_err() {
                    let place_of_value = format!("\"{name}\":{text}");
                    let (line, column) = place(&error).unwrap();
                    // The total count is checked after the next byte has been read.
                    let next = usize::from(name == "total_count" && value.is_number());
                    let found = body.match_indices(&place_of_value).any(|(at, found)| {
                        let end = at + found.len();
                        (end - text.len()..=end + next).contains(&column)
                    });
                    assert!(line == 1 && found, "{why}");
                }
            }
        }
    }
}

#[test]
fn a_bad_date_is_named() {
    for date in [
        "",
        "yesterday",
        "2026-06-01",
        "2026-06-01 12:00",
        "2026-06-01T12:00:00",
        "2026-13-01T12:00:00Z",
        "2026-02-29T12:00:00Z",
        "2026-06-01T25:00:00Z",
        "Mon, 01 Jun 2026 12:00:00 GMT",
        "1780315200",
        "２０２６-06-01T12:00:00Z",
    ] {
        // The error repeats the message of `time`, which names the wrong part if it can.
        let why = OffsetDateTime::parse(date, &Rfc3339).unwrap_err().to_string();
        for schema in schemas() {
            for pointer in schema.required.iter().filter(|pointer| pointer.ends_with("_at")) {
                let mut body = schema.example.clone();
                *body.pointer_mut(pointer).unwrap() = json!(date);
                let error = fails(&schema, &body.to_string());
                assert_eq!(error.field().unwrap(), as_field(pointer), "{date}");
                assert_eq!(reason(&error), why);
            }
        }
    }
}

#[test]
fn a_duplicate_field_is_named() {
    for schema in schemas() {
        for pointer in schema.required.iter().chain(schema.nullable) {
            let (_, name) = pointer.rsplit_once('/').unwrap();
            if name.parse::<usize>().is_ok() || schema.example["items"].is_array() {
                continue;
            }
            // Skip names that several fields have: `replace` below would change all of them.
            let body = schema.example.to_string();
            let key = format!("\"{name}\":");
            if body.matches(&key).count() != 1 {
                continue;
            }
            let value = schema.example.pointer(pointer).unwrap();
            let twice = body.replace(&key, &format!("\"{name}\":{value},{key}"));
            let error = fails(&schema, &twice);
            assert_eq!(reason(&error), format!("duplicate field `{name}`"));
            assert_eq!(error.field().unwrap(), as_field(pointer));
        }
    }
    // The same in an item of a list.
    let page = &schemas()[3];
    let body = page.example.to_string().replace("\"verified\":false", "\"id\":\"x\"");
    assert_eq!(fails(page, &body).field(), Some("items[0].domains[1].id"));
}

#[test]
fn an_array_is_not_read_as_an_object() {
    // serde's derive accepts an array for an object: the values in the order of the fields.
    let services = json!([true, false, true, false, true]);
    let mut body = organization();
    body["services"] = services;
    let error = fails(&schemas()[0], &body.to_string());
    assert_eq!(error.field().unwrap(), "services");
    assert!(reason(&error).starts_with("invalid type: sequence"), "{}", reason(&error));
    for (at, array) in [
        ("/pagination", json!([null, null, 2])),
        ("/items/1", json!([organization()])),
        ("/items/1/domains/0", json!(["dom_1", "acme.io", true])),
    ] {
        let mut body = schemas()[3].example.clone();
        *body.pointer_mut(at).unwrap() = array;
        let error = fails(&schemas()[3], &body.to_string());
        assert_eq!(error.field().unwrap(), as_field(at));
        assert!(reason(&error).starts_with("invalid type: sequence"), "{}", reason(&error));
    }
}

#[test]
fn a_byte_order_mark_is_skipped() {
    for schema in schemas() {
        let body = format!("\u{feff}{}", schema.example);
        (schema.read)(&Scripted::body(&body).api()).unwrap();
        let error = fails(&schema, "\u{feff}{}");
        assert!(reason(&error).starts_with("missing field `"), "{}", reason(&error));
        assert_eq!(place(&error), Some((1, 2)), "the byte order mark does not count");
    }
}

/// Returns the result of leaving an organization if the server sends this response.
fn leave(status: u16, content_type: &'static str, body: &'static str) -> Result<(), Error> {
    let response = response(status).with_header("content-type", content_type).with_body(body);
    Scripted::in_turn([Ok(response)]).api().leave_organization("org_1")
}

#[test]
fn leave_fails_if_the_response_is_html() {
    for body in [
        "<!doctype html><title>Sign in</title>",
        " \r\n<html>",
        "\u{feff}<html>",
        "\u{feff}\n<?xml version=\"1.0\"?>",
    ] {
        for (status, content_type) in [(200, "text/html"), (202, "text/html"), (200, "")] {
            let error = leave(status, content_type, body).unwrap_err();
            assert_eq!((error.kind() as u32, error.status()), (5, Some(status)), "{body}: {error}");
            assert!(error.may_have_been_processed() && !error.is_retryable());
            assert!(error.to_string().contains("the body is an HTML page"), "{error}");
        }
    }
    for body in ["", "OK", "{}", "null", "{\"left\": true}", "a < b", "\u{feff}"] {
        for content_type in ["text/html", "application/json", "text/plain", ""] {
            leave(200, content_type, body).unwrap();
            leave(202, content_type, body).unwrap();
        }
    }
}

#[test]
fn a_response_has_all_its_headers() {
    let sent = response(200).with_header("X-Note", "a").with_header("x-note", "b").with_body("1");
    let api = Scripted::in_turn([Ok(sent)]).api();
    let response = api.request(Method::GET, ["v1"]).send::<u8>().unwrap();
    let headers: Vec<_> =
        response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    assert_eq!(headers, [("x-note", &b"a"[..]), ("x-note", b"b")]);
    assert_eq!((response.header("X-Note"), *response.body()), (Some("a"), 1));
}
