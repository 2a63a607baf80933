//! The client as its users see it, one module per concern.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::unreachable,
    missing_docs,
    unreachable_pub
)]

// What the tests stand on.
#[path = "../fuzz/src/lib.rs"]
mod checks;
mod exact;
mod fixtures;
mod recorder;
mod scripted;
mod support;

mod auto_traits;
mod body_limit;
mod budget;
mod cancel;
mod config;
mod connections;
mod contract;
mod custom_transport;
mod damaged_responses;
mod data;
mod data_documents;
mod data_faults;
mod endpoints;
mod error_bodies;
mod errors;
mod field_reports;
mod fuzz_replay;
mod happy_eyeballs;
mod key_per_call;
mod lists;
mod lists_ends;
mod lists_resume;
mod loggers;
mod middleware;
mod observe;
mod odd_responses;
mod once;
mod opening_limits;
mod options;
mod own_requests;
mod params;
mod patches;
mod properties;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod proxy;
mod redirects;
mod sandbox;
mod sandbox_requests;
mod secrets;
mod small_cli;
mod threads;
mod time_limits;
#[cfg(feature = "rustls")]
mod tls;
mod total_timeout;
mod tour;
