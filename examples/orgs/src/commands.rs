//! What each command does.

use std::io::{self, IsTerminal, Write};

use clap::CommandFactory;
use nirvana_labs::{
    AddressCreateParams, AddressUpdateParams, Api, OrganizationCreateParams,
    OrganizationUpdateParams,
};
use serde::Serialize;
use serde_json::json;

use crate::cli::{Address, AddressFields, Changes, ClearedFields, Cli, Command, Options};
use crate::connect::connect;
use crate::failure::Failure;
use crate::list::list;
use crate::output::{self, clean};
use crate::serve::serve;

/// Does what was typed.
pub(crate) fn run(cli: &Cli) -> Result<(), Failure> {
    let options = &cli.options;
    match &cli.command {
        Command::Serve { port, seed_keys } => serve(*port, seed_keys),
        Command::Completions { shell } => {
            // By way of memory: the generator panics where the output cannot be written.
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "orgs", &mut script);
            output::text(&String::from_utf8_lossy(&script))
        }
        command => call(&connect(options)?, command, options),
    }
}

/// Runs a command that calls the API.
fn call(api: &Api, command: &Command, options: &Options) -> Result<(), Failure> {
    match command {
        Command::List { range } => {
            list(range, options, command, |params| api.list_organizations(params))
        }
        Command::Members { organization, range } => list(range, options, command, |params| {
            api.list_organization_memberships(&organization.id, params)
        }),
        Command::Show { organization } => {
            shown(api.get_organization(&organization.id), command, options)
        }
        Command::Member { organization, membership } => {
            shown(api.get_organization_membership(&organization.id, membership), command, options)
        }
        Command::Create { name, billing_email } => {
            let mut params = OrganizationCreateParams::new(name);
            if let Some(email) = billing_email {
                params = params.billing_email(email);
            }
            changed(shown(api.create_organization(&params), command, options))
        }
        Command::Update { organization, changes } => {
            let params = organization_update(changes);
            changed(shown(api.update_organization(&organization.id, &params), command, options))
        }
        Command::Leave { organization, yes } => {
            if !yes && !confirm(api, &organization.id, command)? {
                return Err(Failure::refused("nothing has been changed; answer y, or give --yes"));
            }
            leave(api, &organization.id, command, options)
        }
        Command::Address(Address::Show { organization }) => {
            shown(api.get_organization_address(&organization.id), command, options)
        }
        Command::Address(Address::Create { organization, address }) => {
            let params = address_create(address);
            changed(shown(
                api.create_organization_address(&organization.id, &params),
                command,
                options,
            ))
        }
        Command::Address(Address::Update { organization, changes, cleared }) => {
            let params = address_update(changes, cleared);
            if params == AddressUpdateParams::new() {
                let line = "there is nothing to change; see `orgs address update --help`";
                return Err(Failure::bad_usage(line));
            }
            changed(shown(
                api.update_organization_address(&organization.id, &params),
                command,
                options,
            ))
        }
        Command::Serve { .. } | Command::Completions { .. } => Ok(()),
    }
}

/// Writes what the API returned.
fn shown<T: Serialize>(
    item: nirvana_labs::Result<T>,
    command: &Command,
    options: &Options,
) -> Result<(), Failure> {
    output::one(&item.map_err(|error| Failure::of(&error, command))?, options)
}

/// Adds to a failure to write what has been changed that it has been changed.
fn changed(written: Result<(), Failure>) -> Result<(), Failure> {
    written.map_err(Failure::after_change)
}

fn leave(api: &Api, id: &str, command: &Command, options: &Options) -> Result<(), Failure> {
    api.leave_organization(id).map_err(|error| Failure::of(&error, command))?;
    let left = json!({ "organization_id": id, "left": true });
    changed(output::done(&format!("left {}", clean(id)), &left, options))
}

/// Asks whether to leave, naming the organization.
fn confirm(api: &Api, id: &str, command: &Command) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::bad_usage("there is no terminal to ask on; give --yes to leave"));
    }
    let organization = api.get_organization(id).map_err(|error| Failure::of(&error, command))?;
    let (name, mut terminal) = (clean(&organization.name), io::stderr());
    write!(terminal, "Leave {name} ({}), and lose access to it? [y/N] ", clean(id))?;
    let mut reply = String::new();
    if io::stdin().read_line(&mut reply).unwrap_or(0) == 0 {
        // The line of the question is still open.
        writeln!(terminal)?;
    }
    Ok(matches!(reply.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Applies the setters of the fields that are given.
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
    // They are there: clap asks for them.
    let needed = |field: &Option<String>| field.clone().unwrap_or_default();
    let AddressFields { city, country, line1, postal_code, .. } = address;
    let [city, country, line1, postal_code] = [city, country, line1, postal_code].map(needed);
    let mut params = AddressCreateParams::new(city, country, line1, postal_code);
    set_given!(params, address: line2 state tax_id tax_id_type);
    params
}

fn address_update(changes: &AddressFields, cleared: &ClearedFields) -> AddressUpdateParams {
    let mut params = AddressUpdateParams::new();
    set_given!(params, changes: line1 city postal_code country line2 state tax_id tax_id_type);
    clear_given!(params, cleared: clear_line2 clear_state clear_tax_id clear_tax_id_type);
    params
}
