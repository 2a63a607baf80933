//! Bakes an organization's public data into the crate. README.md says when this asks the
//! network; `build/bake.rs` is where that is decided.

#[path = "build/bake.rs"]
mod bake;

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs};

use bake::{Baked, Settings};
use nirvana_labs::Api;

/// The longest that a build waits for the network: all attempts and the waits between them.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// The last good copy, which is committed.
const COMMITTED: &str = "organization.json";
/// In `OUT_DIR`: what the last build that reached the service fetched.
const FETCHED: &str = "fetched.json";
/// In `OUT_DIR`: the same, ready to be committed.
const NEW_COPY: &str = "organization.json";
/// In `OUT_DIR`: the constant.
const CONSTANT: &str = "organization.rs";

fn main() {
    println!("cargo::rerun-if-changed={COMMITTED}");
    for variable in bake::WATCHED_VARIABLES {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let key = bake::api_key(|name| env::var_os(name));
    match run() {
        Ok(warnings) => {
            for warning in warnings {
                println!("{}", bake::cargo_line("warning", &warning, key.as_deref()));
            }
        }
        // Cargo fails the build with this line, and without a dump of all the others.
        Err(error) => println!("{}", bake::cargo_line("error", &error.to_string(), key.as_deref())),
    }
}

/// Writes the constant, and returns what there is to say about it.
fn run() -> Result<Vec<String>, Box<dyn Error>> {
    let directory = |name| env::var_os(name).map(PathBuf::from).ok_or("run this with cargo");
    let (source, out) = (directory("CARGO_MANIFEST_DIR")?, directory("OUT_DIR")?);

    let settings = Settings::read(|name| env::var_os(name), TIME_LIMIT)?;
    let committed = fs::read_to_string(source.join(COMMITTED)).map_err(|error| {
        format!("{COMMITTED}, the last good copy, cannot be read: {error}; restore it")
    })?;
    let previous = fs::read_to_string(out.join(FETCHED)).ok();

    let Baked { organization, mut warnings, fetched } =
        bake::bake(&settings, Api::builder(), &committed, previous.as_deref())?;
    fs::write(out.join(CONSTANT), organization.to_rust())?;
    if let Some(fetched) = fetched {
        let new_copy = out.join(NEW_COPY);
        fs::write(out.join(FETCHED), fetched.record)?;
        fs::write(&new_copy, organization.to_json())?;
        if fetched.is_news {
            let new_copy = new_copy.display();
            warnings.push(format!("{COMMITTED} is out of date; the new one is {new_copy}"));
        }
    }
    Ok(warnings)
}
