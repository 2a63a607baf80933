//! A C interface to the `nirvana-labs` client: see README.md, and `include/nirvana_labs.h`,
//! which is generated from this source.
//!
//! What a C caller passes comes in as types that say what may be null: `Option<&T>` for a
//! handle, `Option<Box<T>>` for one that is given back, [`entry::TextOut`] and the like for a
//! result, [`text::Text`] for a string. So unsafe blocks are only in `text.rs`.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic))]

mod cancel;
mod client;
pub mod code;
mod endpoints;
mod entry;
mod error;
mod json;
mod list;
mod options;
mod request;
mod sandbox;
mod text;
mod words;
