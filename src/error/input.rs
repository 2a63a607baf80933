//! What the caller gave that cannot be used. Nothing was sent.

use thiserror::Error;

/// What is invalid about a setting; see [`Error::Config`](crate::Error::Config).
#[derive(Debug, Error)]
#[error("{message}")]
pub struct ConfigError {
    pub(super) message: String,
}

impl ConfigError {
    /// What is wrong and what to do about it, without the value of a secret.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// What is invalid about a request; see [`Error::Request`](crate::Error::Request).
#[derive(Debug, Error)]
#[error("{message}")]
pub struct RequestError {
    pub(super) message: String,
}

impl RequestError {
    /// What is wrong and what to do about it.
    pub fn message(&self) -> &str {
        &self.message
    }
}
