//! What the server sends back.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

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

model! {
    /// An organization.
    ///
    /// Fixtures for tests come from JSON:
    ///
    /// ```
    /// # use nirvana_labs::{Organization, OrganizationType};
    /// let organization: Organization = serde_json::from_value(serde_json::json!({
    ///     "id": "org_1", "billing_email": null, "created_at": "2026-06-01T12:00:00Z",
    ///     "domains": [], "metronome_customer_id": null, "name": "Acme", "personal": false,
    ///     "services": {
    ///         "cloud": true, "jit_provisioning": false, "scim": false, "siem": false, "sso": false,
    ///     },
    ///     "stripe_customer_id": null, "type": "company", "updated_at": "2026-06-01T12:00:00Z",
    /// }))?;
    /// assert_eq!(organization.organization_type, OrganizationType::Company);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Organization {
        /// Organization ID.
        id: String as required,
        /// Billing email; `None` where the oldest owner's email is used.
        billing_email: Option<String> as nullable,
        /// When the organization was created.
        created_at: OffsetDateTime as timestamp,
        /// Domains associated with the organization.
        domains: Vec<OrganizationDomain> as required,
        /// Metronome customer ID.
        metronome_customer_id: Option<String> as nullable,
        /// Organization name.
        name: String as required,
        /// Whether this is a personal organization.
        personal: bool as required,
        /// Services that the organization has access to.
        services: OrganizationServices as required,
        /// Stripe customer ID.
        stripe_customer_id: Option<String> as nullable,
        /// Organization type; `type` on the wire.
        organization_type: OrganizationType as required "type",
        /// When the organization was updated.
        updated_at: OffsetDateTime as timestamp,
        /// Authentication provider organization ID, where there is one.
        auth_id: Option<String> as optional,
    }
}

model! {
    /// A domain associated with an organization.
    pub struct OrganizationDomain {
        /// Domain ID.
        id: String as required,
        /// Domain name.
        domain: String as required,
        /// Whether the domain has been verified.
        verified: bool as required,
    }
}

model! {
    /// The services that an organization has access to.
    pub struct OrganizationServices {
        /// Whether cloud services are enabled.
        cloud: bool as required,
        /// Whether just-in-time provisioning is enabled.
        jit_provisioning: bool as required,
        /// Whether SCIM provisioning is enabled.
        scim: bool as required,
        /// Whether SIEM integration is enabled.
        siem: bool as required,
        /// Whether single sign-on is enabled.
        sso: bool as required,
    }
}

open_enum! {
    /// The type of an organization.
    pub enum OrganizationType {
        /// Of one person.
        Personal = "personal",
        /// Of a company.
        Company = "company",
    }
}

model! {
    /// A user's membership of an organization.
    pub struct OrganizationMembership {
        /// Membership ID.
        id: String as required,
        /// When the membership was created.
        created_at: OffsetDateTime as timestamp,
        /// Organization ID.
        organization_id: String as required,
        /// Role of the user in the organization.
        role: MembershipRole as required,
        /// When the membership was updated.
        updated_at: OffsetDateTime as timestamp,
        /// User ID.
        user_id: String as required,
    }
}

open_enum! {
    /// The role of a user in an organization.
    pub enum MembershipRole {
        /// May change the organization.
        Owner = "owner",
        /// Belongs to the organization.
        Member = "member",
    }
}

model! {
    /// The postal address of an organization.
    pub struct OrganizationAddress {
        /// Address ID.
        id: String as required,
        /// City or locality.
        city: String as required,
        /// Two-letter ISO 3166-1 alpha-2 country code.
        country: String as required,
        /// When the address was created.
        created_at: OffsetDateTime as timestamp,
        /// First line of the street address.
        line1: String as required,
        /// Second line of the street address, where there is one.
        line2: Option<String> as nullable,
        /// ID of the organization that the address belongs to.
        organization_id: String as required,
        /// Postal or ZIP code.
        postal_code: String as required,
        /// State, province or region, where there is one.
        state: Option<String> as nullable,
        /// Tax identification number, where there is one.
        tax_id: Option<String> as nullable,
        /// Type of the tax identification number, where there is one.
        tax_id_type: Option<String> as nullable,
        /// When the address was updated.
        updated_at: OffsetDateTime as timestamp,
    }
}

model! {
    /// One page of a list.
    pub struct Page<T> {
        /// The items of this page, in the server's order.
        items: Vec<T> as required,
        /// Where this page stands in the list.
        pagination: Pagination as required,
    }
}

model! {
    /// Where a page stands in its list.
    pub struct Pagination {
        /// The cursor of the next page; `None` on the last.
        next_cursor: Option<String> as nullable,
        /// The cursor of the page before; `None` on the first.
        previous_cursor: Option<String> as nullable,
        /// How many items the whole list has.
        total_count: u64 as required,
    }
}

/// A point in time in RFC 3339, as the contract's `date-time` is.
struct Timestamp(OffsetDateTime);

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        struct TimestampVisitor;
        impl serde::de::Visitor<'_> for TimestampVisitor {
            type Value = Timestamp;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date and time in RFC 3339")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
                let invalid = |_| E::invalid_value(serde::de::Unexpected::Str(text), &self);
                OffsetDateTime::parse(text, &Rfc3339).map(Timestamp).map_err(invalid)
            }
        }
        deserializer.deserialize_str(TimestampVisitor)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.format(&Rfc3339).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&text)
    }
}
