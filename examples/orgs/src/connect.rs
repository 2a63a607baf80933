//! From the options to a client.

use std::env;
use std::io::Write;
use std::time::Instant;

use nirvana_labs::{Api, ApiBuilder, RequestOptions};

use crate::cli::Options;
use crate::failure::Failure;
use crate::sandbox;

const KEY_VARIABLE: &str = "NIRVANA_LABS_API_KEY";
const BASE_URL_VARIABLE: &str = "NIRVANA_LABS_BASE_URL";

/// The client that `options` ask for.
pub(crate) fn connect(options: &Options) -> Result<Api, Failure> {
    let api = if options.sandbox {
        let sandbox = sandbox::seeded(&[]).map_err(Failure::config)?;
        with_limits(Api::builder().transport(sandbox), options).build().map_err(Failure::config)?
    } else {
        remote(options)?
    };
    Ok(match options.deadline.and_then(|deadline| Instant::now().checked_add(deadline)) {
        Some(deadline) => api.with_options(RequestOptions::new().deadline(deadline)),
        None => api,
    })
}

fn remote(options: &Options) -> Result<Api, Failure> {
    let key = key()?;
    let (source, url) = match &options.base_url {
        Some(url) => ("--base-url", Some(url.clone())),
        None => (BASE_URL_VARIABLE, variable(BASE_URL_VARIABLE).map_err(Failure::bad_usage)?),
    };
    let builder = || {
        let builder = Api::builder().api_key(&key).allow_http(options.allow_http);
        match &url {
            Some(url) => builder.base_url(url),
            None => builder,
        }
    };
    with_limits(builder(), options).build().map_err(|error| {
        // What it would work without is what is wrong.
        let next = if builder().no_proxy().build().is_ok() {
            "set HTTPS_PROXY to http://host:port, or list the server's host in NO_PROXY".to_owned()
        } else if builder().no_proxy().allow_http(true).build().is_ok() {
            "write https, or give --allow-http if you mean it".to_owned()
        } else {
            format!("set {source} to https://host, with a path where there is one")
        };
        Failure::bad_usage(format!("{}; {next}", without_rust(&error.to_string())))
    })
}

/// A message of the crate without the way out, where that is a method of Rust.
fn without_rust(message: &str) -> &str {
    match message.split_once("; ") {
        Some((what, way_out)) if way_out.contains("::") || way_out.contains('(') => what,
        _ => message,
    }
}

fn with_limits(builder: ApiBuilder, options: &Options) -> ApiBuilder {
    let mut builder = builder.user_agent(concat!("orgs/", env!("CARGO_PKG_VERSION")));
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
    // Validated by itself, so that a bad key is told from a bad base URL or proxy.
    Api::builder().api_key(&key).no_proxy().build().map_err(|error| {
        Failure::not_signed_in(format!("{error}; set {KEY_VARIABLE} to the key and nothing else"))
    })?;
    Ok(key)
}

/// A variable that is not empty; or why it is invalid. To pass one over that is set would be
/// to go, with a key, to another server.
fn variable(name: &str) -> Result<Option<String>, String> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(format!("{name} is not Unicode; set it again, or unset it"))
        }
    }
}
