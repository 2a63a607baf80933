//! The platform's own library, by ureq's connector. It trusts what the platform does.

use std::error::Error as StdError;
use std::sync::Arc;

use ureq::Error;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};
use ureq::unversioned::transport::{ConnectionDetails, Connector, NativeTlsConnector, Transport};

/// What the caller says about TLS.
#[derive(Debug, Clone, Default)]
pub(crate) struct TlsOptions {
    /// Trust these instead of what the platform does.
    roots: Vec<Certificate<'static>>,
}

impl TlsOptions {
    /// Adds every certificate in `pem`; says what is wrong with it otherwise.
    pub(crate) fn add_roots(&mut self, pem: &[u8]) -> Result<(), &'static str> {
        let before = self.roots.len();
        for item in parse_pem(pem) {
            if let PemItem::Certificate(certificate) = item.map_err(|_| "it is not PEM")? {
                self.roots.push(certificate);
            }
        }
        if self.roots.len() > before { Ok(()) } else { Err("it holds no certificate") }
    }

    /// What ureq's connector reads.
    pub(in super::super) fn config(&self) -> TlsConfig {
        let roots = match &*self.roots {
            [] => RootCerts::PlatformVerifier,
            roots => RootCerts::new_with_certs(roots),
        };
        TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(roots).build()
    }
}

/// Wraps connections in TLS. The connector within keeps what it made of its configuration.
#[derive(Debug, Clone)]
pub(in super::super) struct Tls(Arc<NativeTlsConnector>);

impl Tls {
    pub(in super::super) fn new(_: &TlsOptions) -> Tls {
        Tls(Arc::default())
    }

    pub(in super::super) fn wrap(
        &self,
        details: &ConnectionDetails<'_>,
        transport: Box<dyn Transport>,
    ) -> Result<Box<dyn Transport>, Error> {
        match self.0.connect(details, Some(transport))? {
            Some(wrapped) => Ok(Box::new(wrapped)),
            None => Err(Error::TlsRequired),
        }
    }
}

pub(in super::super) fn explain(_: &(dyn StdError + 'static)) -> &'static str {
    "the TLS handshake failed"
}

pub(in super::super) fn asks_for_certificate(_: &(dyn StdError + 'static)) -> bool {
    false
}
