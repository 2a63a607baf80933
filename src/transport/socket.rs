//! A TCP connection that keeps to the limits of the attempt on this thread.
//!
//! It stands in for ureq's own because that sets a socket timeout anew for each attempt,
//! looks for a closed peer twice per request where once will do, cannot be cancelled, and
//! does not tell whether the request left.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};
use ureq::{Error, Timeout};

use super::watch::{self, SLICE};

/// One page of a list in one read.
const INPUT_BYTES: usize = 64 * 1024;
const OUTPUT_BYTES: usize = 16 * 1024;

pub(super) struct Socket {
    stream: TcpStream,
    buffers: LazyBuffers,
    read_timeout: Duration,
    write_timeout: Duration,
    /// In use since the last look at the peer.
    used: bool,
}

impl Socket {
    pub(super) fn new(stream: TcpStream) -> io::Result<Socket> {
        stream.set_nodelay(true)?;
        // Set once: attempts are longer than a slice, and count their slices.
        stream.set_read_timeout(Some(SLICE))?;
        stream.set_write_timeout(Some(SLICE))?;
        let buffers = LazyBuffers::new(INPUT_BYTES, OUTPUT_BYTES);
        Ok(Socket { stream, buffers, read_timeout: SLICE, write_timeout: SLICE, used: true })
    }
}

/// How long to stay in the kernel this time, or the error that ends the attempt. ureq's
/// reason for a timeout is not looked at: the notes say more.
fn next_slice() -> Result<Duration, Error> {
    match watch::time_left() {
        None => Err(Error::Timeout(Timeout::Global)),
        Some(left) => Ok(left.map_or(SLICE, |left| left.min(SLICE))),
    }
}

/// Whether the kernel only means that the slice is over.
fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        self.used = true;
        let mut rest = self.buffers.output().get(..amount).unwrap_or_default();
        while !rest.is_empty() {
            let slice = next_slice()?;
            if slice != self.write_timeout {
                self.stream.set_write_timeout(Some(slice))?;
                self.write_timeout = slice;
            }
            match self.stream.write(rest) {
                Ok(0) => return Err(io::Error::from(ErrorKind::WriteZero).into()),
                Ok(written) => {
                    watch::wrote();
                    rest = rest.get(written..).unwrap_or_default();
                }
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        self.used = true;
        loop {
            let slice = next_slice()?;
            if slice != self.read_timeout {
                self.stream.set_read_timeout(Some(slice))?;
                self.read_timeout = slice;
            }
            match self.stream.read(self.buffers.input_append_buf()) {
                Ok(amount) => {
                    self.buffers.input_appended(amount);
                    if amount > 0 {
                        watch::read();
                    }
                    return Ok(amount > 0);
                }
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// ureq asks when it puts the connection into its pool and when it takes it out. Only
    /// the second answer matters; the first would cost three system calls.
    fn is_open(&mut self) -> bool {
        if std::mem::take(&mut self.used) {
            return true;
        }
        let quiet = |mut stream: &TcpStream| -> io::Result<bool> {
            stream.set_nonblocking(true)?;
            let quiet = match stream.read(&mut [0]) {
                Err(error) => error.kind() == ErrorKind::WouldBlock,
                // The end, or bytes that nobody asked for.
                Ok(_) => false,
            };
            stream.set_nonblocking(false)?;
            Ok(quiet)
        };
        quiet(&self.stream).unwrap_or(false)
    }
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Socket").field("peer", &self.stream.peer_addr().ok()).finish()
    }
}
