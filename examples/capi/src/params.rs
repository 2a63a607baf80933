//! Params: JSON text, checked against what the contract allows.

use std::fmt;

use nirvana_labs::{
    AddressCreateParams, AddressUpdateParams, OrganizationCreateParams, OrganizationUpdateParams,
};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;

use crate::error::Failure;

pub(crate) fn organization_create(json: &str) -> Result<OrganizationCreateParams, Failure> {
    let mut fields = Fields::parse(json)?;
    let mut params = OrganizationCreateParams::new(fields.required("name")?);
    if let Some(billing_email) = fields.optional("billing_email")? {
        params = params.billing_email(billing_email);
    }
    fields.finish(params)
}

pub(crate) fn organization_update(json: &str) -> Result<OrganizationUpdateParams, Failure> {
    let mut fields = Fields::parse(json)?;
    let mut params = OrganizationUpdateParams::new();
    if let Some(name) = fields.optional("name")? {
        params = params.name(name);
    }
    params = match fields.nullable("billing_email")? {
        None => params,
        Some(None) => params.clear_billing_email(),
        Some(Some(billing_email)) => params.billing_email(billing_email),
    };
    fields.finish(params)
}

pub(crate) fn address_create(json: &str) -> Result<AddressCreateParams, Failure> {
    let mut fields = Fields::parse(json)?;
    let mut params = AddressCreateParams::new(
        fields.required("city")?,
        fields.required("country")?,
        fields.required("line1")?,
        fields.required("postal_code")?,
    );
    if let Some(line2) = fields.optional("line2")? {
        params = params.line2(line2);
    }
    if let Some(state) = fields.optional("state")? {
        params = params.state(state);
    }
    if let Some(tax_id) = fields.optional("tax_id")? {
        params = params.tax_id(tax_id);
    }
    if let Some(tax_id_type) = fields.optional("tax_id_type")? {
        params = params.tax_id_type(tax_id_type);
    }
    fields.finish(params)
}

pub(crate) fn address_update(json: &str) -> Result<AddressUpdateParams, Failure> {
    let mut fields = Fields::parse(json)?;
    let mut params = AddressUpdateParams::new();
    if let Some(city) = fields.optional("city")? {
        params = params.city(city);
    }
    if let Some(country) = fields.optional("country")? {
        params = params.country(country);
    }
    if let Some(line1) = fields.optional("line1")? {
        params = params.line1(line1);
    }
    if let Some(postal_code) = fields.optional("postal_code")? {
        params = params.postal_code(postal_code);
    }
    params = match fields.nullable("line2")? {
        None => params,
        Some(None) => params.clear_line2(),
        Some(Some(line2)) => params.line2(line2),
    };
    params = match fields.nullable("state")? {
        None => params,
        Some(None) => params.clear_state(),
        Some(Some(state)) => params.state(state),
    };
    params = match fields.nullable("tax_id")? {
        None => params,
        Some(None) => params.clear_tax_id(),
        Some(Some(tax_id)) => params.tax_id(tax_id),
    };
    params = match fields.nullable("tax_id_type")? {
        None => params,
        Some(None) => params.clear_tax_id_type(),
        Some(Some(tax_id_type)) => params.tax_id_type(tax_id_type),
    };
    fields.finish(params)
}

/// The fields of a JSON object that were not taken yet.
struct Fields {
    left: Vec<(String, Value)>,
    known: Vec<&'static str>,
}

impl Fields {
    fn parse(json: &str) -> Result<Fields, Failure> {
        serde_json::from_str(json).map_err(|error| Failure::argument(format!("params: {error}")))
    }

    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        let at = self.left.iter().position(|(key, _)| key == name)?;
        Some(self.left.swap_remove(at).1)
    }

    fn required(&mut self, name: &'static str) -> Result<String, Failure> {
        let value = self.optional(name)?;
        value.ok_or_else(|| Failure::argument(format!("params: {name} is missing")))
    }

    fn optional(&mut self, name: &'static str) -> Result<Option<String>, Failure> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Failure::argument(format!("params: {name} is not a string"))),
        }
    }

    /// `None` where it is left out, `Some(None)` where it is null.
    fn nullable(&mut self, name: &'static str) -> Result<Option<Option<String>>, Failure> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(Value::String(text)) => Ok(Some(Some(text))),
            Some(_) => Err(Failure::argument(format!("params: {name} is not a string or null"))),
        }
    }

    /// `params`, if all fields were taken.
    fn finish<T>(self, params: T) -> Result<T, Failure> {
        match self.left.first() {
            None => Ok(params),
            Some((name, _)) => Err(Failure::argument(format!(
                "params: {name:?} is not a field here; there are {}",
                self.known.join(", ")
            ))),
        }
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut left: Vec<(String, Value)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if left.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom(format_args!("{name:?} is there twice")));
                    }
                    left.push((name, value));
                }
                Ok(Fields { left, known: Vec::new() })
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The JSON that goes out for the JSON that came in, or what is wrong with it.
    fn sent<T: serde::Serialize>(params: Result<T, Failure>) -> Value {
        match params {
            Ok(params) => serde_json::to_value(params).unwrap(),
            Err(failure) => Value::String(failure.to_string()),
        }
    }

    #[test]
    fn every_field_goes_through() {
        let json = r#"{"name":"Acme","billing_email":"b@acme.io"}"#;
        let value: Value = serde_json::from_str(json).unwrap();
        assert_eq!(sent(organization_create(json)), value);
        assert_eq!(sent(organization_update(json)), value);

        let json = r#"{"city":"a","country":"US","line1":"b","postal_code":"c","line2":"d",
            "state":"e","tax_id":"f","tax_id_type":"g"}"#;
        let value: Value = serde_json::from_str(json).unwrap();
        assert_eq!(sent(address_create(json)), value);
        assert_eq!(sent(address_update(json)), value);
    }

    #[test]
    fn unset_and_null_stay_apart() {
        assert_eq!(sent(organization_update("{}")), serde_json::json!({}));
        assert_eq!(sent(address_update("{}")), serde_json::json!({}));
        for (json, sent) in [
            (r#"{"billing_email":null}"#, sent(organization_update(r#"{"billing_email":null}"#))),
            (
                r#"{"line2":null,"state":null,"tax_id":null,"tax_id_type":null}"#,
                sent(address_update(
                    r#"{"line2":null,"state":null,"tax_id":null,"tax_id_type":null}"#,
                )),
            ),
        ] {
            assert_eq!(sent, serde_json::from_str::<Value>(json).unwrap());
        }
    }

    #[test]
    fn what_the_contract_does_not_allow_is_refused() {
        for (json, why) in [
            (
                r#"{"nom":"Acme"}"#,
                r#"params: "nom" is not a field here; there are name, billing_email"#,
            ),
            (r#"{"name":null}"#, "params: name is not a string"),
            (r#"{"name":7}"#, "params: name is not a string"),
            (r#"{"billing_email":7}"#, "params: billing_email is not a string or null"),
            (r#"{"name":"a","name":"b"}"#, "params: \"name\" is there twice"),
            ("[]", "params: invalid type: sequence, expected a JSON object"),
            ("{} {}", "params: trailing characters"),
            ("", "params: EOF while parsing a value"),
        ] {
            let message = organization_update(json).unwrap_err().to_string();
            assert!(message.starts_with(why), "{json}: {message}");
        }
        assert_eq!(sent(organization_create("{}")), "params: name is missing");
        assert_eq!(
            sent(organization_create(r#"{"name":"a","billing_email":null}"#)),
            "params: billing_email is not a string"
        );
        assert_eq!(
            sent(address_create(r#"{"city":"a","country":"US","line1":"b"}"#)),
            "params: postal_code is missing"
        );
    }
}
