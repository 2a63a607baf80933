//! What each command does.

mod address;
mod completions;
mod leave;
mod organization;

use nirvana_labs::Api;

use crate::cli::{Cli, Command, Options};
use crate::connect;
use crate::failure::Failure;
use crate::list::list;
use crate::output;

/// What a command has at hand.
struct Context<'a> {
    api: Api,
    options: &'a Options,
    command: &'a Command,
}

impl Context<'_> {
    /// A failure that says what to do after this command.
    fn failure(&self, error: &nirvana_labs::Error) -> Failure {
        Failure::of(error, self.command)
    }
}

/// Does what was typed.
pub(crate) fn run(cli: &Cli) -> Result<(), Failure> {
    let (command, options) = (&cli.command, &cli.options);
    if let Command::Completions { shell } = command {
        return completions::write(*shell);
    }
    let context = Context { api: connect::connect(options, command)?, options, command };
    let api = &context.api;
    match command {
        Command::List { range } => {
            list(range, options, command, |params| api.list_organizations(params))
        }
        Command::Show { organization } => context.show(&organization.id),
        Command::Create { name, billing_email } => context.create(name, billing_email.as_deref()),
        Command::Update { organization, changes } => context.update(&organization.id, changes),
        Command::Leave { organization, yes } => context.leave(&organization.id, *yes),
        Command::Members { organization, range } => list(range, options, command, |params| {
            api.list_organization_memberships(&organization.id, params)
        }),
        Command::Member { organization, membership } => {
            let found = api.get_organization_membership(&organization.id, membership);
            output::one(&found.map_err(|error| context.failure(&error))?, options)
        }
        Command::Address(action) => context.address(action),
        Command::Completions { .. } => Ok(()),
    }
}

/// Adds to a failure to write what has been changed that it has been changed.
fn after_change(written: Result<(), Failure>) -> Result<(), Failure> {
    written.map_err(|failure| failure.and("the change itself is made"))
}
