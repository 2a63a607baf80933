//! The caller's own limits.

use super::call::{Call, call_accessors};

/// A call that the caller's own limit ended; see [`Error::Cancelled`](crate::Error::Cancelled) and
/// [`Error::Deadline`](crate::Error::Deadline).
#[derive(Debug)]
pub struct InterruptedError {
    pub(crate) call: Call,
    pub(crate) may_have_been_processed: bool,
}

call_accessors!(InterruptedError);

impl InterruptedError {
    /// The line that says so, where `what` ended the call.
    pub(super) fn line(&self, what: &str) -> String {
        let early = if self.may_have_been_processed { "" } else { " before anything took effect" };
        format!("{}: {what}{early}{}", self.call, self.call.tries())
    }
}
