//! One attempt as observers and logs see it.

use std::fmt;
use std::time::Duration;

use http::Method;

use crate::transport::SendError;

/// One attempt as an observer sees it: see [`ApiBuilder::observe`](crate::ApiBuilder::observe). The
/// client also logs its `Display` at `debug!`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The HTTP method.
    pub method: &'a Method,
    /// The path that was sent, including the base URL's own path, without the query. The API key is
    /// redacted.
    pub path: &'a str,
    /// The number of the attempt within the call, starting at 1.
    pub number: u32,
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// Why there was no usable response, if there was none.
    pub failure: Option<&'a SendError>,
    /// How long the attempt took, including the body of the response.
    pub elapsed: Duration,
    /// How long the client waits before the next attempt; `None` if the call ends.
    pub wait: Option<Duration>,
    /// Why the client does not retry although a retry might help: `not idempotent`, `retries used
    /// up`, `wait too long`, `no time left`, `budget spent` or `cancelled`. The text is for people,
    /// not for programs.
    pub no_retry: Option<&'static str>,
}

impl fmt::Display for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.method, self.path)?;
        match (self.status, self.failure) {
            (Some(status), _) => write!(f, "{status}")?,
            (None, Some(failure)) => write!(f, "{failure}")?,
            (None, None) => f.write_str("no response")?,
        }
        write!(f, " in {:.1?}, attempt {}", self.elapsed, self.number)?;
        match (self.wait, self.no_retry) {
            (Some(wait), _) => write!(f, ", again in {wait:.1?}"),
            (None, Some(why)) => write!(f, ", no retry: {why}"),
            (None, None) => Ok(()),
        }
    }
}
