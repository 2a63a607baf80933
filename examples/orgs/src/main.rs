//! `orgs`: the organizations of Nirvana Labs on the command line.

mod cli;
mod commands;
mod connect;
mod failure;
mod hint;
mod list;
mod output;
mod sandbox;
mod serve;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Ctrl-C is left to the system: it ends the program at once, and because it does so by
    // the signal, shells report 130 and stop the script or loop around it as well.
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
