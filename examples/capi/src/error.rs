//! Errors, as C sees them and as this library hands them on.

use std::error::Error as _;
use std::fmt;

use crate::code::{Code, NIRVANA_INVALID_ARGUMENT, NIRVANA_PANIC};
use crate::entry;
use crate::text::OwnedText;
use crate::words;

/// Why a call failed. Read it, do not write to it, and free it with nirvana_error_free. Later
/// versions may add fields at its end.
#[repr(C)]
pub struct Error {
    /// What the call also returned: one of the NIRVANA_ codes, never NIRVANA_OK.
    pub code: Code,
    /// How many times the request was tried; 0 where nothing was sent.
    pub attempts: u32,
    /// How long the server asked to wait, in milliseconds; -1 where it did not say.
    pub retry_after_ms: i64,
    /// Everything in one line, without secrets, for people. Never NULL.
    pub message: OwnedText,
    /// The server's id of the request, to quote to its support; NULL where there is none.
    pub request_id: OwnedText,
    /// The server's own code, from the `code` of its response; NULL where there is none.
    pub server_code: OwnedText,
    /// The HTTP status of the response; 0 where there was none.
    pub status: u16,
    /// Whether the same call may succeed later, and cannot do harm by being made twice.
    pub retryable: bool,
    /// Whether the server may have acted on the request. After true on a create, look before
    /// creating again; false is a promise.
    pub may_have_been_processed: bool,
}

/// Frees an error, with its strings. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_error_free(error: Option<Box<Error>>) {
    entry::free(error);
}

/// Why a call failed, before C sees it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// An argument is invalid: NULL, not UTF-8, not the right JSON.
    Argument(String),
    /// The call failed.
    Client(nirvana_labs::Error),
    /// A bug.
    Bug(String),
}

impl Failure {
    pub(crate) fn argument(message: impl Into<String>) -> Failure {
        Failure::Argument(message.into())
    }

    pub(crate) fn null(name: &str) -> Failure {
        Failure::argument(format!("{name} is NULL"))
    }

    pub(crate) fn code(&self) -> Code {
        match self {
            Failure::Argument(_) => NIRVANA_INVALID_ARGUMENT,
            Failure::Client(error) => error.code(),
            Failure::Bug(_) => NIRVANA_PANIC,
        }
    }
}

impl From<nirvana_labs::Error> for Failure {
    fn from(error: nirvana_labs::Error) -> Failure {
        Failure::Client(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Argument(message) => f.write_str(message),
            Failure::Client(error) => {
                // C has no chain of sources to walk, so it is part of the message.
                f.write_str(&words::for_c(error))?;
                let mut source = error.source();
                while let Some(error) = source {
                    write!(f, ": {error}")?;
                    source = error.source();
                }
                Ok(())
            }
            Failure::Bug(message) => write!(f, "bug in nirvana_labs: {message}"),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        let client = match &failure {
            Failure::Client(error) => Some(error),
            Failure::Argument(_) | Failure::Bug(_) => None,
        };
        let wait = client.and_then(nirvana_labs::Error::retry_after);
        let server_code = match client {
            Some(nirvana_labs::Error::Api(error)) => error.error_code(),
            _ => None,
        };
        // Nobody knows how far a call came that panicked.
        let unknown = matches!(failure, Failure::Bug(_));
        Error {
            code: failure.code(),
            attempts: client.map_or(0, nirvana_labs::Error::attempts),
            retry_after_ms: wait
                .map_or(-1, |wait| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)),
            message: OwnedText::new(failure.to_string()),
            request_id: client.and_then(|error| error.request_id()).map(str::to_owned).into(),
            server_code: server_code.map(str::to_owned).into(),
            status: client.and_then(nirvana_labs::Error::status).unwrap_or(0),
            retryable: client.is_some_and(nirvana_labs::Error::is_retryable),
            may_have_been_processed: unknown
                || client.is_some_and(nirvana_labs::Error::may_have_been_processed),
        }
    }
}
