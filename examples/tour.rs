//! The whole API in one run: `cargo run --example tour`.

use std::env;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use nirvana_labs::{
    AddressCreateParams, AddressUpdateParams, Api, Error, ErrorKind, ListParams, MembershipRole,
    Organization, OrganizationAddress, OrganizationCreateParams, OrganizationMembership,
    OrganizationUpdateParams, Sandbox,
};

const HELP: &str = "\
A tour of the Nirvana Labs Organizations API.

Usage: cargo run --example tour [-- --write]

Without an API key, the tour calls all ten endpoints on the sandbox: in memory, offline.

With an API key, it calls the API, and only reads:
  NIRVANA_LABS_API_KEY   the API key
  NIRVANA_LABS_BASE_URL  another server than https://api.nirvanalabs.io

Options:
  --write     with an API key, also create, update and leave an organization. The API may
              not let its last owner leave: then the organization stays.
  -h, --help  print this help

Exit code: 0 for success, 1 after an unexpected error, 2 for a wrong argument.
";

fn main() -> ExitCode {
    let mut write = false;
    for argument in env::args().skip(1) {
        match argument.as_str() {
            "--write" => write = true,
            "-h" | "--help" => {
                print!("{HELP}");
                return ExitCode::SUCCESS;
            }
            other => {
                eprintln!("tour: unknown argument {other}; --help lists the options");
                return ExitCode::from(2);
            }
        }
    }
    let outcome = match env::var_os("NIRVANA_LABS_API_KEY").filter(|key| !key.is_empty()) {
        None => on_sandbox(io::stdout()),
        Some(_) => Api::from_env().map_err(io::Error::other).and_then(|api| {
            let server = env::var("NIRVANA_LABS_BASE_URL").unwrap_or_default();
            let server = if server.is_empty() { "the API" } else { &server };
            let what = if write { "reading and writing" } else { "only reading" };
            writeln!(io::stdout(), "On {server}, {what}.")?;
            on_server(&api, write, io::stdout())
        }),
    };
    match outcome {
        Ok(0) => ExitCode::SUCCESS,
        Ok(errors) => {
            eprintln!("tour: unexpected errors: {errors}");
            ExitCode::FAILURE
        }
        // `tour | head -3` is no error.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tour: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The tour on a sandbox of its own. Returns the number of unexpected errors.
pub fn on_sandbox(mut out: impl Write) -> io::Result<u32> {
    writeln!(
        out,
        "On the sandbox, in memory and offline. --help says how to call the API itself."
    )?;

    let sandbox = Sandbox::new();
    sandbox.add_organization("Northwind");
    sandbox.add_organization("Globex");
    // An observer sees each attempt, and so the retries that the client makes by itself.
    let attempts = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&attempts);
    let observer = move |attempt: &nirvana_labs::Attempt<'_>| {
        let status = attempt.status.map_or("no response".to_owned(), |status| status.to_string());
        let next = match attempt.wait {
            Some(wait) => format!(", again in {:.1} s", wait.as_secs_f32()),
            None => String::new(),
        };
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(status + &next);
    };
    let api = Api::builder().transport(sandbox.clone()).observe(observer).build();
    let api = api.map_err(io::Error::other)?;

    let mut tour = Tour { api: &api, out, errors: 0 };
    let Some(organization) = tour.create_and_update()? else { return Ok(tour.errors) };
    let colleague = sandbox.add_user("nl_colleague");
    let intern = sandbox.add_user("nl_intern");
    let seeded = sandbox
        .add_domain(&organization.id, "acme.example", true)
        .and_then(|_| sandbox.add_member(&organization.id, &colleague, MembershipRole::Owner))
        .and_then(|_| sandbox.add_member(&organization.id, &intern, MembershipRole::Member));
    seeded.map_err(io::Error::other)?;

    tour.read_organizations(2)?;
    tour.read_organization(&organization.id)?;
    tour.read_members(&organization.id)?;
    tour.heading("Address")?;
    tour.write_address(&organization.id)?;
    tour.read_address(&organization.id)?;

    tour.heading("When something goes wrong")?;
    tour.read_missing()?;
    attempts.lock().unwrap_or_else(PoisonError::into_inner).clear();
    sandbox.fail_next(503);
    let outcome = tour.api.get_organization(&organization.id);
    let statuses = attempts.lock().unwrap_or_else(PoisonError::into_inner).join("; ");
    tour.say("a 503 on the way", outcome, |_| statuses)?;

    tour.leave(&organization.id)?;
    Ok(tour.errors)
}

/// The tour on a server. Returns the number of unexpected errors.
pub fn on_server(api: &Api, write: bool, out: impl Write) -> io::Result<u32> {
    let mut tour = Tour { api, out, errors: 0 };
    let created = if write { tour.create_and_update()? } else { None };
    let listed = tour.read_organizations(100)?;
    let Some(organization) = created.as_ref().or(listed.as_ref()) else {
        if tour.errors == 0 {
            tour.line("", "no organizations, so the tour ends here; --write creates one")?;
        }
        tour.read_missing()?;
        return Ok(tour.errors);
    };
    tour.read_organization(&organization.id)?;
    tour.read_members(&organization.id)?;
    tour.heading("Address")?;
    if created.is_some() {
        tour.write_address(&organization.id)?;
    }
    tour.read_address(&organization.id)?;
    tour.heading("When something goes wrong")?;
    tour.read_missing()?;
    if created.is_some() {
        tour.leave(&organization.id)?;
    }
    Ok(tour.errors)
}

/// The most items of a list that the tour reads.
const MAX_ITEMS: usize = 500;

struct Tour<'a, W> {
    api: &'a Api,
    out: W,
    errors: u32,
}

impl<W: Write> Tour<'_, W> {
    fn create_and_update(&mut self) -> io::Result<Option<Organization>> {
        self.heading("A new organization")?;
        let params = OrganizationCreateParams::new("Acme").billing_email("billing@acme.example");
        let outcome = self.api.create_organization(&params);
        let created = self.say("create_organization", outcome, organization_line)?;
        let Some(Organization { id, .. }) = &created else { return Ok(None) };

        // A field is set, left as it is, or cleared: first the name is set and the billing email
        // left, then the billing email is cleared.
        let rename = OrganizationUpdateParams::new().name("Acme Ltd");
        let outcome = self.api.update_organization(id, &rename);
        self.say("update_organization", outcome, organization_line)?;
        let clear = OrganizationUpdateParams::new().clear_billing_email();
        let outcome = self.api.update_organization(id, &clear);
        self.say("update_organization", outcome, organization_line)?;
        Ok(created)
    }

    /// Lists organizations and returns the first.
    fn read_organizations(&mut self, page_size: u32) -> io::Result<Option<Organization>> {
        self.heading("Organizations")?;
        let mut pages =
            self.api.list_organizations(&ListParams::new().limit(page_size)).into_pages();
        let (mut first, mut count, mut number) = (None, 0, 0_u32);
        while let Some(page) = pages.next() {
            let call = if number == 0 { "list_organizations" } else { "" };
            number = number.saturating_add(1);
            let Some(page) = self.say(call, page, |page| page_line(number, page))? else { break };
            count = page.items.len().max(1).saturating_add(count);
            first = first.or_else(|| page.items.into_iter().next());
            if count >= MAX_ITEMS && pages.resume().is_some() {
                self.line("", "and so on")?;
                break;
            }
        }
        Ok(first)
    }

    fn read_organization(&mut self, id: &str) -> io::Result<()> {
        let outcome = self.api.get_organization(id);
        self.say("get_organization", outcome, organization_line).map(drop)
    }

    /// Lists the members and gets the first.
    fn read_members(&mut self, id: &str) -> io::Result<()> {
        self.heading("Members")?;
        let members = self.api.list_organization_memberships(id, &ListParams::new().limit(100));
        let mut first = None;
        for (index, member) in members.take(MAX_ITEMS).enumerate() {
            let call = if index == 0 { "list_organization_memberships" } else { "" };
            let Some(member) = self.say(call, member, member_line)? else { break };
            first.get_or_insert(member.id);
        }
        if let Some(member) = first {
            let outcome = self.api.get_organization_membership(id, &member);
            self.say("get_organization_membership", outcome, member_line)?;
        }
        Ok(())
    }

    fn write_address(&mut self, id: &str) -> io::Result<()> {
        let params = AddressCreateParams::new("123 Main St", "San Francisco", "94105", "US")
            .line2("Suite 3")
            .state("CA");
        let outcome = self.api.create_organization_address(id, &params);
        self.say("create_organization_address", outcome, address_line)?;
        let params = AddressUpdateParams::new().line1("125 Main St").clear_line2();
        let outcome = self.api.update_organization_address(id, &params);
        self.say("update_organization_address", outcome, address_line)?;
        Ok(())
    }

    fn read_address(&mut self, id: &str) -> io::Result<()> {
        const CALL: &str = "get_organization_address";
        match self.api.get_organization_address(id) {
            Err(error) if error.is_not_found() => self.line(CALL, "none yet"),
            outcome => self.say(CALL, outcome, address_line).map(drop),
        }
    }

    fn read_missing(&mut self) -> io::Result<()> {
        const CALL: &str = "get_organization";
        match self.api.get_organization("org_missing") {
            Err(error) if error.is_not_found() => {
                let message = error.message().unwrap_or("no message");
                self.line(CALL, format_args!("404, as it should be: {message}"))
            }
            Ok(_) => self.line(CALL, "this server has an organization for any id"),
            outcome => self.say(CALL, outcome, organization_line).map(drop),
        }
    }

    fn leave(&mut self, id: &str) -> io::Result<()> {
        self.heading("Goodbye")?;
        match self.api.leave_organization(id) {
            // The tour created the organization, and may be its last owner.
            Err(error) if matches!(error.status(), Some(403 | 409 | 422)) => {
                self.line("leave_organization", format_args!("not allowed: {error}"))
            }
            outcome => self.say("leave_organization", outcome, |()| format!("left {id}")).map(drop),
        }
    }

    fn heading(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n{text}")
    }

    fn line(&mut self, call: &str, text: impl fmt::Display) -> io::Result<()> {
        writeln!(self.out, "  {call:<29}  {text}")
    }

    /// Prints the outcome of a call. An error is printed and counted, and the tour goes on.
    fn say<T>(
        &mut self,
        call: &str,
        outcome: nirvana_labs::Result<T>,
        describe: impl FnOnce(&T) -> String,
    ) -> io::Result<Option<T>> {
        match outcome {
            Ok(value) => {
                self.line(call, describe(&value))?;
                Ok(Some(value))
            }
            Err(error) => {
                // A mock server may repeat one page for ever: that is printed, and not counted.
                if error.kind() != ErrorKind::PaginationCycle {
                    self.errors = self.errors.saturating_add(1);
                }
                self.line(call, format_args!("stopped: {error}"))?;
                Ok(None)
            }
        }
    }
}

fn organization_line(organization: &Organization) -> String {
    let Organization { id, name, organization_type, domains, .. } = organization;
    let billing = organization.billing_email.as_deref().unwrap_or("to the oldest owner");
    let domains: Vec<&str> = domains.iter().map(|domain| domain.domain.as_str()).collect();
    let domains =
        if domains.is_empty() { String::new() } else { ", ".to_owned() + &domains.join(" ") };
    format!("{id}  {name}, {organization_type}{domains}, bills {billing}")
}

fn page_line(number: u32, page: &nirvana_labs::Page<Organization>) -> String {
    let names: Vec<&str> = page.items.iter().map(|item| item.name.as_str()).take(5).collect();
    let more = if page.items.len() > names.len() { ", …" } else { "" };
    let total = page.pagination.total_count;
    format!("page {number}: {}{more} ({} of {total})", names.join(", "), page.items.len())
}

fn member_line(member: &OrganizationMembership) -> String {
    let OrganizationMembership { id, user_id, role, created_at, .. } = member;
    format!("{id}  {user_id}, {role} since {}", created_at.date())
}

fn address_line(address: &OrganizationAddress) -> String {
    let OrganizationAddress { id, line1, line2, postal_code, city, state, country, .. } = address;
    let line2 = line2.as_ref().map_or(String::new(), |line| format!(", {line}"));
    let state = state.as_ref().map_or(String::new(), |state| format!("{state} "));
    format!("{id}  {line1}{line2}, {city}, {state}{postal_code}, {country}")
}
