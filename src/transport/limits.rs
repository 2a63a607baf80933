//! What an attempt must keep to.

use std::time::{Duration, Instant};

use crate::options::{self, CancelToken};

/// The limits of one attempt. Those of [`Limits::default`] are for a unit test of a transport:
/// 10 s for connecting, 10 MiB for the response body, and no end.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// When the attempt must be over; `None` if it may take any time.
    pub deadline: Option<Instant>,
    /// How long opening a connection may take.
    pub connect_timeout: Duration,
    /// The most bytes of a response body that the caller takes, after decompression.
    pub max_body_bytes: usize,
    /// The caller's token. A transport that waits should look at it a few times a second, and end
    /// with any error once it is cancelled.
    pub cancel_token: CancelToken,
}

impl Limits {
    /// Returns how long this attempt may still take: `None` if there is no limit.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            deadline: None,
            connect_timeout: options::CONNECT_TIMEOUT,
            max_body_bytes: options::MAX_BODY_BYTES,
            cancel_token: CancelToken::new(),
        }
    }
}
