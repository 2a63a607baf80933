//! A TCP socket that keeps to the limits of the attempt.
//!
//! ureq's own socket sets its timeouts again for each request, cannot be cancelled, and does not
//! say whether the request was sent.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ureq::Error;
use ureq::config::Config;
use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport as UreqTransport};

use super::current;
use super::idle::is_probe;

/// The longest time that a read or write stays in the kernel before the limits are checked again.
pub(super) const SLICE: Duration = Duration::from_millis(100);

pub(super) struct Socket {
    stream: TcpStream,
    buffers: LazyBuffers,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, config: &Config) -> io::Result<Socket> {
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        stream.set_nodelay(true)?;
        // These timeouts are set only once. Setting the time that is left would cost a system call
        // for each read.
        stream.set_read_timeout(Some(SLICE))?;
        stream.set_write_timeout(Some(SLICE))?;
        Ok(Socket { stream, buffers })
    }

    /// Repeats `io` slice by slice until it is done or the attempt's time is over.
    fn within_limits(
        &mut self,
        mut io: impl FnMut(&mut Socket) -> io::Result<usize>,
    ) -> Result<usize, Error> {
        loop {
            current::time_left()?;
            match io(self) {
                Err(error) if is_end_of_slice(&error) => {}
                outcome => return Ok(outcome?),
            }
        }
    }

    /// Returns whether nothing has arrived, not even the end of the connection.
    fn is_quiet(&mut self) -> io::Result<bool> {
        self.stream.set_nonblocking(true)?;
        let outcome = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false)?;
        Ok(matches!(outcome, Err(error) if error.kind() == ErrorKind::WouldBlock))
    }
}

fn is_end_of_slice(error: &io::Error) -> bool {
    // On Windows, a slice ends with `TimedOut`. Elsewhere, `TimedOut` is a failed connection.
    let is_windows_timeout = cfg!(windows) && error.kind() == ErrorKind::TimedOut;
    is_windows_timeout || matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

impl UreqTransport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if is_probe(timeout) {
            // TLS wants to write a reply. The connection is not used again.
            return Err(io::Error::other("a probe writes nothing").into());
        }
        let mut written = 0_usize;
        while written < amount {
            let outcome = self.within_limits(|socket| {
                let rest = socket.buffers.output().get(written..amount).unwrap_or_default();
                socket.stream.write(rest)
            });
            match outcome {
                // The server may have responded early: try to read that response. If there is none,
                // or if the time is over, the read fails.
                Ok(0) | Err(_) => return Ok(()),
                Ok(count) => {
                    current::note_sent();
                    written = written.saturating_add(count);
                }
            }
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if is_probe(timeout) {
            return Err(io::Error::from(ErrorKind::WouldBlock).into());
        }
        let read = |socket: &mut Socket| socket.stream.read(socket.buffers.input_append_buf());
        let amount = self.within_limits(read)?;
        if amount == 0 && current::is_opening() {
            // A proxy or TLS must not end the connection during the handshake.
            return Err(io::Error::from(ErrorKind::UnexpectedEof).into());
        }
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.buffers.input().is_empty() && self.is_quiet().unwrap_or_default()
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("peer", &self.stream.peer_addr().ok()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_does_not_end_with_a_failed_connection() {
        for kind in [ErrorKind::WouldBlock, ErrorKind::Interrupted] {
            assert!(is_end_of_slice(&kind.into()), "{kind}");
        }
        assert!(!is_end_of_slice(&ErrorKind::ConnectionReset.into()));
        assert_eq!(is_end_of_slice(&ErrorKind::TimedOut.into()), cfg!(windows));
    }
}
