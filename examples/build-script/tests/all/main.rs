//! Tests of the build script: its parts on the sandbox, and the whole with Cargo.
#![allow(missing_docs)]

#[path = "../../build/bake.rs"]
mod bake;

mod choice;
mod end_to_end;
mod package;
mod server;
mod text;
