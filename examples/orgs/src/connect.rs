//! From the options to a client.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::time::Instant;

use nirvana_labs::{Api, ApiBuilder, RequestOptions};

use crate::cli::Options;
use crate::failure::Failure;
use crate::hint::without_rust;
use crate::sandbox;

const KEY: &str = "NIRVANA_LABS_API_KEY";
const BASE_URL: &str = "NIRVANA_LABS_BASE_URL";
const CA_CERT: &str = "NIRVANA_LABS_CA_CERT";

/// Creates the client that `options` ask for.
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
    let (key, pem) = (key()?, ca_cert(options)?);
    let (source, url) = match &options.base_url {
        Some(url) => ("--base-url", Some(url.clone())),
        None => (BASE_URL, text(BASE_URL).map_err(Failure::bad_usage)?),
    };
    let builder = || {
        let mut builder = Api::builder().api_key(&key).allow_http(options.allow_http);
        if let Some(url) = &url {
            builder = builder.base_url(url);
        }
        if let Some(pem) = &pem {
            builder = builder.root_certificate_pem(pem);
        }
        builder
    };
    with_limits(builder(), options).build().map_err(|error| {
        // The setting without which a client can be created is the one that is invalid.
        let next = if builder().no_proxy().build().is_ok() {
            "set HTTPS_PROXY to http://host:port, or list the server's host in NO_PROXY".to_owned()
        } else if builder().no_proxy().allow_http(true).build().is_ok() {
            "write https, or give --allow-http if you mean it".to_owned()
        } else {
            format!("set {source} to https://host, and add a path if there is one")
        };
        Failure::bad_usage(format!("{}; {next}", without_rust(&error)))
    })
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

/// Reads the key from the environment only: other users can see a command's arguments.
fn key() -> Result<String, Failure> {
    let key = text(KEY).map_err(Failure::not_signed_in)?.ok_or_else(|| {
        let line = format!("not signed in; set {KEY} to your API key, or try --sandbox");
        Failure::not_signed_in(line)
    })?;
    // Validated alone: the base URL and the proxy cannot be at fault.
    Api::builder().api_key(&key).no_proxy().build().map_err(|error| {
        Failure::not_signed_in(format!(
            "{}; set {KEY} to the key and nothing else",
            without_rust(&error)
        ))
    })?;
    Ok(key)
}

/// Reads the certificates to trust: those of `--ca-cert` or its variable.
fn ca_cert(options: &Options) -> Result<Option<Vec<u8>>, Failure> {
    let (source, file) = match &options.ca_cert {
        Some(file) => ("--ca-cert", file.clone()),
        None => match variable(CA_CERT) {
            Some(file) => (CA_CERT, file.into()),
            None => return Ok(None),
        },
    };
    let pem = fs::read(&file).map_err(|error| {
        Failure::bad_usage(format!("cannot read {}: {error}; check {source}", file.display()))
    })?;
    let alone = Api::builder().api_key("key").no_proxy().root_certificate_pem(&pem);
    alone
        .build()
        .map_err(|error| Failure::bad_usage(format!("{}; check {source}", without_rust(&error))))?;
    Ok(Some(pem))
}

/// Returns the value of a variable that is not empty, or why it is invalid. To ignore an invalid
/// base URL would send the key to another server.
fn text(name: &str) -> Result<Option<String>, String> {
    let text = variable(name).map(OsString::into_string).transpose();
    text.map_err(|_| format!("{name} is not Unicode; set it again, or unset it"))
}

fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
