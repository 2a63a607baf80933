//! Bakes an organization's public data into the crate. The data comes from the API or, if the API
//! cannot be used, from `organization.json`, which is committed. README.md has the rules.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Display;
use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs};

use nirvana_labs::{Api, RequestOptions};
use serde::{Deserialize, Serialize};

/// The longest time that a build waits for the API, retries included.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// What is taken from the response. The billing email, for example, has no field here.
#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Organization {
    id: String,
    name: String,
    /// Sorted, so that the server's order does not change the output.
    verified_domains: BTreeSet<String>,
}

fn main() {
    if let Err(error) = run() {
        tell_cargo("error", error);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=organization.json");
    let id = watched("NIRVANA_LABS_ORGANIZATION_ID");
    let docs_rs = watched("DOCS_RS").is_some();
    let strict = watched("NIRVANA_LABS_STRICT");
    watched("NIRVANA_LABS_BASE_URL"); // `Api::from_env` reads it.
    let key = variable("NIRVANA_LABS_API_KEY"); // Not watched: Cargo would write it to disk.
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("run this with cargo")?);

    let strict = match strict.as_deref() {
        None | Some("0" | "false") => false,
        Some("1" | "true") => true,
        Some(other) => Err(format!("NIRVANA_LABS_STRICT is {other:?}: set it to 1 or 0"))?,
    };
    let copy = read_copy().map_err(|error| format!("organization.json: {error}"))?;
    let fetched = match (&id, &key) {
        _ if docs_rs => Err("DOCS_RS is set".into()),
        (None, _) => Err("NIRVANA_LABS_ORGANIZATION_ID is not set".into()),
        (_, None) => Err("NIRVANA_LABS_API_KEY is not set".into()),
        // An invalid key or base URL fails the build: the `?` returns, and no copy is used.
        (Some(id), Some(key)) => fetch(&Api::from_env()?, id, key),
    };
    let organization = match (fetched, id) {
        (Ok(fetched), _) if fetched == copy => copy,
        (Ok(fetched), _) => {
            let new = out.join("organization.json");
            fs::write(&new, serde_json::to_string_pretty(&fetched)? + "\n")?;
            let outdated = "organization.json is out of date: replace it with";
            tell_cargo("warning", format_args!("{outdated} {}", new.display()));
            fetched
        }
        (Err(why), _) if strict => Err(format!("NIRVANA_LABS_STRICT is set, but {why}"))?,
        (Err(why), Some(id)) if id != copy.id => {
            let other = format!("{id}, but organization.json holds {}", copy.id);
            Err(format!("NIRVANA_LABS_ORGANIZATION_ID is {other}; {why}"))?
        }
        (Err(why), Some(_)) if !docs_rs => {
            let used = "used organization.json (touch it to try again)";
            tell_cargo("warning", format_args!("{used}: {why}"));
            copy
        }
        (Err(_), _) => copy,
    };
    Ok(fs::write(out.join("organization.rs"), constant(&organization))?)
}

fn read_copy() -> Result<Organization, Box<dyn Error>> {
    Ok(serde_json::from_slice(&fs::read("organization.json")?)?)
}

/// Gets the organization from the API. The error says why the response, if any, is not used.
fn fetch(api: &Api, id: &str, key: &str) -> Result<Organization, Box<dyn Error>> {
    let api = api.with_options(RequestOptions::new().total_timeout(TIME_LIMIT));
    let response = api.get_organization(id)?;
    let verified = response.domains.into_iter().filter(|domain| domain.verified);
    let verified_domains: BTreeSet<String> = verified.map(|domain| domain.domain).collect();
    let has_key = |text: &String| key.len() >= 8 && text.contains(key);
    if has_key(&response.name) || verified_domains.iter().any(has_key) {
        Err("the response contains the API key")?;
    }
    if response.id != id {
        Err("the response holds another organization")?;
    }
    Ok(Organization { id: response.id, name: response.name, verified_domains })
}

/// Returns the Rust code. `{:?}` escapes quotes, line breaks and invisible characters.
fn constant(Organization { id, name, verified_domains }: &Organization) -> String {
    let domains = Vec::from_iter(verified_domains);
    format!(
        "/// The organization that this was built for.\n\
         pub const ORGANIZATION: Organization =\n    \
         Organization {{ id: {id:?}, name: {name:?}, verified_domains: &{domains:?} }};\n"
    )
}

/// Reads a variable, and makes Cargo run this script again when it changes.
fn watched(name: &str) -> Option<String> {
    println!("cargo::rerun-if-env-changed={name}");
    variable(name)
}

/// Reads an environment variable. An empty one counts as unset.
fn variable(name: &str) -> Option<String> {
    env::var_os(name).map(|v| v.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

/// Prints one line. Cargo would read a second line, which a server may send, as an instruction.
fn tell_cargo(instruction: &str, message: impl Display) {
    println!("cargo::{instruction}={}", message.to_string().replace(char::is_control, " "));
}
