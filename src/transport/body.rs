//! The body of a response: read to its end, and held to a limit.

use std::cell::Cell;
use std::io::{self, Read};

use ureq::{Body, Error};

use super::call::{self, Call};

/// What is kept of the body of an error.
pub(crate) const MAX_ERROR_BODY_BYTES: usize = 64 * 1024;
/// What a buffer has room for, where the body does not say how long it is.
const FIRST_BYTES: usize = 32 * 1024;
/// What is allocated on the word of a server alone.
const MAX_FIRST_BYTES: usize = 16 * 1024 * 1024;
/// What a thread keeps between calls at most.
const MAX_SPARE_BYTES: usize = 1024 * 1024;

thread_local! {
    /// The buffer of the body that this thread read last. A list reads all its pages into one.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Leaves a buffer to the next body that this thread reads.
pub(crate) fn recycle(buffer: Vec<u8>) {
    if buffer.capacity() <= MAX_SPARE_BYTES {
        // A thread that ends keeps nothing.
        let _ = SPARE.try_with(|spare| spare.set(buffer));
    }
}

/// Reads a body to its end, so that the connection can be used again.
///
/// Of the body of an error the beginning is kept, and what may be wrong with it does not
/// matter: the status is known, and says more.
pub(super) fn read(body: Body, is_success: bool, limit: usize) -> Result<Vec<u8>, Error> {
    let length = body.content_length();
    let mut reader = body.into_reader();
    let mut buffer = SPARE.try_with(Cell::take).unwrap_or_default();
    if is_success {
        return fill(reader, length, limit, buffer);
    }
    buffer.clear();
    let keep = MAX_ERROR_BODY_BYTES.min(limit) as u64;
    let kept = reader.by_ref().take(keep).read_to_end(&mut buffer);
    let outcome = kept.and_then(|_| io::copy(&mut reader.take(limit as u64), &mut io::sink()));
    match outcome {
        Err(error) if call::with(|call| Call::is_cancelled(call)) => Err(error.into()),
        _ => Ok(buffer),
    }
}

/// Reads to the end into a buffer that never grows beyond the limit and one byte.
fn fill(
    mut reader: impl Read,
    length: Option<u64>,
    limit: usize,
    mut buffer: Vec<u8>,
) -> Result<Vec<u8>, Error> {
    let length = length.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    let too_large = || Error::BodyExceedsLimit(limit as u64);
    if length.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let ceiling = limit.saturating_add(1);
    // One more than the length, so that there is room to be told the end.
    let mut end = length.map_or(FIRST_BYTES, |length| length.saturating_add(1));
    end = end.min(ceiling).min(MAX_FIRST_BYTES);
    let mut filled = 0_usize;
    loop {
        // Not more, as a vector left to itself would.
        buffer.reserve_exact(end.saturating_sub(buffer.len()));
        buffer.resize(end, 0);
        while let Some(room @ [_, ..]) = buffer.get_mut(filled..) {
            match reader.read(room)? {
                0 => {
                    buffer.truncate(filled);
                    return Ok(buffer);
                }
                count => filled = filled.saturating_add(count),
            }
        }
        if filled > limit {
            return Err(too_large());
        }
        // Straight to the ceiling where it is near: what is copied is half the limit at most.
        let doubled = filled.saturating_mul(2);
        end = if doubled > limit / 2 { ceiling } else { doubled };
    }
}
