//! The arguments of `orgs address`.

use clap::{ArgGroup, Args, Subcommand};

use super::Organization;
use super::value::{clearable, country, filled};

#[derive(Debug, Subcommand)]
pub(crate) enum Address {
    /// Show the address of an organization
    Show {
        #[command(flatten)]
        organization: Organization,
    },
    /// Give an address to an organization that has none
    Create {
        #[command(flatten)]
        organization: Organization,
        #[command(flatten)]
        address: NewAddress,
    },
    /// Change the address of an organization: what you name is set, the rest stays
    Set {
        #[command(flatten)]
        organization: Organization,
        #[command(flatten)]
        changes: AddressChanges,
    },
}

#[derive(Debug, Args)]
pub(crate) struct NewAddress {
    /// First line of the street address
    #[arg(long, value_name = "TEXT", value_parser = filled)]
    pub(crate) line1: String,

    /// City or locality
    #[arg(long, value_name = "TEXT", value_parser = filled)]
    pub(crate) city: String,

    /// Postal or ZIP code
    #[arg(long, value_name = "TEXT", value_parser = filled)]
    pub(crate) postal_code: String,

    /// Two-letter country code, US for example
    #[arg(long, value_name = "CODE", value_parser = country)]
    pub(crate) country: String,

    /// Second line: suite, unit or building
    #[arg(long, value_name = "TEXT", value_parser = filled)]
    pub(crate) line2: Option<String>,

    /// State, province or region; US and CA need it, for example
    #[arg(long, value_name = "TEXT", value_parser = filled)]
    pub(crate) state: Option<String>,

    /// Tax identification number
    #[arg(long, value_name = "NUMBER", value_parser = filled)]
    pub(crate) tax_id: Option<String>,

    /// Its type: eu_vat, us_ein, gb_vat, au_abn and the like
    #[arg(long, value_name = "TYPE", value_parser = filled)]
    pub(crate) tax_id_type: Option<String>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("changes").required(true).multiple(true))]
#[group(skip)]
pub(crate) struct AddressChanges {
    /// First line of the street address
    #[arg(long, group = "changes", value_name = "TEXT", value_parser = filled)]
    pub(crate) line1: Option<String>,

    /// City or locality
    #[arg(long, group = "changes", value_name = "TEXT", value_parser = filled)]
    pub(crate) city: Option<String>,

    /// Postal or ZIP code
    #[arg(long, group = "changes", value_name = "TEXT", value_parser = filled)]
    pub(crate) postal_code: Option<String>,

    /// Two-letter country code, US for example
    #[arg(long, group = "changes", value_name = "CODE", value_parser = country)]
    pub(crate) country: Option<String>,

    /// Second line: suite, unit or building
    #[arg(long, group = "changes", value_name = "TEXT")]
    #[arg(value_parser = clearable("--clear-line2"))]
    pub(crate) line2: Option<String>,

    /// Have no second line
    #[arg(long, group = "changes", conflicts_with = "line2")]
    pub(crate) clear_line2: bool,

    /// State, province or region
    #[arg(long, group = "changes", value_name = "TEXT")]
    #[arg(value_parser = clearable("--clear-state"))]
    pub(crate) state: Option<String>,

    /// Have no state
    #[arg(long, group = "changes", conflicts_with = "state")]
    pub(crate) clear_state: bool,

    /// Tax identification number
    #[arg(long, group = "changes", value_name = "NUMBER")]
    #[arg(value_parser = clearable("--clear-tax-id"))]
    pub(crate) tax_id: Option<String>,

    /// Have no tax identification number
    #[arg(long, group = "changes", conflicts_with = "tax_id")]
    pub(crate) clear_tax_id: bool,

    /// Its type: eu_vat, us_ein, gb_vat, au_abn and the like
    #[arg(long, group = "changes", value_name = "TYPE")]
    #[arg(value_parser = clearable("--clear-tax-id-type"))]
    pub(crate) tax_id_type: Option<String>,

    /// Have no type of tax identification number
    #[arg(long, group = "changes", conflicts_with = "tax_id_type")]
    pub(crate) clear_tax_id_type: bool,
}
