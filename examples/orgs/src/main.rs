//! `orgs`: manages Nirvana Labs organizations on the command line.

mod cli;
mod commands;
mod completions;
mod connect;
mod failure;
mod hint;
mod list;
mod output;
mod progress;
mod sandbox;
mod serve;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Ctrl-C kills the program with the signal. Shells then report 130, and stop the script or
    // loop around it.
    let outcome = match cli::usage::parse() {
        Ok(Some(cli)) => commands::run(&cli),
        Ok(None) => Ok(()),
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
