//! A C interface to the `nirvana-labs` client: see README.md, and `include/nirvana_labs.h`,
//! which is generated from this source.
//!
//! What a C caller passes comes in as types that say what may be null: `Option<&T>` for a
//! handle, `Option<Box<T>>` for one that is given back, `Option<&mut MaybeUninit<T>>` for
//! an answer, [`text::Text`] for a string. So unsafe blocks are only in `text.rs`.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic))]

mod address;
mod call_options;
mod cancel;
mod client;
mod client_options;
pub mod code;
mod entry;
mod error;
mod list;
mod membership;
mod organization;
mod params;
mod sandbox;
mod text;
mod version;
