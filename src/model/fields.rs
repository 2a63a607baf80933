//! How fields are read and written where serde's derive needs help.

use serde::de::value::{Error, MapDeserializer};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde::ser::Serializer;
use serde_json::{Map, Value};

/// Reads a list, and `null` as an empty one.
pub(super) fn null_as_empty<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Writes the extra fields of a `T`, without those that have the name of one of its own.
pub(super) fn unknown_fields<T: DeserializeOwned, S: Serializer>(
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
