//! Models for the peers, written by hand with serde's derive. They hold the same values as this
//! crate's models.

#![allow(dead_code, reason = "they are only read from JSON")]

use serde::Deserialize;
use time::OffsetDateTime;
use time::serde::rfc3339;

#[derive(Deserialize)]
pub struct Page {
    pub items: Vec<Organization>,
    pub pagination: Pagination,
}

#[derive(Deserialize)]
pub struct Pagination {
    pub next_cursor: Option<String>,
    pub previous_cursor: Option<String>,
    pub total_count: u64,
}

#[derive(Deserialize)]
pub struct Organization {
    pub id: String,
    pub billing_email: Option<String>,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    pub domains: Vec<Domain>,
    pub metronome_customer_id: Option<String>,
    pub name: String,
    pub personal: bool,
    pub services: Services,
    pub stripe_customer_id: Option<String>,
    #[serde(rename = "type")]
    pub kind: Kind,
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
    pub auth_id: Option<String>,
}

#[derive(Deserialize)]
pub struct Domain {
    pub id: String,
    pub domain: String,
    pub verified: bool,
}

#[derive(Deserialize)]
pub struct Services {
    pub cloud: bool,
    pub jit_provisioning: bool,
    pub scim: bool,
    pub siem: bool,
    pub sso: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Personal,
    Company,
}
