//! An in-memory mock of the API behind [`Transport`](crate::Transport).

mod endpoints;
mod log;
mod pages;
mod refusal;
mod script;
mod service;
mod store;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use http::uri::{Authority, Scheme};
use serde_json::Map;
use time::OffsetDateTime;

use crate::api::Api;
use crate::base_url::BaseUrl;
use crate::builder::common_options;
use crate::call::{Client, Shared};
use crate::error::{Error, Result};
use crate::model::{
    MembershipRole, Organization, OrganizationAddress, OrganizationDomain, OrganizationMembership,
};
use crate::options;
use crate::params::{AddressCreateParams, OrganizationCreateParams};
use crate::retry::RetryBudget;
use service::{FIRST_USER, Service, Users};

/// An in-memory mock of the API, for tests of your own code without a network or a server.
///
/// It keeps what is created, and serves exactly the ten endpoints of the API. Ids count up from
/// `org_1`, `mem_1` and so on. It refuses the requests that a server would refuse:
///
/// | status | reason |
/// |---|---|
/// | 400 | the body is not JSON |
/// | 401 | the key is missing or unknown |
/// | 403 | a member changes what only an owner may change |
/// | 404 | the path or the resource does not exist, or the caller is not a member |
/// | 405 | the path does not support the method |
/// | 409 | the organization has an address already, or its last owner leaves |
/// | 422 | a field, the limit or the cursor is invalid |
///
/// Clones share one state. [`api`](Sandbox::api) returns a client:
///
/// ```
/// use nirvana_labs::{Api, OrganizationCreateParams, Result, Sandbox};
///
/// /// The function under test: creates the organization unless it exists.
/// fn ensure_organization(api: &Api, name: &str) -> Result<String> {
///     for organization in api.list_organizations(&Default::default()) {
///         let organization = organization?;
///         if organization.name == name {
///             return Ok(organization.id);
///         }
///     }
///     Ok(api.create_organization(&OrganizationCreateParams::new(name))?.id)
/// }
///
/// let sandbox = Sandbox::new();
/// let api = sandbox.api();
///
/// // Called twice, it creates one organization.
/// let id = ensure_organization(&api, "Acme")?;
/// assert_eq!(ensure_organization(&api, "Acme")?, id);
/// let creates = sandbox.requests().iter().filter(|r| r.method() == "POST").count();
/// assert_eq!(creates, 1);
///
/// // One 503 is retried. After three, the call fails, and nothing is created.
/// sandbox.fail_next(503);
/// assert_eq!(ensure_organization(&api, "Acme")?, id);
/// (0..3).for_each(|_| sandbox.fail_next(503));
/// assert_eq!(ensure_organization(&api, "Globex").unwrap_err().status(), Some(503));
///
/// // The list succeeds, and the response to the create is lost.
/// sandbox.pass_next();
/// sandbox.drop_next_response();
/// assert!(ensure_organization(&api, "Globex").unwrap_err().may_have_been_processed());
/// # Ok::<(), nirvana_labs::Error>(())
/// ```
///
/// Scripted failures wait in a queue: [`fail_next`](Sandbox::fail_next),
/// [`respond_next`](Sandbox::respond_next), [`drop_next_response`](Sandbox::drop_next_response),
/// [`refuse_next`](Sandbox::refuse_next) and [`delay_next`](Sandbox::delay_next) each add a
/// failure. The next request, which may be a retry, gets the oldest one.
/// [`pass_next`](Sandbox::pass_next) lets one request pass, so that a failure applies to a later
/// request.
#[derive(Clone, Default)]
#[must_use]
pub struct Sandbox {
    service: Arc<Mutex<Service>>,
}

impl Sandbox {
    /// Creates a sandbox with one user and no organizations. Requests with any key, or without one,
    /// come from this user, except requests with a key of [`add_user`](Sandbox::add_user).
    pub fn new() -> Sandbox {
        Sandbox::default()
    }

    /// Creates a sandbox that checks keys. `key` belongs to the first user. A request with an
    /// unknown or missing key gets a 401.
    ///
    /// ```
    /// use nirvana_labs::{Api, Sandbox};
    ///
    /// let sandbox = Sandbox::with_api_key("nl_good");
    /// let api = Api::builder().api_key("nl_bad").transport(sandbox).build()?;
    /// assert!(api.get_organization("org_1").unwrap_err().is_unauthorized());
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn with_api_key(key: impl Into<String>) -> Sandbox {
        let sandbox = Sandbox::default();
        sandbox.service().users = Users::with_key(key.into());
        sandbox
    }

    /// Returns a client of this sandbox for its first user. The client has the default settings,
    /// except that it does not wait before a retry.
    ///
    /// For other settings, pass a clone to [`ApiBuilder::transport`](crate::ApiBuilder::transport).
    ///
    /// ```
    /// use nirvana_labs::Sandbox;
    ///
    /// let sandbox = Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// sandbox.fail_next(503);
    /// assert_eq!(sandbox.api().get_organization(&id)?.name, "Acme");
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    #[must_use]
    pub fn api(&self) -> Api {
        let mut settings = common_options(HeaderValue::from_static(options::USER_AGENT));
        if let Some(key) = self.service().users.first_key() {
            settings = settings.api_key(key);
            // The key of a sandbox may be invalid in a header. Then no key is sent.
            settings.invalid = None;
        }
        let authority = Authority::from_static("api.nirvanalabs.io");
        let shared = Shared {
            transport: Box::new(self.clone()),
            base: BaseUrl { scheme: Scheme::HTTPS, authority, prefix: Box::default() },
            wait: |_, _| (),
            observer: None,
            budget: RetryBudget::new(),
        };
        Api { client: Client::new(shared, settings) }
    }

    /// Returns the id of the first user.
    pub fn user_id(&self) -> String {
        FIRST_USER.to_owned()
    }

    /// Adds a user with this key, and returns the user's id. If another user had the key, it now
    /// belongs to the new one.
    ///
    /// ```
    /// use nirvana_labs::{Api, MembershipRole, OrganizationUpdateParams, Sandbox};
    ///
    /// let sandbox = Sandbox::new();
    /// let organization = sandbox.add_organization("Acme");
    /// let user = sandbox.add_user("nl_member");
    /// sandbox.add_member(&organization.id, &user, MembershipRole::Member)?;
    ///
    /// let member = Api::builder().api_key("nl_member").transport(sandbox).build()?;
    /// assert_eq!(member.get_organization(&organization.id)?.name, "Acme");
    /// let params = OrganizationUpdateParams::new().name("Mine");
    /// let error = member.update_organization(&organization.id, &params).unwrap_err();
    /// assert_eq!(error.status(), Some(403));
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn add_user(&self, api_key: impl Into<String>) -> String {
        self.service().users.add(api_key.into())
    }

    /// Adds an organization of the type `Company`, owned by the first user, and returns it.
    pub fn add_organization(&self, name: impl Into<String>) -> Organization {
        let params = OrganizationCreateParams::new(name);
        self.service().store.add_organization(params, FIRST_USER)
    }

    /// Changes any fields of an organization except its `id`. No endpoint of the API changes the
    /// services, the type or the customer ids. `updated_at` changes only if `edit` changes it.
    ///
    /// If another thread changes the organization while `edit` runs, that change is overwritten.
    ///
    /// ```
    /// use nirvana_labs::Sandbox;
    ///
    /// let sandbox = Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// sandbox.edit_organization(&id, |organization| organization.services.sso = true)?;
    /// assert!(sandbox.api().get_organization(&id)?.services.sso);
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) if there is no such organization.
    pub fn edit_organization(
        &self,
        organization_id: &str,
        edit: impl FnOnce(&mut Organization),
    ) -> Result<()> {
        // The lock is not held while `edit` runs, because `edit` may use this sandbox.
        let mut organization = self.service().store.record(organization_id)?.organization.clone();
        edit(&mut organization);
        organization.id = organization_id.to_owned();
        self.service().store.record(organization_id)?.organization = organization;
        Ok(())
    }

    /// Adds a domain to an organization, and returns it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) if there is no such organization.
    pub fn add_domain(
        &self,
        organization_id: &str,
        domain: impl Into<String>,
        verified: bool,
    ) -> Result<OrganizationDomain> {
        let store = &mut self.service().store;
        store.record(organization_id)?;
        let (id, domain) = (format!("dom_{}", store.next("dom")), domain.into());
        let domain = OrganizationDomain { id, domain, verified, extra_fields: Map::new() };
        store.record(organization_id)?.organization.domains.push(domain.clone());
        Ok(domain)
    }

    /// Adds an organization's address, and returns it.
    ///
    /// ```
    /// use nirvana_labs::{AddressCreateParams, Sandbox};
    ///
    /// let sandbox = Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// let params = AddressCreateParams::new("Kapelstraat 1", "Antwerp", "2000", "BE");
    /// let address = sandbox.add_address(&id, &params)?;
    /// assert_eq!(sandbox.api().get_organization_address(&id)?, address);
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) if there is no such organization, if it
    /// already has an address, or if the API would refuse `params`.
    pub fn add_address(
        &self,
        organization_id: &str,
        params: &AddressCreateParams,
    ) -> Result<OrganizationAddress> {
        Ok(self.service().store.add_address(organization_id, params.clone())?)
    }

    /// Adds a user to an organization with this role, and returns the membership.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) if there is no such organization or user,
    /// or if the user is already a member.
    pub fn add_member(
        &self,
        organization_id: &str,
        user_id: &str,
        role: MembershipRole,
    ) -> Result<OrganizationMembership> {
        let mut service = self.service();
        if !service.users.exist(user_id) {
            return Err(Error::request(format!("sandbox: there is no user {user_id:?}")));
        }
        Ok(service.store.add_membership(organization_id, user_id, role)?)
    }

    /// Stops the clock at `time`. From then on, only [`advance`](Sandbox::advance) and `set_time`
    /// change it. Until then, the clock shows the real time.
    ///
    /// ```
    /// use nirvana_labs::{OrganizationUpdateParams, Sandbox};
    /// use std::time::Duration;
    /// use time::OffsetDateTime;
    ///
    /// let sandbox = Sandbox::new();
    /// sandbox.set_time(OffsetDateTime::UNIX_EPOCH)?;
    /// let id = sandbox.add_organization("Acme").id;
    ///
    /// sandbox.advance(Duration::from_secs(60));
    /// let updated = sandbox.api().update_organization(&id, &OrganizationUpdateParams::new().name("A"))?;
    /// assert_eq!(updated.created_at.unix_timestamp(), 0);
    /// assert_eq!(updated.updated_at.unix_timestamp(), 60);
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) if the year is outside 0 to 9999, which
    /// RFC 3339 cannot represent.
    pub fn set_time(&self, time: OffsetDateTime) -> Result<()> {
        Ok(self.service().store.set_time(time)?)
    }

    /// Moves the clock forward by `duration`.
    pub fn advance(&self, duration: Duration) {
        self.service().store.advance(duration);
    }

    /// Locks the service. A poisoned lock is used too, because no change is left half done.
    fn service(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let requests = self.service().log.len();
        f.debug_struct("Sandbox").field("requests", &requests).finish_non_exhaustive()
    }
}
