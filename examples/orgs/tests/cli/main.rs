//! Runs the built program against its own sandbox, against `orgs serve`, or against a server
//! whose responses a test decides on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub
)]

mod changes;
mod exit_codes;
mod lists;
mod output;
#[cfg(unix)]
mod readme;
mod serve;
mod server;
mod support;
#[cfg(unix)]
mod terminal;
mod usage;
