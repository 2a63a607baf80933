//! One attempt, as observers and logs see it.

use std::fmt;
use std::time::Duration;

use http::Method;

use crate::transport::SendError;

/// One attempt at a request, as an observer sees it: see
/// [`ApiBuilder::observe`](crate::ApiBuilder::observe). Its `Display` is what the client
/// logs at `debug!`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path as it was sent, that of the base URL included, without the query and without the
    /// API key.
    pub path: &'a str,
    /// The number of the attempt within the call, from 1.
    pub number: u32,
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// Why there was no response.
    pub failure: Option<&'a SendError>,
    /// How long the attempt took, body included.
    pub elapsed: Duration,
    /// How long the client now waits before it tries again; `None` where the call ends.
    pub wait: Option<Duration>,
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
        match self.wait {
            Some(wait) => write!(f, ", again in {wait:.1?}"),
            None => Ok(()),
        }
    }
}
