//! The kinds of errors. Each has a number that never changes.

/// Why a call failed.
///
/// The number of a kind (`kind as u32`) never changes, so foreign function interfaces can use it.
///
/// ```
/// # use nirvana_labs::{ErrorKind, Sandbox};
/// let error = Sandbox::new().api().get_organization("org_missing").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Status);
/// assert_eq!(error.kind() as u32, 7);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum ErrorKind {
    /// The key, the base URL, a header or another setting is invalid. Nothing was sent.
    Config = 1,
    /// An id, a limit or a body is invalid. Nothing was sent.
    Request = 2,
    /// The caller's [`CancelToken`](crate::CancelToken) was cancelled.
    Cancelled = 3,
    /// The caller's deadline or total timeout passed.
    Deadline = 4,
    /// The body of a 2xx response does not match the API schema.
    Decode = 5,
    /// The server repeated a cursor of a list.
    PaginationCycle = 6,
    /// The server responded with a status outside 2xx.
    Status = 7,
    /// The DNS lookup of the host failed.
    Dns = 20,
    /// The connection was refused, or the host is unreachable.
    Connect = 21,
    /// The connect timeout, or the timeout of the attempt, passed before a connection was open.
    ConnectTimeout = 22,
    /// TLS failed: the certificate or its host name was refused, or the server does not speak TLS.
    Tls = 23,
    /// The proxy was unreachable, or refused to connect to the host.
    Proxy = 24,
    /// The attempt took longer than its timeout.
    Timeout = 25,
    /// The connection closed before a response arrived.
    Closed = 26,
    /// The response ended before it was complete.
    Truncated = 27,
    /// The response was not valid HTTP, or could not be decompressed.
    Protocol = 28,
    /// The response is larger than [`max_body_bytes`](crate::ApiBuilder::max_body_bytes).
    TooLarge = 29,
    /// There was no usable response for another reason, such as an error of a custom transport.
    Other = 39,
}

impl ErrorKind {
    /// Returns whether there was no usable response. This is true for the numbers from 20 up.
    pub fn is_transport(self) -> bool {
        self as u32 >= ErrorKind::Dns as u32
    }

    pub(crate) fn is_timeout(self) -> bool {
        matches!(self, ErrorKind::Deadline | ErrorKind::ConnectTimeout | ErrorKind::Timeout)
    }
}
