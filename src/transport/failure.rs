//! What an error of ureq means: by how far the attempt got, which is known, and not by the
//! error's name alone.

use std::io::{self, ErrorKind};

use ureq::Error;

use super::call::{Progress, Stage};
use super::{SendError, tls};
use crate::error::{ErrorKind as Kind, io_cause};

/// The error that the client sees.
pub(super) fn explain(error: Error, progress: Progress) -> SendError {
    let (kind, message) = match progress.stage {
        Stage::Open => within_exchange(&error, progress),
        stage => while_opening(&error, stage, progress),
    };
    let refused = is_proxy_refusal(&error) || tls::is_certificate_refusal(&error);
    let failure = SendError { sent: progress.sent, refused, ..SendError::not_sent(kind, message) };
    // The error beneath, where it says more than the message does.
    match error {
        Error::Timeout(_) | Error::BodyExceedsLimit(_) => failure,
        Error::Io(source) => failure.with_source(source),
        source => failure.with_source(source),
    }
}

/// The connection is not open yet, so nothing of the request was sent.
fn while_opening(error: &Error, stage: Stage, progress: Progress) -> (Kind, String) {
    let (kind, message) = match stage {
        _ if progress.stopped => (Kind::ConnectTimeout, "no connection was open in time"),
        Stage::Tunnel => (Kind::Proxy, explain_proxy(error)),
        _ if progress.to_proxy => (Kind::Proxy, "could not connect to the proxy"),
        Stage::Dns => (Kind::Dns, "the DNS lookup failed"),
        Stage::Tls => (Kind::Tls, tls::explain(error)),
        Stage::Connect | Stage::Open => (Kind::Connect, "could not connect to the host"),
    };
    (kind, message.to_owned())
}

/// Whether the proxy sent a response that is not 2xx.
fn is_proxy_refusal(error: &Error) -> bool {
    matches!(error, Error::ConnectProxyFailed(reason) if reason.contains("responded"))
}

fn explain_proxy(error: &Error) -> &'static str {
    match error {
        Error::ConnectProxyFailed(reason) if reason.contains("407") => {
            "the proxy requires a user name and a password (407)"
        }
        error if is_proxy_refusal(error) => "the proxy refused to connect to the host",
        error if too_many_headers(error) => "the proxy's response has too many headers",
        _ => "the proxy sent no valid response",
    }
}

fn too_many_headers(error: &Error) -> bool {
    matches!(error, Error::Protocol(error) if error.to_string().contains("too many headers"))
}

/// The connection was open.
fn within_exchange(error: &Error, progress: Progress) -> (Kind, String) {
    let (kind, message) = match error {
        _ if progress.stopped => (Kind::Timeout, "the attempt timed out"),
        error if tls::asks_for_certificate(error) => (Kind::Tls, tls::explain(error)),
        Error::BodyExceedsLimit(limit) => {
            return (Kind::TooLarge, format!("the response is larger than {limit} bytes"));
        }
        Error::Io(error) => broken(error, progress.received),
        #[cfg(feature = "gzip")]
        Error::Decompress(_, error) if is_broken(error) => broken(error, true),
        error if too_many_headers(error) => (Kind::Protocol, "the response has too many headers"),
        Error::LargeResponseHeader(..) => {
            (Kind::Protocol, "a header of the response, or a line between chunks, is too large")
        }
        #[cfg(feature = "gzip")]
        Error::Decompress(..) => (Kind::Protocol, "the response cannot be decompressed"),
        Error::Protocol(_) | Error::BodyStalled if progress.sent => {
            (Kind::Protocol, "the response is not valid HTTP")
        }
        _ if progress.received => (Kind::Protocol, "the response cannot be read"),
        _ => (Kind::Other, "the request could not be sent"),
    };
    (kind, message.to_owned())
}

/// The connection ended, in whatever way, where there should be more.
fn broken(error: &io::Error, received: bool) -> (Kind, &'static str) {
    // The socket's own error, which `Connection` wrapped so that ureq takes it for no end.
    let closed = io_cause(error).kind() == ErrorKind::UnexpectedEof;
    match (received, closed) {
        (true, true) => (Kind::Truncated, "the connection closed before the response was complete"),
        (true, false) => {
            (Kind::Truncated, "the connection failed before the response was complete")
        }
        (false, true) => (Kind::Closed, "the connection closed before a response"),
        (false, false) => (Kind::Closed, "the connection failed before a response"),
    }
}

/// Whether it was the connection that ended, and not what came over it that is corrupt.
#[cfg(feature = "gzip")]
fn is_broken(error: &io::Error) -> bool {
    // What the decompression finds wrong has a kind and no more.
    let is_wrapped = error.get_ref().is_some_and(|inner| inner.is::<io::Error>());
    is_wrapped || (error.kind() == ErrorKind::UnexpectedEof && error.get_ref().is_some())
}
