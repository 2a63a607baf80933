//! Functions that read fields which serde's derive cannot read by itself.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Unexpected, Visitor};
use serde_json::Number;

/// Reads a list. `null` becomes an empty list, because Go servers write a nil slice as `null`.
pub(crate) fn null_as_empty<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads an integer. `1.0` and `1e3` are integers too, because their fraction is zero (JSON Schema,
/// section 6.1.1).
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    // 2⁶³ is the first number that is too large.
    const END: f64 = 9_223_372_036_854_775_808.0;
    let number = Number::deserialize(deserializer)?;
    let whole = |number: &f64| number.fract() == 0.0 && (-END..END).contains(number);
    let integer = number.as_i64().or_else(|| Some(number.as_f64().filter(whole)? as i64));
    let float = Unexpected::Float(number.as_f64().unwrap_or(f64::NAN));
    let found = number.as_u64().map_or(float, Unexpected::Unsigned);
    integer.ok_or_else(|| D::Error::invalid_type(found, &"a 64-bit integer"))
}

/// Reads the value of a field that is present. It may be `null` only if `T` accepts `null`.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

/// A visitor that reads a `T` from an object only. The code that serde derives would also accept an
/// array. Errors name the field.
pub(crate) struct Object<T>(pub(crate) PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        serde_path_to_error::deserialize(MapAccessDeserializer::new(map)).map_err(|error| {
            let (field, reason) = (error.path().to_string(), error.inner().to_string());
            // The reason itself names the field if it is unknown, missing or repeated.
            if reason.contains(" field `") {
                return error.into_inner();
            }
            Error::custom(format!("{field}: {reason}"))
        })
    }
}
