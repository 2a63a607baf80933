//! A TCP socket that keeps to the limits of the call that uses it.
//!
//! ureq's own sets its timeouts anew for each request, cannot be cancelled, and does not tell
//! whether the request was sent.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ureq::config::Config;
use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};
use ureq::{Error, Timeout};

use super::call::{self, Call, Stage, Stopped};

/// The longest that a read or write stays in the kernel before the caller's token is looked
/// at again.
pub(super) const SLICE: Duration = Duration::from_millis(100);

pub(super) struct Socket {
    stream: TcpStream,
    buffers: LazyBuffers,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, config: &Config) -> io::Result<Socket> {
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        stream.set_nodelay(true)?;
        // Once: setting what is left of a call's time would take a system call for each read.
        stream.set_read_timeout(Some(SLICE))?;
        stream.set_write_timeout(Some(SLICE))?;
        Ok(Socket { stream, buffers })
    }

    /// Does `io` for as long as the call has time, slice by slice.
    fn within_limits(
        &mut self,
        mut io: impl FnMut(&mut Socket) -> io::Result<usize>,
    ) -> Result<usize, Error> {
        loop {
            call::with(Call::time_left).map_err(|Stopped| Error::Timeout(Timeout::Global))?;
            match io(self) {
                Err(error) if is_pause(&error) => {}
                outcome => return Ok(outcome?),
            }
        }
    }

    fn read(&mut self) -> io::Result<usize> {
        self.stream.read(self.buffers.input_append_buf())
    }

    fn read_nonblocking(&mut self) -> io::Result<usize> {
        self.stream.set_nonblocking(true)?;
        let outcome = self.read();
        self.stream.set_nonblocking(false)?;
        outcome
    }
}

/// Whether the kernel only says that the slice is over.
fn is_pause(error: &io::Error) -> bool {
    // Elsewhere than on Windows, `TimedOut` is the connection's own.
    let is_windows_pause = cfg!(windows) && error.kind() == ErrorKind::TimedOut;
    is_windows_pause || matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// Whether the peer reads nothing more.
fn is_hang_up(error: &Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(error, Error::Io(error)
        if matches!(error.kind(), BrokenPipe | ConnectionReset | ConnectionAborted))
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        let mut written = 0_usize;
        while written < amount {
            let outcome = self.within_limits(|socket| {
                let rest = socket.buffers.output().get(written..amount).unwrap_or_default();
                socket.stream.write(rest)
            });
            let sent = call::with(|call| call.progress.sent);
            match outcome {
                Ok(0) => return Err(io::Error::from(ErrorKind::WriteZero).into()),
                Ok(count) => written = written.saturating_add(count),
                // A response may have come before the whole request was read. Reading tells.
                Err(error) if sent && is_hang_up(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
            // The bytes of CONNECT and of the TLS handshake are no request.
            call::with(|call| {
                let is_request =
                    call.progress.stage == Stage::Open && call.nonblocking_reads.is_none();
                call.progress.sent |= is_request;
            });
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        let amount = match call::with(|call| call.nonblocking_reads) {
            None => self.within_limits(Socket::read)?,
            Some(0) => return Err(Error::Timeout(Timeout::Global)),
            Some(left) => {
                call::with(|call| call.nonblocking_reads = left.checked_sub(1));
                self.read_nonblocking()?
            }
        };
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        // Nobody asks: `Connection` reads to find out.
        true
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("peer", &self.stream.peer_addr().ok()).finish()
    }
}
