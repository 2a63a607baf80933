//! Parses the command line. Invalid usage becomes one line.

use std::env;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches};

use super::{Cli, Options};
use crate::failure::Failure;
use crate::output;

/// Commands that use none of the global options.
const WITHOUT_OPTIONS: [&str; 2] = ["serve", "completions"];
/// Options that say how to reach a server, which the sandbox does not need.
const FOR_A_SERVER: [&str; 3] = ["--base-url", "--allow-http", "--ca-cert"];

/// Returns what was typed; `None` if help or the version was asked for, and is now shown.
pub(crate) fn parse() -> Result<Option<Cli>, Failure> {
    let mut command = Cli::command();
    // `build` hands the global options to all commands. These two hide them from their help.
    command.build();
    for name in WITHOUT_OPTIONS {
        command = command.mut_subcommand(name, |command| {
            command.mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg })
        });
    }
    let parsed = command.try_get_matches().and_then(|matches| {
        let cli = Cli::from_arg_matches(&matches)?;
        Ok((cli, matches))
    });
    let error = match parsed {
        Ok((cli, matches)) => return check_options(&matches).map(|()| Some(cli)),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            output::text(&error.render().ansi().to_string()).map(|()| None)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Err(Failure::Help(error.render())),
        _ => {
            let args: Vec<String> =
                env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
            let line = one_line(error, &args);
            Err(Failure::bad_usage(format!("{line}; see `{}`", help_command(&args))))
        }
    }
}

/// Refuses global options that contradict each other or have no effect. Clap cannot: it does not
/// compare the options before the command with those after it.
fn check_options(matches: &ArgMatches) -> Result<(), Failure> {
    let options = Options::augment_args(clap::Command::new("orgs"));
    let was_typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let typed = options.get_arguments().filter(|arg| was_typed(arg.get_id().as_str()));
    let typed: Vec<String> =
        typed.filter_map(|arg| arg.get_long()).map(|long| format!("--{long}")).collect();
    let has = |flag: &str| typed.iter().any(|typed| typed == flag);

    let command = matches.subcommand_name().unwrap_or_default();
    if let (true, Some(flag)) = (WITHOUT_OPTIONS.contains(&command), typed.first()) {
        return Err(Failure::bad_usage(format!(
            "`orgs {command}` does not use {flag}; leave it out"
        )));
    }
    if has("--json") && has("--jsonl") {
        return Err(Failure::bad_usage("--json and --jsonl are two formats; give one of them"));
    }
    match FOR_A_SERVER.into_iter().find(|flag| has(flag)).filter(|_| has("--sandbox")) {
        Some(flag) => Err(Failure::bad_usage(format!("--sandbox has no server; leave {flag} out"))),
        None => Ok(()),
    }
}

/// Returns clap's message and tips in one line.
fn one_line(mut error: Error, args: &[String]) -> String {
    // For `-Acme`, clap names only `-A`, and its tip to write `-- -A` is wrong.
    if let Some(ContextValue::String(named)) = error.get(ContextKind::InvalidArg)
        && !args.contains(named)
    {
        error.remove(ContextKind::Suggested);
    }
    let report = error.render().to_string();
    let report = report.strip_prefix("error:").unwrap_or(&report);
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

/// Returns the command line that shows the help of the command in `args`.
fn help_command(args: &[String]) -> String {
    let mut command = Cli::command();
    let mut words = "orgs".to_owned();
    for arg in args {
        if let Some(named) = command.find_subcommand(arg).cloned() {
            words = format!("{words} {arg}");
            command = named;
        }
    }
    format!("{words} --help")
}
