//! Runs the checks of the fuzz targets on structured inputs: more of them are valid than of a
//! fuzzer's inputs, and the others are often invalid in only one place.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::checks::wire::join;
use crate::checks::{address, caller, cursor, decode, error_body, retry_after};

/// Any text, or a mix of the parts that are special in a URL.
fn text() -> impl Strategy<Value = String> {
    let parts = select(vec![
        "", ".", "..", "/", "\\", "?", "#", "%", "%2e", "%2F", "&", "=", "+", " ", "@", ":", "//",
        "\0", "\r\n", "é", "org_1",
    ]);
    let odd = vec(parts, 0..5).prop_map(|parts| parts.concat());
    prop_oneof![any::<String>(), odd]
}

proptest! {
    // Inputs that fail are kept in the fuzz corpus, not in a file of proptest.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_pass_every_check(data in vec(any::<u8>(), 0..200)) {
        for (_, check) in crate::checks::CHECKS {
            check(&data);
        }
    }

    #[test]
    fn ids_and_queries_decode_to_their_input(texts in vec(text(), 2..9)) {
        address::check(&join(texts));
    }

    #[test]
    fn headers_and_keys_are_sent_unchanged_or_refused(
        scheme in select(vec!["https://", "http://", "HTTPS://", "ftp://", ""]),
        host in select(vec!["localhost", "127.0.0.1", "[::1]", "a.example", "a@b", "", "a:0", "a:1"]),
        path in "(/[a-zé%\\\\.{}|^\"]{0,4}){0,3}[?#]?",
        texts in vec(text(), 5),
    ) {
        let base_url = format!("{scheme}{host}{path}");
        caller::check(&join(std::iter::once(base_url).chain(texts)));
    }

    #[test]
    fn retry_after_is_read_correctly(
        millis in "(-?[0-9.e]{1,6})?",
        seconds in "-?[0-9]{1,15}(\\.[0-9]{1,3})?",
    ) {
        retry_after::check(&join([&*millis, &*seconds, ""]));
    }

    #[test]
    fn dates_are_read_correctly(
        // From 1970 to the end of the year 9999.
        now in 0..253_402_300_800_i64,
        wait in prop_oneof![-10_i64..100_000, any::<i64>().prop_map(|wait| wait >> 25)],
    ) {
        let written = |time| retry_after::written(time).unwrap_or_default();
        retry_after::check(&join(["", &*written(now.saturating_add(wait)), &*written(now)]));
    }

    #[test]
    fn bodies_are_read_if_they_fit_the_limit(
        endpoint in b'a'..=b'k',
        change in any::<prop::sample::Index>(),
        value in value(),
        how in 0..4_u8,
        pretty in any::<bool>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut document = fixture(endpoint);
        let mut paths = Vec::new();
        pointers(&document, String::new(), &mut paths);
        let path = change.get(&paths);
        match how {
            0 => {}
            1 => *document.pointer_mut(path).unwrap() = value,
            2 => remove(&mut document, path),
            _ => insert(&mut document, path, value),
        }
        let print = if pretty { serde_json::to_vec_pretty } else { serde_json::to_vec };
        let body = print(&document).unwrap();
        let (kept, _) = body.split_at(cut.index(body.len()));
        for body in [&body[..], kept] {
            decode::check(&[&[endpoint], body].concat());
        }
    }

    #[test]
    fn lists_end_with_each_item_once(
        how in any::<u8>(),
        pages in vec(0..0x60_u8, 0..40),
        cursors in vec(prop_oneof!["[a-c]{0,2}", text(), Just(cursor::KEY.to_owned())], 0..12),
    ) {
        // The first byte of the script must not be the separator.
        let script = [&[how & 0x7F], &pages[..]].concat();
        cursor::check(&join(std::iter::once(script).chain(cursors.into_iter().map(Into::into))));
    }

    #[test]
    fn errors_are_correct_and_hide_secrets(
        status in prop_oneof![100..600_u16, any::<u16>()],
        name in select(vec!["x-request-id", "location", "retry-after", "content-type", "x-any"]),
        value in vec(0x20..=0xFE_u8, 0..20),
        parts in vec(body_part(), 0..8),
    ) {
        let head = [name.as_bytes(), b": ", &value].concat();
        let body = match std::str::from_utf8(&parts.concat()) {
            Ok(text) => json!({ "message": text, "code": text }).to_string().into_bytes(),
            Err(_) => [&b"{\"message\":\""[..], &parts.concat(), b"\"}"].concat(),
        };
        error_body::check(&join([status.to_string().into_bytes(), head, body]));
    }
}

/// A piece of a body. The byte 0xFE stands for the key, which the server repeats.
fn body_part() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(vec![0xFE]),
        any::<String>().prop_map(String::into_bytes),
        vec(any::<u8>(), 0..9),
    ]
}

/// JSON of any type, including unusual values.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,10})?(Z|[+-][0-2][0-9]:[0-5][0-9])"
            .prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!({ "id": [1, { "a": null }] })),
    ]
}

/// Returns a valid response body of an endpoint.
fn fixture(endpoint: u8) -> Value {
    let time = "2026-06-01T12:00:00.5+02:00";
    let organization = json!({
        "id": "org_1", "billing_email": null, "created_at": time,
        "domains": [{ "id": "dom_1", "domain": "acme.io", "verified": true }],
        "metronome_customer_id": "m", "name": "Acme", "personal": false,
        "services": {
            "cloud": true, "jit_provisioning": false, "scim": false, "siem": false, "sso": true,
        },
        "stripe_customer_id": null, "type": "company", "updated_at": time, "auth_id": "a",
    });
    let membership = json!({
        "id": "mem_1", "created_at": time, "organization_id": "org_1", "role": "owner",
        "updated_at": time, "user_id": "usr_1",
    });
    let pagination = json!({ "next_cursor": "c2", "previous_cursor": null, "total_count": 9 });
    match endpoint {
        b'a'..=b'c' => organization,
        b'd' => json!({ "items": [organization, organization], "pagination": pagination }),
        b'f' => membership,
        b'g' => json!({ "items": [membership, membership], "pagination": pagination }),
        _ => json!({
            "id": "adr_1", "city": "Reykjavík", "country": "IS", "created_at": time,
            "line1": "1 Main St", "line2": null, "organization_id": "org_1",
            "postal_code": "101", "state": null, "tax_id": "1", "tax_id_type": "eu_vat",
            "updated_at": time,
        }),
    }
}

/// Collects the JSON pointers of a value and of every value inside it.
fn pointers(value: &Value, at: String, into: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(key, value)| pointers(value, format!("{at}/{key}"), into));
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, item)| pointers(item, format!("{at}/{index}"), into));
        }
        _ => {}
    }
    into.push(at);
}

fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    match document.pointer_mut(parent).unwrap() {
        Value::Object(object) => drop(object.remove(name)),
        Value::Array(items) => drop(items.remove(name.parse().unwrap())),
        _ => {}
    }
}

/// Adds a field that the API schema does not have to the object at `pointer`.
fn insert(document: &mut Value, pointer: &str, value: Value) {
    if let Some(object) = document.pointer_mut(pointer).and_then(Value::as_object_mut) {
        object.insert("future".to_owned(), value);
    }
}

#[test]
fn more_headers_than_can_be_sent_are_an_error() {
    let headers = (0..40_000).map(|number| format!("x-{number}"));
    let builder =
        headers.fold(nirvana_labs::Api::builder(), |builder, name| builder.header(name, ""));
    let error = builder.api_key("nl_key").build().unwrap_err();
    assert_eq!(error.kind(), nirvana_labs::ErrorKind::Config, "{error}");
}
