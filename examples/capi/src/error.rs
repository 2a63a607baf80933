//! Errors, as this library passes them on and as C sees them.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use nirvana_labs::Error as ClientError;

use crate::code::{Code, NIRVANA_INVALID_ARGUMENT, NIRVANA_PANIC};
use crate::entry;
use crate::text::OwnedText;
use crate::words;

/// `nirvana_error` in C.
#[repr(C)]
pub struct Error {
    pub code: Code,
    pub attempts: u32,
    pub retry_after_ms: i64,
    pub message: OwnedText,
    pub request_id: OwnedText,
    pub server_code: OwnedText,
    pub status: u16,
    pub retryable: bool,
    pub may_have_been_processed: bool,
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_error_free(error: Option<Box<Error>>) {
    entry::free(error);
}

/// Why a call failed, before C sees it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// An argument is invalid: NULL, not UTF-8, or not the expected JSON.
    Argument(String),
    /// The client returned this error.
    Client(ClientError),
    /// This library has a bug.
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
            Failure::Client(error) => error.kind() as Code,
            Failure::Bug(_) => NIRVANA_PANIC,
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Failure {
        Failure::Client(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Argument(message) => f.write_str(message),
            Failure::Client(error) => {
                // C cannot ask for the sources of an error, so the message includes them.
                f.write_str(&words::for_c(error))?;
                let mut source = error.source();
                while let Some(error) = source {
                    write!(f, ": {error}")?;
                    source = error.source();
                }
                Ok(())
            }
            Failure::Bug(message) => write!(f, "bug in nirvana_labs_c: {message}"),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        let client = match &failure {
            Failure::Client(error) => Some(error),
            Failure::Argument(_) | Failure::Bug(_) => None,
        };
        let ms = |wait: Duration| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        // Nobody knows how far a call got before it panicked.
        let unknown = matches!(failure, Failure::Bug(_));
        Error {
            code: failure.code(),
            attempts: client.map_or(0, ClientError::attempts),
            retry_after_ms: client.and_then(ClientError::retry_after).map_or(-1, ms),
            message: OwnedText::new(failure.to_string()),
            request_id: client.and_then(ClientError::request_id).into(),
            server_code: client.and_then(ClientError::code).into(),
            status: client.and_then(ClientError::status).unwrap_or(0),
            retryable: client.is_some_and(ClientError::is_retryable),
            may_have_been_processed: unknown
                || client.is_some_and(ClientError::may_have_been_processed),
        }
    }
}
