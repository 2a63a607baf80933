//! Runs the built program with its sandbox, with `orgs serve`, or with a server whose responses the
//! test chooses.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub
)]

mod certificates;
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
mod vendor_sdks;
