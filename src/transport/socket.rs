//! A TCP connection that keeps to the limits of the attempt that it serves.
//!
//! It stands in for ureq's own because that sets a socket timeout anew for each attempt,
//! cannot be cancelled, and does not tell whether the request left.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};
use ureq::{Error, Timeout};

use super::Body;
use super::buffers::SocketBuffers;
use super::watch::{SLICE, TimeIsUp, Watch};

pub(super) struct Socket {
    stream: TcpStream,
    buffers: SocketBuffers,
    watch: Watch,
    read_timeout: Duration,
    write_timeout: Duration,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, watch: Watch) -> io::Result<Socket> {
        stream.set_nodelay(true)?;
        // Set once: attempts are longer than a slice, and count their slices.
        stream.set_read_timeout(Some(SLICE))?;
        stream.set_write_timeout(Some(SLICE))?;
        let buffers = SocketBuffers::default();
        Ok(Socket { stream, buffers, watch, read_timeout: SLICE, write_timeout: SLICE })
    }

    /// The first `len` bytes of the input, with the buffer that they are in.
    pub(super) fn take_input(&mut self, len: usize) -> Option<Body> {
        self.buffers.take_input(len)
    }

    fn read_without_waiting(&mut self) -> io::Result<usize> {
        self.stream.set_nonblocking(true)?;
        let outcome = self.stream.read(self.buffers.input_append_buf());
        self.stream.set_nonblocking(false)?;
        outcome
    }

    fn read(&mut self) -> Result<usize, Error> {
        match self.watch.take_hurried_read() {
            None => {}
            Some(true) => return Ok(self.read_without_waiting()?),
            Some(false) => return Err(Error::Timeout(Timeout::Global)),
        }
        loop {
            let slice = next_slice(&self.watch)?;
            if slice != self.read_timeout {
                self.stream.set_read_timeout(Some(slice))?;
                self.read_timeout = slice;
            }
            match self.stream.read(self.buffers.input_append_buf()) {
                Ok(amount) => return Ok(amount),
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// How long to stay in the kernel this time.
fn next_slice(watch: &Watch) -> Result<Duration, Error> {
    match watch.time_left() {
        Ok(left) => Ok(left.map_or(SLICE, |left| left.min(SLICE))),
        Err(TimeIsUp) => Err(Error::Timeout(Timeout::Global)),
    }
}

/// Whether the kernel only means that the slice is over.
fn is_pause(error: &io::Error) -> bool {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::Interrupted => true,
        // Elsewhere, it is the connection that timed out, and what comes next looks like its
        // proper end.
        ErrorKind::TimedOut => cfg!(windows),
        _ => false,
    }
}

/// Whether the peer takes nothing more.
fn is_hang_up(error: &io::Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(error.kind(), BrokenPipe | ConnectionReset | ConnectionAborted)
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        let mut rest = self.buffers.output().get(..amount).unwrap_or_default();
        while !rest.is_empty() {
            let slice = next_slice(&self.watch)?;
            if slice != self.write_timeout {
                self.stream.set_write_timeout(Some(slice))?;
                self.write_timeout = slice;
            }
            match self.stream.write(rest) {
                Ok(0) => return Err(io::Error::from(ErrorKind::WriteZero).into()),
                Ok(written) => {
                    self.watch.wrote();
                    rest = rest.get(written..).unwrap_or_default();
                }
                Err(error) if is_pause(&error) => {}
                // The server may have answered before it had read everything, and hung up.
                // Reading will tell.
                Err(error) if self.watch.notes().sent && is_hang_up(&error) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        let amount = self.read()?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// Nobody asks: see `Connection::is_quiet`.
    fn is_open(&mut self) -> bool {
        true
    }
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Socket").field("peer", &self.stream.peer_addr().ok()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::super::Limits;
    use super::*;

    #[test]
    fn what_the_kernel_refused_was_not_sent() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (peer, _) = listener.accept().unwrap();
        socket2::SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
        drop(peer);
        assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);

        let connect_timeout = Duration::MAX;
        let limits = Limits { ends: None, connect_timeout, cancel: None, max_body_bytes: 0 };
        let watch = Watch::new(&limits);
        let mut socket = Socket::new(stream, watch.clone()).unwrap();
        assert!(socket.transmit_output(10, NextTimeout::default()).is_err());
        assert!(!watch.notes().sent);
    }
}
