//! The data of the service, and its clock. An id is a prefix and a number that is used only once.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Map;
use time::{OffsetDateTime, UtcOffset};

use super::refusal::Refusal;
use crate::model::{
    MembershipRole, Organization, OrganizationAddress, OrganizationMembership,
    OrganizationServices, OrganizationType,
};
use crate::params::{AddressCreateParams, OrganizationCreateParams};

#[derive(Default)]
pub(super) struct Store {
    organizations: BTreeMap<u64, Record>,
    /// The last number that was used, by prefix.
    last: BTreeMap<&'static str, u64>,
    /// The time at which the clock was stopped; `None` while it shows the real time.
    stands_at: Option<OffsetDateTime>,
    /// How far `advance` has moved the clock forward.
    ahead: time::Duration,
}

/// An organization with its memberships and its address.
pub(super) struct Record {
    pub(super) organization: Organization,
    pub(super) memberships: BTreeMap<u64, OrganizationMembership>,
    pub(super) address: Option<OrganizationAddress>,
}

impl Record {
    pub(super) fn has_member(&self, user: &str) -> bool {
        self.memberships.values().any(|membership| membership.user_id == user)
    }

    /// Returns the user ids of its owners.
    pub(super) fn owners(&self) -> Vec<&str> {
        let owners = self.memberships.values().filter(|it| it.role == MembershipRole::Owner);
        owners.map(|membership| membership.user_id.as_str()).collect()
    }

    pub(super) fn address(&self) -> Result<&OrganizationAddress, Refusal> {
        let none = || Refusal::not_found(format!("{} has no address yet", self.organization.id));
        self.address.as_ref().ok_or_else(none)
    }

    pub(super) fn membership(&self, id: &str) -> Result<&OrganizationMembership, Refusal> {
        let none =
            || Refusal::not_found(format!("{} has no membership {id:?}", self.organization.id));
        self.memberships.values().find(|membership| membership.id == id).ok_or_else(none)
    }
}

impl Store {
    pub(super) fn now(&self) -> OffsetDateTime {
        self.stands_at.unwrap_or_else(OffsetDateTime::now_utc).saturating_add(self.ahead)
    }

    /// Stops the clock at `time`. Fails if RFC 3339 cannot represent the year.
    pub(super) fn set_time(&mut self, time: OffsetDateTime) -> Result<(), Refusal> {
        let utc =
            time.checked_to_offset(UtcOffset::UTC).filter(|utc| (0..=9999).contains(&utc.year()));
        let refusal = || Refusal::invalid("the year of the time must be from 0 to 9999");
        self.stands_at = Some(utc.ok_or_else(refusal)?);
        self.ahead = time::Duration::ZERO;
        Ok(())
    }

    /// Moves the clock forward, to the end of the year 9999 at most.
    pub(super) fn advance(&mut self, duration: Duration) {
        let duration = duration.try_into().unwrap_or(time::Duration::MAX);
        self.ahead = self.ahead.saturating_add(duration);
    }

    pub(super) fn record(&mut self, id: &str) -> Result<&mut Record, Refusal> {
        let mut records = self.organizations.values_mut();
        records.find(|record| record.organization.id == id).ok_or_else(|| no_organization(id))
    }

    /// Returns the organizations of a user, with their numbers, in order.
    pub(super) fn organizations_of(&self, user: &str) -> Vec<(u64, &Organization)> {
        let all = self.organizations.iter();
        let own = all.filter(|(_, record)| record.has_member(user));
        own.map(|(number, record)| (*number, &record.organization)).collect()
    }

    pub(super) fn add_organization(
        &mut self,
        params: OrganizationCreateParams,
        owner: &str,
    ) -> Organization {
        let (now, number) = (self.now(), self.next("org"));
        let services = OrganizationServices { cloud: true, ..OrganizationServices::default() };
        let organization = Organization {
            id: format!("org_{number}"),
            billing_email: params.billing_email,
            created_at: now,
            domains: Vec::new(),
            metronome_customer_id: None,
            name: params.name,
            personal: false,
            services,
            stripe_customer_id: None,
            organization_type: OrganizationType::Company,
            updated_at: now,
            auth_id: None,
            extra_fields: Map::new(),
        };
        let (copy, memberships) = (organization.clone(), BTreeMap::new());
        let record = Record { organization: copy, memberships, address: None };
        self.organizations.insert(number, record);
        // This cannot fail, because the organization is new.
        drop(self.add_membership(&organization.id, owner, MembershipRole::Owner));
        organization
    }

    pub(super) fn add_membership(
        &mut self,
        id: &str,
        user_id: &str,
        role: MembershipRole,
    ) -> Result<OrganizationMembership, Refusal> {
        if self.record(id)?.has_member(user_id) {
            return Err(Refusal::invalid(format!("{user_id} is already a member of {id}")));
        }
        let (now, number) = (self.now(), self.next("mem"));
        let membership = OrganizationMembership {
            id: format!("mem_{number}"),
            created_at: now,
            organization_id: id.to_owned(),
            role,
            updated_at: now,
            user_id: user_id.to_owned(),
            extra_fields: Map::new(),
        };
        self.record(id)?.memberships.insert(number, membership.clone());
        Ok(membership)
    }

    pub(super) fn add_address(
        &mut self,
        id: &str,
        params: AddressCreateParams,
    ) -> Result<OrganizationAddress, Refusal> {
        let now = self.now();
        let mut address = OrganizationAddress {
            id: String::new(),
            city: params.city,
            country: params.country,
            created_at: now,
            line1: params.line1,
            line2: params.line2,
            organization_id: id.to_owned(),
            postal_code: params.postal_code,
            state: params.state,
            tax_id: params.tax_id,
            tax_id_type: params.tax_id_type,
            updated_at: now,
            extra_fields: Map::new(),
        };
        check_address(&address)?;
        if self.record(id)?.address.is_some() {
            let message = format!("{id} has an address already");
            return Err(Refusal::new(409, "address_exists", message));
        }
        address.id = format!("addr_{}", self.next("addr"));
        Ok(self.record(id)?.address.insert(address).clone())
    }

    /// Returns the next number for an id with this prefix.
    pub(super) fn next(&mut self, prefix: &'static str) -> u64 {
        let last = self.last.entry(prefix).or_default();
        *last = last.saturating_add(1);
        *last
    }
}

pub(super) fn no_organization(id: &str) -> Refusal {
    Refusal::not_found(format!("no organization {id:?}"))
}

/// Refuses a required text that is empty.
pub(super) fn check_text(field: &str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::invalid(format!("{field} must not be empty")));
    }
    Ok(())
}

pub(super) fn check_address(address: &OrganizationAddress) -> Result<(), Refusal> {
    check_text("city", &address.city)?;
    check_text("line1", &address.line1)?;
    check_text("postal_code", &address.postal_code)?;
    let country = address.country.as_bytes();
    if country.len() != 2 || !country.iter().all(u8::is_ascii_alphabetic) {
        return Err(Refusal::invalid("country must be a two-letter code"));
    }
    Ok(())
}
