//! TLS: which certificates are trusted, and what a failed handshake means. TLS itself is
//! ureq's, by rustls or the platform's own library.

#[cfg(any(feature = "rustls", feature = "native-tls"))]
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
pub(super) use ureq::unversioned::transport::NativeTlsConnector as TlsConnector;
#[cfg(feature = "rustls")]
pub(super) use ureq::unversioned::transport::RustlsConnector as TlsConnector;

/// Whether this build can speak https.
pub(super) const TLS_IS_AVAILABLE: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

/// What the caller says about TLS.
#[derive(Debug, Clone, Default)]
pub(crate) struct TlsOptions {
    /// Trust these instead of the default roots.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    roots: Vec<Certificate<'static>>,
    /// Trust what the platform trusts.
    #[cfg(feature = "platform-verifier")]
    pub(crate) platform_verifier: bool,
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
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

/// What a failed handshake means to the person who reads of it, by what the error's `Debug`
/// says: its type is that of rustls or OpenSSL, ureq's dependencies and not this crate's.
const REASONS: [(&str, &str); 16] = [
    ("NotValidForName", "the server's certificate is for another host"),
    ("NotValidYet", "the server's certificate is not valid yet; is this machine's clock right?"),
    ("xpired", "the server's certificate has expired"),
    ("CaUsedAsEndEntity", "the server's certificate is marked CA:TRUE; use one with CA:FALSE"),
    ("UnknownIssuer", "the certificate is self-signed or untrusted; see root_certificate_pem"),
    ("Revoked", "the server's certificate has been revoked"),
    ("InvalidContentType", "the server does not speak TLS; is it plain http?"),
    ("CertificateRequired", "the server requires a client certificate, which is not supported"),
    ("AlertReceived(ProtocolVersion)", "the server supports no TLS version in use"),
    ("AlertReceived", "the server ended the TLS handshake"),
    ("PeerIncompatible", "the server supports no TLS version or cipher in use"),
    ("InvalidCertificate", "the server's certificate is not valid"),
    (" mismatch", "the server's certificate is for another host"),
    ("not yet valid", "the server's certificate is not valid yet; is this machine's clock right?"),
    (UNVERIFIED, "the certificate is self-signed or untrusted; see root_certificate_pem"),
    ("wrong version number", "the server does not speak TLS; is it plain http?"),
];
/// What OpenSSL says of a certificate that is not one to trust.
const UNVERIFIED: &str = "certificate verify failed";

pub(super) fn explain(error: &ureq::Error) -> &'static str {
    let text = format!("{error:?}");
    let known = REASONS.iter().find(|(name, _)| text.contains(name));
    known.map_or("the TLS handshake failed", |(_, reason)| reason)
}

/// Whether the server requires a client certificate. With TLS 1.3, it says so only once the
/// client takes the handshake to be over.
pub(super) fn asks_for_certificate(error: &ureq::Error) -> bool {
    matches!(error, ureq::Error::Io(error) if format!("{error:?}").contains("CertificateRequired"))
}

/// Whether the server's certificate is not one to trust: it will not be, the next time.
pub(super) fn is_certificate_refusal(error: &ureq::Error) -> bool {
    let text = format!("{error:?}");
    text.contains("InvalidCertificate") || text.contains(UNVERIFIED)
}
