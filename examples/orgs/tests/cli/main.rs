//! Runs the built program on its sandbox, on `orgs serve`, or on a server whose responses a test
//! decides on.

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
