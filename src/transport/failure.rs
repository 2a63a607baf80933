//! What an error beneath means: by how far the attempt got, which is known, and not by the
//! error's name alone.

use std::io::ErrorKind;

use ureq::Error;

use super::body::{Unusable, unusable};
use super::exchange::Failure;
use super::watch::{Notes, Stage};
use super::{SendError, tls};
use crate::error::TransportErrorKind as Kind;

/// No connection stands, so nothing of the request left.
pub(super) fn opening(error: Error, notes: Notes) -> SendError {
    let (kind, message) = match notes.stage {
        _ if notes.stopped => (Kind::ConnectTimeout, "no connection stood in time"),
        Stage::Tunnel => (Kind::Proxy, explain_proxy(&error)),
        _ if notes.proxied => (Kind::Proxy, "the proxy cannot be reached"),
        Stage::Lookup => (Kind::Lookup, "the host name could not be looked up"),
        Stage::Connect => (Kind::Connect, "the host cannot be connected to"),
        Stage::Tls => (Kind::Tls, tls::explain(&error)),
    };
    with_source(SendError::new(kind, false, message), error)
}

fn explain_proxy(error: &Error) -> &'static str {
    match error {
        Error::ConnectProxyFailed(reason) if reason.contains("407") => {
            "the proxy asks for a user name and a password (407)"
        }
        Error::ConnectProxyFailed(reason) if reason.contains("responded") => {
            "the proxy refused to connect to the host"
        }
        error if has_too_many_headers(error) => "the proxy's answer has too many headers",
        _ => "the proxy broke off",
    }
}

fn has_too_many_headers(error: &Error) -> bool {
    matches!(error, Error::Protocol(ureq_proto::Error::HttpParseTooManyHeaders))
}

/// The connection stood.
pub(super) fn exchange(failure: Failure, notes: Notes) -> SendError {
    let Failure { error, received } = failure;
    let (kind, message) = match &error {
        _ if notes.stopped => (Kind::Timeout, "the attempt timed out"),
        error if tls::asks_for_certificate(error) => (Kind::Tls, tls::explain(error)),
        Error::Io(io) => match (unusable(io), io.kind() == ErrorKind::UnexpectedEof, received) {
            (Some(Unusable::TooLarge(limit)), ..) => {
                let message = format!("the answer is larger than {limit} bytes");
                return SendError::new(Kind::TooLarge, notes.sent, message);
            }
            (Some(Unusable::Corrupt(_)), ..) => {
                (Kind::Protocol, "the answer cannot be decompressed")
            }
            (_, true, true) => {
                (Kind::Truncated, "the connection closed before the answer was whole")
            }
            (_, true, false) => (Kind::Closed, "the connection closed before an answer came"),
            (_, false, true) => {
                (Kind::Truncated, "the connection broke before the answer was whole")
            }
            (_, false, false) => (Kind::Closed, "the connection broke before an answer came"),
        },
        error if has_too_many_headers(error) => (Kind::Protocol, "the answer has too many headers"),
        Error::Protocol(_) => (Kind::Protocol, "the answer is not valid HTTP"),
        Error::LargeResponseHeader(..) => {
            (Kind::Protocol, "the headers of the answer are too large")
        }
        _ => (Kind::Other, "the request could not be made"),
    };
    with_source(SendError::new(kind, notes.sent, message), error)
}

/// The error beneath, where it says more than the message does.
fn with_source(failure: SendError, error: Error) -> SendError {
    match error {
        Error::Timeout(_) => failure,
        Error::Io(source) => failure.with_source(source),
        source => failure.with_source(source),
    }
}
