//! What the server sends back.

#[macro_use]
mod macros;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

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
        /// How many items the whole list has, as the server says. Servers that do not know may
        /// say -1: the contract has an integer here, and not that it is one from 0.
        total_count: i64 as required,
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
