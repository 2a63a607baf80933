//! From the options to a client.

use std::env;
use std::io::Write;
use std::time::Instant;

use nirvana_labs::{Api, ApiBuilder, RequestOptions};

use crate::cli::{Command, Options};
use crate::failure::Failure;
use crate::sandbox;

const KEY_VARIABLE: &str = "NIRVANA_LABS_API_KEY";
const BASE_URL_VARIABLE: &str = "NIRVANA_LABS_BASE_URL";

/// The client that `options` ask for, to run `command` with.
pub(crate) fn connect(options: &Options, command: &Command) -> Result<Api, Failure> {
    let mut builder = Api::builder().user_agent(concat!("orgs/", env!("CARGO_PKG_VERSION")));
    if options.sandbox {
        let sandbox = sandbox::seeded().map_err(|error| Failure::of(&error, command))?;
        builder = builder.transport(sandbox);
    } else {
        builder = builder.api_key(key()?);
        if let Some(url) = base_url(options)? {
            builder = builder.base_url(url);
        }
    }
    let api = limited(builder, options).build().map_err(|error| Failure::of(&error, command))?;
    Ok(match options.deadline.and_then(|deadline| Instant::now().checked_add(deadline)) {
        Some(deadline) => api.with_options(RequestOptions::new().deadline(deadline)),
        None => api,
    })
}

fn limited(mut builder: ApiBuilder, options: &Options) -> ApiBuilder {
    if let Some(timeout) = options.timeout {
        builder = builder.timeout(timeout);
    }
    if let Some(retries) = options.retries {
        builder = builder.max_retries(retries);
    }
    if options.verbose {
        builder = builder.observe(|attempt| {
            let _ = writeln!(anstream::stderr(), "{attempt}");
        });
    }
    builder
}

/// The key, from the environment alone: others on the machine can read the arguments.
fn key() -> Result<String, Failure> {
    let key = variable(KEY_VARIABLE).map_err(Failure::not_signed_in)?.ok_or_else(|| {
        let hint = format!("not signed in; set {KEY_VARIABLE} to your API key, or try --sandbox");
        Failure::not_signed_in(hint)
    })?;
    // Judged by itself, so that a bad key is told from a bad base URL.
    Api::new(key.as_str()).map_err(|error| {
        Failure::not_signed_in(format!("{error}; set {KEY_VARIABLE} to the key and nothing else"))
    })?;
    Ok(key)
}

fn base_url(options: &Options) -> Result<Option<String>, Failure> {
    match &options.base_url {
        Some(url) => Ok(Some(url.clone())),
        None => variable(BASE_URL_VARIABLE).map_err(Failure::bad_usage),
    }
}

/// A variable that says anything; or why it cannot be used. To pass one over that is set would
/// be to go, with a key, to another server.
fn variable(name: &str) -> Result<Option<String>, String> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(format!("{name} is not Unicode; set it again, or unset it"))
        }
    }
}
