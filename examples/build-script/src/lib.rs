//! An organization's public data as a constant, for programs that show it or check against
//! it without asking the network.

/// The public data of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Organization ID.
    pub id: &'static str,
    /// Organization name, as the service has it: any character may be in it.
    pub name: &'static str,
    /// The domains whose ownership has been verified, sorted.
    pub verified_domains: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/organization.rs"));
