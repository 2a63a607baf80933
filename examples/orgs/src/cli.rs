//! The commands and their arguments.

pub(crate) mod usage;
mod value;

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use value::{clearable, count, country, duration, filled};

/// Manage Nirvana Labs organizations on the command line
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 80)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,

    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = concat!(
    "\
Environment:
  NIRVANA_LABS_API_KEY   The API key. There is no flag: other users can see a
                         command's arguments
  NIRVANA_LABS_BASE_URL  The same as --base-url
  NIRVANA_LABS_CA_CERT   The same as --ca-cert
  HTTPS_PROXY, NO_PROXY  The proxy, and the hosts to reach without it
  NO_COLOR               If set, the output has no colours

Exit codes:
  0    Done
  1    The API refused, or you answered no
  2    Invalid usage
  3    No usable response
  4    Not signed in
  5    The output could not be written
  130  Ended by Ctrl-C

",
    include_str!("sandbox.txt")
);

/// The options of all commands that call the API.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Options {
    /// Write one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Write one line of JSON per item, as items arrive
    #[arg(long, global = true)]
    pub(crate) jsonl: bool,

    /// Use an in-memory mock of the API, which starts anew with each command
    #[arg(long, global = true)]
    pub(crate) sandbox: bool,

    /// The URL of the server [default: https://api.nirvanalabs.io]
    #[arg(long, global = true, value_name = "URL", value_parser = filled)]
    pub(crate) base_url: Option<String>,

    /// Allow a server without TLS: the network can then read the API key
    #[arg(long, global = true)]
    pub(crate) allow_http: bool,

    /// Trust the certificates in this PEM file, and no others
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca_cert: Option<PathBuf>,

    /// Time limit of one attempt, such as 20s [default: 60s]
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,

    /// Time limit of the whole command, with all attempts and pages [default: none]
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration)]
    pub(crate) deadline: Option<Duration>,

    /// Number of retries after the first attempt [default: 2]
    #[arg(long, global = true, value_name = "NUMBER")]
    pub(crate) retries: Option<u32>,

    /// Report each attempt on standard error
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
    /// Create an organization, and become its owner
    Create {
        /// The name of the organization
        #[arg(value_parser = filled)]
        name: String,
        /// Where to send bills [default: to the oldest owner]
        #[arg(long, value_name = "EMAIL", value_parser = filled)]
        billing_email: Option<String>,
    },
    /// Change an organization. Fields that are not given stay as they are
    #[command(override_usage = "orgs update <ORGANIZATION> <OPTIONS>")]
    Update {
        #[command(flatten)]
        organization: Organization,
        #[command(flatten)]
        changes: Changes,
    },
    /// Leave an organization: end your own membership. Asks first
    Leave {
        #[command(flatten)]
        organization: Organization,
        /// Do not ask. Required if there is no terminal to ask on
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
        /// The id of the membership, as in `orgs members`
        #[arg(value_parser = filled)]
        membership: String,
    },
    /// Show, create or change the address of an organization
    #[command(subcommand, arg_required_else_help = true)]
    Address(Address),
    /// Serve the sandbox over HTTP on this machine, until Ctrl-C
    Serve {
        /// The port to listen on; 0 takes any free port
        #[arg(long, value_name = "NUMBER", default_value_t = 4010)]
        port: u16,
        /// Accept this API key; repeat for more users. By default any key, or none, is accepted
        #[arg(long = "seed-key", value_name = "KEY", value_parser = filled)]
        seed_keys: Vec<String>,
    },
    /// Write a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// The fields that every address has.
const REQUIRED: [&str; 4] = ["line1", "city", "postal_code", "country"];

#[derive(Debug, Subcommand)]
pub(crate) enum Address {
    /// Show the address of an organization
    Show {
        #[command(flatten)]
        organization: Organization,
    },
    /// Create the address of an organization that has none
    #[command(override_usage = "\
        orgs address create <ORGANIZATION> --line1 <TEXT> --city <TEXT>
           --postal-code <TEXT> --country <CODE> [OPTIONS]")]
    #[command(group = ArgGroup::new("required").args(REQUIRED).required(true).multiple(true)
        .requires_all(REQUIRED))]
    Create {
        #[command(flatten)]
        organization: Organization,
        #[command(flatten)]
        address: AddressFields,
    },
    /// Change the address of an organization. Fields that are not given stay as they are
    #[command(override_usage = "orgs address update <ORGANIZATION> <OPTIONS>")]
    Update {
        #[command(flatten)]
        organization: Organization,
        #[command(flatten)]
        changes: AddressFields,
        #[command(flatten)]
        cleared: ClearedFields,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Organization {
    /// The id of the organization, as in `orgs list`
    #[arg(value_name = "ORGANIZATION", value_parser = filled)]
    pub(crate) id: String,
}

/// A part of a list.
#[derive(Debug, Args)]
pub(crate) struct Range {
    /// Stop after NUMBER items in all, and print the cursor to continue from. It is not
    /// the page size
    #[arg(long, value_name = "NUMBER", value_parser = count, allow_negative_numbers = true)]
    pub(crate) limit: Option<u32>,

    /// Continue where an earlier list stopped
    #[arg(long, value_parser = filled)]
    pub(crate) cursor: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Changes {
    /// The new name
    #[arg(long, value_parser = filled)]
    pub(crate) name: Option<String>,

    /// Where to send bills from now on
    #[arg(long, value_name = "EMAIL", value_parser = clearable("--clear-billing-email"))]
    pub(crate) billing_email: Option<String>,

    /// Send bills to the oldest owner again
    #[arg(long, conflicts_with = "billing_email")]
    pub(crate) clear_billing_email: bool,
}

/// The fields of an address.
#[derive(Debug, Args)]
pub(crate) struct AddressFields {
    /// First line of the street address
    #[arg(long, value_name = "TEXT", value_parser = filled)]
    pub(crate) line1: Option<String>,

    /// City or locality
    #[arg(long, value_name = "TEXT", value_parser = filled)]
    pub(crate) city: Option<String>,

    /// Postal or ZIP code
    #[arg(long, value_name = "TEXT", value_parser = filled)]
    pub(crate) postal_code: Option<String>,

    /// Two-letter country code, such as US
    #[arg(long, value_name = "CODE", value_parser = country)]
    pub(crate) country: Option<String>,

    /// Second line: suite, unit or building
    #[arg(long, value_name = "TEXT", value_parser = clearable("--clear-line2 of `update`"))]
    pub(crate) line2: Option<String>,

    /// State, province or region. Some countries require it, such as US and CA
    #[arg(long, value_name = "TEXT", value_parser = clearable("--clear-state of `update`"))]
    pub(crate) state: Option<String>,

    /// Tax number
    #[arg(long, value_name = "NUMBER", value_parser = clearable("--clear-tax-id of `update`"))]
    pub(crate) tax_id: Option<String>,

    /// Type of the tax number, such as eu_vat, us_ein, gb_vat or au_abn
    #[arg(long, value_name = "TYPE", value_parser = clearable("--clear-tax-id-type of `update`"))]
    pub(crate) tax_id_type: Option<String>,
}

/// The fields of an address that can be cleared.
#[derive(Debug, Args)]
pub(crate) struct ClearedFields {
    /// Remove the second line
    #[arg(long, conflicts_with = "line2")]
    pub(crate) clear_line2: bool,

    /// Remove the state
    #[arg(long, conflicts_with = "state")]
    pub(crate) clear_state: bool,

    /// Remove the tax number
    #[arg(long, conflicts_with = "tax_id")]
    pub(crate) clear_tax_id: bool,

    /// Remove the type of the tax number
    #[arg(long, conflicts_with = "tax_id_type")]
    pub(crate) clear_tax_id_type: bool,
}
