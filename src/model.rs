//! The types that the server returns.
//!
//! A nullable field is an `Option`, which is `None` if the field is `null` or absent. A list that
//! is `null` becomes an empty list. All other fields must be present.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::serde::rfc3339;

use crate::fields::{integer, null_as_empty};

/// Generates an enum whose values are texts. `Other` keeps an unknown text.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            /// A value that this version of the crate does not know. A later version may know it, so
            /// compare [`as_str`](Self::as_str) rather than this variant.
            Other(String),
        }

        impl $name {
            /// Returns the value as the server writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$variant => $text,)*
                    $name::Other(other) => other,
                }
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> $name {
                match value {
                    $($text => $name::$variant,)*
                    other => $name::Other(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Text::deserialize(deserializer).map(|text| $name::from(&*text.0))
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

/// A text that is borrowed from the document if it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// An organization.
///
/// A test can create one from JSON:
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Organization {
    /// Organization ID.
    pub id: String,
    /// Billing email; `None` if the oldest owner's email is used.
    pub billing_email: Option<String>,
    /// When the organization was created.
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    /// Domains associated with the organization.
    #[serde(deserialize_with = "null_as_empty")]
    pub domains: Vec<OrganizationDomain>,
    /// Metronome customer ID.
    pub metronome_customer_id: Option<String>,
    /// Organization name.
    pub name: String,
    /// Whether this is a personal organization.
    pub personal: bool,
    /// Services that the organization has access to.
    pub services: OrganizationServices,
    /// Stripe customer ID.
    pub stripe_customer_id: Option<String>,
    /// Organization type; `type` on the wire.
    #[serde(rename = "type")]
    pub organization_type: OrganizationType,
    /// When the organization was updated.
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
    /// Organization ID of the authentication provider, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_id: Option<String>,
    /// Fields that this version of the crate does not know, as the server sent them. `Serialize`
    /// writes them back. A number beyond 64 bits, or with an exponent, becomes an `f64`. The response
    /// is a decode error if a number is too large for an `f64`, or if a text has half of a surrogate
    /// pair.
    #[serde(flatten)]
    pub extra_fields: Map<String, Value>,
}

/// A domain associated with an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrganizationDomain {
    /// Domain ID.
    pub id: String,
    /// Domain name.
    pub domain: String,
    /// Whether the domain has been verified.
    pub verified: bool,
    /// Fields that this version of the crate does not know. See [`Organization::extra_fields`].
    #[serde(flatten)]
    pub extra_fields: Map<String, Value>,
}

/// The services that an organization has access to. By default there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrganizationServices {
    /// Whether cloud services are enabled.
    pub cloud: bool,
    /// Whether just-in-time provisioning is enabled.
    pub jit_provisioning: bool,
    /// Whether SCIM provisioning is enabled.
    pub scim: bool,
    /// Whether SIEM integration is enabled.
    pub siem: bool,
    /// Whether single sign-on is enabled.
    pub sso: bool,
    /// Fields that this version of the crate does not know. See [`Organization::extra_fields`].
    #[serde(flatten)]
    pub extra_fields: Map<String, Value>,
}

open_enum! {
    /// The type of an organization.
    pub enum OrganizationType {
        /// One person's organization.
        Personal = "personal",
        /// A company's organization.
        Company = "company",
    }
}

/// A user's membership of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrganizationMembership {
    /// Membership ID.
    pub id: String,
    /// When the membership was created.
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    /// Organization ID.
    pub organization_id: String,
    /// Role of the user in the organization.
    pub role: MembershipRole,
    /// When the membership was updated.
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
    /// User ID.
    pub user_id: String,
    /// Fields that this version of the crate does not know. See [`Organization::extra_fields`].
    #[serde(flatten)]
    pub extra_fields: Map<String, Value>,
}

open_enum! {
    /// The role of a user in an organization.
    pub enum MembershipRole {
        /// May change the organization.
        Owner = "owner",
        /// May read the organization.
        Member = "member",
    }
}

/// The postal address of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrganizationAddress {
    /// Address ID.
    pub id: String,
    /// City or locality.
    pub city: String,
    /// Two-letter ISO 3166-1 alpha-2 country code.
    pub country: String,
    /// When the address was created.
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    /// First line of the street address.
    pub line1: String,
    /// Second line of the street address, if there is one.
    pub line2: Option<String>,
    /// ID of the organization that the address belongs to.
    pub organization_id: String,
    /// Postal or ZIP code.
    pub postal_code: String,
    /// State, province or region, if there is one.
    pub state: Option<String>,
    /// Tax identification number, if there is one.
    pub tax_id: Option<String>,
    /// Type of the tax identification number, if there is one.
    pub tax_id_type: Option<String>,
    /// When the address was updated.
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
    /// Fields that this version of the crate does not know. See [`Organization::extra_fields`].
    #[serde(flatten)]
    pub extra_fields: Map<String, Value>,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
#[non_exhaustive]
pub struct Page<T> {
    /// The items of this page, in the server's order.
    #[serde(deserialize_with = "null_as_empty")]
    pub items: Vec<T>,
    /// The place of this page in its list.
    pub pagination: Pagination,
    /// Fields that this version of the crate does not know. See [`Organization::extra_fields`].
    #[serde(flatten)]
    pub extra_fields: Map<String, Value>,
}

/// The place of a page in its list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pagination {
    /// The cursor of the next page; `None` on the last page.
    pub next_cursor: Option<String>,
    /// The cursor of the previous page; `None` on the first page.
    pub previous_cursor: Option<String>,
    /// How many items the whole list has, according to the server. The API schema allows a negative
    /// number, and a server may use -1 for "unknown".
    #[serde(deserialize_with = "integer")]
    pub total_count: i64,
    /// Fields that this version of the crate does not know. See [`Organization::extra_fields`].
    #[serde(flatten)]
    pub extra_fields: Map<String, Value>,
}
