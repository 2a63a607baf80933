//! The errors where no response came: nothing was sent, or there is none that can be used.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::io::{self, ErrorKind};

use thiserror::Error;

use super::call::{Call, Note};

/// What is invalid about a setting; see [`Error::Config`](crate::Error::Config).
#[derive(Debug, Error)]
#[error("{message}")]
pub struct ConfigError {
    pub(super) message: String,
}

impl ConfigError {
    /// Returns what is wrong and what to do about it, without the value of a secret.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// What is invalid about a request; see [`Error::Request`](crate::Error::Request).
#[derive(Debug, Error)]
#[error("{message}")]
pub struct RequestError {
    pub(super) message: String,
}

impl RequestError {
    /// Returns what is wrong and what to do about it.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// A call that the caller's own limit ended; see [`Error::Cancelled`](crate::Error::Cancelled) and
/// [`Error::Deadline`](crate::Error::Deadline).
#[derive(Debug)]
pub struct InterruptedError {
    pub(crate) call: Call,
}

impl InterruptedError {
    /// The line that says so, where `what` ended the call.
    pub(super) fn line(&self, what: &str) -> String {
        let early =
            if self.call.may_have_been_processed { "" } else { " before anything took effect" };
        format!("{}: {what}{early}{}", self.call, self.call.tries())
    }
}

/// Why no usable response came; see [`Error::Transport`](crate::Error::Transport).
#[derive(Debug, Error)]
#[error("{call}: {message}{}{}", Note(": ", cause(source.as_deref(), message), ""), call.tries())]
pub struct TransportError {
    pub(crate) call: Call,
    pub(crate) kind: TransportErrorKind,
    pub(crate) message: Cow<'static, str>,
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// Returns at which point it failed.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

/// The point at which no usable response came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The DNS lookup of the host failed. Code 20.
    Dns = 20,
    /// The connection was refused or the host cannot be reached. Code 21.
    Connect = 21,
    /// The connect timeout passed before there was a connection. Code 22.
    ConnectTimeout = 22,
    /// TLS could not be agreed: certificate, host name, or no TLS at all. Code 23.
    Tls = 23,
    /// The proxy could not be reached, or refused. Code 24.
    Proxy = 24,
    /// The attempt took longer than its timeout. Code 25.
    Timeout = 25,
    /// The connection closed before a response. Code 26.
    Closed = 26,
    /// The response ended before it was complete. Code 27.
    Truncated = 27,
    /// The response was not valid HTTP. Code 28.
    Protocol = 28,
    /// The response is larger than the limit. Code 29.
    TooLarge = 29,
    /// Anything else, from a custom transport for example. Code 39.
    Other = 39,
}

impl TransportErrorKind {
    /// Whether time ran out.
    pub(crate) fn is_timeout(self) -> bool {
        matches!(self, TransportErrorKind::ConnectTimeout | TransportErrorKind::Timeout)
    }
}

/// What the operating system said, in a few words, where `message` does not say so.
fn cause(source: Option<&(dyn StdError + Send + Sync + 'static)>, message: &str) -> Option<String> {
    let mut source = source.map(|source| source as &(dyn StdError + 'static));
    let error = loop {
        match source?.downcast_ref::<io::Error>() {
            Some(error) => break error,
            None => source = source?.source(),
        }
    };
    let error = io_cause(error);
    let cause = match error.kind() {
        ErrorKind::AddrNotAvailable
        | ErrorKind::BrokenPipe
        | ErrorKind::ConnectionAborted
        | ErrorKind::ConnectionRefused
        | ErrorKind::ConnectionReset
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::NetworkUnreachable
        | ErrorKind::PermissionDenied
        | ErrorKind::TimedOut => error.kind().to_string(),
        // In the words of the standard library, which has no kind for it.
        _ => error.to_string().strip_prefix("failed to lookup address information: ")?.to_owned(),
    };
    (!message.contains(&cause)).then_some(cause)
}

/// The system's error within one of a library's, which hands on neither kind nor source; or the
/// error itself.
pub(crate) fn io_cause(error: &io::Error) -> &io::Error {
    error.get_ref().and_then(|inner| inner.downcast_ref()).unwrap_or(error)
}
