//! What the service remembers. Ids are a prefix and a number that is never used again.

use std::collections::BTreeMap;

use serde_json::Map;
use time::OffsetDateTime;

use crate::model::{
    MembershipRole, Organization, OrganizationAddress, OrganizationDomain, OrganizationMembership,
    OrganizationServices, OrganizationType,
};

#[derive(Default)]
pub(super) struct Store {
    organizations: BTreeMap<u64, Record>,
    /// The last number given out, one per kind of thing.
    last_organization: u64,
    last_membership: u64,
    last_domain: u64,
    last_address: u64,
}

/// An organization with all that belongs to it.
pub(super) struct Record {
    pub(super) organization: Organization,
    pub(super) memberships: BTreeMap<u64, OrganizationMembership>,
    pub(super) address: Option<OrganizationAddress>,
}

impl Record {
    pub(super) fn membership_of(&self, user: &str) -> Option<(u64, &OrganizationMembership)> {
        let mut memberships = self.memberships.iter();
        memberships.find(|(_, membership)| membership.user_id == user).map(|(n, it)| (*n, it))
    }

    pub(super) fn membership(&self, id: &str) -> Option<&OrganizationMembership> {
        self.memberships.get(&number("mem", id)?).filter(|membership| membership.id == id)
    }

    pub(super) fn owners(&self) -> usize {
        let is_owner = |it: &&OrganizationMembership| it.role == MembershipRole::Owner;
        self.memberships.values().filter(is_owner).count()
    }
}

impl Store {
    pub(super) fn len(&self) -> usize {
        self.organizations.len()
    }

    pub(super) fn record(&self, id: &str) -> Option<&Record> {
        self.organizations.get(&number("org", id)?).filter(|record| record.organization.id == id)
    }

    pub(super) fn record_mut(&mut self, id: &str) -> Option<&mut Record> {
        let record = self.organizations.get_mut(&number("org", id)?);
        record.filter(|record| record.organization.id == id)
    }

    /// The organizations that a user belongs to, with their numbers, in order.
    pub(super) fn organizations_of(&self, user: &str) -> Vec<(u64, &Organization)> {
        self.organizations
            .iter()
            .filter(|(_, record)| record.membership_of(user).is_some())
            .map(|(number, record)| (*number, &record.organization))
            .collect()
    }

    pub(super) fn add_organization(
        &mut self,
        name: String,
        billing_email: Option<String>,
        owner: &str,
        now: OffsetDateTime,
    ) -> Organization {
        let number = next(&mut self.last_organization);
        let organization = Organization {
            id: format!("org_{number}"),
            billing_email,
            created_at: now,
            domains: Vec::new(),
            metronome_customer_id: None,
            name,
            personal: false,
            services: OrganizationServices {
                cloud: true,
                jit_provisioning: false,
                scim: false,
                siem: false,
                sso: false,
                extra_fields: Map::new(),
            },
            stripe_customer_id: None,
            organization_type: OrganizationType::Company,
            updated_at: now,
            auth_id: None,
            extra_fields: Map::new(),
        };
        let record = Record {
            organization: organization.clone(),
            memberships: BTreeMap::new(),
            address: None,
        };
        self.organizations.insert(number, record);
        self.add_membership(&organization.id, owner, MembershipRole::Owner, now);
        organization
    }

    /// `None` if there is no such organization; as with the other `add_…` below.
    pub(super) fn add_membership(
        &mut self,
        organization_id: &str,
        user_id: &str,
        role: MembershipRole,
        now: OffsetDateTime,
    ) -> Option<OrganizationMembership> {
        self.record(organization_id)?;
        let number = next(&mut self.last_membership);
        let membership = OrganizationMembership {
            id: format!("mem_{number}"),
            created_at: now,
            organization_id: organization_id.to_owned(),
            role,
            updated_at: now,
            user_id: user_id.to_owned(),
            extra_fields: Map::new(),
        };
        self.record_mut(organization_id)?.memberships.insert(number, membership.clone());
        Some(membership)
    }

    pub(super) fn add_domain(
        &mut self,
        organization_id: &str,
        domain: String,
        verified: bool,
    ) -> Option<OrganizationDomain> {
        self.record(organization_id)?;
        let id = format!("dom_{}", next(&mut self.last_domain));
        let domain = OrganizationDomain { id, domain, verified, extra_fields: Map::new() };
        self.record_mut(organization_id)?.organization.domains.push(domain.clone());
        Some(domain)
    }

    pub(super) fn new_address_id(&mut self) -> String {
        format!("addr_{}", next(&mut self.last_address))
    }
}

fn next(last: &mut u64) -> u64 {
    *last = last.saturating_add(1);
    *last
}

/// The number in an id such as `org_7`.
fn number(prefix: &str, id: &str) -> Option<u64> {
    id.strip_prefix(prefix)?.strip_prefix('_')?.parse().ok()
}
