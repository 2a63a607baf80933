//! Bad usage in one line; help and version as asked for.

use std::env;
use std::io::Write;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::Cli;
use crate::failure::Failure;

/// What was typed; `None` where that was to show help or version, which is done.
pub(crate) fn parse() -> Result<Option<Cli>, Failure> {
    let error = match Cli::try_parse() {
        Ok(cli) => return agreeing(cli).map(Some),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let mut stdout = anstream::stdout().lock();
            write!(stdout, "{}", error.render().ansi())?;
            stdout.flush()?;
            Ok(None)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Err(Failure::Help(error.render())),
        _ => {
            let what = one_line(&error.render().to_string());
            let help = help_command(env::args().skip(1));
            Err(Failure::bad_usage(format!("{what}; see `{help}`")))
        }
    }
}

/// Options that every command takes may stand before and after its name, where the parser
/// does not see that they are at odds.
fn agreeing(cli: Cli) -> Result<Cli, Failure> {
    let options = &cli.options;
    if options.json && options.jsonl {
        return Err(Failure::bad_usage("--json and --jsonl are two forms; give one of them"));
    }
    if options.sandbox && options.base_url.is_some() {
        return Err(Failure::bad_usage("--sandbox has no server; leave --base-url out"));
    }
    Ok(cli)
}

/// Clap's report without its layout: what is wrong, and its tips.
fn one_line(report: &str) -> String {
    let report = report.strip_prefix("error:").unwrap_or(report);
    let mut line = String::new();
    for part in report.lines().map(str::trim).filter(|part| !part.is_empty()) {
        if part.starts_with("Usage: ") || part.starts_with("For more information") {
            break;
        }
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
    let mut words = vec!["orgs".to_owned()];
    for arg in args {
        if let Some(named) = command.find_subcommand(&arg) {
            words.push(arg);
            command = named.clone();
        }
    }
    words.push("--help".to_owned());
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_report_becomes_one_line() {
        let report = "error: unexpected argument '--jsno' found\n\n  \
            tip: a similar argument exists: '--json'\n\n\
            Usage: orgs show --json <ORGANIZATION>\n\n\
            For more information, try '--help'.\n";
        assert_eq!(
            one_line(report),
            "unexpected argument '--jsno' found; tip: a similar argument exists: '--json'"
        );
        let report = "error: the following required arguments were not provided:\n  \
            <ORGANIZATION>\n  --city <TEXT>\n\nUsage: orgs show <ORGANIZATION>\n";
        assert_eq!(
            one_line(report),
            "the following required arguments were not provided: <ORGANIZATION> --city <TEXT>"
        );
    }

    #[test]
    fn the_help_is_that_of_the_command() {
        let help = |line: &str| help_command(line.split(' ').map(str::to_owned));
        assert_eq!(help("--json address set org_1 --city"), "orgs address set --help");
        assert_eq!(help("create list"), "orgs create --help");
        assert_eq!(help("--frob"), "orgs --help");
    }
}
