//! The ten endpoints. Each checks the whole request before it changes anything.

use http::{Request, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::log::{query_pairs, segments};
use super::pages::page;
use super::refusal::{EndpointResult, Refusal, json};
use super::store::{Record, Store, check_address, check_text, no_organization};
use crate::params::{AddressUpdateParams, OrganizationCreateParams, OrganizationUpdateParams};

/// Copies the fields that `$params` sets to `$resource`, and sets the time of the update.
macro_rules! update {
    ($resource:ident, $params:ident, $now:ident, $($field:ident),*) => {
        $(if let Some(value) = $params.$field {
            $resource.$field = value;
            $resource.updated_at = $now;
        })*
    };
}

impl Store {
    /// Calls the endpoint with the request's method and path, as `user`.
    pub(super) fn dispatch(&mut self, user: &str, request: &Request<&[u8]>) -> EndpointResult {
        let query = query_pairs(request.uri().query());
        let segments = segments(request.uri().path());
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let nothing = || Err(Refusal::not_found("there is nothing at this path"));
        let only = |allow| Err(Refusal::method_not_allowed(allow));
        let ["v1", "organizations", rest @ ..] = segments.as_slice() else { return nothing() };
        match (request.method().as_str(), rest) {
            _ if rest.contains(&"") => nothing(),
            ("GET", []) => json(200, &page(self.organizations_of(user), user, &query)?),
            ("POST", []) => self.create_organization(user, request),
            ("GET", [id]) => json(200, &self.as_member(user, id)?.organization),
            ("PATCH", [id]) => self.update_organization(user, id, request),
            ("POST", [id, "leave"]) => self.leave_organization(user, id),
            ("GET", [id, "memberships"]) => {
                let memberships = self.as_member(user, id)?.memberships.iter();
                let items = memberships.map(|(number, membership)| (*number, membership)).collect();
                json(200, &page(items, id, &query)?)
            }
            ("GET", [id, "memberships", membership_id]) => {
                json(200, self.as_member(user, id)?.membership(membership_id)?)
            }
            ("GET", [id, "address"]) => json(200, self.as_member(user, id)?.address()?),
            ("POST", [id, "address"]) => {
                self.as_owner(user, id)?;
                json(201, &self.add_address(id, read(request)?)?)
            }
            ("PATCH", [id, "address"]) => self.update_address(user, id, request),
            (_, []) => only("GET, POST"),
            (_, [_]) => only("GET, PATCH"),
            (_, [_, "leave"]) => only("POST"),
            (_, [_, "memberships"] | [_, "memberships", _]) => only("GET"),
            (_, [_, "address"]) => only("GET, POST, PATCH"),
            _ => nothing(),
        }
    }

    fn create_organization(&mut self, user: &str, request: &Request<&[u8]>) -> EndpointResult {
        let params: OrganizationCreateParams = read(request)?;
        check_text("name", &params.name)?;
        json(201, &self.add_organization(params, user))
    }

    fn update_organization(
        &mut self,
        user: &str,
        id: &str,
        request: &Request<&[u8]>,
    ) -> EndpointResult {
        let now = self.now();
        let organization = &mut self.as_owner(user, id)?.organization;
        let params: OrganizationUpdateParams = read(request)?;
        params.name.iter().try_for_each(|name| check_text("name", name))?;
        update!(organization, params, now, name, billing_email);
        json(200, organization)
    }

    fn leave_organization(&mut self, user: &str, id: &str) -> EndpointResult {
        let record = self.as_member(user, id)?;
        if record.owners() == [user] {
            return Err(Refusal::new(409, "last_owner", "the last owner cannot leave"));
        }
        record.memberships.retain(|_, membership| membership.user_id != user);
        let mut nothing = Response::default();
        *nothing.status_mut() = StatusCode::NO_CONTENT;
        Ok(nothing)
    }

    fn update_address(&mut self, user: &str, id: &str, request: &Request<&[u8]>) -> EndpointResult {
        let now = self.now();
        let record = self.as_owner(user, id)?;
        let mut address = record.address()?.clone();
        let params: AddressUpdateParams = read(request)?;
        update!(address, params, now, city, country, line1, line2, postal_code);
        update!(address, params, now, state, tax_id, tax_id_type);
        check_address(&address)?;
        json(200, record.address.insert(address))
    }

    /// Returns an organization if the user is a member. For other users, it does not exist.
    fn as_member(&mut self, user: &str, id: &str) -> Result<&mut Record, Refusal> {
        let record = Some(self.record(id)?).filter(|record| record.has_member(user));
        record.ok_or_else(|| no_organization(id))
    }

    /// Returns an organization if the user is an owner.
    fn as_owner(&mut self, user: &str, id: &str) -> Result<&mut Record, Refusal> {
        let record = Some(self.as_member(user, id)?).filter(|it| it.owners().contains(&user));
        let message = || format!("only an owner may change {id}");
        record.ok_or_else(|| Refusal::new(403, "forbidden", message()))
    }
}

/// Reads the parameters from the body. Refuses with 400 if the body is not JSON, and with 422 if
/// the parameters are invalid.
fn read<T: DeserializeOwned>(request: &Request<&[u8]>) -> Result<T, Refusal> {
    let body: Value = serde_json::from_slice(request.body()).map_err(|error| {
        Refusal::new(400, "malformed_json", format!("the body is not JSON: {error}"))
    })?;
    T::deserialize(body).map_err(|error| Refusal::invalid(error.to_string()))
}
