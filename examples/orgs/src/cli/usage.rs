//! Bad usage in one line; help and version as asked for.

use std::env;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::Cli;
use crate::failure::Failure;
use crate::output;

/// What was typed; `None` where that was to show help or version, which is done.
pub(crate) fn parse() -> Result<Option<Cli>, Failure> {
    let error = match Cli::try_parse() {
        Ok(cli) => return agreeing(cli).map(Some),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            output::text(&error.render().ansi().to_string()).map(|()| None)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Err(Failure::Help(error.render())),
        _ => {
            let what = one_line(&error.render().to_string());
            let help = help_command(env::args().skip(1));
            Err(Failure::bad_usage(format!("{what}; see `{help}`")))
        }
    }
}

/// Refuses global options that contradict each other: they may stand before and after the
/// command, where clap does not compare them.
fn agreeing(cli: Cli) -> Result<Cli, Failure> {
    let options = &cli.options;
    if options.json && options.jsonl {
        return Err(Failure::bad_usage("--json and --jsonl are two formats; give one of them"));
    }
    if options.sandbox && options.base_url.is_some() {
        return Err(Failure::bad_usage("--sandbox has no server; leave --base-url out"));
    }
    Ok(cli)
}

/// Clap's report without its layout: what is wrong, and its tips.
fn one_line(report: &str) -> String {
    let report = report.strip_prefix("error:").unwrap_or(report);
    let parts = report.lines().map(str::trim).filter(|part| !part.is_empty());
    let mut line = String::new();
    for part in parts.take_while(|part| !part.starts_with("Usage: ") && !part.starts_with("For ")) {
        if !line.is_empty() {
            line.push_str(if part.starts_with("tip:") { "; " } else { " " });
        }
        line.push_str(part);
    }
    line
}

/// How to see the help of the command that `args` begin to name.
fn help_command(args: impl Iterator<Item = String>) -> String {
    let mut command = Cli::command();
    let mut words = "orgs".to_owned();
    for arg in args {
        if let Some(named) = command.find_subcommand(&arg).cloned() {
            words = format!("{words} {arg}");
            command = named;
        }
    }
    format!("{words} --help")
}
