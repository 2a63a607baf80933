#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects))]

mod api;
mod attempt;
mod base_url;
mod builder;
mod client;
mod error;
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
mod settings;
mod transport;

pub use api::Api;
pub use attempt::Attempt;
pub use builder::ApiBuilder;
pub use error::{
    ApiError, ConfigError, DecodeError, Error, InterruptedError, PaginationCycleError,
    RequestError, Result, TransportError, TransportErrorKind,
};
pub use model::{
    MembershipRole, Organization, OrganizationAddress, OrganizationDomain, OrganizationMembership,
    OrganizationServices, OrganizationType, Page, Pagination,
};
pub use options::{CancelToken, RequestOptions};
pub use page::{Items, Pages};
pub use params::{
    AddressCreateParams, AddressUpdateParams, Cursor, ListParams, OrganizationCreateParams,
    OrganizationUpdateParams,
};
pub use request::Method;
pub use request_builder::RequestBuilder;
pub use response::Response;
#[cfg(feature = "sandbox")]
pub use sandbox::{Sandbox, SandboxRequest};
pub use transport::{Header, HttpRequest, HttpResponse, HttpTransport, SendError, Transport};
