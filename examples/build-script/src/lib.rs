//! An organization's public data as a constant, for programs that show it or compare with it
//! without a network.

/// The public data of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Organization {
    /// The organization's ID.
    pub id: &'static str,
    /// The organization's name. It may contain any character.
    pub name: &'static str,
    /// The domains whose ownership has been verified, sorted.
    pub verified_domains: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/organization.rs"));
