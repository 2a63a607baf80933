//! The ten endpoints. Each checks all before it changes anything.

use serde::de::DeserializeOwned;

use super::log::SandboxRequest;
use super::pages;
use super::response::{Outcome, Refusal, json};
use super::store::{Record, Store, check_address, check_text, no_organization};
use crate::params::{AddressUpdateParams, OrganizationCreateParams, OrganizationUpdateParams};
use crate::transport::HttpResponse;

/// A request by a known user.
pub(super) struct Call<'a> {
    pub(super) store: &'a mut Store,
    pub(super) user: &'a str,
    pub(super) request: &'a SandboxRequest,
}

impl Call<'_> {
    pub(super) fn create_organization(self) -> Outcome {
        let params: OrganizationCreateParams = read(self.request)?;
        check_text("name", &params.name)?;
        json(201, &self.store.add_organization(params, self.user))
    }

    pub(super) fn get_organization(mut self, id: &str) -> Outcome {
        json(200, &self.as_member(id)?.organization)
    }

    pub(super) fn update_organization(mut self, id: &str) -> Outcome {
        let (request, now) = (self.request, self.store.clock.now());
        let organization = &mut self.as_owner(id)?.organization;
        let params: OrganizationUpdateParams = read(request)?;
        params.name.iter().try_for_each(|name| check_text("name", name))?;
        if params != OrganizationUpdateParams::new() {
            organization.updated_at = now;
        }
        set(&mut organization.name, params.name);
        set(&mut organization.billing_email, params.billing_email);
        json(200, organization)
    }

    pub(super) fn list_organizations(self) -> Outcome {
        let (items, list) = (self.store.organizations_of(self.user), self.user);
        json(200, &pages::page(items, list, self.request.query())?)
    }

    pub(super) fn leave_organization(mut self, id: &str) -> Outcome {
        let user = self.user;
        let record = self.as_member(id)?;
        if record.owners() == [user] {
            return Err(Refusal::new(409, "last_owner", "the last owner cannot leave"));
        }
        record.memberships.retain(|_, membership| membership.user_id != user);
        Ok(HttpResponse::new(204))
    }

    pub(super) fn get_membership(mut self, id: &str, membership_id: &str) -> Outcome {
        let mut memberships = self.as_member(id)?.memberships.values();
        let none = || Refusal::not_found(format!("{id} has no membership {membership_id:?}"));
        json(200, memberships.find(|membership| membership.id == membership_id).ok_or_else(none)?)
    }

    pub(super) fn list_memberships(mut self, id: &str) -> Outcome {
        let query = self.request.query();
        let memberships = self.as_member(id)?.memberships.iter();
        let items = memberships.map(|(number, membership)| (*number, membership)).collect();
        json(200, &pages::page(items, id, query)?)
    }

    pub(super) fn create_address(mut self, id: &str) -> Outcome {
        self.as_owner(id)?;
        json(201, &self.store.add_address(id, read(self.request)?)?)
    }

    pub(super) fn get_address(mut self, id: &str) -> Outcome {
        json(200, self.as_member(id)?.address()?)
    }

    pub(super) fn update_address(mut self, id: &str) -> Outcome {
        let (request, now) = (self.request, self.store.clock.now());
        let record = self.as_owner(id)?;
        let mut address = record.address()?.clone();
        let params: AddressUpdateParams = read(request)?;
        if params != AddressUpdateParams::new() {
            address.updated_at = now;
        }
        set(&mut address.city, params.city);
        set(&mut address.country, params.country);
        set(&mut address.line1, params.line1);
        set(&mut address.line2, params.line2);
        set(&mut address.postal_code, params.postal_code);
        set(&mut address.state, params.state);
        set(&mut address.tax_id, params.tax_id);
        set(&mut address.tax_id_type, params.tax_id_type);
        check_address(&address)?;
        json(200, record.address.insert(address))
    }

    /// An organization that the caller belongs to. Any other is not there, for the caller.
    fn as_member(&mut self, id: &str) -> Result<&mut Record, Refusal> {
        let record = self.store.record(id)?;
        let is_member = record.has_member(self.user);
        if is_member { Ok(record) } else { Err(no_organization(id)) }
    }

    /// An organization that the caller owns.
    fn as_owner(&mut self, id: &str) -> Result<&mut Record, Refusal> {
        let user = self.user;
        let record = self.as_member(id)?;
        if record.owners().contains(&user) {
            return Ok(record);
        }
        Err(Refusal::new(403, "forbidden", format!("only an owner may change {id}")))
    }
}

/// Reads the body: 400 where it is not JSON, 422 where it is not what the endpoint takes.
fn read<T: DeserializeOwned>(request: &SandboxRequest) -> Result<T, Refusal> {
    let malformed = || Refusal::new(400, "malformed_json", "the body is not JSON");
    let body = request.body().ok_or_else(malformed)?;
    T::deserialize(body).map_err(|error| Refusal::invalid(error.to_string()))
}

/// Sets what is given.
fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
