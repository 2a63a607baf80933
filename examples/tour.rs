//! The ten methods in one run: `cargo run --example tour`.
//!
//! The tour runs on a sandbox: in memory, without a key and without a network. If
//! `NIRVANA_LABS_API_KEY` is set, it calls the API instead, and only reads.

use std::io::{self, Write};
use std::{env, error::Error};

use nirvana_labs::{
    AddressCreateParams, AddressUpdateParams, Api, ListParams, MembershipRole,
    OrganizationCreateParams, OrganizationUpdateParams, Sandbox,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    if env::var_os("NIRVANA_LABS_API_KEY").is_some_and(|key| !key.is_empty()) {
        read(&Api::from_env()?, &mut io::stdout())
    } else {
        println!("This is the sandbox. Set NIRVANA_LABS_API_KEY to read from the API instead.");
        on_sandbox(&Sandbox::new(), &mut io::stdout())
    }
}

/// Calls all ten methods.
pub fn on_sandbox(sandbox: &Sandbox, out: &mut impl Write) -> Result<()> {
    let api = sandbox.api();

    let params = OrganizationCreateParams::new("Acme").billing_email("billing@acme.example");
    let acme = api.create_organization(&params)?;
    writeln!(out, "create_organization: {} {:?}", acme.id, acme.name)?;
    // An update sets a field, clears it, or leaves it as it is.
    let params = OrganizationUpdateParams::new().name("Acme Ltd").clear_billing_email();
    let acme = api.update_organization(&acme.id, &params)?;
    writeln!(out, "update_organization: {} {:?}", acme.id, acme.name)?;

    let params = AddressCreateParams::new("123 Main St", "San Francisco", "94105", "US");
    let address = api.create_organization_address(&acme.id, &params.state("CA"))?;
    writeln!(out, "create_organization_address: {:?}, {:?}", address.line1, address.city)?;
    let params = AddressUpdateParams::new().line1("125 Main St");
    let address = api.update_organization_address(&acme.id, &params)?;
    writeln!(out, "update_organization_address: {:?}, {:?}", address.line1, address.city)?;

    read(&api, out)?;

    // The last owner of an organization cannot leave it, so another one is added.
    sandbox.add_member(&acme.id, &sandbox.add_user("nl_colleague"), MembershipRole::Owner)?;
    api.leave_organization(&acme.id)?;
    writeln!(out, "leave_organization: {}", acme.id)?;
    Ok(())
}

/// Calls the methods that only read: on the first ten organizations, and on the first of them.
pub fn read(api: &Api, out: &mut impl Write) -> Result<()> {
    let mut first = None;
    // The list fetches a page when the one before it runs out.
    for organization in api.list_organizations(&ListParams::new()).take(10) {
        let organization = organization?;
        writeln!(out, "list_organizations: {} {:?}", organization.id, organization.name)?;
        first.get_or_insert(organization.id);
    }
    let Some(id) = first else { return Ok(()) };
    let organization = api.get_organization(&id)?;
    writeln!(out, "get_organization: {} {:?}", organization.id, organization.name)?;

    let mut members = api.list_organization_memberships(&id, &ListParams::new());
    if let Some(member) = members.next().transpose()? {
        writeln!(out, "list_organization_memberships: {} {}", member.id, member.role)?;
        let member = api.get_organization_membership(&id, &member.id)?;
        writeln!(out, "get_organization_membership: {} {}", member.id, member.role)?;
    }

    match api.get_organization_address(&id) {
        Err(error) if error.is_not_found() => writeln!(out, "get_organization_address: none")?,
        address => writeln!(out, "get_organization_address: {:?}", address?.line1)?,
    }
    Ok(())
}
