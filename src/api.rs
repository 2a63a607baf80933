//! The table of contents: the client and its ten methods.

use std::fmt;

use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call::Client;
use crate::error::{Error, Result};
use crate::model::{Organization, OrganizationAddress, OrganizationMembership};
use crate::options::RequestOptions;
use crate::page::Items;
use crate::params::{
    AddressCreateParams, AddressUpdateParams, ListParams, OrganizationCreateParams,
    OrganizationUpdateParams,
};
use crate::request::ApiRequest;
use crate::request_builder::RequestBuilder;

/// A client of the Nirvana Labs Organizations API.
///
/// There is one method per endpoint. Cloning a client is cheap: clones share their connections
/// and their retry budget. Many threads can use a client at once. After `fork()`, the child
/// makes a client of its own, so that neither process reads the other's responses.
///
/// ```
/// use nirvana_labs::{OrganizationCreateParams, Sandbox};
/// let api = Sandbox::new().api(); // For the API itself: Api::from_env()?
/// let organization = api.create_organization(&OrganizationCreateParams::new("Acme"))?;
/// assert_eq!(api.get_organization(&organization.id)?.name, "Acme");
/// # Ok::<(), nirvana_labs::Error>(())
/// ```
///
/// # Errors
///
/// The API schema lists no statuses, so each method names those of the
/// [sandbox](crate::guide::testing). A call can also fail with other statuses, such as 429 or
/// 503, and with other [kinds](crate::guide::errors) of errors. An id that is empty, `.` or
/// `..` is an [`ErrorKind::Request`](crate::ErrorKind::Request), and nothing is sent. Any other
/// id becomes one percent-encoded segment.
#[derive(Clone)]
pub struct Api {
    pub(crate) client: Client,
}

impl Api {
    /// Creates an organization, and makes the caller its owner. A call that fails [may have created
    /// it](crate::guide::creates).
    ///
    /// `POST /v1/organizations`
    ///
    /// ```
    /// use nirvana_labs::{OrganizationCreateParams, Sandbox};
    /// let params = OrganizationCreateParams::new("Acme").billing_email("billing@acme.io");
    /// assert_eq!(Sandbox::new().api().create_organization(&params)?.name, "Acme");
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// 401: the API key is missing or wrong. 422: the name is empty, or another field is invalid.
    pub fn create_organization(&self, params: &OrganizationCreateParams) -> Result<Organization> {
        self.write(Method::POST, &["v1", "organizations"], params)
    }

    /// Returns an organization.
    ///
    /// `GET /v1/organizations/{organization_id}`
    ///
    /// ```
    /// let sandbox = nirvana_labs::Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// assert_eq!(sandbox.api().get_organization(&id)?.name, "Acme");
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// 401: the API key is missing or wrong. 404: there is no such organization, or the caller does
    /// not belong to it.
    pub fn get_organization(&self, organization_id: &str) -> Result<Organization> {
        self.get(&["v1", "organizations", organization_id])
    }

    /// Updates an organization. Fields that `params` does not set stay as they are.
    ///
    /// `PATCH /v1/organizations/{organization_id}`
    ///
    /// ```
    /// use nirvana_labs::{OrganizationUpdateParams, Sandbox};
    /// let sandbox = Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// let params = OrganizationUpdateParams::new().name("Acme Inc.").clear_billing_email();
    /// assert_eq!(sandbox.api().update_organization(&id, &params)?.name, "Acme Inc.");
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// 401: the API key is missing or wrong. 403: the caller is not an owner. 404: there is no such
    /// organization, or the caller does not belong to it. 422: the name is empty, or another field
    /// is invalid.
    pub fn update_organization(
        &self,
        organization_id: &str,
        params: &OrganizationUpdateParams,
    ) -> Result<Organization> {
        self.write(Method::PATCH, &["v1", "organizations", organization_id], params)
    }

    /// Lists the organizations that the caller belongs to, [page by page](crate::guide::lists).
    ///
    /// `GET /v1/organizations`
    ///
    /// ```
    /// use nirvana_labs::{ListParams, Sandbox};
    /// for organization in Sandbox::new().api().list_organizations(&ListParams::new()) {
    ///     println!("{}", organization?.name);
    /// }
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The iterator yields them, and ends after the first. 401: the API key is missing or wrong.
    /// 422: the limit is too large, or the cursor is not one of this list.
    pub fn list_organizations(&self, params: &ListParams) -> Items<Organization> {
        self.list(&["v1", "organizations"], params)
    }

    /// Leaves an organization: ends the caller's own membership.
    ///
    /// `POST /v1/organizations/{organization_id}/leave`
    ///
    /// ```
    /// let sandbox = nirvana_labs::Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// let error = sandbox.api().leave_organization(&id).unwrap_err();
    /// assert!(error.is_conflict()); // The last owner cannot leave.
    /// ```
    ///
    /// # Errors
    ///
    /// 401: the API key is missing or wrong. 404: there is no such organization, or the caller does
    /// not belong to it. 409: the caller is the last owner.
    pub fn leave_organization(&self, organization_id: &str) -> Result<()> {
        let path = ["v1", "organizations", organization_id, "leave"];
        self.client.call(&self.to(Method::POST, path)?)?.expect_nothing()
    }

    /// Returns a membership of an organization.
    ///
    /// `GET /v1/organizations/{organization_id}/memberships/{membership_id}`
    ///
    /// ```
    /// let sandbox = nirvana_labs::Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// let membership = sandbox.api().get_organization_membership(&id, "mem_1")?;
    /// assert_eq!(membership.user_id, sandbox.user_id());
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// 401: the API key is missing or wrong. 404: there is no such membership, or the caller does
    /// not belong to the organization.
    pub fn get_organization_membership(
        &self,
        organization_id: &str,
        membership_id: &str,
    ) -> Result<OrganizationMembership> {
        self.get(&["v1", "organizations", organization_id, "memberships", membership_id])
    }

    /// Lists the memberships of an organization, [page by page](crate::guide::lists).
    ///
    /// `GET /v1/organizations/{organization_id}/memberships`
    ///
    /// ```
    /// let sandbox = nirvana_labs::Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// let members = sandbox.api().list_organization_memberships(&id, &Default::default());
    /// assert_eq!(members.count(), 1);
    /// ```
    ///
    /// # Errors
    ///
    /// The iterator yields them, and ends after the first. 401: the API key is missing or wrong.
    /// 404: there is no such organization, or the caller does not belong to it. 422: the limit is
    /// too large, or the cursor is not one of this list.
    pub fn list_organization_memberships(
        &self,
        organization_id: &str,
        params: &ListParams,
    ) -> Items<OrganizationMembership> {
        self.list(&["v1", "organizations", organization_id, "memberships"], params)
    }

    /// Creates the address of an organization that has none yet. A call that fails [may have
    /// created it](crate::guide::creates).
    ///
    /// `POST /v1/organizations/{organization_id}/address`
    ///
    /// ```
    /// use nirvana_labs::{AddressCreateParams, Sandbox};
    /// let sandbox = Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// let params = AddressCreateParams::new("123 Main St", "San Francisco", "94105", "US");
    /// assert_eq!(sandbox.api().create_organization_address(&id, &params)?.country, "US");
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// 401: the API key is missing or wrong. 403: the caller is not an owner. 404: there is no such
    /// organization, or the caller does not belong to it. 409: the organization already has an
    /// address. 422: a required field is empty, or the country is not a code of two letters.
    pub fn create_organization_address(
        &self,
        organization_id: &str,
        params: &AddressCreateParams,
    ) -> Result<OrganizationAddress> {
        self.write(Method::POST, &["v1", "organizations", organization_id, "address"], params)
    }

    /// Returns the address of an organization.
    ///
    /// `GET /v1/organizations/{organization_id}/address`
    ///
    /// ```
    /// let sandbox = nirvana_labs::Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// let error = sandbox.api().get_organization_address(&id).unwrap_err();
    /// assert!(error.is_not_found()); // It has no address yet.
    /// ```
    ///
    /// # Errors
    ///
    /// 401: the API key is missing or wrong. 404: there is no such organization, it has no address,
    /// or the caller does not belong to it.
    pub fn get_organization_address(&self, organization_id: &str) -> Result<OrganizationAddress> {
        self.get(&["v1", "organizations", organization_id, "address"])
    }

    /// Updates the address of an organization. Fields that `params` does not set stay as they are.
    ///
    /// `PATCH /v1/organizations/{organization_id}/address`
    ///
    /// ```
    /// use nirvana_labs::{AddressCreateParams, AddressUpdateParams, Sandbox};
    /// let sandbox = Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// sandbox.add_address(&id, &AddressCreateParams::new("1 Main St", "Reno", "89501", "US"))?;
    /// let params = AddressUpdateParams::new().line2("Suite 4").clear_state();
    /// let address = sandbox.api().update_organization_address(&id, &params)?;
    /// assert_eq!(address.line2.as_deref(), Some("Suite 4"));
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// 401: the API key is missing or wrong. 403: the caller is not an owner. 404: there is no such
    /// organization, it has no address, or the caller does not belong to it. 422: a required field
    /// is empty, or the country is not a code of two letters.
    pub fn update_organization_address(
        &self,
        organization_id: &str,
        params: &AddressUpdateParams,
    ) -> Result<OrganizationAddress> {
        self.write(Method::PATCH, &["v1", "organizations", organization_id, "address"], params)
    }

    /// Returns a client with other options for its calls. It shares everything else with this one.
    ///
    /// ```
    /// let api = nirvana_labs::Sandbox::new().api();
    /// let once = api.with_options(nirvana_labs::RequestOptions::new().max_retries(0));
    /// assert!(once.get_organization("org_1").unwrap_err().is_not_found());
    /// ```
    pub fn with_options(&self, options: RequestOptions) -> Api {
        Api { client: self.client.with_options(options) }
    }

    /// Creates a request to an endpoint that has no method here, with the same key, retries, limits
    /// and errors. The response includes the status and the headers.
    ///
    /// Each of `segments` is one segment of the path, and is percent-encoded. A first segment with
    /// a slash, such as `v1/organizations`, is an error of [`send`](RequestBuilder::send).
    ///
    /// ```
    /// use nirvana_labs::{Sandbox, http::Method, serde_json::Value};
    /// let api = Sandbox::new().api();
    /// let request = api.request(Method::GET, ["v1", "organizations"]).query("limit", "5");
    /// let response = request.send::<Value>()?;
    /// assert_eq!(response.status(), 200);
    /// assert_eq!(response.body()["pagination"]["total_count"], 0);
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn request<S: AsRef<str>>(
        &self,
        method: Method,
        segments: impl IntoIterator<Item = S>,
    ) -> RequestBuilder {
        let mut segments = segments.into_iter().peekable();
        let request = match segments.peek().map(AsRef::as_ref) {
            Some(path) if path.contains('/') => Err(Error::request(format!(
                "{method}: {:?} is not one path segment; give each by itself, without `/`",
                self.client.redactor().one_line(path)
            ))),
            _ => self.to(method, segments),
        };
        RequestBuilder { client: self.client.clone(), request }
    }

    /// A request for the path made of these segments.
    fn to<S: AsRef<str>>(
        &self,
        method: Method,
        path: impl IntoIterator<Item = S>,
    ) -> Result<ApiRequest> {
        ApiRequest::new(method, &self.client.base().prefix, path, self.client.redactor())
    }

    fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T> {
        self.client.call(&self.to(Method::GET, path)?)?.decode()
    }

    fn list<T: DeserializeOwned>(&self, path: &[&str], params: &ListParams) -> Items<T> {
        Items::new(self.client.clone(), self.to(Method::GET, path), params)
    }

    fn write<T, P>(&self, method: Method, path: &[&str], params: &P) -> Result<T>
    where
        T: DeserializeOwned,
        P: Serialize,
    {
        let request = self.to(method, path)?.json(params, self.client.redactor())?;
        self.client.call(&request)?.decode()
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = self.client.base();
        let url = format!("{}://{}{}", base.scheme, base.authority, base.prefix);
        let url = self.client.redactor().redact(&url);
        f.debug_struct("Api").field("base_url", &format_args!("{url}")).finish_non_exhaustive()
    }
}
