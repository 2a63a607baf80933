//! How models are written down: once, with what the contract says of each field.

/// Writes a response struct, and how it is read and written.
///
/// Each field says how it stands in the contract: `required` is there and is not null;
/// `nullable` is null or, with a later server, not there, and then reads as `None`;
/// `optional` is left out where there is none; `timestamp` is required, in RFC 3339.
/// A name in quotes is the one on the wire, where that cannot be the field's.
///
/// This stands in for serde's derive, which costs every build five crates, and which takes
/// an array for an object.
macro_rules! model {
    (
        $(#[$meta:meta])*
        pub struct $name:ident $(<$generic:ident>)? {
            $($(#[$field_meta:meta])* $field:ident: $type:ty as $kind:ident $($wire:literal)?,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name $(<$generic>)? {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl<'de $(, $generic: Deserialize<'de>)?> Deserialize<'de> for $name $(<$generic>)? {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[allow(non_camel_case_types)]
                enum Key { $($field,)* Unknown }

                impl<'de> Deserialize<'de> for Key {
                    #[inline]
                    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key, D::Error> {
                        struct KeyVisitor;
                        impl serde::de::Visitor<'_> for KeyVisitor {
                            type Value = Key;
                            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                                f.write_str("a field name")
                            }
                            #[inline]
                            fn visit_str<E>(self, key: &str) -> Result<Key, E> {
                                Ok(match key {
                                    $(wire_name!($field $($wire)?) => Key::$field,)*
                                    _ => Key::Unknown,
                                })
                            }
                        }
                        deserializer.deserialize_identifier(KeyVisitor)
                    }
                }

                struct ModelVisitor $(<$generic>(std::marker::PhantomData<$generic>))?;
                impl<'de $(, $generic: Deserialize<'de>)?> serde::de::Visitor<'de>
                    for ModelVisitor $(<$generic>)?
                {
                    type Value = $name $(<$generic>)?;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("an object (", stringify!($name), ")"))
                    }
                    #[inline]
                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<Self::Value, A::Error> {
                        use serde::de::Error as _;
                        $(let mut $field = None;)*
                        while let Some(key) = map.next_key::<Key>()? {
                            match key {
                                $(Key::$field => {
                                    if $field.is_some() {
                                        let name = wire_name!($field $($wire)?);
                                        return Err(A::Error::duplicate_field(name));
                                    }
                                    $field = Some(read_value!($kind map));
                                })*
                                Key::Unknown => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok($name {
                            $($field: when_absent!($kind $field, wire_name!($field $($wire)?)),)*
                        })
                    }
                }
                const FIELDS: &[&str] = &[$(wire_name!($field $($wire)?),)*];
                let visitor = ModelVisitor $(::<$generic>(std::marker::PhantomData))?;
                deserializer.deserialize_struct(stringify!($name), FIELDS, visitor)
            }
        }

        impl $(<$generic: Serialize>)? Serialize for $name $(<$generic>)? {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut map = serializer.serialize_map(None)?;
                $(write_value!($kind map, wire_name!($field $($wire)?), &self.$field);)*
                map.end()
            }
        }
    };
}

macro_rules! wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}

macro_rules! read_value {
    (timestamp $map:ident) => {
        $map.next_value::<Timestamp>()?.0
    };
    ($kind:ident $map:ident) => {
        $map.next_value()?
    };
}

macro_rules! when_absent {
    (nullable $value:ident, $name:expr) => {
        $value.unwrap_or(None)
    };
    (optional $value:ident, $name:expr) => {
        $value.unwrap_or(None)
    };
    ($kind:ident $value:ident, $name:expr) => {
        $value.ok_or_else(|| A::Error::missing_field($name))?
    };
}

macro_rules! write_value {
    (timestamp $map:ident, $name:expr, $value:expr) => {
        $map.serialize_entry($name, &Timestamp(*$value))?
    };
    (optional $map:ident, $name:expr, $value:expr) => {
        if $value.is_some() {
            $map.serialize_entry($name, $value)?;
        }
    };
    ($kind:ident $map:ident, $name:expr, $value:expr) => {
        $map.serialize_entry($name, $value)?
    };
}

/// Writes an enum that keeps what it does not know.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $wire:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            /// A value that this version does not know, as the server sent it.
            Other(String),
        }

        impl $name {
            /// The value as it is on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$variant => $wire,)*
                    $name::Other(other) => other,
                }
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> $name {
                match value {
                    $($wire => $name::$variant,)*
                    other => $name::Other(other.to_owned()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct EnumVisitor;
                impl serde::de::Visitor<'_> for EnumVisitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a string")
                    }
                    fn visit_str<E>(self, value: &str) -> Result<$name, E> {
                        Ok($name::from(value))
                    }
                }
                deserializer.deserialize_str(EnumVisitor)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
