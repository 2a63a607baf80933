//! What people see of each kind of thing.

use nirvana_labs::{Organization, OrganizationAddress, OrganizationMembership};
use serde::Serialize;
use time::{OffsetDateTime, UtcOffset};

/// A thing that can be shown by itself.
pub(crate) trait Show: Serialize {
    /// All of it, as names and values.
    fn details(&self) -> Vec<(&'static str, String)>;
}

/// A thing that lists are made of.
pub(crate) trait Listed: Show {
    /// What several of them are called.
    const MANY: &'static str;
    /// The columns of a list.
    const HEADERS: [&'static str; COLUMNS];

    /// A row of a list.
    fn row(&self) -> [String; COLUMNS];
}

/// As many as fit on a terminal.
const COLUMNS: usize = 5;

impl Listed for Organization {
    const MANY: &'static str = "organizations";
    const HEADERS: [&'static str; COLUMNS] = ["ID", "NAME", "TYPE", "BILLING EMAIL", "CREATED"];

    fn row(&self) -> [String; COLUMNS] {
        [
            self.id.clone(),
            self.name.clone(),
            self.organization_type.to_string(),
            or_dash(&self.billing_email),
            day(self.created_at),
        ]
    }
}

impl Listed for OrganizationMembership {
    const MANY: &'static str = "members";
    const HEADERS: [&'static str; COLUMNS] = ["ID", "USER", "ROLE", "SINCE", "UPDATED"];

    fn row(&self) -> [String; COLUMNS] {
        [
            self.id.clone(),
            self.user_id.clone(),
            self.role.to_string(),
            day(self.created_at),
            day(self.updated_at),
        ]
    }
}

impl Show for Organization {
    fn details(&self) -> Vec<(&'static str, String)> {
        let domains = self.domains.iter().map(|domain| {
            let state = if domain.verified { "verified" } else { "not verified" };
            format!("{} ({state})", domain.domain)
        });
        vec![
            ("ID", self.id.clone()),
            ("Name", self.name.clone()),
            ("Type", self.organization_type.to_string()),
            ("Billing email", or_dash(&self.billing_email)),
            ("Domains", lines(&domains.collect::<Vec<_>>())),
            ("Services", services(self)),
            ("Stripe customer", or_dash(&self.stripe_customer_id)),
            ("Metronome customer", or_dash(&self.metronome_customer_id)),
            ("Auth ID", or_dash(&self.auth_id)),
            ("Created", moment(self.created_at)),
            ("Updated", moment(self.updated_at)),
        ]
    }
}

impl Show for OrganizationMembership {
    fn details(&self) -> Vec<(&'static str, String)> {
        vec![
            ("ID", self.id.clone()),
            ("Organization", self.organization_id.clone()),
            ("User", self.user_id.clone()),
            ("Role", self.role.to_string()),
            ("Since", moment(self.created_at)),
            ("Updated", moment(self.updated_at)),
        ]
    }
}

impl Show for OrganizationAddress {
    fn details(&self) -> Vec<(&'static str, String)> {
        vec![
            ("ID", self.id.clone()),
            ("Organization", self.organization_id.clone()),
            ("Line 1", self.line1.clone()),
            ("Line 2", or_dash(&self.line2)),
            ("City", self.city.clone()),
            ("State", or_dash(&self.state)),
            ("Postal code", self.postal_code.clone()),
            ("Country", self.country.clone()),
            ("Tax ID", or_dash(&self.tax_id)),
            ("Tax ID type", or_dash(&self.tax_id_type)),
            ("Created", moment(self.created_at)),
            ("Updated", moment(self.updated_at)),
        ]
    }
}

/// The services that an organization has.
fn services(organization: &Organization) -> String {
    let services = &organization.services;
    let named = [
        ("cloud", services.cloud),
        ("JIT provisioning", services.jit_provisioning),
        ("SCIM", services.scim),
        ("SIEM", services.siem),
        ("SSO", services.sso),
    ];
    let names: Vec<&str> = named.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    if names.is_empty() { DASH.to_owned() } else { names.join(", ") }
}

/// What stands where there is nothing.
const DASH: &str = "-";

fn or_dash(value: &Option<String>) -> String {
    value.as_deref().unwrap_or(DASH).to_owned()
}

fn lines(lines: &[String]) -> String {
    if lines.is_empty() { DASH.to_owned() } else { lines.join("\n") }
}

fn utc(time: OffsetDateTime) -> OffsetDateTime {
    time.checked_to_offset(UtcOffset::UTC).unwrap_or(time)
}

fn day(time: OffsetDateTime) -> String {
    utc(time).date().to_string()
}

fn moment(time: OffsetDateTime) -> String {
    let time = utc(time);
    format!("{} {:02}:{:02}:{:02} UTC", time.date(), time.hour(), time.minute(), time.second())
}
