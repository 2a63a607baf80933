//! An in-memory Organizations service behind [`Transport`]: for tests and demonstrations.

mod answer;
mod endpoints;
mod fields;
mod log;
mod pages;
mod routes;
mod script;
mod service;
mod store;
mod users;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;

use crate::error::{Error, Result};
use crate::model::{MembershipRole, Organization, OrganizationDomain, OrganizationMembership};
use crate::transport::{HttpRequest, HttpResponse, SendError, Transport};
use script::Fault;
use service::Service;

pub use log::SandboxRequest;

/// An Organizations service in memory, which answers as the contract says: for tests of
/// one's own code, without a network, a server or a mock.
///
/// What is created is there to be read, listed, updated and left. Bad input is answered
/// with 400 or 422, a missing key with 401, a member who acts as an owner with 403, what
/// is not there, or not the caller's, with 404, a second address and the last owner's
/// leaving with 409. Ids count up from `org_1`, `mem_1` and so on.
///
/// Clones share one service, so a test keeps one and gives the other to the client:
///
/// ```
/// use nirvana_labs::{Api, OrganizationCreateParams, Result, Sandbox};
///
/// /// The function under test: makes the organization, unless there is one of that name.
/// fn ensure_organization(api: &Api, name: &str) -> Result<String> {
///     for organization in api.list_organizations(Default::default()) {
///         let organization = organization?;
///         if organization.name == name {
///             return Ok(organization.id);
///         }
///     }
///     Ok(api.create_organization(&OrganizationCreateParams::new(name))?.id)
/// }
///
/// let sandbox = Sandbox::new();
/// let api = Api::builder().transport(sandbox.clone()).max_retries(0).build()?;
///
/// // It makes one, and only one.
/// let id = ensure_organization(&api, "Acme")?;
/// assert_eq!(ensure_organization(&api, "Acme")?, id);
/// let creates = sandbox.requests().iter().filter(|r| r.method().as_str() == "POST").count();
/// assert_eq!(creates, 1);
///
/// // It passes on that the service is down, and creates nothing then.
/// sandbox.fail_next(503);
/// assert_eq!(ensure_organization(&api, "Globex").unwrap_err().status(), Some(503));
///
/// // It lists, and the answer to its create is lost: there may be one now.
/// sandbox.pass_next();
/// sandbox.drop_next_response();
/// assert!(ensure_organization(&api, "Globex").unwrap_err().may_have_been_processed());
/// # Ok::<(), nirvana_labs::Error>(())
/// ```
///
/// Failures are put in a queue: [`fail_next`](Sandbox::fail_next),
/// [`respond_next`](Sandbox::respond_next), [`drop_next_response`](Sandbox::drop_next_response),
/// [`refuse_next`](Sandbox::refuse_next) and [`delay_next`](Sandbox::delay_next) each take
/// one request, the oldest first; that request may be a retry. [`pass_next`](Sandbox::pass_next)
/// lets one through, where the failure is for a later one. The client waits before a retry as
/// it would outside a test: `max_retries(0)` spares a test that.
#[derive(Clone)]
pub struct Sandbox {
    service: Arc<Mutex<Service>>,
}

impl Sandbox {
    /// A service with one user and no organizations. Whoever calls is that user, with any
    /// key or none, other than the keys given to [`add_user`](Sandbox::add_user).
    #[must_use]
    pub fn new() -> Sandbox {
        Sandbox::with(Service::new(None))
    }

    /// A service that looks at keys: its first user is known by `key` alone, and an unknown
    /// or missing key is answered with 401.
    ///
    /// ```
    /// use nirvana_labs::{Api, Sandbox};
    ///
    /// let sandbox = Sandbox::with_api_key("nl_good");
    /// let api = Api::builder().api_key("nl_bad").transport(sandbox).build()?;
    /// assert!(api.get_organization("org_1").unwrap_err().is_unauthorized());
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    #[must_use]
    pub fn with_api_key(key: impl Into<String>) -> Sandbox {
        Sandbox::with(Service::new(Some(key.into())))
    }

    fn with(service: Service) -> Sandbox {
        Sandbox { service: Arc::new(Mutex::new(service)) }
    }

    /// The id of the first user.
    #[must_use]
    pub fn user_id(&self) -> String {
        self.service().users.first().to_owned()
    }

    /// Adds a user, known by `api_key` from now on, and returns the user's id. A key that
    /// was another user's becomes this one's.
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

    /// Adds a company's organization, owned by the first user.
    pub fn add_organization(&self, name: impl Into<String>) -> Organization {
        let mut service = self.service();
        let (owner, now) = (service.users.first().to_owned(), service.clock.now());
        service.store.add_organization(name.into(), None, &owner, now)
    }

    /// Changes an organization in any way that the API has no endpoint for: its services,
    /// its type, its customer ids. Its `id` stays, and `updated_at` moves only if `edit`
    /// moves it. What others change in it while `edit` runs is overwritten.
    ///
    /// ```
    /// use nirvana_labs::{Api, Sandbox};
    ///
    /// let sandbox = Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// sandbox.edit_organization(&id, |organization| organization.services.sso = true)?;
    ///
    /// let api = Api::builder().transport(sandbox).build()?;
    /// assert!(api.get_organization(&id)?.services.sso);
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if there is no such organization.
    pub fn edit_organization(
        &self,
        organization_id: &str,
        edit: impl FnOnce(&mut Organization),
    ) -> Result<()> {
        // Not under the lock: `edit` may use this sandbox.
        let record = |service: &Service| {
            service.store.record(organization_id).map(|record| record.organization.clone())
        };
        let mut organization =
            record(&self.service()).ok_or_else(|| no_organization(organization_id))?;
        edit(&mut organization);
        organization.id = organization_id.to_owned();
        if let Some(record) = self.service().store.record_mut(organization_id) {
            record.organization = organization;
        }
        Ok(())
    }

    /// Adds a domain to an organization.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if there is no such organization.
    pub fn add_domain(
        &self,
        organization_id: &str,
        domain: impl Into<String>,
        verified: bool,
    ) -> Result<OrganizationDomain> {
        self.service()
            .store
            .add_domain(organization_id, domain.into(), verified)
            .ok_or_else(|| no_organization(organization_id))
    }

    /// Makes a user a member, or an owner, of an organization.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if there is no such organization or user, or the user belongs to
    /// the organization already.
    pub fn add_member(
        &self,
        organization_id: &str,
        user_id: &str,
        role: MembershipRole,
    ) -> Result<OrganizationMembership> {
        let mut service = self.service();
        let now = service.clock.now();
        if !service.users.exists(user_id) {
            return Err(Error::request(format!("the sandbox has no user {user_id:?}")));
        }
        let record = service.store.record(organization_id);
        let record = record.ok_or_else(|| no_organization(organization_id))?;
        if record.membership_of(user_id).is_some() {
            return Err(Error::request(format!("{user_id} belongs to {organization_id} already")));
        }
        service
            .store
            .add_membership(organization_id, user_id, role, now)
            .ok_or_else(|| no_organization(organization_id))
    }

    /// Sets the clock, which then stands still until it is set again or
    /// [`advance`](Sandbox::advance)d. Until it is first set, it shows the real time.
    ///
    /// ```
    /// use nirvana_labs::{Api, OrganizationUpdateParams, Sandbox};
    /// use std::time::Duration;
    /// use time::OffsetDateTime;
    ///
    /// let sandbox = Sandbox::new();
    /// sandbox.set_time(OffsetDateTime::UNIX_EPOCH);
    /// let id = sandbox.add_organization("Acme").id;
    ///
    /// sandbox.advance(Duration::from_secs(60));
    /// let api = Api::builder().transport(sandbox).build()?;
    /// let updated = api.update_organization(&id, &OrganizationUpdateParams::new().name("A"))?;
    /// assert_eq!(updated.created_at.unix_timestamp(), 0);
    /// assert_eq!(updated.updated_at.unix_timestamp(), 60);
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn set_time(&self, time: OffsetDateTime) {
        self.service().clock.set(time);
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        self.service().clock.advance(duration);
    }

    /// Serves the next request as if nothing were scripted: what is scripted after this is for
    /// a later one.
    pub fn pass_next(&self) {
        self.script(Fault::Pass);
    }

    /// Answers the next request with this status, a JSON body with a `message` and a
    /// `code`, and does nothing else with it.
    pub fn fail_next(&self, status: u16) {
        self.script(Fault::Fail(status));
    }

    /// Answers the next request with exactly this, and does nothing else with it.
    ///
    /// ```
    /// use nirvana_labs::{Api, HttpResponse, Sandbox};
    ///
    /// let sandbox = Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// let api = Api::builder().transport(sandbox.clone()).build()?;
    ///
    /// // A 429 that says when to come back is retried then.
    /// sandbox.respond_next(HttpResponse::new(429).with_header("retry-after-ms", "1"));
    /// assert_eq!(api.get_organization(&id)?.name, "Acme");
    /// assert_eq!(sandbox.requests().len(), 2);
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn respond_next(&self, response: HttpResponse) {
        self.script(Fault::Respond(response));
    }

    /// Carries out the next request, and loses the answer: the connection closes.
    ///
    /// ```
    /// use nirvana_labs::{Api, OrganizationCreateParams, Sandbox};
    ///
    /// let sandbox = Sandbox::new();
    /// let api = Api::builder().transport(sandbox.clone()).build()?;
    ///
    /// sandbox.drop_next_response();
    /// let error = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err();
    /// assert!(error.may_have_been_processed());
    /// assert_eq!(api.list_organizations(Default::default()).count(), 1);
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    pub fn drop_next_response(&self) {
        self.script(Fault::Drop);
    }

    /// Refuses the connection for the next request: it never arrives, and is not in
    /// [`requests`](Sandbox::requests).
    pub fn refuse_next(&self) {
        self.script(Fault::Refuse);
    }

    /// Carries out the next request, and keeps the answer back for this long. Where the
    /// request's timeout, its deadline or its caller's patience ends before that, the
    /// answer is lost.
    pub fn delay_next(&self, delay: Duration) {
        self.script(Fault::Delay(delay));
    }

    /// The requests that arrived so far, retries and scripted failures included, in order.
    ///
    /// ```
    /// use nirvana_labs::{Api, OrganizationUpdateParams, Sandbox};
    /// use serde_json::json;
    ///
    /// let sandbox = Sandbox::new();
    /// let id = sandbox.add_organization("Acme").id;
    /// let api = Api::builder().transport(sandbox.clone()).build()?;
    /// api.update_organization(&id, &OrganizationUpdateParams::new().clear_billing_email())?;
    ///
    /// let requests = sandbox.requests();
    /// assert_eq!(requests[0].path(), "/v1/organizations/org_1");
    /// assert_eq!(requests[0].body(), Some(&json!({ "billing_email": null })));
    /// # Ok::<(), nirvana_labs::Error>(())
    /// ```
    #[must_use]
    pub fn requests(&self) -> Vec<SandboxRequest> {
        self.service().log.clone()
    }

    /// Forgets the requests that arrived so far.
    pub fn clear_requests(&self) {
        self.service().log.clear();
    }

    fn script(&self, fault: Fault) {
        self.service().script.push_back(fault);
    }

    /// A thread that panics with the lock held leaves nothing half done: go on.
    fn service(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Sandbox {
    fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, SendError> {
        if request.time_left() == Some(Duration::ZERO) {
            return Err(script::too_late());
        }
        let (response, fate) = self.service().receive(&request)?;
        // The lock is free again: others are served while this one waits.
        fate.meet(&request)?;
        script::within_limit(response, &request)
    }
}

impl Default for Sandbox {
    fn default() -> Sandbox {
        Sandbox::new()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = self.service();
        f.debug_struct("Sandbox")
            .field("organizations", &service.store.len())
            .field("requests", &service.log.len())
            .field("scripted", &service.script.len())
            .finish_non_exhaustive()
    }
}

fn no_organization(id: &str) -> Error {
    Error::request(format!("the sandbox has no organization {id:?}"))
}
