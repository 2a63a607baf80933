//! Reads the body of a response to its end, within a limit.

use std::cell::Cell;
use std::io::{self, Read};

use ureq::{Body, Error};

use super::Limits;
use crate::options::MAX_ERROR_BODY_BYTES;

/// The initial size of the buffer, if the response does not state its length.
const FIRST_BYTES: usize = 32 * 1024;
/// The largest initial size of the buffer, even if the response states a greater length.
const MAX_FIRST_BYTES: usize = 16 * 1024 * 1024;
/// The largest buffer that a thread keeps between calls.
const MAX_SPARE_BYTES: usize = 1024 * 1024;

thread_local! {
    /// The buffer of the latest body. It saves allocating and clearing one for each page of a list.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Keeps a buffer for the next body that this thread reads.
pub(crate) fn recycle(buffer: Vec<u8>) {
    if buffer.capacity() <= MAX_SPARE_BYTES {
        // This fails if the thread is ending. The thread then needs no buffer.
        let _ = SPARE.try_with(|spare| spare.set(buffer));
    }
}

/// Reads a body to its end, so that the connection can be used again.
///
/// Only the start of an error's body is kept. A failure to read it is ignored, because the status
/// says more, unless the caller has cancelled.
pub(super) fn read(body: Body, is_success: bool, limits: &Limits) -> Result<Vec<u8>, Error> {
    let limit = limits.max_body_bytes;
    let length = body.content_length();
    let mut reader = body.into_reader();
    if is_success {
        return fill(reader, length, limit);
    }
    let mut buffer = Vec::new();
    let keep = MAX_ERROR_BODY_BYTES.min(limit) as u64;
    let kept = reader.by_ref().take(keep).read_to_end(&mut buffer);
    let rest = kept.and_then(|_| io::copy(&mut reader.take(limit as u64), &mut io::sink()));
    match rest {
        Err(error) if limits.cancel_token.is_cancelled() => Err(error.into()),
        _ => Ok(buffer),
    }
}

/// Returns whether `body` is empty and not compressed. Reading an empty compressed body fails.
pub(super) fn is_empty(body: Body) -> bool {
    matches!(body.into_reader().read(&mut [0]), Ok(0))
}

/// Reads to the end, into a buffer that is at most one byte larger than the limit.
fn fill(mut reader: impl Read, length: Option<u64>, limit: usize) -> Result<Vec<u8>, Error> {
    let length = length.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    let too_large = || Error::BodyExceedsLimit(limit as u64);
    if length.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let ceiling = limit.saturating_add(1);
    // The buffer is one byte longer than the body: the last read needs room to see the end.
    let mut end = length.map_or(FIRST_BYTES, |length| length.saturating_add(1));
    end = end.min(ceiling).min(MAX_FIRST_BYTES);
    let mut buffer = SPARE.try_with(Cell::take).unwrap_or_default();
    let mut filled = 0_usize;
    loop {
        // `resize` alone would allocate more than was asked for.
        buffer.reserve_exact(end.saturating_sub(buffer.len()));
        buffer.resize(end, 0);
        // `read_to_end` would read in small parts.
        while let Some(room @ [_, ..]) = buffer.get_mut(filled..) {
            match reader.read(room)? {
                0 => {
                    buffer.truncate(filled);
                    return Ok(buffer);
                }
                read => filled = filled.saturating_add(read),
            }
        }
        if filled > limit {
            return Err(too_large());
        }
        end = grown(filled, ceiling);
    }
}

/// Returns the next size of a full buffer. If the ceiling is near, the buffer grows to it at once, so
/// that at most half the limit is copied.
fn grown(filled: usize, ceiling: usize) -> usize {
    let doubled = filled.saturating_mul(2);
    if doubled > ceiling / 2 { ceiling } else { doubled }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_doubles_until_the_ceiling_is_near() {
        for (filled, end) in [(10, 20), (25, 50), (26, 101), (60, 101)] {
            assert_eq!(grown(filled, 101), end);
        }
    }
}
