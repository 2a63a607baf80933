//! A connection as ureq uses it.

use std::io::{self, ErrorKind};
use std::mem;
use std::time::Instant;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport as UreqTransport};

use super::current;
use super::idle::{IdleConnection, Origin};

/// The length of a status line up to and including the status.
const STATUS_BYTES: usize = "HTTP/1.1 200 ".len();

/// An open connection that ureq is using.
///
/// It drops interim responses, tells a reset apart from a normal end, and goes to our own pool when
/// ureq drops it.
#[derive(Debug)]
pub(super) struct Connection {
    inner: Box<dyn UreqTransport>,
    /// The server that the connection leads to. `None` for the connection to a proxy, which carries
    /// the connection to the server.
    origin: Option<Origin>,
    /// Whether the head of the final response is still to come.
    awaits_head: bool,
    /// Whether the response was read to its end, so another request may follow.
    is_complete: bool,
}

impl Connection {
    pub(super) fn new(inner: Box<dyn UreqTransport>, origin: Option<Origin>) -> Connection {
        Connection { inner, origin, awaits_head: false, is_complete: false }
    }

    /// Reads once. Returns whether anything was read.
    fn read(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if self.inner.buffers().input_append_buf().is_empty() {
            // Reading into a full buffer would look like the end of the connection.
            let bytes = self.inner.buffers().input().len();
            return Err(Error::LargeResponseHeader(bytes, bytes));
        }
        let has_read = self.inner.await_input(timeout).map_err(distinguish_from_end)?;
        if has_read && self.origin.is_some() {
            current::note_received();
        }
        Ok(has_read)
    }

    /// Drops interim responses (RFC 9110, section 15.2) that have arrived completely, and the empty
    /// lines before them. Returns whether ureq may see the input: `false` if it still starts with an
    /// interim response.
    fn skip_interim_responses(&mut self) -> bool {
        let buffers = self.inner.buffers();
        loop {
            let input = buffers.input();
            if !is_skipped(input) {
                self.awaits_head = input.len() < STATUS_BYTES;
                return true;
            }
            let Some(length) = head_length(input) else { return false };
            buffers.input_consume(length);
            // Otherwise, ureq would parse an incomplete head again and again: after an
            // `input_consume` of more than 0 bytes, it does not read before it parses.
            buffers.input_consume(0);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(origin) = self.origin.take().filter(|_| self.is_complete) {
            // ureq is done with `self`, so nothing uses the placeholder.
            let connection = mem::replace(&mut self.inner, Box::new(()));
            current::leave_idle(IdleConnection { origin, connection, since: Instant::now() });
        }
    }
}

impl UreqTransport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.awaits_head = true;
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        loop {
            let has_read = self.read(timeout)?;
            if !has_read || !self.awaits_head || self.skip_interim_responses() {
                return Ok(has_read);
            }
        }
    }

    /// Returns `false` for a connection to the server. ureq asks when it has read a response to its
    /// end and nothing is left in the buffer. After `false`, ureq drops the connection, which then
    /// goes to our own pool.
    fn is_open(&mut self) -> bool {
        self.is_complete = true;
        // The probe of a connection through a proxy also probes the connection to the proxy.
        self.origin.is_none() && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// Returns whether `input` starts with an empty line, or with an interim response: any 1xx except
/// 101, which is final.
fn is_skipped(input: &[u8]) -> bool {
    let Some(rest) = input.strip_prefix(b"HTTP/1.") else {
        return matches!(input, [b'\n', ..] | [b'\r', b'\n', ..]);
    };
    matches!(rest, [b'0' | b'1', b' ', b'1', tens @ b'0'..=b'9', ones @ b'0'..=b'9', end, ..]
        if [*tens, *ones] != *b"01" && b" \r\n".contains(end))
}

/// Returns the length of the head, or of the empty line, at the start of `input`. Returns `None` if
/// the head is incomplete. A line may end with a bare line feed (RFC 9112, section 2.2).
fn head_length(input: &[u8]) -> Option<usize> {
    let mut length = 0_usize;
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        length = length.saturating_add(line.len());
        if matches!(line, b"\r\n" | b"\n") {
            return Some(length);
        }
    }
    None
}

/// Wraps a reset in another error. ureq would take a bare one for the end of a body without a
/// length.
fn distinguish_from_end(error: Error) -> Error {
    use ErrorKind::{ConnectionAborted, ConnectionReset, UnexpectedEof};
    match error {
        Error::Io(error)
            if matches!(error.kind(), ConnectionAborted | ConnectionReset | UnexpectedEof) =>
        {
            io::Error::other(error).into()
        }
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interim_responses_and_empty_lines_are_recognized() {
        for (input, expected) in [
            ("HTTP/1.1 100 Continue\r\n", true),
            ("HTTP/1.1 103\n", true),
            ("HTTP/1.1 1000 x\r\n", false),
            ("HTTP/1.1 199 \r\n", true),
            ("HTTP/1.1 101 Switching Protocols\r\n", false),
            ("HTTP/1.1 200 OK\r\n", false),
            ("HTTP/1.1 1x0", false),
            ("HTTP/1.1 10x ", false),
            ("\r\nHTTP/1.1 200 OK", true),
            ("\n", true),
            ("\r", false),
            ("\rHTTP/1.1 100 Continue\r\n", false),
            ("HTTP/1.1 10", false),
            ("HTTP/1.0 100 Continue\r\n", true),
            ("HTTP/1.2 100 Continue\r\n", false),
            ("", false),
        ] {
            assert_eq!(is_skipped(input.as_bytes()), expected, "{input:?}");
        }
    }

    #[test]
    fn a_head_ends_with_an_empty_line() {
        for (input, length) in [
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP", Some(25)),
            ("HTTP/1.1 100 Continue\n\nHTTP", Some(23)),
            ("HTTP/1.1 100 Continue\r\nvia: 1.1 gw\r\n\r\n", Some(38)),
            ("HTTP/1.1 100 Continue\r\n\r", None),
            ("HTTP/1.1 100 Continue\r\n", None),
        ] {
            assert_eq!(head_length(input.as_bytes()), length, "{input:?}");
        }
    }
}
