//! The API schema as data, to check JSON without the crate.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The type of a field.
pub enum Kind {
    Text,
    /// The field is a text, or `null`, or absent.
    NullableText,
    Flag,
    Time,
    Count,
    Object(&'static [Field]),
    List(&'static [Field]),
}

pub type Field = (&'static str, Kind);

pub const ORGANIZATION: &[Field] = &[
    ("id", Kind::Text),
    ("billing_email", Kind::NullableText),
    ("created_at", Kind::Time),
    ("domains", Kind::List(DOMAIN)),
    ("metronome_customer_id", Kind::NullableText),
    ("name", Kind::Text),
    ("personal", Kind::Flag),
    ("services", Kind::Object(SERVICES)),
    ("stripe_customer_id", Kind::NullableText),
    ("type", Kind::Text),
    ("updated_at", Kind::Time),
    ("auth_id", Kind::NullableText),
];
const DOMAIN: &[Field] = &[("id", Kind::Text), ("domain", Kind::Text), ("verified", Kind::Flag)];
const SERVICES: &[Field] = &[
    ("cloud", Kind::Flag),
    ("jit_provisioning", Kind::Flag),
    ("scim", Kind::Flag),
    ("siem", Kind::Flag),
    ("sso", Kind::Flag),
];
pub const MEMBERSHIP: &[Field] = &[
    ("id", Kind::Text),
    ("created_at", Kind::Time),
    ("organization_id", Kind::Text),
    ("role", Kind::Text),
    ("updated_at", Kind::Time),
    ("user_id", Kind::Text),
];
pub const ADDRESS: &[Field] = &[
    ("id", Kind::Text),
    ("city", Kind::Text),
    ("country", Kind::Text),
    ("created_at", Kind::Time),
    ("line1", Kind::Text),
    ("line2", Kind::NullableText),
    ("organization_id", Kind::Text),
    ("postal_code", Kind::Text),
    ("state", Kind::NullableText),
    ("tax_id", Kind::NullableText),
    ("tax_id_type", Kind::NullableText),
    ("updated_at", Kind::Time),
];
const PAGINATION: &[Field] = &[
    ("next_cursor", Kind::NullableText),
    ("previous_cursor", Kind::NullableText),
    ("total_count", Kind::Count),
];
pub const ORGANIZATION_PAGE: &[Field] =
    &[("items", Kind::List(ORGANIZATION)), ("pagination", Kind::Object(PAGINATION))];
pub const MEMBERSHIP_PAGE: &[Field] =
    &[("items", Kind::List(MEMBERSHIP)), ("pagination", Kind::Object(PAGINATION))];

/// Returns whether `value` is an object with these fields, and each field has its type.
pub fn fits(value: &Value, fields: &[Field]) -> bool {
    let Value::Object(object) = value else { return false };
    fields.iter().all(|(name, kind)| match (object.get(*name), kind) {
        (None | Some(Value::Null), Kind::NullableText) => true,
        (Some(Value::String(_)), Kind::Text | Kind::NullableText) => true,
        (Some(Value::Bool(_)), Kind::Flag) => true,
        (Some(Value::Number(number)), Kind::Count) => whole(number).is_some(),
        (Some(time), Kind::Time) => instant(time).is_some(),
        (Some(value), Kind::Object(fields)) => fits(value, fields),
        (Some(Value::Null), Kind::List(_)) => true,
        (Some(Value::Array(items)), Kind::List(fields)) => {
            items.iter().all(|item| fits(item, fields))
        }
        _ => false,
    })
}

/// Returns whether `written`, a model that the crate serialized, has the same data as `sent`.
pub fn same(written: &Value, sent: &Value, fields: &[Field]) -> bool {
    let unknown = |value: &Value| -> Vec<(String, Value)> {
        let object = value.as_object().into_iter().flatten();
        let unknown = object.filter(|(name, _)| fields.iter().all(|(known, _)| known != name));
        unknown.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    written.is_object()
        && unknown(written) == unknown(sent)
        && fields.iter().all(|(name, kind)| {
            let (written, sent) = (&written[*name], &sent[*name]);
            match kind {
                Kind::Time => instant(written) == instant(sent),
                Kind::Count => written.as_i64() == sent.as_number().and_then(whole),
                Kind::Object(fields) => same(written, sent, fields),
                Kind::List(fields) => {
                    let empty = Vec::new();
                    let written = written.as_array().unwrap();
                    // A list that is `null` is decoded as empty.
                    let sent = sent.as_array().unwrap_or(&empty);
                    let mut pairs = written.iter().zip(sent);
                    written.len() == sent.len()
                        && pairs.all(|(written, sent)| same(written, sent, fields))
                }
                _ => written == sent,
            }
        })
}

/// Returns a number as a 64-bit integer, if it is one. `1.0` and `1e3` are integers too (JSON
/// Schema).
fn whole(number: &Number) -> Option<i64> {
    const END: f64 = 9_223_372_036_854_775_808.0;
    let float = || number.as_f64().filter(|it| it.fract() == 0.0 && (-END..END).contains(it));
    number.as_i64().or_else(|| Some(float().filter(|_| !number.is_u64())? as i64))
}

fn instant(value: &Value) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(value.as_str()?, &Rfc3339).ok()
}

/// JSON in which no object has a repeated key.
pub struct Unrepeated;

impl<'de> Deserialize<'de> for Unrepeated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Unrepeated, D::Error> {
        deserializer.deserialize_any(Unrepeated)
    }
}

impl<'de> Visitor<'de> for Unrepeated {
    type Value = Unrepeated;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated keys")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unrepeated, A::Error> {
        let mut keys = HashSet::new();
        while let Some((key, Unrepeated)) = map.next_entry::<String, Unrepeated>()? {
            if !keys.insert(key) {
                return Err(A::Error::custom("a repeated key"));
            }
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unrepeated, A::Error> {
        while let Some(Unrepeated) = items.next_element()? {}
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Unrepeated, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Unrepeated, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Unrepeated, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Unrepeated, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Unrepeated, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Unrepeated, E> {
        Ok(self)
    }
}
