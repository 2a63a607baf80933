//! A connection, and the pool of those that are idle.

use std::io::ErrorKind;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::watch::Watch;

/// Idle connections to keep: as many as callers that share a client are likely to be.
const MAX_IDLE: usize = 64;
const MAX_IDLE_AGE: Duration = Duration::from_secs(15);

/// A way to the server: TCP, and TLS or a tunnel where there is one.
pub(super) struct Connection {
    transport: Box<dyn Transport>,
    pub(super) watch: Watch,
    idle_since: Instant,
}

impl Connection {
    pub(super) fn new(transport: Box<dyn Transport>, watch: Watch) -> Connection {
        Connection { transport, watch, idle_since: Instant::now() }
    }

    pub(super) fn buffers(&mut self) -> &mut dyn Buffers {
        self.transport.buffers()
    }

    /// Sends the first `amount` bytes of the output buffer.
    pub(super) fn send(&mut self, amount: usize) -> Result<(), Error> {
        // The socket knows its limits.
        self.transport.transmit_output(amount, NextTimeout::default())
    }

    /// Waits for input, unless there is some that has not been looked at. `false` is the end.
    pub(super) fn fill(&mut self) -> Result<bool, Error> {
        if self.transport.buffers().can_use_input() {
            return Ok(true);
        }
        self.transport.await_input(NextTimeout::default())
    }

    /// Whether the server has neither closed the connection nor said anything since.
    ///
    /// Under TLS a quiet socket would not be the whole answer: a goodbye may have come with
    /// the last response, and a session ticket is no reason to part. So the transport as a
    /// whole is asked to read, and should have to wait.
    fn is_quiet(&mut self) -> bool {
        self.watch.hurry(true);
        let outcome = self.transport.await_input(NextTimeout::default());
        self.watch.hurry(false);
        matches!(outcome, Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock)
    }
}

/// The idle connections of a client. All lead to the one server that it has.
///
/// ureq's own pool looks for closed peers twice per request, and walks through all it holds
/// each time.
#[derive(Default)]
pub(super) struct Pool(Mutex<Vec<Connection>>);

impl Pool {
    /// The connection that was used last, if it is still good.
    pub(super) fn take(&self) -> Option<Connection> {
        loop {
            let mut connection = self.pop()?;
            if connection.idle_since.elapsed() < MAX_IDLE_AGE && connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    pub(super) fn put(&self, mut connection: Connection) {
        connection.idle_since = Instant::now();
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MAX_IDLE {
            idle.push(connection);
        }
    }

    fn pop(&self) -> Option<Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pool")
    }
}
