//! The kinds of error, each with its number.

/// Why a call failed, in one word. As a number (`kind as u32`) it never changes, for foreign
/// function interfaces.
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
    /// The caller's deadline passed.
    Deadline = 4,
    /// The server responded with a 2xx whose body is not what the API schema says.
    Decode = 5,
    /// The server repeated a cursor of a list.
    PaginationCycle = 6,
    /// The server responded with a status outside 2xx.
    Status = 7,
    /// The DNS lookup of the host failed.
    Dns = 20,
    /// The connection was refused or the host cannot be reached.
    Connect = 21,
    /// The connect timeout passed before there was a connection.
    ConnectTimeout = 22,
    /// TLS could not be agreed: certificate, host name, or no TLS at all.
    Tls = 23,
    /// The proxy could not be reached, or refused.
    Proxy = 24,
    /// The attempt took longer than its timeout.
    Timeout = 25,
    /// The connection closed before a response.
    Closed = 26,
    /// The response ended before it was complete.
    Truncated = 27,
    /// The response was not valid HTTP.
    Protocol = 28,
    /// The response is larger than the limit.
    TooLarge = 29,
    /// No usable response for another reason, from a custom transport for example.
    Other = 39,
}

impl ErrorKind {
    /// Returns whether no usable response came: the numbers from 20 on.
    pub fn is_transport(self) -> bool {
        self as u32 >= ErrorKind::Dns as u32
    }

    /// Returns whether time ran out: the timeout of an attempt, of connecting, or the deadline.
    pub fn is_timeout(self) -> bool {
        matches!(self, ErrorKind::Deadline | ErrorKind::ConnectTimeout | ErrorKind::Timeout)
    }
}
