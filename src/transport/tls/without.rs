//! No TLS: plain http alone.

use std::error::Error as StdError;

use ureq::Error;
use ureq::unversioned::transport::{ConnectionDetails, Transport};

#[derive(Debug, Clone, Default)]
pub(crate) struct TlsOptions {}

#[derive(Debug, Clone)]
pub(in super::super) struct Tls;

impl Tls {
    pub(in super::super) fn new(_: &TlsOptions) -> Tls {
        Tls
    }

    /// Refuses, where a proxy is reached by https: a server that is has been refused before.
    pub(in super::super) fn wrap(
        &self,
        _: &ConnectionDetails<'_>,
        _: Box<dyn Transport>,
    ) -> Result<Box<dyn Transport>, Error> {
        Err(Error::TlsRequired)
    }
}

pub(in super::super) fn explain(_: &(dyn StdError + 'static)) -> &'static str {
    "this build has no TLS"
}

pub(in super::super) fn asks_for_certificate(_: &(dyn StdError + 'static)) -> bool {
    false
}
