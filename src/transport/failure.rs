//! Classifies the errors of ureq by how far the attempt got, and by the type of the error.

use std::io::{self, ErrorKind as IoKind};

use ureq::Error;

use super::current::{self, Progress};
use super::{SendError, io_cause, words};
use crate::kind::ErrorKind;

/// Turns an error of ureq into the error that the client sees.
pub(super) fn explain(error: Error) -> SendError {
    let progress = current::progress();
    let (kind, message) = match progress.failed_stage {
        Some(stage) => while_opening(stage, &progress, &error),
        None => within_exchange(&error, progress.received),
    };
    let permanent = is_permanent(&progress, kind, &error);
    let failure =
        SendError { sent: progress.sent, permanent, ..SendError::not_sent(kind, message) };
    match error {
        // The message already says everything.
        Error::Timeout(_) | Error::BodyExceedsLimit(_) | Error::ConnectProxyFailed(_) => failure,
        Error::Io(source) => failure.with_source(source),
        source => failure.with_source(source),
    }
}

/// Returns whether the next attempt would fail in the same way: TLS or the proxy has refused.
fn is_permanent(progress: &Progress, kind: ErrorKind, error: &Error) -> bool {
    match progress.failed_stage {
        Some(_) if matches!(error, Error::ConnectProxyFailed(_)) => true,
        Some(ErrorKind::Tls) => is_tls_refusal(error),
        Some(_) => false,
        None => kind == ErrorKind::Tls,
    }
}

/// Returns whether a TLS library ended the connection, and not the network.
fn is_tls_refusal(error: &Error) -> bool {
    match error {
        Error::Timeout(_) => false,
        // rustls reports what it refuses, and what the server refuses, as invalid data.
        Error::Io(error) => error.kind() == IoKind::InvalidData,
        _ => true,
    }
}

/// Returns the kind and the message of an error before a connection was open. No byte of the
/// request was sent.
fn while_opening(stage: ErrorKind, progress: &Progress, error: &Error) -> (ErrorKind, String) {
    let (kind, message) = match stage {
        _ if matches!(error, Error::Timeout(_)) => {
            (ErrorKind::ConnectTimeout, "could not open a connection in time")
        }
        _ if progress.on_way_to_proxy => (ErrorKind::Proxy, "could not connect to the proxy"),
        ErrorKind::Proxy => return (ErrorKind::Proxy, words::proxy_reason(error)),
        ErrorKind::Dns => (ErrorKind::Dns, "the DNS lookup failed"),
        ErrorKind::Tls => {
            (ErrorKind::Tls, words::tls_reason(error).unwrap_or("the TLS handshake failed"))
        }
        _ => (ErrorKind::Connect, "could not connect to the host"),
    };
    (kind, message.to_owned())
}

/// Returns the kind and the message of an error after the connection was open.
fn within_exchange(error: &Error, received: bool) -> (ErrorKind, String) {
    let (kind, message) = match error {
        Error::Timeout(_) => (ErrorKind::Timeout, "the attempt timed out"),
        Error::BodyExceedsLimit(limit) => {
            return (ErrorKind::TooLarge, format!("the response is larger than {limit} bytes"));
        }
        // With TLS 1.3, a server asks for a client certificate after the client's handshake is over.
        error @ Error::Io(io) if io.kind() == IoKind::InvalidData => {
            (ErrorKind::Tls, words::tls_reason(error).unwrap_or("the TLS connection failed"))
        }
        Error::Io(error) => return broken(error, received),
        #[cfg(feature = "gzip")]
        Error::Decompress(_, error) if is_broken(error) => return broken(error, true),
        #[cfg(feature = "gzip")]
        Error::Decompress(..) => (ErrorKind::Protocol, "the response cannot be decompressed"),
        Error::LargeResponseHeader(..) => (
            ErrorKind::Protocol,
            "a header of the response, or a line between chunks, is too large",
        ),
        Error::Protocol(_) | Error::BodyStalled if received => {
            (ErrorKind::Protocol, words::protocol_reason(error))
        }
        _ => (ErrorKind::Other, "the request could not be sent"),
    };
    (kind, message.to_owned())
}

/// Returns the kind and the message if the connection ended before the response did.
fn broken(error: &io::Error, received: bool) -> (ErrorKind, String) {
    // `Connection` wraps the socket's error.
    let is_closed = io_cause(error).kind() == IoKind::UnexpectedEof;
    let end = if is_closed { "closed" } else { "failed" };
    let (kind, what) = match received {
        true => (ErrorKind::Truncated, "the response was complete"),
        false => (ErrorKind::Closed, "a response"),
    };
    (kind, format!("the connection {end} before {what}"))
}

/// Returns whether the connection ended. If not, the compressed data is corrupt. The decompressor's
/// own errors wrap no other error.
#[cfg(feature = "gzip")]
fn is_broken(error: &io::Error) -> bool {
    let is_wrapped = error.get_ref().is_some_and(|inner| inner.is::<io::Error>());
    is_wrapped || (error.kind() == IoKind::UnexpectedEof && error.get_ref().is_some())
}
