//! How a command ends that did not do what it should: an exit code and one line.

use std::error::Error as _;
use std::io::{self, Write};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use clap::builder::StyledStr;
use nirvana_labs::Error;

use crate::cli::Command;
use crate::hint;
use crate::output::clean;

/// The API refused, or whoever was asked.
const REFUSED: u8 = 1;
const BAD_USAGE: u8 = 2;
const NO_RESPONSE: u8 = 3;
const NOT_SIGNED_IN: u8 = 4;
const NO_OUTPUT: u8 = 5;

#[derive(Debug)]
pub(crate) enum Failure {
    /// What to say, and the code to exit with.
    Failed { code: u8, line: String },
    /// Nothing was asked for, so here is what can be.
    Help(StyledStr),
    /// Whoever read the output wants no more of it, which is no error.
    OutputClosed,
}

impl Failure {
    pub(crate) fn bad_usage(line: impl Into<String>) -> Failure {
        Failure::Failed { code: BAD_USAGE, line: line.into() }
    }

    pub(crate) fn config(error: Error) -> Failure {
        Failure::bad_usage(error.to_string())
    }

    pub(crate) fn not_signed_in(line: impl Into<String>) -> Failure {
        Failure::Failed { code: NOT_SIGNED_IN, line: line.into() }
    }

    pub(crate) fn refused(line: impl Into<String>) -> Failure {
        Failure::Failed { code: REFUSED, line: line.into() }
    }

    /// `error`, and what to do about it after `command`.
    pub(crate) fn of(error: &Error, command: &Command) -> Failure {
        let code = match error {
            _ if error.is_unauthorized() => NOT_SIGNED_IN,
            Error::Config(_) | Error::Request(_) => BAD_USAGE,
            Error::Api(_) => REFUSED,
            _ => NO_RESPONSE,
        };
        let line = format!("{}; {}", with_sources(error), hint::next_step(error, command));
        Failure::Failed { code, line }
    }

    /// Adds to what there is to do.
    pub(crate) fn and(self, more: &str) -> Failure {
        match self {
            Failure::Failed { code, line } => {
                Failure::Failed { code, line: format!("{line}; {more}") }
            }
            other => other,
        }
    }

    /// Adds to a failure to write what has been changed that it has been changed.
    pub(crate) fn after_change(self) -> Failure {
        match self {
            Failure::Failed { code: NO_OUTPUT, .. } => self.and("the change itself is made"),
            other => other,
        }
    }

    /// Says it, and gives the code to exit with.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Failure::Failed { code, line } => {
                let red = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
                // Where nobody can be told, the exit code still tells.
                let _ = writeln!(anstream::stderr(), "{red}error:{red:#} {}", clean(&line));
                ExitCode::from(code)
            }
            Failure::Help(help) => {
                let _ = write!(anstream::stderr(), "{}", help.ansi());
                ExitCode::from(BAD_USAGE)
            }
            Failure::OutputClosed => ExitCode::SUCCESS,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure::OutputClosed;
        }
        let line = format!("cannot write the output: {error}; write it to somewhere else");
        Failure::Failed { code: NO_OUTPUT, line }
    }
}

/// The error and its sources, each unless the line says it already.
fn with_sources(error: &Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        let cause = more.split(" (os error").next().and_then(|text| text.rsplit(": ").next());
        let is_said = |cause: &str| line.to_lowercase().contains(&cause.to_lowercase());
        if !cause.is_some_and(is_said) {
            line = format!("{line}: {more}");
        }
        source = error.source();
    }
    line
}
