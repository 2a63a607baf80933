//! A connection, and the pool of those that are idle.

use std::io::{self, ErrorKind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::Body;
use super::socket::Socket;
use super::watch::Watch;

/// Idle connections to keep: as many as callers that share a client are likely to be.
const MAX_IDLE: usize = 64;
const MAX_IDLE_AGE: Duration = Duration::from_secs(15);
/// How much an idle connection may have to say that is no answer: TLS goes on reading for as
/// long as there are such records, and no limit of a call holds there.
const QUIET_READS: u32 = 16;

/// A way to the server: TCP, and TLS or a tunnel where there is one.
pub(super) struct Connection {
    transport: Way,
    pub(super) watch: Watch,
    idle_since: Instant,
}

/// What a connection is made of.
pub(super) enum Way {
    Plain(Socket),
    Wrapped(Box<dyn Transport>),
}

impl Way {
    pub(super) fn boxed(self) -> Box<dyn Transport> {
        match self {
            Way::Plain(socket) => Box::new(socket),
            Way::Wrapped(transport) => transport,
        }
    }
}

impl Connection {
    pub(super) fn new(transport: Way, watch: Watch) -> Connection {
        Connection { transport, watch, idle_since: Instant::now() }
    }

    fn transport(&mut self) -> &mut dyn Transport {
        match &mut self.transport {
            Way::Plain(socket) => socket,
            Way::Wrapped(transport) => &mut **transport,
        }
    }

    pub(super) fn buffers(&mut self) -> &mut dyn Buffers {
        self.transport().buffers()
    }

    /// The whole body, if it has come in one piece with its head, without a copy.
    pub(super) fn take_body(&mut self, len: u64) -> Option<Body> {
        match &mut self.transport {
            Way::Plain(socket) => socket.take_input(usize::try_from(len).ok()?),
            Way::Wrapped(_) => None,
        }
    }

    /// Sends the first `amount` bytes of the output buffer.
    pub(super) fn send(&mut self, amount: usize) -> Result<(), Error> {
        // The socket knows its limits.
        self.transport().transmit_output(amount, NextTimeout::default())
    }

    /// Waits for input, unless there is some that has not been looked at. `false` is the end.
    pub(super) fn fill(&mut self) -> Result<bool, Error> {
        if self.transport().buffers().can_use_input() {
            return Ok(true);
        }
        self.transport().await_input(NextTimeout::default())
    }

    /// Whether the server has neither closed the connection nor said anything since.
    ///
    /// Under TLS a quiet socket would not be the whole answer: a goodbye may have come with
    /// the last response, and a session ticket is no reason to part. So the transport as a
    /// whole is asked to read, and should have to wait.
    fn is_quiet(&mut self) -> bool {
        self.watch.hurry(Some(QUIET_READS));
        let outcome = self.transport().await_input(NextTimeout::default());
        self.watch.hurry(None);
        matches!(outcome, Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock)
            && !self.watch.is_within_record()
    }
}

/// The error of a connection that closed where there should be more.
pub(super) fn closed() -> Error {
    io::Error::from(ErrorKind::UnexpectedEof).into()
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
        let mut idle = self.lock();
        // The oldest lie first, where nobody takes them as long as younger ones will do.
        let too_old =
            |old: &Connection| connection.idle_since.duration_since(old.idle_since) >= MAX_IDLE_AGE;
        while idle.first().is_some_and(too_old) {
            idle.remove(0);
        }
        if idle.len() < MAX_IDLE {
            idle.push(connection);
        }
    }

    fn pop(&self) -> Option<Connection> {
        self.lock().pop()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pool")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::thread;

    use super::super::Limits;
    use super::*;

    /// A connection, as `wrap` makes one of its socket, and the server's end of it.
    fn connection(wrap: fn(Socket) -> Way) -> (Connection, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (peer, _) = listener.accept().unwrap();
        let connect_timeout = Duration::MAX;
        let limits = Limits { ends: None, connect_timeout, cancel: None, max_body_bytes: 0 };
        let watch = Watch::new(&limits);
        let socket = Socket::new(stream, watch.clone()).unwrap();
        (Connection::new(wrap(socket), watch), peer)
    }

    #[test]
    fn connections_idle_for_too_long_are_closed_though_younger_ones_serve() {
        let pool = Pool::default();
        let mut peers = Vec::new();
        for _ in 0..3 {
            let (connection, peer) = connection(Way::Plain);
            pool.put(connection);
            peers.push(peer);
        }
        let long_ago = Instant::now().checked_sub(MAX_IDLE_AGE).unwrap();
        pool.lock().iter_mut().take(2).for_each(|old| old.idle_since = long_ago);
        let youngest = pool.take().unwrap();
        assert_eq!(pool.lock().len(), 2);
        pool.put(youngest);
        assert_eq!(pool.lock().len(), 1);
        // Nor is one used that nobody has closed yet.
        pool.lock().iter_mut().for_each(|old| old.idle_since = long_ago);
        assert!(pool.take().is_none());
    }

    /// Reads as TLS does where records hold nothing for its user: on and on.
    #[derive(Debug)]
    struct Passing(Socket);

    impl Transport for Passing {
        fn buffers(&mut self) -> &mut dyn Buffers {
            self.0.buffers()
        }

        fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
            self.0.transmit_output(amount, timeout)
        }

        fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
            while self.0.await_input(timeout)? {
                let amount = self.0.buffers().input().len();
                self.0.buffers().input_consume(amount);
            }
            Ok(false)
        }

        fn is_open(&mut self) -> bool {
            self.0.is_open()
        }
    }

    #[test]
    fn a_connection_is_not_listened_to_for_ever() {
        let (mut connection, mut peer) =
            connection(|socket| Way::Wrapped(Box::new(Passing(socket))));
        assert!(connection.is_quiet());
        let flood = thread::spawn(move || while peer.write_all(&[0; 1 << 20]).is_ok() {});
        // There is more than this reads, sooner or later, and always more.
        while connection.is_quiet() {
            thread::yield_now();
        }
        drop(connection);
        flood.join().unwrap();
    }
}
