//! What can be typed: the commands and their arguments.

mod address;
pub(crate) mod usage;
mod value;

use std::time::Duration;

use clap::{ArgGroup, Args, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use address::{Address, AddressChanges, NewAddress};
use value::{clearable, count, duration, filled};

/// The organizations of Nirvana Labs on the command line.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "The API key is read from NIRVANA_LABS_API_KEY. \
    Without one, try --sandbox.\nMore, and the exit codes: orgs --help")]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,

    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = concat!(
    "\
Environment:
  NIRVANA_LABS_API_KEY   the API key; there is no flag for it, since others can read those
  NIRVANA_LABS_BASE_URL  another server, as --base-url
  NO_COLOR               set to anything, turns colours off

Exit codes:
  0    done
  1    the API said no, or you did
  2    bad usage
  3    no answer that can be used
  4    not signed in
  5    the output could not be written
  130  ended by Ctrl-C

",
    include_str!("sandbox.txt")
);

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Options {
    /// Write one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Write JSON, one line an item, as it arrives
    #[arg(long, global = true)]
    pub(crate) jsonl: bool,

    /// Use a pretend service in memory, with some organizations in it
    ///
    /// Needs no key and no network. What is changed there is gone when the command ends.
    #[arg(long, global = true)]
    pub(crate) sandbox: bool,

    /// The address of the server [default: https://api.nirvanalabs.io]
    #[arg(long, global = true, value_name = "URL", value_parser = filled)]
    pub(crate) base_url: Option<String>,

    /// The longest that one attempt may take, 20s for example [default: 60s]
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,

    /// The longest that the command may take, with all attempts and pages [default: none]
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration)]
    pub(crate) deadline: Option<Duration>,

    /// How often to try again after the first attempt [default: 2]
    #[arg(long, global = true, value_name = "NUMBER")]
    pub(crate) retries: Option<u32>,

    /// Say on standard error what each attempt came to
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the organizations that you belong to
    List {
        #[command(flatten)]
        range: Range,
    },
    /// Show an organization
    Show {
        #[command(flatten)]
        organization: Organization,
    },
    /// Create an organization, of which you become an owner
    Create {
        /// The name of the organization
        #[arg(value_parser = filled)]
        name: String,
        /// Where bills go [default: to the oldest owner]
        #[arg(long, value_name = "EMAIL", value_parser = filled)]
        billing_email: Option<String>,
    },
    /// Change an organization: what you name is set, the rest stays
    Update {
        #[command(flatten)]
        organization: Organization,
        #[command(flatten)]
        changes: Changes,
    },
    /// Leave an organization: ends your own membership
    ///
    /// Asks first, unless there is no terminal to ask on.
    Leave {
        #[command(flatten)]
        organization: Organization,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// List the members of an organization
    Members {
        #[command(flatten)]
        organization: Organization,
        #[command(flatten)]
        range: Range,
    },
    /// Show one membership of an organization
    Member {
        #[command(flatten)]
        organization: Organization,
        /// The id of the membership: `orgs members` lists them
        #[arg(value_parser = filled)]
        membership: String,
    },
    /// Show, create or change the address of an organization
    #[command(subcommand, arg_required_else_help = true)]
    Address(Address),
    /// Write a completion script for your shell
    ///
    /// bash: mkdir -p ~/.local/share/bash-completion/completions
    ///       orgs completions bash > ~/.local/share/bash-completion/completions/orgs
    /// zsh:  mkdir -p ~/.zfunc   (and have it in $fpath)
    ///       orgs completions zsh > ~/.zfunc/_orgs
    /// fish: mkdir -p ~/.config/fish/completions
    ///       orgs completions fish > ~/.config/fish/completions/orgs.fish
    #[command(verbatim_doc_comment)]
    Completions {
        /// Which shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Organization {
    /// The id of the organization: `orgs list` lists them
    #[arg(value_name = "ORGANIZATION", value_parser = filled)]
    pub(crate) id: String,
}

/// Which part of a list.
#[derive(Debug, Args)]
pub(crate) struct Range {
    /// Stop after so many; the cursor to go on with is then given
    ///
    /// On standard error, or in the JSON document as next_cursor. Pages are asked for in such
    /// a size that the cursor is right behind the last item shown.
    #[arg(long, value_name = "NUMBER", value_parser = count, allow_negative_numbers = true)]
    pub(crate) limit: Option<u32>,

    /// Go on where an earlier list stopped
    #[arg(long, value_parser = filled)]
    pub(crate) cursor: Option<String>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("changes").required(true).multiple(true))]
#[group(skip)]
pub(crate) struct Changes {
    /// The new name
    #[arg(long, group = "changes", value_parser = filled)]
    pub(crate) name: Option<String>,

    /// Where bills go from now on
    #[arg(long, group = "changes", value_name = "EMAIL")]
    #[arg(value_parser = clearable("--clear-billing-email"))]
    pub(crate) billing_email: Option<String>,

    /// Send bills to the oldest owner again
    #[arg(long, group = "changes", conflicts_with = "billing_email")]
    pub(crate) clear_billing_email: bool,
}
