//! Parameters: what the client sends can be deserialized again, and everything else is refused.

use nirvana_labs::{
    AddressCreateParams, AddressUpdateParams, ListParams, OrganizationCreateParams,
    OrganizationUpdateParams,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, from_slice, from_str, from_value, json, to_string, to_value};
use std::fmt::Debug;

/// What the API schema says about a field.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Required,
    Optional,
    Nullable,
}
use Kind::{Nullable, Optional, Required};

/// Deserializes `body` with every deserializer of serde_json. The results must be equal.
fn read<T: DeserializeOwned + PartialEq + Debug>(body: &Value) -> Result<T, String> {
    let text = body.to_string();
    let reason = |error: serde_json::Error| error.to_string();
    let from_text = from_str::<T>(&text).map_err(reason);
    assert_eq!(from_slice::<T>(text.as_bytes()).map_err(reason), from_text);
    let plain = from_value::<T>(body.clone()).map_err(reason);
    match (&from_text, &plain) {
        (Ok(from_text), Ok(from_value)) => assert_eq!(from_text, from_value),
        (Err(from_text), Err(from_value)) => {
            let (reason, position) = from_text.rsplit_once(" at line 1 column ").unwrap();
            assert_eq!(reason, from_value);
            assert!(position.parse::<usize>().unwrap() <= text.len(), "{from_text}");
        }
        _ => panic!("{body}: {from_text:?}, {plain:?}"),
    }
    // `&Value` is a deserializer too.
    assert_eq!(T::deserialize(body).map_err(reason), plain);
    plain
}

/// Checks that `body` can be deserialized, and serializes back unchanged.
#[track_caller]
fn accepted<T: DeserializeOwned + Serialize + PartialEq + Debug>(body: &Value) {
    let params: T = read(body).unwrap();
    assert_eq!(to_value(&params).unwrap(), *body);
    assert_eq!(from_str::<T>(&to_string(&params).unwrap()).unwrap(), params);
}

#[track_caller]
fn refused<T: DeserializeOwned + PartialEq + Debug>(body: &Value, reason: &str) {
    assert_eq!(read::<T>(body).unwrap_err(), reason, "{body}");
}

/// Checks every field: absent, null, with a value, of a wrong type, misspelt, and twice.
fn table<T: DeserializeOwned + Serialize + PartialEq + Debug>(fields: &[(&str, Kind)]) {
    let named = |kinds: &[Kind]| -> Value {
        let fields = fields.iter().filter(|(_, kind)| kinds.contains(kind));
        fields.map(|(name, _)| ((*name).to_owned(), json!(format!("a {name}")))).collect()
    };
    let quoted: Vec<String> = fields.iter().map(|(name, _)| format!("`{name}`")).collect();
    let expected = match quoted.as_slice() {
        [one, other] => format!("{one} or {other}"),
        many => format!("one of {}", many.join(", ")),
    };
    accepted::<T>(&named(&[Required]));
    accepted::<T>(&named(&[Required, Optional, Nullable]));
    for (name, kind) in fields {
        for full in [named(&[Required]), named(&[Required, Optional, Nullable])] {
            let with = |value: Value| {
                let mut body = full.clone();
                body[name] = value;
                body
            };
            let mut absent = full.clone();
            absent.as_object_mut().unwrap().remove(*name);
            match kind {
                Required => refused::<T>(&absent, &format!("missing field `{name}`")),
                Optional | Nullable => accepted::<T>(&absent),
            }
            match kind {
                Nullable => accepted::<T>(&with(Value::Null)),
                Required | Optional => {
                    let reason = format!("{name}: invalid type: null, expected a string");
                    refused::<T>(&with(Value::Null), &reason);
                }
            }
            for value in ["", "a", " \"ü\u{0}\u{2028}🚀"] {
                accepted::<T>(&with(json!(value)));
            }
            for (value, found) in [
                (json!(7), "integer `7`"),
                (json!(-7), "integer `-7`"),
                (json!(7.5), "floating point `7.5`"),
                (json!(true), "boolean `true`"),
                (json!(["a"]), "sequence"),
                (json!({"a": "b"}), "map"),
            ] {
                let reason = format!("{name}: invalid type: {found}, expected a string");
                refused::<T>(&with(value), &reason);
            }
            for misspelt in [format!("{name}s"), name.to_uppercase(), format!(" {name}")] {
                for value in [json!("a"), Value::Null] {
                    let mut body = absent.clone();
                    body[&misspelt] = value;
                    let reason = format!("unknown field `{misspelt}`, expected {expected}");
                    refused::<T>(&body, &reason);
                }
            }
            let text = with(json!("a")).to_string();
            let twice = text.replace('}', &format!(",\"{name}\":\"b\"}}"));
            let error = from_str::<T>(&twice).unwrap_err().to_string();
            assert!(error.starts_with(&format!("duplicate field `{name}` at line 1")), "{error}");
        }
    }
    for (body, found) in [
        (json!([]), "sequence"),
        (json!(["a", "b", "c", "d"]), "sequence"),
        (json!([{}]), "sequence"),
        (json!("a"), "string \"a\""),
        (json!(7), "integer `7`"),
        (Value::Null, "null"),
        (json!(false), "boolean `false`"),
    ] {
        refused::<T>(&body, &format!("invalid type: {found}, expected an object"));
    }
    for malformed in ["", "{", "{\"name\":", "{} x", "name=a"] {
        assert!(from_str::<T>(malformed).is_err(), "{malformed}");
    }
}

#[test]
fn every_field_is_serialized_and_deserialized_strictly() {
    table::<OrganizationCreateParams>(&[("name", Required), ("billing_email", Optional)]);
    table::<OrganizationUpdateParams>(&[("name", Optional), ("billing_email", Nullable)]);
    let address = ["line1", "city", "postal_code", "country", "line2", "state", "tax_id"];
    let address: Vec<&str> = address.into_iter().chain(["tax_id_type"]).collect();
    let kinds = |first: Kind, last: Kind| -> Vec<(&str, Kind)> {
        let kind = |at: usize| if at < 4 { first } else { last };
        address.iter().enumerate().map(|(at, name)| (*name, kind(at))).collect()
    };
    table::<AddressCreateParams>(&kinds(Required, Optional));
    table::<AddressUpdateParams>(&kinds(Optional, Nullable));
}

#[test]
fn deserialized_parameters_equal_the_setters_parameters() {
    let params: AddressUpdateParams =
        from_str(r#"{"state": null, "line2": "Suite 4", "city": "Ghent"}"#).unwrap();
    assert_eq!(params, AddressUpdateParams::new().city("Ghent").line2("Suite 4").clear_state());
    let params: OrganizationCreateParams =
        from_value(json!({"name": "Acme", "billing_email": "b@acme.io"})).unwrap();
    assert_eq!(params, OrganizationCreateParams::new("Acme").billing_email("b@acme.io"));
    assert_eq!(
        format!("{params:?}"),
        r#"OrganizationCreateParams { name: "Acme", billing_email: Some("b@acme.io") }"#
    );
}

#[test]
fn parameters_are_read_inside_other_values() {
    #[derive(Debug, serde::Deserialize)]
    struct Config {
        organizations: Vec<OrganizationCreateParams>,
    }
    let config: Config = from_str(r#"{"organizations": [{"name": "Acme"}]}"#).unwrap();
    assert_eq!(config.organizations, [OrganizationCreateParams::new("Acme")]);
    let text = r#"{"organizations": [{"name": "Acme"},
        {"name": null}]}"#;
    let error = from_str::<Config>(text).unwrap_err();
    assert_eq!(
        error.to_string(),
        "name: invalid type: null, expected a string at line 2 column 21"
    );
    assert_eq!((error.line(), error.column()), (2, 21));
    let error = from_str::<Config>(r#"{"organizations": [["Acme"]]}"#).unwrap_err();
    assert!(error.to_string().starts_with("invalid type: sequence, expected an object at line 1"));
}

#[test]
fn text_is_accepted_in_every_form() {
    let owned = "a".to_owned();
    let params = OrganizationCreateParams::new("a").billing_email("a");
    assert_eq!(OrganizationCreateParams::new(&owned).billing_email(&owned), params);
    assert_eq!(OrganizationCreateParams::new(owned.clone()).billing_email(owned.clone()), params);

    let list = ListParams::new().cursor("a").limit(5);
    let saved = serde_json::to_string(&list).unwrap();
    assert_eq!(saved, r#"{"limit":5,"cursor":"a"}"#);
    assert_eq!(serde_json::from_str::<ListParams>(&saved).unwrap(), list);
    assert_eq!(serde_json::from_str::<ListParams>("{}").unwrap(), ListParams::new());
}

#[test]
fn the_parameters_of_a_list_are_written_and_read_strictly() {
    for (params, written) in [
        (ListParams::new(), json!({})),
        (ListParams::new().limit(0), json!({"limit": 0})),
        (ListParams::new().limit(u32::MAX), json!({"limit": u32::MAX})),
        (ListParams::new().cursor(""), json!({"cursor": ""})),
        (ListParams::new().cursor("a\"ü\0🚀"), json!({"cursor": "a\"ü\0🚀"})),
        (ListParams::new().limit(5).cursor("c"), json!({"limit": 5, "cursor": "c"})),
    ] {
        assert_eq!(to_value(&params).unwrap(), written);
        assert_eq!(read::<ListParams>(&written).unwrap(), params);
    }
    let expected = "expected `limit` or `cursor`";
    for (body, reason) in [
        (json!({"limits": 5}), format!("unknown field `limits`, {expected}")),
        (json!({"Cursor": "c"}), format!("unknown field `Cursor`, {expected}")),
        (json!({"cursor": null}), "cursor: invalid type: null, expected a string".into()),
        (json!({"cursor": 7}), "cursor: invalid type: integer `7`, expected a string".into()),
        (json!({"limit": null}), "limit: invalid type: null, expected u32".into()),
        (json!({"limit": "5"}), "limit: invalid type: string \"5\", expected u32".into()),
        (json!({"limit": -1}), "limit: invalid value: integer `-1`, expected u32".into()),
        (json!({"limit": 5.0}), "limit: invalid type: floating point `5.0`, expected u32".into()),
        (
            json!({"limit": 4_294_967_296_u64}),
            "limit: invalid value: integer `4294967296`, expected u32".into(),
        ),
        (json!([]), "invalid type: sequence, expected an object".into()),
        (json!([5, "c"]), "invalid type: sequence, expected an object".into()),
        (json!("c"), "invalid type: string \"c\", expected an object".into()),
        (Value::Null, "invalid type: null, expected an object".into()),
    ] {
        refused::<ListParams>(&body, &reason);
    }
    let twice = from_str::<ListParams>(r#"{"limit": 1, "limit": 2}"#).unwrap_err().to_string();
    assert!(twice.starts_with("duplicate field `limit`"), "{twice}");
}
