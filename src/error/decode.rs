//! A response that is not what the API schema says.

use thiserror::Error;

use super::call::{Call, Note, call_accessors};

/// A 2xx response whose body is not what the API schema says; see
/// [`Error::Decode`](crate::Error::Decode).
#[derive(Debug, Error)]
#[error(
    "{call}: {status} with an invalid body: {reason}{} (byte {position}, near {snippet:?}){}{}",
    Note(" at ", Some(field).filter(|field| !field.is_empty()), ""),
    Note(" [request id ", request_id.as_ref(), "]"),
    call.tries()
)]
pub struct DecodeError {
    pub(crate) call: Call,
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) field: String,
    pub(crate) position: usize,
    pub(crate) reason: String,
    pub(crate) snippet: String,
}

impl DecodeError {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The server's id of the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The path of the field that is wrong, `items[3].created_at` for example; empty
    /// for the document itself.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The position in the body, in bytes from its start.
    pub fn position(&self) -> usize {
        self.position
    }

    /// What is wrong there.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// A piece of the body around the position, without the API key.
    pub fn snippet(&self) -> &str {
        &self.snippet
    }
}

call_accessors!(DecodeError);
