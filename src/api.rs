//! The table of contents: the client and its ten methods.

use std::fmt;

use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::model::{Organization, OrganizationAddress, OrganizationMembership};
use crate::options::RequestOptions;
use crate::page::Items;
use crate::params::{
    AddressCreateParams, AddressUpdateParams, ListParams, OrganizationCreateParams,
    OrganizationUpdateParams,
};
use crate::request::Request;
use crate::request_builder::RequestBuilder;

/// A client of the Nirvana Labs Organizations API.
///
/// Cloning it is cheap: clones share their connections and their retry budget. It can be
/// used from many threads at once. It must not be used on both sides of a `fork()`: a child
/// process makes a client of its own, or each of the two may read the other's responses.
///
/// ```
/// use nirvana_labs::{OrganizationCreateParams, Sandbox};
///
/// // Api::new("nl_key")? or Api::from_env()? for the real service.
/// let api = Sandbox::new().api();
/// let organization = api.create_organization(&OrganizationCreateParams::new("Acme"))?;
/// assert_eq!(api.get_organization(&organization.id)?.name, "Acme");
/// # Ok::<(), nirvana_labs::Error>(())
/// ```
///
/// # Errors
///
/// Every method can fail with any variant of [`Error`](crate::Error). An id that is empty, `.`
/// or `..` is refused with
/// [`ErrorKind::Request`](crate::ErrorKind::Request) before anything is sent; any other id is
/// encoded into its one segment of the path.
#[derive(Clone)]
pub struct Api {
    pub(crate) client: Client,
}

impl Api {
    /// Creates an organization, of which the caller becomes an owner.
    ///
    /// `POST /v1/organizations`
    ///
    /// # Errors
    ///
    /// See [`Api`]. After an error whose
    /// [`may_have_been_processed`](crate::Error::may_have_been_processed) is true, look
    /// before you create again ([how](crate#when-a-create-may-have-happened)): the client has
    /// not repeated the request.
    pub fn create_organization(&self, params: &OrganizationCreateParams) -> Result<Organization> {
        self.write(Method::POST, &["v1", "organizations"], params)
    }

    /// Gets an organization.
    ///
    /// `GET /v1/organizations/{organization_id}`
    ///
    /// # Errors
    ///
    /// See [`Api`].
    pub fn get_organization(&self, organization_id: &str) -> Result<Organization> {
        self.get(&["v1", "organizations", organization_id])
    }

    /// Updates an organization: sets what `params` set, and leaves the rest as it is.
    ///
    /// `PATCH /v1/organizations/{organization_id}`
    ///
    /// # Errors
    ///
    /// See [`Api`].
    pub fn update_organization(
        &self,
        organization_id: &str,
        params: &OrganizationUpdateParams,
    ) -> Result<Organization> {
        self.write(Method::PATCH, &["v1", "organizations", organization_id], params)
    }

    /// Lists the organizations that the caller belongs to, a page at a time and only as
    /// far as the iterator is driven.
    ///
    /// `GET /v1/organizations`
    ///
    /// # Errors
    ///
    /// None here: the iterator yields them, and ends after the first.
    pub fn list_organizations(&self, params: &ListParams) -> Items<Organization> {
        self.list(&["v1", "organizations"], params)
    }

    /// Leaves an organization: ends the caller's own membership.
    ///
    /// `POST /v1/organizations/{organization_id}/leave`
    ///
    /// # Errors
    ///
    /// See [`Api`].
    pub fn leave_organization(&self, organization_id: &str) -> Result<()> {
        let path = ["v1", "organizations", organization_id, "leave"];
        self.client.call(&self.to(Method::POST, path)?)?.expect_nothing()
    }

    /// Gets a membership of an organization.
    ///
    /// `GET /v1/organizations/{organization_id}/memberships/{membership_id}`
    ///
    /// # Errors
    ///
    /// See [`Api`].
    pub fn get_organization_membership(
        &self,
        organization_id: &str,
        membership_id: &str,
    ) -> Result<OrganizationMembership> {
        self.get(&["v1", "organizations", organization_id, "memberships", membership_id])
    }

    /// Lists the memberships of an organization, a page at a time and only as far as the
    /// iterator is driven.
    ///
    /// `GET /v1/organizations/{organization_id}/memberships`
    ///
    /// # Errors
    ///
    /// None here: the iterator yields them, and ends after the first.
    pub fn list_organization_memberships(
        &self,
        organization_id: &str,
        params: &ListParams,
    ) -> Items<OrganizationMembership> {
        self.list(&["v1", "organizations", organization_id, "memberships"], params)
    }

    /// Creates the address of an organization that has none yet.
    ///
    /// `POST /v1/organizations/{organization_id}/address`
    ///
    /// # Errors
    ///
    /// See [`Api`]. After an error whose
    /// [`may_have_been_processed`](crate::Error::may_have_been_processed) is true, look
    /// before you create again ([how](crate#when-a-create-may-have-happened)): the client has
    /// not repeated the request.
    pub fn create_organization_address(
        &self,
        organization_id: &str,
        params: &AddressCreateParams,
    ) -> Result<OrganizationAddress> {
        self.write(Method::POST, &["v1", "organizations", organization_id, "address"], params)
    }

    /// Gets the address of an organization.
    ///
    /// `GET /v1/organizations/{organization_id}/address`
    ///
    /// # Errors
    ///
    /// See [`Api`].
    pub fn get_organization_address(&self, organization_id: &str) -> Result<OrganizationAddress> {
        self.get(&["v1", "organizations", organization_id, "address"])
    }

    /// Updates the address of an organization: sets what `params` set, and leaves the rest
    /// as it is.
    ///
    /// `PATCH /v1/organizations/{organization_id}/address`
    ///
    /// # Errors
    ///
    /// See [`Api`].
    pub fn update_organization_address(
        &self,
        organization_id: &str,
        params: &AddressUpdateParams,
    ) -> Result<OrganizationAddress> {
        self.write(Method::PATCH, &["v1", "organizations", organization_id, "address"], params)
    }

    /// Returns a client that does what `options` say, and shares everything else with this one.
    pub fn with_options(&self, options: RequestOptions) -> Api {
        Api { client: self.client.with_options(options) }
    }

    /// Creates a request to an endpoint that this crate has no method for, with the same key,
    /// retries, limits and errors. It is also how to see the status and the headers of a
    /// response.
    ///
    /// Each of `segments` is one segment of the path, percent-encoded as needed. A whole path in
    /// the first, `v1/organizations`, is refused by [`send`](RequestBuilder::send).
    ///
    /// ```
    /// use nirvana_labs::http::{Method, Response};
    /// use nirvana_labs::{Sandbox, serde_json};
    ///
    /// let api = Sandbox::new().api();
    /// let response: Response<serde_json::Value> =
    ///     api.request(Method::GET, ["v1", "organizations"]).query("limit", "5").send()?;
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
    ) -> Result<Request> {
        Request::new(method, &self.client.base().prefix, path, self.client.redactor())
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
        f.debug_struct("Api")
            .field("base_url", &format_args!("{}://{}{}", base.scheme, base.authority, base.prefix))
            .finish_non_exhaustive()
    }
}
