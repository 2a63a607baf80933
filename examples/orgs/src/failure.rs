//! How a failed command ends: with an exit code and one line.

use std::io::{self, Write};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use clap::builder::StyledStr;
use nirvana_labs::{Error, ErrorKind};

use crate::cli::Command;
use crate::hint;
use crate::output::clean;

/// The API refused, or the user answered no.
const REFUSED: u8 = 1;
const BAD_USAGE: u8 = 2;
const NO_RESPONSE: u8 = 3;
const NOT_SIGNED_IN: u8 = 4;
const NO_OUTPUT: u8 = 5;

#[derive(Debug)]
pub(crate) enum Failure {
    /// The exit code, and the line to show.
    Failed { code: u8, line: String },
    /// No command was given. The help shows what there is.
    Help(StyledStr),
    /// The reader of the output closed it, which is not an error.
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

    /// Creates a failure from `error`, with what to do about it after `command`.
    pub(crate) fn of(error: &Error, command: &Command) -> Failure {
        let code = match error.kind() {
            _ if error.is_unauthorized() => NOT_SIGNED_IN,
            ErrorKind::Config | ErrorKind::Request => BAD_USAGE,
            ErrorKind::Status if !hint::is_html(error) => REFUSED,
            _ => NO_RESPONSE,
        };
        let failure = Failure::Failed { code, line: hint::line(error) };
        match hint::next_step(error, command) {
            Some(next) => failure.and(&next),
            None => failure,
        }
    }

    /// Adds to the line.
    pub(crate) fn and(self, more: &str) -> Failure {
        match self {
            Failure::Failed { code, line } => {
                Failure::Failed { code, line: format!("{line}; {more}") }
            }
            other => other,
        }
    }

    /// Adds that the change was made, if only the output of its result failed.
    pub(crate) fn after_change(self) -> Failure {
        match self {
            Failure::Failed { code: NO_OUTPUT, .. } => self.and("the change itself was made"),
            other => other,
        }
    }

    /// Shows the failure, and returns its exit code.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Failure::Failed { code, line } => {
                let red = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
                // If standard error is closed, the exit code is all there is.
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

/// Creates a failure from an error of writing the output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure::OutputClosed;
        }
        let line = format!("cannot write the output: {error}; send it elsewhere");
        Failure::Failed { code: NO_OUTPUT, line }
    }
}
