//! Runs the built program, against the sandbox or a server on this machine.

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
mod server;
mod support;
#[cfg(unix)]
mod terminal;
mod usage;
