//! What each command does.

use std::io::{self, IsTerminal, Write};

use nirvana_labs::{
    AddressCreateParams, AddressUpdateParams, Api, OrganizationCreateParams,
    OrganizationUpdateParams, Result as ApiResult,
};
use serde::Serialize;
use serde_json::json;

use crate::cli::{Address, AddressFields, Changes, ClearedFields, Cli, Command, Options};
use crate::completions::completions;
use crate::connect::connect;
use crate::failure::Failure;
use crate::list::list;
use crate::output::{self, clean};
use crate::serve::serve;

/// Runs the command that was typed.
pub(crate) fn run(cli: &Cli) -> Result<(), Failure> {
    let Cli { options, command } = cli;
    match command {
        Command::Serve { port, seed_keys } => serve(*port, seed_keys),
        Command::Completions { shell } => completions(*shell),
        command => Run { api: connect(options)?, command, options }.run(),
    }
}

/// A command that calls the API.
struct Run<'a> {
    api: Api,
    command: &'a Command,
    options: &'a Options,
}

impl Run<'_> {
    fn run(&self) -> Result<(), Failure> {
        let Run { api, command, options } = self;
        match command {
            Command::List { range } => {
                list(range, options, command, |params| api.list_organizations(params))
            }
            Command::Members { organization, range } => list(range, options, command, |params| {
                api.list_organization_memberships(&organization.id, params)
            }),
            Command::Show { organization } => self.show(api.get_organization(&organization.id)),
            Command::Member { organization, membership } => {
                self.show(api.get_organization_membership(&organization.id, membership))
            }
            Command::Create { name, billing_email } => {
                let mut params = OrganizationCreateParams::new(name);
                if let Some(email) = billing_email {
                    params = params.billing_email(email);
                }
                self.changed(api.create_organization(&params))
            }
            Command::Update { organization, changes } => {
                let params = organization_update(changes);
                if params == OrganizationUpdateParams::new() {
                    return Err(nothing_to_change("update"));
                }
                self.changed(api.update_organization(&organization.id, &params))
            }
            Command::Leave { organization, yes } => self.leave(&organization.id, *yes),
            Command::Address(Address::Show { organization }) => {
                self.show(api.get_organization_address(&organization.id))
            }
            Command::Address(Address::Create { organization, address }) => {
                let params = address_create(address);
                self.changed(api.create_organization_address(&organization.id, &params))
            }
            Command::Address(Address::Update { organization, changes, cleared }) => {
                let params = address_update(changes, cleared);
                if params == AddressUpdateParams::new() {
                    return Err(nothing_to_change("address update"));
                }
                self.changed(api.update_organization_address(&organization.id, &params))
            }
            Command::Serve { .. } | Command::Completions { .. } => Ok(()),
        }
    }

    /// Writes what the API returned.
    fn show<T: Serialize>(&self, item: ApiResult<T>) -> Result<(), Failure> {
        output::one(&item.map_err(|error| Failure::of(&error, self.command))?, self.options)
    }

    /// Writes the result of a change. If that fails, the line says that the change was made.
    fn changed<T: Serialize>(&self, item: ApiResult<T>) -> Result<(), Failure> {
        self.show(item).map_err(Failure::after_change)
    }

    fn leave(&self, id: &str, yes: bool) -> Result<(), Failure> {
        if !yes && !self.confirm(id)? {
            return Err(Failure::refused("nothing was changed; answer y, or give --yes"));
        }
        let left = self.api.leave_organization(id);
        left.map_err(|error| Failure::of(&error, self.command))?;
        let left = json!({ "organization_id": id, "left": true });
        let written = output::done(&format!("left {}", clean(id)), &left, self.options);
        written.map_err(Failure::after_change)
    }

    /// Asks whether to leave, with the name of the organization.
    fn confirm(&self, id: &str) -> Result<bool, Failure> {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Err(Failure::bad_usage("there is no terminal to ask on; give --yes to leave"));
        }
        let organization = self.api.get_organization(id);
        let organization = organization.map_err(|error| Failure::of(&error, self.command))?;
        let (name, mut terminal) = (clean(&organization.name), io::stderr());
        write!(terminal, "Leave {name} ({}), and lose access to it? [y/N] ", clean(id))?;
        let mut reply = String::new();
        if io::stdin().read_line(&mut reply).unwrap_or(0) == 0 {
            // After Ctrl-D, the line of the question is still open.
            writeln!(terminal)?;
        }
        Ok(matches!(reply.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }
}

fn nothing_to_change(command: &str) -> Failure {
    Failure::bad_usage(format!("there is nothing to change; see `orgs {command} --help`"))
}

/// Calls the setters of the fields that are given.
macro_rules! set_given {
    ($params:ident, $from:ident: $($field:ident)*) => {$(
        if let Some(value) = &$from.$field {
            $params = $params.$field(value);
        }
    )*};
}

/// Clears the fields whose flags are given.
macro_rules! clear_given {
    ($params:ident, $from:ident: $($flag:ident)*) => {$(
        if $from.$flag {
            $params = $params.$flag();
        }
    )*};
}

fn organization_update(changes: &Changes) -> OrganizationUpdateParams {
    let mut params = OrganizationUpdateParams::new();
    set_given!(params, changes: name billing_email);
    clear_given!(params, changes: clear_billing_email);
    params
}

fn address_create(address: &AddressFields) -> AddressCreateParams {
    // Clap requires these four.
    let required = |field: &Option<String>| field.clone().unwrap_or_default();
    let AddressFields { line1, city, postal_code, country, .. } = address;
    let [line1, city, postal_code, country] = [line1, city, postal_code, country].map(required);
    let mut params = AddressCreateParams::new(line1, city, postal_code, country);
    set_given!(params, address: line2 state tax_id tax_id_type);
    params
}

fn address_update(changes: &AddressFields, cleared: &ClearedFields) -> AddressUpdateParams {
    let mut params = AddressUpdateParams::new();
    set_given!(params, changes: line1 city postal_code country line2 state tax_id tax_id_type);
    clear_given!(params, cleared: clear_line2 clear_state clear_tax_id clear_tax_id_type);
    params
}
