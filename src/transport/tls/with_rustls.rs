//! rustls, with Mozilla's authorities, the platform's, or those that the caller gives.
//!
//! ureq has a connector for it as well, in which a server's certificate cannot be trusted for
//! itself, and which builds rustls with its log.

mod trusted;

use std::error::Error as StdError;
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Arc, OnceLock};

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{AlertDescription, ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, NextTimeout, Transport, TransportAdapter,
};

use super::super::buffers::SocketBuffers;
use trusted::Trusted;

/// What the caller says about TLS.
#[derive(Debug, Clone, Default)]
pub(crate) struct TlsOptions {
    /// Trust these instead of the built-in roots.
    roots: Vec<CertificateDer<'static>>,
    /// Trust what the platform trusts.
    #[cfg(feature = "platform-verifier")]
    pub(crate) platform: bool,
}

impl TlsOptions {
    /// Adds every certificate in `pem`; says what is wrong with it otherwise.
    pub(crate) fn add_roots(&mut self, pem: &[u8]) -> Result<(), &'static str> {
        let before = self.roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| "it is not PEM")?;
            // In a bundle, one that nobody could use does no harm.
            if RootCertStore::empty().add(certificate.clone()).is_ok() {
                self.roots.push(certificate);
            }
        }
        if self.roots.len() > before {
            return Ok(());
        }
        Err("it holds no certificate that can be read")
    }

    fn client_config(&self) -> Result<ClientConfig, rustls::Error> {
        let provider = CryptoProvider::get_default().cloned();
        let provider = provider.unwrap_or_else(|| Arc::new(ring::default_provider()));
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        Ok(match self.verifier(&provider)? {
            Some(verifier) => builder
                // Only a name: neither of the two lets through what is not trusted.
                .dangerous()
                .with_custom_certificate_verifier(verifier)
                .with_no_client_auth(),
            None => {
                let roots = webpki_roots::TLS_SERVER_ROOTS.to_vec();
                builder.with_root_certificates(RootCertStore { roots }).with_no_client_auth()
            }
        })
    }

    /// Whom to trust, unless it is the built-in list.
    fn verifier(
        &self,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Option<Arc<dyn ServerCertVerifier>>, rustls::Error> {
        if !self.roots.is_empty() {
            return Ok(Some(Arc::new(Trusted::new(&self.roots, provider)?)));
        }
        #[cfg(feature = "platform-verifier")]
        if self.platform {
            let provider = Arc::clone(provider);
            return Ok(Some(Arc::new(rustls_platform_verifier::Verifier::new(provider)?)));
        }
        Ok(None)
    }
}

/// Wraps connections in TLS.
#[derive(Debug, Clone)]
pub(in super::super) struct Tls(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    options: TlsOptions,
    /// Made of them for the first connection, and kept.
    config: OnceLock<Arc<ClientConfig>>,
}

impl Tls {
    pub(in super::super) fn new(options: &TlsOptions) -> Tls {
        Tls(Arc::new(Shared { options: options.clone(), config: OnceLock::new() }))
    }

    pub(in super::super) fn wrap(
        &self,
        details: &ConnectionDetails<'_>,
        transport: Box<dyn Transport>,
    ) -> Result<Box<dyn Transport>, Error> {
        let host = details.uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host).map_err(unusable)?;
        let session = ClientConnection::new(self.config().map_err(unusable)?, name);
        let socket = TransportAdapter::new(transport, Arc::clone(&details.current_time));
        let mut stream = StreamOwned::new(session.map_err(unusable)?, socket);
        stream.conn.complete_io(&mut stream.sock)?;
        Ok(Box::new(Session { stream, buffers: SocketBuffers::default() }))
    }

    fn config(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        if let Some(config) = self.0.config.get() {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(self.0.options.client_config()?);
        Ok(Arc::clone(self.0.config.get_or_init(|| config)))
    }
}

/// What keeps a handshake from beginning.
fn unusable(error: impl StdError + Send + Sync + 'static) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, error)
}

/// A connection within TLS.
struct Session {
    stream: StreamOwned<ClientConnection, TransportAdapter>,
    buffers: SocketBuffers,
}

impl Transport for Session {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        Ok(self.stream.write_all(output)?)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// Nobody asks: see `Connection::is_quiet`.
    fn is_open(&mut self) -> bool {
        true
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("over", self.stream.sock.get_ref()).finish()
    }
}

/// What a failed handshake means to the person who reads of it.
pub(in super::super) fn explain(error: &(dyn StdError + 'static)) -> &'static str {
    find(error).and_then(meaning).unwrap_or("the TLS handshake failed")
}

/// Whether the server asks for a certificate of the client's. With TLS 1.3, it says so only once
/// the client takes the handshake to be over.
pub(in super::super) fn asks_for_certificate(error: &(dyn StdError + 'static)) -> bool {
    let alert = AlertDescription::CertificateRequired;
    find(error).is_some_and(|error| *error == rustls::Error::AlertReceived(alert))
}

/// The error of rustls, which `std::io` and ureq have wrapped.
fn find<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    match error.downcast_ref::<Error>()? {
        Error::Io(error) => error.get_ref()?.downcast_ref(),
        _ => None,
    }
}

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
                "the server's certificate is self-signed, or otherwise marked as that of an \
                 authority; ApiBuilder::root_certificate_pem can trust it all the same"
            }
            _ => "the server's certificate is not valid",
        }),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            Some("the server does not speak TLS; is it plain http?")
        }
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            Some("the server asks for a certificate of the client's, which there is none of")
        }
        Error::AlertReceived(AlertDescription::ProtocolVersion) => {
            Some("the server speaks no TLS version in use")
        }
        Error::AlertReceived(AlertDescription::HandshakeFailure) => {
            Some("the server broke off the TLS handshake: it has no cipher in common, perhaps")
        }
        Error::AlertReceived(_) => Some("the server broke off the TLS handshake"),
        Error::PeerIncompatible(_) => Some("the server speaks no TLS version or cipher in use"),
        _ => None,
    }
}
