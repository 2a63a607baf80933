//! How fields are read if serde's derive needs help.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// Reads a list, and `null` as an empty one.
pub(crate) fn null_as_empty<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads the value of a field that may be absent: `null` only where `T` may be null.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

/// Reads a `T` from an object only: what serde derives would take an array too. An error
/// names the field.
pub(crate) struct Object<T>(pub(crate) PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        serde_path_to_error::deserialize(MapAccessDeserializer::new(map)).map_err(|error| {
            let (field, reason) = (error.path().to_string(), error.inner().to_string());
            // An unknown, missing or repeated field is named by the reason.
            if reason.contains(" field `") {
                return error.into_inner();
            }
            Error::custom(format!("{field}: {reason}"))
        })
    }
}
