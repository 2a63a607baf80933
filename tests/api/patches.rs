//! A field of a PATCH is left out, set to a value, or set to null.

use nirvana_labs::{
    AddressCreateParams, AddressUpdateParams, OrganizationCreateParams, OrganizationUpdateParams,
};
use serde::Serialize;
use serde_json::{Value, json, to_value};

fn body(params: impl Serialize) -> Value {
    to_value(params).unwrap()
}

#[test]
fn unset_fields_are_left_out() {
    assert_eq!(serde_json::to_string(&OrganizationUpdateParams::new()).unwrap(), "{}");
    assert_eq!(serde_json::to_string(&AddressUpdateParams::new()).unwrap(), "{}");
}

#[test]
fn each_field_of_an_organization() {
    let new = OrganizationUpdateParams::new;
    assert_eq!(body(new().name("a")), json!({"name": "a"}));
    assert_eq!(body(new().name("")), json!({"name": ""}));
    assert_eq!(body(new().billing_email("a")), json!({"billing_email": "a"}));
    assert_eq!(body(new().billing_email("")), json!({"billing_email": ""}));
    assert_eq!(body(new().clear_billing_email()), json!({"billing_email": null}));
}

#[test]
fn each_field_of_an_address() {
    type Params = AddressUpdateParams;
    type Set = fn(Params, &str) -> Params;
    type Clear = fn(Params) -> Params;
    let new = AddressUpdateParams::new;
    let setters: [(&str, Set); 8] = [
        ("city", |params, value| params.city(value)),
        ("country", |params, value| params.country(value)),
        ("line1", |params, value| params.line1(value)),
        ("postal_code", |params, value| params.postal_code(value)),
        ("line2", |params, value| params.line2(value)),
        ("state", |params, value| params.state(value)),
        ("tax_id", |params, value| params.tax_id(value)),
        ("tax_id_type", |params, value| params.tax_id_type(value)),
    ];
    for (name, set) in setters {
        for value in ["a", ""] {
            assert_eq!(body(set(new(), value)), json!({name: value}), "{name}");
        }
    }
    let clearers: [(&str, Clear); 4] = [
        ("line2", Params::clear_line2),
        ("state", Params::clear_state),
        ("tax_id", Params::clear_tax_id),
        ("tax_id_type", Params::clear_tax_id_type),
    ];
    for (name, clear) in clearers {
        assert_eq!(body(clear(new())), json!({name: null}), "{name}");
    }
}

#[test]
fn the_last_setter_of_a_field_wins() {
    let params = AddressUpdateParams::new().state("CA").clear_state();
    assert_eq!(body(params), json!({"state": null}));
    let params = AddressUpdateParams::new().clear_state().state("CA");
    assert_eq!(body(params), json!({"state": "CA"}));
}

#[test]
fn optional_fields_of_a_create_are_left_out_until_set() {
    assert_eq!(body(OrganizationCreateParams::new("a")), json!({"name": "a"}));
    let params = AddressCreateParams::new("c", "a", "d", "b");
    let required = json!({"city": "a", "country": "b", "line1": "c", "postal_code": "d"});
    assert_eq!(body(&params), required);
    for (name, params) in [
        ("line2", params.clone().line2("x")),
        ("state", params.clone().state("x")),
        ("tax_id", params.clone().tax_id("x")),
        ("tax_id_type", params.clone().tax_id_type("x")),
    ] {
        let mut expected = required.clone();
        expected[name] = json!("x");
        assert_eq!(body(params), expected);
    }
}
