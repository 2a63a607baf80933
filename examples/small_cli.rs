//! A small command-line tool to copy and extend: `cargo run --example small_cli -- list`
//!
//! The API key comes from `NIRVANA_LABS_API_KEY`. The exit code is 0 for success, 1 if the call
//! failed, and 2 if the arguments are wrong.

use std::io::{self, Write};
use std::{env, error::Error, process::ExitCode};

use nirvana_labs::{Api, ListParams, OrganizationCreateParams, Result, serde_json};

fn main() -> ExitCode {
    // `env::args` would panic on an argument that is not UTF-8.
    let args: Vec<_> = env::args_os().skip(1).collect();
    let args: Option<Vec<&str>> = args.iter().map(|arg| arg.to_str()).collect();
    run(&args.unwrap_or_default(), Api::from_env(), &mut io::stdout()).unwrap_or_else(|error| {
        eprintln!("small_cli: {error}");
        ExitCode::FAILURE
    })
}

/// Runs one command. `api` may be an error: wrong arguments are reported before a missing key.
pub fn run(
    args: &[&str],
    api: Result<Api>,
    out: &mut impl Write,
) -> Result<ExitCode, Box<dyn Error>> {
    match *args {
        ["list"] => {
            for organization in api?.list_organizations(&ListParams::new()) {
                let organization = organization?;
                // `{:?}` escapes control characters, so that a name cannot change the terminal.
                writeln!(out, "{}\t{:?}", organization.id, organization.name)?;
            }
        }
        ["show", id] => {
            let organization = api?.get_organization(id)?;
            writeln!(out, "{}", serde_json::to_string_pretty(&organization)?)?;
        }
        ["create", name] => {
            let organization = api?.create_organization(&OrganizationCreateParams::new(name))?;
            writeln!(out, "{}", organization.id)?;
        }
        _ => {
            eprintln!("usage: small_cli list | show ID | create NAME");
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}
