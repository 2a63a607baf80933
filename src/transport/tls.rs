//! Whom to trust, and what a failed handshake means.

use std::error::Error as StdError;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
use std::sync::Arc;

#[cfg(any(feature = "rustls", feature = "native-tls"))]
use ureq::unversioned::transport::Connector;
use ureq::unversioned::transport::{ConnectionDetails, Transport};

/// Wraps connections in TLS. The connector within keeps what it made of its configuration.
#[derive(Debug, Clone, Default)]
pub(super) struct Tls {
    #[cfg(feature = "rustls")]
    connector: Arc<ureq::unversioned::transport::RustlsConnector>,
    #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
    connector: Arc<ureq::unversioned::transport::NativeTlsConnector>,
}

impl Tls {
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub(super) fn wrap(
        &self,
        details: &ConnectionDetails,
        transport: Box<dyn Transport>,
    ) -> Result<Box<dyn Transport>, ureq::Error> {
        match self.connector.connect(details, Some(transport))? {
            Some(wrapped) => Ok(Box::new(wrapped)),
            None => Err(ureq::Error::TlsRequired),
        }
    }

    #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
    pub(super) fn wrap(
        &self,
        _: &ConnectionDetails,
        _: Box<dyn Transport>,
    ) -> Result<Box<dyn Transport>, ureq::Error> {
        Err(ureq::Error::TlsRequired)
    }
}

/// What the caller says about TLS.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[derive(Debug, Clone, Default)]
pub(crate) struct TlsOptions {
    /// Trust these instead of the built-in roots.
    pub(crate) roots: Vec<ureq::tls::Certificate<'static>>,
    /// Trust what the platform trusts.
    #[cfg(feature = "platform-verifier")]
    pub(crate) platform: bool,
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
impl TlsOptions {
    /// Adds every certificate in `pem`; says what is wrong with it otherwise.
    pub(crate) fn add_roots(&mut self, pem: &[u8]) -> Result<(), &'static str> {
        let before = self.roots.len();
        for item in ureq::tls::parse_pem(pem) {
            match item {
                Ok(ureq::tls::PemItem::Certificate(certificate)) if is_readable(&certificate) => {
                    self.roots.push(certificate);
                }
                Ok(_) => {}
                Err(_) => return Err("it is not PEM"),
            }
        }
        if self.roots.len() == before {
            return Err("it holds no certificate that can be read");
        }
        Ok(())
    }

    pub(super) fn config(&self) -> ureq::tls::TlsConfig {
        use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
        let rustls = cfg!(feature = "rustls");
        let provider = if rustls { TlsProvider::Rustls } else { TlsProvider::NativeTls };
        let roots = if !self.roots.is_empty() {
            RootCerts::new_with_certs(&self.roots)
        } else if self.trusts_platform() {
            RootCerts::PlatformVerifier
        } else {
            RootCerts::WebPki
        };
        TlsConfig::builder().provider(provider).root_certs(roots).build()
    }

    /// The platform's own TLS library trusts what the platform does.
    fn trusts_platform(&self) -> bool {
        #[cfg(feature = "platform-verifier")]
        let asked = self.platform;
        #[cfg(not(feature = "platform-verifier"))]
        let asked = false;
        asked || !cfg!(feature = "rustls")
    }
}

/// Whether rustls would not leave it out without a word.
#[cfg(feature = "rustls")]
fn is_readable(certificate: &ureq::tls::Certificate<'_>) -> bool {
    rustls::RootCertStore::empty().add(certificate.der().into()).is_ok()
}

#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
fn is_readable(_: &ureq::tls::Certificate<'_>) -> bool {
    true
}

/// What a failed handshake means to the person who reads of it.
pub(super) fn explain(error: &(dyn StdError + 'static)) -> &'static str {
    #[cfg(feature = "rustls")]
    if let Some(meaning) = find(error).and_then(meaning) {
        return meaning;
    }
    let _ = error;
    "the TLS handshake failed"
}

/// The error of rustls, which ureq and `std::io` have wrapped.
#[cfg(feature = "rustls")]
fn find<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    match error.downcast_ref::<ureq::Error>() {
        Some(ureq::Error::Rustls(error)) => return Some(error),
        Some(ureq::Error::Io(error)) => return error.get_ref()?.downcast_ref(),
        _ => {}
    }
    error.downcast_ref()
}

#[cfg(feature = "rustls")]
fn meaning(error: &rustls::Error) -> Option<&'static str> {
    use rustls::{CertificateError as Certificate, Error, InvalidMessage};
    match error {
        Error::InvalidCertificate(problem) => Some(match problem {
            Certificate::Expired | Certificate::ExpiredContext { .. } => {
                "the server's certificate has expired"
            }
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet; is this machine's clock right?"
            }
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                "the server's certificate is for another host"
            }
            Certificate::UnknownIssuer => {
                "the server's certificate is self-signed or from an authority that is not \
                 trusted; ApiBuilder::root_certificate_pem adds one"
            }
            Certificate::Revoked => "the server's certificate has been revoked",
            _ if format!("{problem:?}").contains("CaUsedAsEndEntity") => {
                "the server's certificate is self-signed and marked as that of an authority, \
                 which no server may use"
            }
            _ => "the server's certificate is not valid",
        }),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            Some("the server does not speak TLS; is it plain http?")
        }
        Error::AlertReceived(_) => Some("the server broke off the TLS handshake"),
        Error::PeerIncompatible(_) => Some("the server speaks no TLS version or cipher in use"),
        _ => None,
    }
}
