//! A small, blocking client for the [Nirvana Labs] Organizations API: organizations, memberships
//! and addresses. It is made for synchronous programs, command-line tools, build scripts and FFI
//! wrappers, and no async runtime is among its dependencies. It is unofficial.
//!
//! # Quick start
//!
//! The crate is not published yet. Add it from a checkout, and again with the sandbox for your
//! tests:
//!
//! ```sh
//! cargo add nirvana-labs --path CHECKOUT
//! cargo add --dev nirvana-labs --path CHECKOUT --features sandbox
//! ```
//!
//! This program prints the names of your organizations. [`Api::from_env`] reads the API key from
//! the environment variable `NIRVANA_LABS_API_KEY`.
//!
//! ```no_run
//! use nirvana_labs::{Api, ListParams, Result};
//!
//! fn names(api: &Api) -> Result<Vec<String>> {
//!     let organizations = api.list_organizations(&ListParams::new());
//!     organizations.map(|organization| Ok(organization?.name)).collect()
//! }
//!
//! fn main() -> Result<()> {
//!     for name in names(&Api::from_env()?)? {
//!         println!("{name}");
//!     }
//!     Ok(())
//! }
//! ```
//!
//! In a test, the same function runs against [`Sandbox`], an in-memory mock of the API:
//!
//! ```
//! # use nirvana_labs::{Api, ListParams, Result};
//! # fn names(api: &Api) -> Result<Vec<String>> {
//! #     let organizations = api.list_organizations(&ListParams::new());
//! #     organizations.map(|organization| Ok(organization?.name)).collect()
//! # }
//! use nirvana_labs::Sandbox;
//!
//! let sandbox = Sandbox::new();
//! sandbox.add_organization("Acme");
//! assert_eq!(names(&sandbox.api())?, ["Acme"]);
//!
//! sandbox.fail_next(401); // the next request
//! assert!(names(&sandbox.api()).unwrap_err().is_unauthorized());
//! # Ok::<(), nirvana_labs::Error>(())
//! ```
//!
//! # What to read next
//!
//! - [`Api`] has one method per endpoint. Request structs such as [`OrganizationUpdateParams`] go
//!   in, plain structs such as [`Organization`] come out, and a list is an iterator, [`Items`].
//! - An update leaves a field as it is, sets it, or clears it. Fields of a response that this version
//!   does not know are kept in [`extra_fields`](Organization::extra_fields).
//! - [`Api::builder`] has every setting of a client, and [`RequestOptions`] those of one call.
//! - [`Api::request`] reaches an endpoint that has no method, and returns status and headers.
//! - [`Error`] is the error of every call, and [`ErrorKind`] says why a call failed.
//!
//! The [guide] has a page for each of these subjects:
//!
//! - [Errors](guide::errors): what failed, and what a program can do about it.
//! - [Creates](guide::creates): what to do if a create failed and may have taken effect.
//! - [Retries](guide::retries): what is sent again, and what an idempotency key does.
//! - [Timeouts](guide::timeouts): how long a call can take, and how to cancel it.
//! - [Lists](guide::lists): how pages and cursors work, and how to continue a list later.
//! - [Testing](guide::testing): how to test your own program with the sandbox.
//! - [Middleware](guide::middleware): how to log, change, record or replace requests.
//! - [Network](guide::network): proxies, certificates, and what ureq does in its own way.
//! - [FFI](guide::ffi): how to call the crate from C and other languages.
//! - [Build scripts](guide::build_scripts): how a build uses the API, and still works offline.
//! - [Other SDKs](guide::other_sdks): what is different from the Go and TypeScript SDKs.
//!
//! # Features
//!
//! | feature | default | what it does |
//! |---|---|---|
//! | `rustls` | yes | HTTPS with rustls. Mozilla's root certificates are compiled in. |
//! | `gzip` | yes | Asks for compressed responses. |
//! | `native-tls` | | HTTPS with the platform's TLS library, if `rustls` is off. |
//! | `platform-verifier` | | `ApiBuilder::platform_verifier`: rustls trusts what the platform trusts. |
//! | `sandbox` | | [`Sandbox`]. It needs no other feature. |
//!
//! # Supported versions
//!
//! Rust 1.88 or later. The tests run on x86-64 Linux, on 32-bit Linux, and on Windows under Wine.
//! For macOS, the crate is type-checked only.
//!
//! [Nirvana Labs]: https://docs.nirvanalabs.io
#![cfg_attr(not(feature = "sandbox"), doc = "[`Sandbox`]: guide::testing")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects))]

mod api;
mod attempt;
mod base_url;
mod builder;
mod call;
mod decode;
mod error;
mod fields;
#[cfg(any(doc, doctest))]
pub mod guide;
mod header;
mod kind;
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
mod server_message;
mod transport;

pub use api::Api;
pub use attempt::Attempt;
pub use builder::ApiBuilder;
pub use error::{Error, Result};
pub use kind::ErrorKind;
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
