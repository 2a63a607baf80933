//! The ten endpoints. Each checks all before it changes anything.

use serde_json::Map;
use time::OffsetDateTime;

use super::answer::{Answer, Outcome};
use super::fields::Fields;
use super::pages;
use super::store::{Record, Store};
use crate::model::{MembershipRole, OrganizationAddress};

/// A request by a known user.
pub(super) struct Call<'a> {
    pub(super) store: &'a mut Store,
    pub(super) user: &'a str,
    pub(super) now: OffsetDateTime,
    pub(super) query: &'a [(String, String)],
    pub(super) body: Option<&'a [u8]>,
}

impl Call<'_> {
    pub(super) fn create_organization(self) -> Outcome {
        let mut fields = Fields::parse(self.body)?;
        let name = fields.required("name")?;
        let billing_email = fields.optional("billing_email")?;
        fields.end()?;
        Answer::created(&self.store.add_organization(name, billing_email, self.user, self.now))
    }

    pub(super) fn get_organization(self, id: &str) -> Outcome {
        Answer::ok(&self.as_member(id)?.organization)
    }

    pub(super) fn update_organization(mut self, id: &str) -> Outcome {
        let (body, now) = (self.body, self.now);
        let organization = &mut self.as_owner(id)?.organization;
        let mut fields = Fields::parse(body)?;
        let changes = !fields.is_empty();
        let name = fields.filled("name")?;
        let billing_email = fields.nullable("billing_email")?;
        fields.end()?;
        set(&mut organization.name, name);
        set(&mut organization.billing_email, billing_email);
        set(&mut organization.updated_at, changes.then_some(now));
        Answer::ok(organization)
    }

    pub(super) fn list_organizations(self) -> Outcome {
        let list = format!("organizations of {}", self.user);
        Answer::ok(&pages::page(self.store.organizations_of(self.user), &list, self.query)?)
    }

    pub(super) fn leave_organization(mut self, id: &str) -> Outcome {
        let record = self.as_member(id)?;
        let Some((number, membership)) = record.membership_of(self.user) else {
            return Err(no_organization(id));
        };
        if membership.role == MembershipRole::Owner && record.owners() == 1 {
            let message = "the last owner cannot leave an organization";
            return Err(Answer::refusal(409, "last_owner", message));
        }
        self.record(id)?.memberships.remove(&number);
        Answer::no_content()
    }

    pub(super) fn get_membership(self, id: &str, membership_id: &str) -> Outcome {
        match self.as_member(id)?.membership(membership_id) {
            Some(membership) => Answer::ok(membership),
            None => Err(Answer::not_found(format!("no membership {membership_id} of {id}"))),
        }
    }

    pub(super) fn list_memberships(self, id: &str) -> Outcome {
        let memberships = self.as_member(id)?.memberships.iter();
        let items = memberships.map(|(number, membership)| (*number, membership)).collect();
        Answer::ok(&pages::page(items, &format!("memberships of {id}"), self.query)?)
    }

    pub(super) fn create_address(mut self, id: &str) -> Outcome {
        self.as_owner(id)?;
        let mut fields = Fields::parse(self.body)?;
        let mut address = OrganizationAddress {
            id: String::new(),
            city: fields.required("city")?,
            country: country(fields.required("country")?)?,
            created_at: self.now,
            line1: fields.required("line1")?,
            line2: fields.optional("line2")?,
            organization_id: id.to_owned(),
            postal_code: fields.required("postal_code")?,
            state: fields.optional("state")?,
            tax_id: fields.optional("tax_id")?,
            tax_id_type: fields.optional("tax_id_type")?,
            updated_at: self.now,
            extra_fields: Map::new(),
        };
        fields.end()?;
        if self.record(id)?.address.is_some() {
            let message = format!("{id} has an address already; update that one");
            return Err(Answer::refusal(409, "address_exists", message));
        }
        address.id = self.store.new_address_id();
        Answer::created(self.record(id)?.address.insert(address))
    }

    pub(super) fn get_address(self, id: &str) -> Outcome {
        match &self.as_member(id)?.address {
            Some(address) => Answer::ok(address),
            None => Err(no_address(id)),
        }
    }

    pub(super) fn update_address(mut self, id: &str) -> Outcome {
        let (body, now) = (self.body, self.now);
        let address = self.as_owner(id)?.address.as_mut().ok_or_else(|| no_address(id))?;
        let mut fields = Fields::parse(body)?;
        let mut changed = address.clone();
        set(&mut changed.updated_at, (!fields.is_empty()).then_some(now));
        set(&mut changed.city, fields.filled("city")?);
        set(&mut changed.country, fields.optional("country")?.map(country).transpose()?);
        set(&mut changed.line1, fields.filled("line1")?);
        set(&mut changed.line2, fields.nullable("line2")?);
        set(&mut changed.postal_code, fields.filled("postal_code")?);
        set(&mut changed.state, fields.nullable("state")?);
        set(&mut changed.tax_id, fields.nullable("tax_id")?);
        set(&mut changed.tax_id_type, fields.nullable("tax_id_type")?);
        fields.end()?;
        *address = changed;
        Answer::ok(address)
    }

    /// An organization that the caller belongs to. Any other is not there, for the caller.
    fn as_member(&self, id: &str) -> Result<&Record, Answer> {
        let record = self.store.record(id).ok_or_else(|| no_organization(id))?;
        record.membership_of(self.user).ok_or_else(|| no_organization(id))?;
        Ok(record)
    }

    /// An organization that the caller owns.
    fn as_owner(&mut self, id: &str) -> Result<&mut Record, Answer> {
        let membership = self.as_member(id)?.membership_of(self.user);
        if membership.is_none_or(|(_, membership)| membership.role != MembershipRole::Owner) {
            return Err(Answer::refusal(
                403,
                "forbidden",
                format!("only an owner may change {id}"),
            ));
        }
        self.record(id)
    }

    fn record(&mut self, id: &str) -> Result<&mut Record, Answer> {
        self.store.record_mut(id).ok_or_else(|| no_organization(id))
    }
}

/// Sets what is given.
fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn country(code: String) -> Result<String, Answer> {
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        Ok(code)
    } else {
        Err(Answer::invalid("country must be a code of two letters"))
    }
}

fn no_organization(id: &str) -> Answer {
    Answer::not_found(format!("no organization {id} among yours"))
}

fn no_address(id: &str) -> Answer {
    Answer::not_found(format!("{id} has no address yet"))
}
