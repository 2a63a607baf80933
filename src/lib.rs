//! A small, blocking client for the [Nirvana Labs] Organizations API: organizations, memberships and
//! addresses. It is unofficial. There is no async runtime among its dependencies.
//!
//! [`Api`] has one method per endpoint. Request structs such as [`OrganizationCreateParams`] go in,
//! plain structs such as [`Organization`] come out, and a list is an iterator, [`Items`].
//!
//! ```
//! use nirvana_labs::{ListParams, OrganizationCreateParams, Sandbox};
//!
//! // Api::new("nl_key")? or Api::from_env()? for the API itself.
//! let api = Sandbox::new().api();
//! let acme = api.create_organization(&OrganizationCreateParams::new("Acme"))?;
//! for organization in api.list_organizations(&ListParams::new()) {
//!     println!("{}", organization?.name);
//! }
//! # Ok::<(), nirvana_labs::Error>(())
//! ```
//!
//! [`Api::new`] takes a key, [`Api::from_env`] reads it from the environment, and [`Api::builder`] has
//! every setting. [`Api::with_options`] returns a cheap clone with other [`RequestOptions`].
//! [`Api::request`] reaches an endpoint that has no method, and returns an
//! [`http::Response`] with status and headers.
//!
//! An update leaves a field as it is, sets it or clears it: [`OrganizationUpdateParams::name`] sets,
//! [`OrganizationUpdateParams::clear_billing_email`] sends `null`. Fields that this version does not know
//! are kept in [`extra_fields`](Organization::extra_fields), and unknown values in
//! [`OrganizationType::Other`] and [`MembershipRole::Other`].
//!
//! # Errors
//!
//! [`Error`] has one variant per stage of a call: [`Config`](ErrorKind::Config) and
//! [`Request`](ErrorKind::Request) before anything is sent, [`Transport`](ErrorKind::is_transport) without a usable
//! response, [`Api`](ErrorKind::Status) for a status outside 2xx, [`Decode`](ErrorKind::Decode) for a body that is
//! not what the API schema says, [`PaginationCycle`](ErrorKind::PaginationCycle) in a list, and
//! [`Cancelled`](ErrorKind::Cancelled) and [`Deadline`](ErrorKind::Deadline) for the caller's own limits. Most
//! callers need only its methods: [`status`](Error::status), [`message`](Error::message),
//! [`is_not_found`](Error::is_not_found), [`is_unauthorized`](Error::is_unauthorized),
//! [`is_forbidden`](Error::is_forbidden), [`is_conflict`](Error::is_conflict),
//! [`is_rate_limited`](Error::is_rate_limited), [`is_timeout`](Error::is_timeout),
//! [`is_retryable`](Error::is_retryable), [`retry_after`](Error::retry_after),
//! [`request_id`](Error::request_id) and [`attempts`](Error::attempts).
//!
//! `Display` is one line, without secrets, and is enough for a log:
//!
//! ```text
//! GET /v1/organizations: 503 Service Unavailable: try later [request id req_7] (after 3 attempts)
//! ```
//!
//! # When a create may have happened
//!
//! The client never sends a POST again that the server may have acted on. It returns an error whose
//! [`may_have_been_processed`](Error::may_have_been_processed) is true. List, compare, then decide:
//!
//! ```
//! use std::collections::HashSet;
//!
//! use nirvana_labs::{Api, Error, ListParams, Organization, OrganizationCreateParams, Result, Sandbox};
//!
//! /// Creates an organization, or returns the one that a lost response has left behind.
//! fn create(api: &Api, name: &str) -> Result<Organization> {
//!     let list = || api.list_organizations(&ListParams::new());
//!     // Names are not unique, ids are.
//!     let known = list().map(|it| Ok(it?.id)).collect::<Result<HashSet<String>>>()?;
//!     let error = match api.create_organization(&OrganizationCreateParams::new(name)) {
//!         Err(error) if error.may_have_been_processed() => error,
//!         outcome => return outcome,
//!     };
//!     for organization in list() {
//!         let organization = organization?;
//!         if organization.name == name && !known.contains(&organization.id) {
//!             return Ok(organization);
//!         }
//!     }
//!     // Not there, so far. After a timeout the server may still be at work: look again later.
//!     Err(error)
//! }
//!
//! let sandbox = Sandbox::new();
//! sandbox.add_organization("Acme");
//! sandbox.pass_next(); // the list
//! sandbox.drop_next_response(); // the create: it is carried out, and the response is lost
//! assert_eq!(create(&sandbox.api(), "Acme")?.id, "org_2");
//! assert_eq!(sandbox.api().list_organizations(&ListParams::new()).count(), 2);
//!
//! sandbox.pass_next();
//! sandbox.fail_next(503); // this time it is not carried out
//! assert_eq!(create(&sandbox.api(), "Acme").unwrap_err().status(), Some(503));
//! assert_eq!(sandbox.api().list_organizations(&ListParams::new()).count(), 2);
//! # Ok::<(), Error>(())
//! ```
//!
//! Another program that creates an organization of the same name at the same time can be mistaken for
//! this one. An update needs none of this: sent twice, it comes to the same.
//!
//! # Retries and idempotency
//!
//! Only unsent or idempotent requests are retried. GET, PUT, PATCH and DELETE are repeated after 408,
//! 429, 500, 502, 503 and 504, and after any transport error but a refused certificate, a proxy's refusal
//! and a response over the size limit. A POST is repeated after 408 and 429, and where nothing of it was
//! sent. The transport records whether any request bytes were written, so this is known, not guessed.
//!
//! `x-should-retry: false` in a response forbids a retry. `true` allows one of GET, PUT, PATCH and DELETE
//! whatever the status; it does not make a POST safe. A hand-set `Idempotency-Key` [header](RequestOptions::header) does: the
//! POST is then retried like a GET, with the same key. Set it only for a server that honours it; the API schema
//! does not mention it.
//!
//! There are 2 retries ([`ApiBuilder::max_retries`]). The wait is 0.5 s, doubled with each retry up to
//! 8 s, less up to 25 % at random. `Retry-After-Ms` or `Retry-After` replaces it. If that is longer than
//! [`ApiBuilder::max_retry_wait`], the error comes at once. All clones of a client share a retry budget:
//! 500 tokens, of which a retry takes 5, or 10 after a timeout; a call that succeeds returns what its
//! retries took, or 1. When it is spent, errors come back without a retry.
//!
//! # Timeouts
//!
//! | limit | default | what it covers |
//! |---|---|---|
//! | [`connect_timeout`](ApiBuilder::connect_timeout) | 10 s | DNS, TCP, proxy and TLS, within the attempt |
//! | [`timeout`](ApiBuilder::timeout) | 60 s | one attempt, to the last byte of the body |
//! | [`total_timeout`](ApiBuilder::total_timeout) | none | a call, or a page of a list: attempts and waits |
//! | [`deadline`](RequestOptions::deadline) | none | everything, all pages of a list included |
//!
//! By default a call, or a page of a list, ends after 5 minutes at the latest: 3 attempts of 60 s, and
//! 2 waits of at most 60 s, which a server must have asked for. With the client's own waits it is
//! 3 × 60 s + 0.5 s + 1 s = 181.5 s. In general it is
//! `(max_retries + 1) × timeout + max_retries × max_retry_wait`, or `total_timeout` if that is less; the
//! limits hold to within 250 ms. A list of *n* pages may take *n* times as long, unless there is a
//! [`deadline`](RequestOptions::deadline). A wait that would not end in time is not begun: the last error
//! comes back at once. A [`CancelToken`] ends calls from another thread.
//!
//! # Lists
//!
//! [`Items`] fetches a page when the one before it runs out, and nothing before the first step.
//! [`Items::into_pages`] yields whole pages. An error ends the iterator.
//!
//! [`Items::resume`] is what to ask for to go on another day, without loss: the current page again
//! where items of it are left, else the next one, or the one that failed.
//!
//! ```
//! use nirvana_labs::{Error, ListParams, Sandbox};
//!
//! let sandbox = Sandbox::new();
//! (0..5).for_each(|n| drop(sandbox.add_organization(format!("Acme {n}"))));
//! let api = sandbox.api();
//!
//! let mut items = api.list_organizations(&ListParams::new().limit(2));
//! assert_eq!(items.by_ref().take(3).map(|it| it.map(|it| it.id)).last().unwrap()?, "org_3");
//! let saved = items.resume().unwrap(); // `None` once the list has ended.
//!
//! // Another day: org_3 comes again, and nothing is lost.
//! let ids = api.list_organizations(&saved).map(|it| it.map(|it| it.id));
//! assert_eq!(ids.collect::<Result<Vec<_>, _>>()?, ["org_3", "org_4", "org_5"]);
//! # Ok::<(), Error>(())
//! ```
//!
//! If the server repeats a cursor, the list ends with [`ErrorKind::PaginationCycle`].
//!
//! # Testing
//!
//! [`Sandbox`], with the feature `sandbox`, is an in-memory mock of the API that keeps state, pages and
//! checks its input. [`Sandbox::api`] is a client of it that does not wait before retries.
//! [`fail_next`](Sandbox::fail_next), [`drop_next_response`](Sandbox::drop_next_response),
//! [`refuse_next`](Sandbox::refuse_next), [`delay_next`](Sandbox::delay_next) and
//! [`respond_next`](Sandbox::respond_next) script failures, and [`Sandbox::requests`] is the log to assert
//! on. Fixtures of response structs come from [`serde_json::from_value`]: see [`Organization`].
//!
//! # Middleware
//!
//! [`ApiBuilder::wrap_transport`] hands over the [`HttpTransport`] that the other settings have made, to
//! be wrapped in a [`Transport`] of your own: one that logs, adds a header, or records and replays.
//! [`http::HeaderValue::is_sensitive`] says what not to record. See
//! [`Transport`] for examples. To watch without changing anything, [`ApiBuilder::observe`] is called with
//! each [`Attempt`]; the same line goes to [`log`] at DEBUG.
//!
//! # Transport
//!
//! HTTP, TLS, proxies and the connection pool are those of [ureq], which does some things in its own way:
//!
//! - **Proxy.** `HTTPS_PROXY` or `HTTP_PROXY`, by the scheme of the base URL, then `ALL_PROXY`; of each,
//!   lower case first. [`ApiBuilder::proxy`] and [`ApiBuilder::no_proxy`] override them. A loopback base
//!   URL is reached directly. A proxy setting that is invalid is an error, never passed over.
//! - **`NO_PROXY`** is a list of exact hosts (`api.example.com`), suffixes (`.example.com` or
//!   `*.example.com`, neither of which covers `example.com`), prefixes (`10.*`), or `*` for all. Ports and
//!   ranges such as `10.0.0.0/8` are not understood, and `example.com` does not cover its sub-domains.
//! - **Roots.** With the feature `rustls` (the default) Mozilla's list is trusted, as compiled in: not
//!   what the platform trusts. With `native-tls` alone, or `platform_verifier` of the feature
//!   `platform-verifier`, it is the platform's. [`ApiBuilder::root_certificate_pem`] replaces either; with
//!   rustls, a server's own self-signed certificate can be trusted so only if it is not marked as an
//!   authority's (`CA:TRUE`).
//! - **Fork.** Connections are shared with a forked child, and each process could read the other's
//!   response. A child makes a client of its own.
//! - **Loggers.** A logger that makes a call while it is handed a record of ureq's is refused that call
//!   at once: ureq holds its pool meanwhile.
//! - **Cookies.** If another crate of the program turns on ureq's feature `cookies`, cookies that the
//!   server sets are kept and sent back.
//! - **TRACE log.** At TRACE, the log of `ureq_proto` holds the bytes of each request, *the API key
//!   included*. Keep `ureq_proto` below TRACE wherever logs are kept.
//!
//! # Foreign function interfaces
//!
//! [`Api`], [`Items`], [`Pages`] and [`Error`] are `Send + 'static`, so that a handle can hold them. No
//! signal or panic handler is installed. [`ErrorKind`] is a number per kind of error that never changes.
//! Each process needs a client of its own: after `fork()`, the child makes a new one. `examples/capi` in
//! the repository is a C interface.
//!
//! # Build scripts
//!
//! A build must work offline and end in time. This one bakes a name in; `examples/build-script` in the
//! repository is the whole of it, with a switch that makes a release fail rather than use the copy.
//!
//! ```
//! # mod build {
//! use std::{env, fs, path::Path, time::Duration};
//! use nirvana_labs::{Api, Organization, RequestOptions};
//!
//! // build.rs. organization.json is an earlier response, and is committed.
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     println!("cargo::rerun-if-changed=organization.json");
//!     println!("cargo::rerun-if-env-changed=NIRVANA_LABS_ORGANIZATION_ID");
//!     let mut organization: Organization = serde_json::from_slice(&fs::read("organization.json")?)?;
//!     if let Ok(id) = env::var("NIRVANA_LABS_ORGANIZATION_ID") {
//!         organization = fetch(&Api::from_env()?, &id, organization)?;
//!     } // Unset, nothing is asked: docs.rs has no network.
//!     let out = Path::new(&env::var("OUT_DIR")?).join("organization.rs");
//!     Ok(fs::write(out, format!("pub const NAME: &str = {:?};\n", organization.name))?)
//! }
//!
//! fn fetch(api: &Api, id: &str, copy: Organization) -> nirvana_labs::Result<Organization> {
//!     let options = RequestOptions::new().total_timeout(Duration::from_secs(10));
//!     api.with_options(options).get_organization(id).or_else(|error| {
//!         println!("cargo::warning=not the latest name: {error}");
//!         if copy.id == id { Ok(copy) } else { Err(error) }
//!     })
//! }
//! # pub fn check() -> nirvana_labs::Result<()> {
//! #     let sandbox = nirvana_labs::Sandbox::new();
//! #     let copy = sandbox.add_organization("Before");
//! #     sandbox.edit_organization(&copy.id, |organization| organization.name = "After".to_owned())?;
//! #     let api = sandbox.api();
//! #     assert_eq!(fetch(&api, "org_1", copy.clone())?.name, "After");
//! #     (0..3).for_each(|_| sandbox.fail_next(503));
//! #     assert_eq!(fetch(&api, "org_1", copy.clone())?.name, "Before");
//! #     assert!(fetch(&api, "org_2", copy).unwrap_err().is_not_found());
//! #     Ok(())
//! # }
//! # }
//! # fn main() { build::check().unwrap() }
//! ```
//!
//! # Coming from the Go or TypeScript SDK
//!
//! In TypeScript's words; Go has the same names with capitals, `New` for `create`, and takes a context.
//!
//! | theirs | here |
//! |---|---|
//! | `new NirvanaLabs({ apiKey })`, `option.WithAPIKey` | [`Api::new`], [`Api::from_env`] |
//! | `organizations.create({ name })` | [`Api::create_organization`], [`OrganizationCreateParams`] |
//! | `organizations.get(id)` | [`Api::get_organization`] |
//! | `organizations.update(id, { name })` | [`Api::update_organization`], [`OrganizationUpdateParams`] |
//! | `{ billing_email: null }` | [`OrganizationUpdateParams::clear_billing_email`] |
//! | `organizations.list()` | [`Api::list_organizations`], [`ListParams`] |
//! | `organizations.leave(id)` | [`Api::leave_organization`] |
//! | `memberships.get(membership, { organization_id })` | [`Api::get_organization_membership`]`(id, membership)` |
//! | `memberships.list(id)` | [`Api::list_organization_memberships`] |
//! | `address.create(id, {…})` | [`Api::create_organization_address`], [`AddressCreateParams`] |
//! | `address.get(id)` | [`Api::get_organization_address`] |
//! | `address.update(id, {…})` | [`Api::update_organization_address`], [`AddressUpdateParams`] |
//! | `for await (const item of …)`, `ListAutoPaging` | `for item in` [`Items`] |
//! | `page.getNextPage()` | [`Pages`], [`Items::resume`] |
//! | `maxRetries`, `timeout`, `option.WithRequestTimeout` | [`RequestOptions::max_retries`], [`RequestOptions::timeout`] |
//! | `defaultHeaders`, `option.WithHeader` | [`ApiBuilder::header`], [`RequestOptions::header`] |
//! | `baseURL`, `option.WithBaseURL` | [`ApiBuilder::base_url`] |
//! | `APIError`, `err.status` | [`ErrorKind::Status`], [`Error::status`] |
//! | `AuthenticationError`, `NotFoundError`, `RateLimitError` | [`Error::is_unauthorized`], [`Error::is_not_found`], [`Error::is_rate_limited`] |
//! | `APIConnectionError`, `APIConnectionTimeoutError` | [`ErrorKind::is_transport`], [`Error::is_timeout`] |
//! | `client.get("/v1/…")` | [`Api::request`], [`RequestBuilder::send`] |
//! | `.withResponse()`, `option.WithResponseInto` | [`http::Response`] |
//! | a `fetch` of one's own, `option.WithMiddleware` | [`ApiBuilder::wrap_transport`] |
//! | `AbortController`, `context.Context` | [`CancelToken`], [`RequestOptions::deadline`] |
//!
//! Three things differ: a create is not repeated after a 500 or a lost response, redirects are not
//! followed, and a missing field is an error, not a zero value.
//!
//! [Nirvana Labs]: https://docs.nirvanalabs.io
//! [ureq]: https://docs.rs/ureq/3.5
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects))]

mod api;
mod attempt;
mod base_url;
mod builder;
mod client;
mod error;
mod fields;
mod header;
mod model;
mod options;
mod page;
mod params;
mod redact;
mod request;
mod request_builder;
mod response;
mod retry;
#[cfg(feature = "sandbox")]
mod sandbox;
mod transport;

pub use api::Api;
pub use attempt::Attempt;
pub use builder::ApiBuilder;
pub use error::{Error, ErrorKind, Result};
pub use model::{
    MembershipRole, Organization, OrganizationAddress, OrganizationDomain, OrganizationMembership,
    OrganizationServices, OrganizationType, Page, Pagination,
};
pub use options::{CancelToken, RequestOptions};
pub use page::{Items, Pages};
pub use params::{
    AddressCreateParams, AddressUpdateParams, ListParams, OrganizationCreateParams,
    OrganizationUpdateParams,
};
pub use request_builder::RequestBuilder;
#[cfg(feature = "sandbox")]
pub use sandbox::Sandbox;
pub use transport::{HttpTransport, Limits, SendError, Transport};

pub use {http, serde_json, time};

/// The code in README.md runs with the doc tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
