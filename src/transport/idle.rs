//! A connection between two requests, and how it is probed before it is used again.

use std::io::ErrorKind;
use std::time::Instant;

use ureq::Error;
use ureq::http::Uri;
use ureq::http::uri::{Authority, Scheme};
use ureq::unversioned::transport::time::Duration;
use ureq::unversioned::transport::{NextTimeout, Transport as UreqTransport};

use crate::options::MAX_IDLE_AGE;

/// The server that a connection leads to.
#[derive(Debug)]
pub(super) struct Origin(pub(super) Option<Scheme>, pub(super) Option<Authority>);

impl Origin {
    pub(super) fn of(uri: &Uri) -> Origin {
        Origin(uri.scheme().cloned(), uri.authority().cloned())
    }

    pub(super) fn is_of(&self, uri: &Uri) -> bool {
        // Comparing texts is faster: an `Authority` ignores case, one byte at a time.
        self.0.as_ref() == uri.scheme()
            && self.1.as_ref().map(Authority::as_str) == uri.authority().map(Authority::as_str)
    }
}

/// A connection between two requests.
#[derive(Debug)]
pub(super) struct IdleConnection {
    pub(super) origin: Origin,
    pub(super) connection: Box<dyn UreqTransport>,
    pub(super) since: Instant,
}

impl IdleConnection {
    pub(super) fn is_old(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) >= MAX_IDLE_AGE
    }

    /// Returns whether the server has neither closed the connection nor sent anything. The probe
    /// neither waits nor writes.
    ///
    /// The socket knows what has arrived since the last response. Only TLS knows what arrived in
    /// the same packet as the response, for example a close_notify, so TLS must try to read too.
    pub(super) fn is_open(&mut self) -> bool {
        self.connection.is_open()
            && matches!(self.connection.await_input(probe()),
                Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock)
    }
}

/// Returns the timeout that tells a socket to read and write nothing: zero, which ureq itself never
/// uses.
fn probe() -> NextTimeout {
    NextTimeout { after: Duration::from_secs(0), ..NextTimeout::default() }
}

/// Returns whether a read or write with this timeout is part of a probe.
pub(super) fn is_probe(timeout: NextTimeout) -> bool {
    timeout.after.is_zero()
}
