//! How fields are read and written where serde's derive needs help.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{Error, MapAccessDeserializer, MapDeserializer};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::Serializer;
use serde_json::{Map, Value};

/// Reads a list, and `null` as an empty one.
pub(crate) fn null_as_empty<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Writes the extra fields of a `T`, without those that have the name of one of its own.
pub(crate) fn unknown_fields<T: DeserializeOwned, S: Serializer>(
    fields: &Map<String, Value>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(fields.iter().filter(|(name, _)| !is_field::<T>(name)))
}

/// Whether `T`, which has a required field, has a field of this name. Tells by what reading
/// it twice, and nothing else, comes to: an unknown field is accepted, and the required one
/// missed; a known one is a duplicate, if it may be null at all.
fn is_field<T: DeserializeOwned>(name: &str) -> bool {
    let twice = MapDeserializer::<_, Error>::new([(name, ()), (name, ())].into_iter());
    T::deserialize(twice).is_err_and(|error| !error.to_string().starts_with("missing field"))
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
            A::Error::custom(format!("{field}: {reason}"))
        })
    }
}
