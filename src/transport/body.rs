//! The body of a response: read to its end, decompressed, and held to a limit.

use std::fmt;
use std::io::{self, BufRead, Read};

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use ureq::Error;
use ureq_proto::BodyMode;
use ureq_proto::client::Call;
use ureq_proto::client::state::RecvBody;

use super::connection::{Connection, closed};
use super::{Body, MAX_ERROR_BODY_BYTES};

/// What a buffer has room for, where the body does not say how long it is.
const FIRST_BYTES: usize = 16 * 1024;
/// Where the line before or after a chunk is longer, it is taken for an attack.
const MAX_CHUNK_LINE_BYTES: usize = 16 * 1024;
/// What is set aside on the word of a server alone.
const MAX_FIRST_BYTES: usize = 16 * 1024 * 1024;

/// Reads the body to its end, so that the connection can be used again, and says whether it
/// can. Of the body of an error the beginning is kept, and what may be wrong with it does not
/// matter: the status is known, and says more.
pub(super) fn receive(
    call: Call<RecvBody>,
    connection: &mut Connection,
    head: &mut http::response::Parts,
    limit: usize,
) -> Result<(Body, bool), Error> {
    let success = head.status.is_success();
    let gzip = cfg!(feature = "gzip") && has_token(&head.headers, "content-encoding", "gzip");
    if let BodyMode::LengthDelimited(length) = call.body_mode() {
        let wanted = success && !gzip && length <= to_u64(limit);
        if let Some(body) = wanted.then(|| connection.take_body(length)).flatten() {
            return Ok((body, true));
        }
    }
    let mut source = Source::new(call, connection);
    let mut body = Body::spare();
    let keep = if success { u64::MAX } else { to_u64(MAX_ERROR_BODY_BYTES.min(limit)) };
    let outcome = if gzip {
        // They speak of what came, not of what the caller sees.
        head.headers.remove(CONTENT_ENCODING);
        head.headers.remove(CONTENT_LENGTH);
        match source.fill_buf().map(<[u8]>::is_empty) {
            Ok(false) => read(&mut decompress(&mut source).take(keep), None, limit, &mut body),
            // Nothing is nothing, whatever it says of its encoding.
            Ok(true) => Ok(()),
            Err(error) => Err(error.into()),
        }
    } else {
        let length = source.length_left();
        read(&mut source.by_ref().take(keep), length.filter(|_| success), limit, &mut body)
    };
    match outcome.and_then(|()| source.drain(limit)) {
        Ok(()) => Ok((body, source.is_reusable())),
        Err(_) if !success && !source.connection.watch.is_cancelled() => Ok((body, false)),
        Err(Error::Io(error)) if gzip && !source.failed && unusable(&error).is_none() => {
            Err(Unusable::Corrupt(error).into())
        }
        Err(error) => Err(error),
    }
}

/// Whether one of the comma-separated words of a header is `word`.
pub(super) fn has_token(headers: &HeaderMap, name: &str, word: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|token| token.trim().eq_ignore_ascii_case(word))
}

fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(feature = "gzip")]
fn decompress<'a>(source: &'a mut Source<'_>) -> impl Read + 'a {
    flate2::bufread::MultiGzDecoder::new(source)
}

#[cfg(not(feature = "gzip"))]
fn decompress<'a>(source: &'a mut Source<'_>) -> impl Read + 'a {
    source
}

/// Reads to the end, into a buffer that never grows beyond the limit and one byte.
fn read(
    source: &mut impl Read,
    length: Option<u64>,
    limit: usize,
    body: &mut Body,
) -> Result<(), Error> {
    let length = length.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if length.is_some_and(|length| length > limit) {
        return Err(Unusable::TooLarge(limit).into());
    }
    let ceiling = limit.saturating_add(1);
    // One more than it says, so that there is room to be told the end.
    let room = length.map_or(FIRST_BYTES, |length| length.saturating_add(1));
    body.make_room(room.min(ceiling).min(MAX_FIRST_BYTES));
    loop {
        match source.read(body.room(ceiling))? {
            0 => return Ok(()),
            amount => body.len = body.len.saturating_add(amount),
        }
        if body.len > limit {
            return Err(Unusable::TooLarge(limit).into());
        }
        if body.len == body.buffer.len() {
            // Straight to the ceiling where it is near: what is copied is half the limit at
            // most.
            let doubled = body.len.saturating_mul(2);
            body.make_room(if doubled > limit / 2 { ceiling } else { doubled });
        }
    }
}

/// The body as it comes over the connection, chunks taken apart.
struct Source<'a> {
    call: Call<RecvBody>,
    connection: &'a mut Connection,
    mode: BodyMode,
    /// Of a chunked body: what lies ready, and how much of it has been read.
    chunk: Vec<u8>,
    read: usize,
    ended: bool,
    failed: bool,
}

impl<'a> Source<'a> {
    fn new(call: Call<RecvBody>, connection: &'a mut Connection) -> Source<'a> {
        let mode = call.body_mode();
        let ended = matches!(mode, BodyMode::NoBody | BodyMode::LengthDelimited(0));
        Source { call, connection, mode, chunk: Vec::new(), read: 0, ended, failed: false }
    }

    fn length_left(&self) -> Option<u64> {
        match self.mode {
            BodyMode::LengthDelimited(left) => Some(left),
            _ => None,
        }
    }

    /// Sees to it that there is something to be read, or that the body has ended.
    fn fill(&mut self) -> Result<(), Error> {
        if self.ended || self.read < self.chunk.len() {
            return Ok(());
        }
        if self.mode == BodyMode::Chunked {
            return self.fill_chunk();
        }
        if self.connection.buffers().input().is_empty() && !self.connection.fill()? {
            self.ended = true;
            if self.mode != BodyMode::CloseDelimited {
                return Err(closed());
            }
        }
        Ok(())
    }

    fn fill_chunk(&mut self) -> Result<(), Error> {
        self.read = 0;
        self.chunk.resize(FIRST_BYTES, 0);
        let mut produced = 0;
        while produced == 0 && !self.call.can_proceed() {
            if !self.connection.fill()? {
                self.chunk.clear();
                self.ended = true;
                // Some servers leave out the last line break.
                return if self.call.is_ended_chunked() { Ok(()) } else { Err(closed()) };
            }
            let input = self.connection.buffers().input();
            let used;
            (used, produced) = self.call.read(input, &mut self.chunk)?;
            if used == 0 && produced == 0 && input.len() >= MAX_CHUNK_LINE_BYTES {
                return Err(ureq_proto::Error::ChunkExpectedCrLf.into());
            }
            self.connection.buffers().input_consume(used);
        }
        self.chunk.truncate(produced);
        self.ended = produced == 0;
        Ok(())
    }

    /// Reads what is left, if that is within the limit.
    fn drain(&mut self, limit: usize) -> Result<(), Error> {
        if self.ended {
            return Ok(());
        }
        io::copy(&mut self.by_ref().take(to_u64(limit)), &mut io::sink())?;
        Ok(())
    }

    /// Whether the body came to its end, and the end is not that of the connection.
    fn is_reusable(&self) -> bool {
        match self.mode {
            BodyMode::CloseDelimited => false,
            BodyMode::Chunked => self.call.can_proceed(),
            BodyMode::NoBody | BodyMode::LengthDelimited(_) => self.ended,
        }
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if let Err(error) = self.fill() {
            self.failed = true;
            return Err(error.into_io());
        }
        if self.ended {
            return Ok(&[]);
        }
        Ok(match self.mode {
            BodyMode::Chunked => self.chunk.get(self.read..).unwrap_or_default(),
            BodyMode::LengthDelimited(left) => {
                let input = self.connection.buffers().input();
                input.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(input)
            }
            BodyMode::NoBody | BodyMode::CloseDelimited => self.connection.buffers().input(),
        })
    }

    fn consume(&mut self, amount: usize) {
        match &mut self.mode {
            BodyMode::Chunked => self.read = self.read.saturating_add(amount),
            BodyMode::LengthDelimited(left) => {
                self.connection.buffers().input_consume(amount);
                *left = left.saturating_sub(to_u64(amount));
                self.ended = *left == 0;
            }
            BodyMode::NoBody | BodyMode::CloseDelimited => {
                self.connection.buffers().input_consume(amount);
            }
        }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let amount = ready.len().min(into.len());
        if let (Some(ready), Some(into)) = (ready.get(..amount), into.get_mut(..amount)) {
            into.copy_from_slice(ready);
        }
        self.consume(amount);
        Ok(amount)
    }
}

/// Why a body cannot be used, inside of an [`io::Error`].
#[derive(Debug)]
pub(super) enum Unusable {
    /// More than this many bytes.
    TooLarge(usize),
    Corrupt(io::Error),
}

/// What is inside of `error`, if it is that.
pub(super) fn unusable(error: &io::Error) -> Option<&Unusable> {
    error.get_ref()?.downcast_ref()
}

impl From<Unusable> for Error {
    fn from(error: Unusable) -> Error {
        io::Error::other(error).into()
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unusable::TooLarge(limit) => write!(f, "larger than {limit} bytes"),
            Unusable::Corrupt(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Unusable {}
