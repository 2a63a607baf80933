//! The buffers of a socket. Unlike ureq's own, the input can be taken away whole: a body that
//! has come with its head is decoded where it lies, and not copied first.

use ureq::unversioned::transport::Buffers;

use super::Body;

/// One page of a list in one read.
const INPUT_BYTES: usize = 64 * 1024;
const OUTPUT_BYTES: usize = 16 * 1024;

#[derive(Default)]
pub(super) struct SocketBuffers {
    input: Vec<u8>,
    /// Where in `input` the bytes are that were read and not consumed.
    start: usize,
    end: usize,
    /// The last look at the input consumed some of it.
    progress: bool,
    output: Vec<u8>,
}

impl SocketBuffers {
    /// The first `len` bytes of the input, if they have come, in the buffer that they are in.
    /// The buffer that this thread decoded last takes its place.
    pub(super) fn take_input(&mut self, len: usize) -> Option<Body> {
        if self.input().len() != len {
            return None;
        }
        let spare = Body::spare();
        let taken = std::mem::replace(&mut self.input, spare.buffer);
        let body = Body { buffer: taken, start: self.start, len };
        (self.start, self.end) = (0, 0);
        Some(body)
    }

    fn allocate(&mut self) {
        if self.input.len() < INPUT_BYTES {
            self.input.resize(INPUT_BYTES, 0);
        }
        if self.output.len() < OUTPUT_BYTES {
            self.output.resize(OUTPUT_BYTES, 0);
        }
    }
}

impl Buffers for SocketBuffers {
    fn output(&mut self) -> &mut [u8] {
        self.allocate();
        &mut self.output
    }

    fn input(&self) -> &[u8] {
        self.input.get(self.start..self.end).unwrap_or_default()
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.allocate();
        if self.start > 0 {
            self.input.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end.saturating_sub(self.start));
        }
        self.input.get_mut(self.end..).unwrap_or_default()
    }

    fn input_appended(&mut self, amount: usize) {
        self.end = self.end.saturating_add(amount).min(self.input.len());
    }

    fn input_consume(&mut self, amount: usize) {
        self.progress = amount > 0;
        self.start = self.start.saturating_add(amount).min(self.end);
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        self.allocate();
        (self.input.get_mut(self.end..).unwrap_or_default(), &mut self.output)
    }

    fn can_use_input(&self) -> bool {
        !self.input().is_empty() && self.progress
    }
}
