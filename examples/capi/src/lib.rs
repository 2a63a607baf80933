//! A C interface to the `nirvana-labs` client. `include/nirvana_labs.h` describes its functions,
//! and `tests/header.rs` compares their types with this source.
//!
//! The types of the parameters say what may be null: `Option<&T>` is a handle, `Option<Box<T>>` a
//! handle that the caller gives back, [`text::Text`] a string, and [`entry::TextOut`] and the like
//! are pointers to results. This keeps the unsafe blocks in one file, `text.rs`.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic))]

mod cancel;
mod client;
mod code;
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
