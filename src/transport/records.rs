//! TLS records, followed as they come in.
//!
//! TLS keeps a record to itself until all of it has come, and says meanwhile that there is
//! nothing to read. A connection on which one has begun is not idle, and what it brings is no
//! answer to the next request.

use ureq::Error;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::watch::Watch;

/// Type, version and length.
const HEADER_BYTES: usize = 5;

/// What TLS reads from, and is told to nobody but the watch.
#[derive(Debug)]
pub(super) struct Records {
    transport: Box<dyn Transport>,
    watch: Watch,
    place: Place,
}

impl Records {
    pub(super) fn new(transport: Box<dyn Transport>, watch: Watch) -> Records {
        Records { transport, watch, place: Place::default() }
    }
}

impl Transport for Records {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.transport.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.transport.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let known = self.transport.buffers().input().len();
        let outcome = self.transport.await_input(timeout)?;
        let input = self.transport.buffers().input();
        let was_within = self.place.is_within();
        self.place.pass(input.get(known..).unwrap_or_default());
        if self.place.is_within() != was_within {
            self.watch.record(!was_within);
        }
        Ok(outcome)
    }

    fn is_open(&mut self) -> bool {
        self.transport.is_open()
    }

    fn is_tls(&self) -> bool {
        self.transport.is_tls()
    }
}

/// Where in a record the input ends.
#[derive(Debug, Default)]
struct Place {
    header: usize,
    length: u16,
    /// Of the record whose header has come.
    left: usize,
}

impl Place {
    fn pass(&mut self, mut bytes: &[u8]) {
        while let Some((byte, after)) = bytes.split_first() {
            if self.left > 0 {
                let passed = self.left.min(bytes.len());
                self.left = self.left.saturating_sub(passed);
                bytes = bytes.get(passed..).unwrap_or_default();
                continue;
            }
            // The length is in the last two bytes, which are all that is left in it.
            self.length = self.length << 8 | u16::from(*byte);
            self.header = self.header.saturating_add(1);
            if self.header == HEADER_BYTES {
                (self.header, self.left) = (0, self.length.into());
            }
            bytes = after;
        }
    }

    fn is_within(&self) -> bool {
        self.header > 0 || self.left > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_known_however_the_bytes_come() {
        let record = |length: usize| {
            let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
            [vec![23, 3, 3, high, low], vec![0xFF; length]].concat()
        };
        let records = [record(0), record(1), record(300), record(16_640)].concat();
        let ends: Vec<usize> = [0, 5, 11, 316, records.len()].to_vec();
        for step in [1, 2, 3, 7, 1000, records.len()] {
            let (mut place, mut passed) = (Place::default(), 0);
            for piece in records.chunks(step) {
                place.pass(piece);
                passed += piece.len();
                assert_eq!(place.is_within(), !ends.contains(&passed), "{passed}, by {step}");
            }
        }
    }
}
