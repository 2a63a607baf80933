//! Bakes an organization's public data into the crate: the API's response or, where there is none,
//! `organization.json`, which is committed. README.md has the rules.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs};

use nirvana_labs::{Api, RequestOptions};
use serde::{Deserialize, Serialize};

/// The longest that a build waits for the API, retries included.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// All that is taken from the response: the billing email, for one, has no field here.
#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Organization {
    id: String,
    name: String,
    /// A set, so that the server's order does not change the output.
    verified_domains: BTreeSet<String>,
}

fn main() {
    if let Err(error) = run() {
        tell_cargo("error", &error.to_string());
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=organization.json");
    let asked_for = watched("NIRVANA_LABS_ORGANIZATION_ID");
    let docs_rs = watched("DOCS_RS").is_some();
    let strict = watched("NIRVANA_LABS_STRICT").is_some_and(|value| value != "0");
    watched("NIRVANA_LABS_BASE_URL"); // `Api::from_env` reads it.
    let key = variable("NIRVANA_LABS_API_KEY"); // Not watched: Cargo would write it to disk.
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("run this with cargo")?);

    let copy = read_copy().map_err(|error| format!("organization.json: {error}"))?;
    let fetched = match (&asked_for, &key) {
        _ if docs_rs => Err("DOCS_RS is set".into()),
        (None, _) => Err("NIRVANA_LABS_ORGANIZATION_ID is not set".into()),
        (_, None) => Err("NIRVANA_LABS_API_KEY is not set".into()),
        // A key or base URL that is invalid is no reason for the copy: it fails the build.
        (Some(id), Some(key)) => fetch(&Api::from_env()?, id, key),
    };
    let organization = match (fetched, asked_for) {
        (Ok(fetched), _) => {
            if fetched != copy {
                let new = out.join("organization.json");
                fs::write(&new, serde_json::to_string_pretty(&fetched)? + "\n")?;
                let new = new.display();
                let warning = format!("organization.json is out of date: replace it with {new}");
                tell_cargo("warning", &warning);
            }
            fetched
        }
        (Err(why), _) if strict => Err(format!("NIRVANA_LABS_STRICT is set, but {why}"))?,
        (Err(why), Some(id)) if id != copy.id => {
            let other = format!("{id}, but organization.json is of {}", copy.id);
            Err(format!("NIRVANA_LABS_ORGANIZATION_ID is {other}; {why}"))?
        }
        (Err(why), Some(_)) if !docs_rs => {
            let warning = format!("used organization.json (touch it to try again): {why}");
            tell_cargo("warning", &warning);
            copy
        }
        (Err(_), _) => copy,
    };
    Ok(fs::write(out.join("organization.rs"), constant(&organization))?)
}

fn read_copy() -> Result<Organization, Box<dyn Error>> {
    Ok(serde_json::from_slice(&fs::read("organization.json")?)?)
}

/// Asks the API. The error says why the response, if any, is not used.
fn fetch(api: &Api, id: &str, key: &str) -> Result<Organization, Box<dyn Error>> {
    let api = api.with_options(RequestOptions::new().total_timeout(TIME_LIMIT));
    let response = api.get_organization(id)?;
    let verified = response.domains.into_iter().filter(|domain| domain.verified);
    let verified_domains: BTreeSet<String> = verified.map(|domain| domain.domain).collect();
    let echoes = |text: &String| key.len() >= 8 && text.contains(key);
    if echoes(&response.name) || verified_domains.iter().any(echoes) {
        Err("the response echoes the API key")?;
    }
    if response.id != id {
        Err("the response is of another organization")?;
    }
    Ok(Organization { id: response.id, name: response.name, verified_domains })
}

/// `{:?}` writes a string as Rust reads it: quotes, line ends and invisible characters escaped.
fn constant(Organization { id, name, verified_domains }: &Organization) -> String {
    let domains = Vec::from_iter(verified_domains);
    format!(
        "/// The organization that this was built for.\n\
         pub const ORGANIZATION: Organization =\n    \
         Organization {{ id: {id:?}, name: {name:?}, verified_domains: &{domains:?} }};\n"
    )
}

/// A variable that makes Cargo run this again when it changes.
fn watched(name: &str) -> Option<String> {
    println!("cargo::rerun-if-env-changed={name}");
    variable(name)
}

/// An environment variable; an empty one is treated as unset.
fn variable(name: &str) -> Option<String> {
    env::var_os(name).map(|v| v.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

/// One line: what a server put after a line break would be an instruction to Cargo.
fn tell_cargo(instruction: &str, message: &str) {
    println!("cargo::{instruction}={}", message.replace(char::is_control, " "));
}
