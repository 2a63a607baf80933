//! Which data a build gets: what the service says now, or the last good copy.
//!
//! What the user got wrong fails the build, always and at once. What depends on the network
//! or on the service never does: the build takes the last good copy, and says so.

#[path = "organization.rs"]
pub mod organization;

use std::ffi::OsString;
use std::iter;
use std::time::{Duration, Instant};

use nirvana_labs::{ApiBuilder, Error, RequestOptions};
use organization::Organization;
use serde_json::{Value, json};

const API_KEY: &str = "NIRVANA_LABS_API_KEY";
const BASE_URL: &str = "NIRVANA_LABS_BASE_URL";
const ORGANIZATION_ID: &str = "NIRVANA_LABS_ORGANIZATION_ID";
const DOCS_RS: &str = "DOCS_RS";

/// What Cargo watches. Not the key: Cargo writes the values of these, as they are, into
/// `target/*/.fingerprint`.
pub const WATCHED_VARIABLES: [&str; 3] = [BASE_URL, ORGANIZATION_ID, DOCS_RS];

/// The shortest key that is looked for in what goes out: "1" would be found everywhere.
const MIN_KEY_BYTES: usize = 4;

/// What the environment asks for.
pub struct Settings {
    api_key: Option<String>,
    base_url: Option<String>,
    organization_id: Option<String>,
    docs_rs: bool,
    time_limit: Duration,
}

impl Settings {
    /// Reads the environment, or says which variable is unusable. One that is empty is as
    /// good as none.
    pub fn read(
        variable: impl Fn(&str) -> Option<OsString>,
        time_limit: Duration,
    ) -> Result<Settings, String> {
        let text = |name: &str| match variable(name).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(value).filter(|value| !value.is_empty())),
            // Without the value: it may be the key.
            Some(Err(_)) => Err(format!("{name} is not Unicode")),
        };
        Ok(Settings {
            api_key: text(API_KEY)?,
            base_url: text(BASE_URL)?,
            organization_id: text(ORGANIZATION_ID)?,
            docs_rs: variable(DOCS_RS).is_some(),
            time_limit,
        })
    }
}

/// The key, where there is one to be kept out of the output.
pub fn api_key(variable: impl Fn(&str) -> Option<OsString>) -> Option<String> {
    variable(API_KEY)?.into_string().ok()
}

/// What a build gets.
#[derive(Debug)]
pub struct Baked {
    pub organization: Organization,
    pub warnings: Vec<String>,
    /// There where the service has just said so.
    pub fetched: Option<Fetched>,
}

/// What is left for later builds.
#[derive(Debug)]
pub struct Fetched {
    /// To be handed in as `previous` next time.
    pub record: String,
    /// The committed copy says something else.
    pub is_news: bool,
}

impl Baked {
    fn copy(organization: &Organization, warning: Option<String>) -> Baked {
        Baked {
            organization: organization.clone(),
            warnings: warning.into_iter().collect(),
            fetched: None,
        }
    }
}

/// Decides. `committed` is the copy in the source tree, `previous` the record of the last
/// build that reached the service, and `builder` how to reach it.
///
/// # Errors
///
/// What the user has to mend, in one sentence.
pub fn bake(
    settings: &Settings,
    builder: ApiBuilder,
    committed: &str,
    previous: Option<&str>,
) -> Result<Baked, String> {
    // First, so that a copy that could not stand in never goes unnoticed on good days.
    let committed = serde_json::from_str(committed)
        .map_err(|error| format!("is not JSON: {error}"))
        .and_then(|copy| Organization::from_json(&copy))
        .map_err(|why| format!("organization.json {why}"))?;

    let Some(id) = settings.organization_id.as_deref().filter(|_| !settings.docs_rs) else {
        return Ok(Baked::copy(&committed, None));
    };
    let Some(key) = &settings.api_key else {
        let why = format!("{ORGANIZATION_ID} is set, but {API_KEY} is not");
        return Ok(Baked::copy(&committed, Some(stands_in(&committed, &why, id))));
    };
    match fetch(settings, builder, key, id)? {
        Ok(organization) => {
            let record = record(settings, &committed, &organization);
            let fetched = Some(Fetched { record, is_news: organization != committed });
            Ok(Baked { organization, warnings: Vec::new(), fetched })
        }
        Err(trouble) => {
            let previous = previous.and_then(|record| recall(settings, &committed, id, record));
            let copy = previous.as_ref().unwrap_or(&committed);
            Ok(Baked::copy(copy, Some(stands_in(copy, &trouble, id))))
        }
    }
}

/// Asks the service. The outer error is the user's to mend, the inner one is trouble that
/// passes, or that at least must not stop a build.
fn fetch(
    settings: &Settings,
    mut builder: ApiBuilder,
    key: &str,
    id: &str,
) -> Result<Result<Organization, String>, String> {
    if let Some(base_url) = &settings.base_url {
        builder = builder.base_url(base_url);
    }
    let api = builder.api_key(key).build().map_err(|error| error.to_string())?;
    let deadline = Instant::now() + settings.time_limit;
    let api = api.with_options(RequestOptions::new().deadline(deadline));
    Ok(match api.get_organization(id) {
        Err(error @ (Error::Config(_) | Error::Request(_))) => return Err(error.to_string()),
        Err(error) => Err(chain(&error)),
        Ok(all) => match Organization::public(&all) {
            other if other.id != id => Err(format!("the service sent organization {}", other.id)),
            echo if is_long_enough(key) && echo.mentions(key) => {
                Err("the service sent the API key back".to_owned())
            }
            organization => Ok(organization),
        },
    })
}

/// An error and what is beneath it.
fn chain(error: &dyn std::error::Error) -> String {
    let errors = iter::successors(Some(error), |error| error.source());
    errors.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn stands_in(copy: &Organization, why: &str, id: &str) -> String {
    let warning = format!("baked the last good copy of {}: {why}", copy.id);
    let mismatch =
        if copy.id == id { "" } else { "; it is of ANOTHER organization than asked for" };
    format!("{warning}{mismatch}; touch organization.json to try again")
}

/// What a later build without network can fall back on, and for whom.
fn record(settings: &Settings, committed: &Organization, organization: &Organization) -> String {
    let record = json!({
        "base_url": settings.base_url,
        "committed": committed.to_value(),
        "organization": organization.to_value(),
    });
    format!("{record:#}\n")
}

/// The organization of a record: as long as it is the one asked for, from the same server,
/// and nobody has committed another copy since.
fn recall(
    settings: &Settings,
    committed: &Organization,
    id: &str,
    record: &str,
) -> Option<Organization> {
    let record: Value = serde_json::from_str(record).ok()?;
    let organization = Organization::from_json(record.get("organization")?).ok()?;
    let fits = record.get("base_url")?.as_str() == settings.base_url.as_deref()
        && record.get("committed")? == &committed.to_value()
        && organization.id == id;
    fits.then_some(organization)
}

/// A line for Cargo. The message may hold a server's words: what ends a line could start
/// another instruction, and an escape character could repaint the terminal.
pub fn cargo_line(instruction: &str, message: &str, key: Option<&str>) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let message = message.replace(breaks, " ");
    let message = match key.filter(|key| is_long_enough(key)) {
        Some(key) => message.replace(key, "[redacted]"),
        None => message,
    };
    format!("cargo::{instruction}={message}")
}

fn is_long_enough(key: &str) -> bool {
    key.len() >= MIN_KEY_BYTES
}
