//! Chooses which certificates are trusted. TLS itself comes from ureq, with rustls or the
//! platform's library.

#[cfg(any(feature = "rustls", feature = "native-tls"))]
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
pub(super) use ureq::unversioned::transport::NativeTlsConnector as TlsConnector;
#[cfg(feature = "rustls")]
pub(super) use ureq::unversioned::transport::RustlsConnector as TlsConnector;

/// Whether this build can speak https.
pub(super) const TLS_IS_AVAILABLE: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

/// The caller's TLS settings.
#[derive(Debug, Clone, Default)]
pub(crate) struct TlsOptions {
    /// The certificates to trust instead of the default roots.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    roots: Vec<Certificate<'static>>,
    /// Whether to trust the authorities that the platform trusts.
    #[cfg(feature = "platform-verifier")]
    pub(crate) platform_verifier: bool,
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
impl TlsOptions {
    /// Adds every certificate in `pem`. The error says what is wrong with it.
    pub(crate) fn add_roots(&mut self, pem: &[u8]) -> Result<(), &'static str> {
        let before = self.roots.len();
        for item in parse_pem(pem) {
            if let PemItem::Certificate(certificate) = item.map_err(|_| "it is not PEM")? {
                self.roots.push(certificate);
            }
        }
        if self.roots.len() > before { Ok(()) } else { Err("it contains no certificate") }
    }

    pub(super) fn config(&self) -> TlsConfig {
        #[cfg(feature = "rustls")]
        let (provider, default_roots) = (TlsProvider::Rustls, RootCerts::WebPki);
        #[cfg(not(feature = "rustls"))]
        let (provider, default_roots) = (TlsProvider::NativeTls, RootCerts::PlatformVerifier);
        #[cfg(feature = "platform-verifier")]
        let default_roots =
            if self.platform_verifier { RootCerts::PlatformVerifier } else { default_roots };
        let roots = match &*self.roots {
            [] => default_roots,
            roots => RootCerts::new_with_certs(roots),
        };
        TlsConfig::builder().provider(provider).root_certs(roots).build()
    }
}
