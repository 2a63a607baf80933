//! TLS for the raw server, with the certificates in `tests/tls`.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    ConfigBuilder, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    SupportedProtocolVersion, WantsVerifier,
};

use super::server::{Connection, Request, Server, Stream, serve};

/// A certificate and its key; see `tests/tls/make.sh`.
#[derive(Clone, Copy)]
pub(crate) struct Certificate {
    pub(crate) pem: &'static str,
    key: &'static str,
}

macro_rules! certificate {
    ($name:literal) => {
        Certificate {
            pem: include_str!(concat!("../../tls/", $name, ".pem")),
            key: include_str!(concat!("../../tls/", $name, ".key.pem")),
        }
    };
}

pub(crate) const SELF_SIGNED: Certificate = certificate!("self-signed");
pub(crate) const EXPIRED: Certificate = certificate!("expired");
pub(crate) const NOT_YET: Certificate = certificate!("not-yet");
pub(crate) const OTHER_HOST: Certificate = certificate!("other-host");
pub(crate) const AUTHORITY: Certificate = certificate!("authority");

impl Certificate {
    fn chain(self) -> Vec<CertificateDer<'static>> {
        vec![CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()]
    }

    fn key(self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap()
    }
}

fn config(
    versions: &[&'static SupportedProtocolVersion],
) -> ConfigBuilder<ServerConfig, WantsVerifier> {
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    builder.with_protocol_versions(versions).unwrap()
}

impl Stream for StreamOwned<ServerConnection, TcpStream> {
    fn say_goodbye(&mut self) {
        self.conn.send_close_notify();
        let _ = self.conn.complete_io(&mut self.sock);
    }

    fn encrypted(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.conn.writer().write_all(bytes).unwrap();
        let mut records = Vec::new();
        while self.conn.wants_write() {
            self.conn.write_tls(&mut records).unwrap();
        }
        records
    }

    fn request_new_keys(&mut self) {
        self.conn.refresh_traffic_keys().unwrap();
        let _ = self.flush();
    }
}

impl Server {
    /// Like [`Server::new`], but over TLS.
    pub(crate) fn tls(
        certificate: Certificate,
        script: impl Fn(&mut Connection) + Send + Sync + 'static,
    ) -> Server {
        Server::tls_on(TcpListener::bind("127.0.0.1:0").expect("a port"), certificate, script)
    }

    /// Like [`Server::tls`], but on `listener`.
    pub(crate) fn tls_on(
        listener: TcpListener,
        certificate: Certificate,
        script: impl Fn(&mut Connection) + Send + Sync + 'static,
    ) -> Server {
        let builder = config(rustls::ALL_VERSIONS).with_no_client_auth();
        let (chain, key) = (certificate.chain(), certificate.key());
        Server::with_config_on(listener, builder.with_single_cert(chain, key).unwrap(), script)
    }

    /// Starts a server that sends `certificate`, but has the key of `other`.
    pub(crate) fn tls_with_key_of(
        certificate: Certificate,
        other: Certificate,
        version: &'static SupportedProtocolVersion,
    ) -> Server {
        let key = any_supported_type(&other.key()).unwrap();
        let shown = SingleCertAndKey::from(CertifiedKey::new(certificate.chain(), key));
        let builder = config(&[version]).with_no_client_auth();
        Server::with_config(builder.with_cert_resolver(Arc::new(shown)), |connection| {
            drop(connection.request());
        })
    }

    /// Starts a server that requires a client certificate, with `certificate` as the only root.
    pub(crate) fn tls_for_known_clients(
        certificate: Certificate,
        version: &'static SupportedProtocolVersion,
    ) -> Server {
        let mut roots = RootCertStore::empty();
        roots.add(certificate.chain().remove(0)).unwrap();
        let provider = Arc::new(default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let builder = config(&[version]).with_client_cert_verifier(clients.build().unwrap());
        let config = builder.with_single_cert(certificate.chain(), certificate.key()).unwrap();
        Server::with_config(config, |connection| drop(connection.request()))
    }

    fn with_config(
        config: ServerConfig,
        script: impl Fn(&mut Connection) + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        Server::with_config_on(listener, config, script)
    }

    fn with_config_on(
        listener: TcpListener,
        config: ServerConfig,
        script: impl Fn(&mut Connection) + Send + Sync + 'static,
    ) -> Server {
        let config = Arc::new(config);
        let wrap = move |socket| -> Box<dyn Stream> {
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            Box::new(StreamOwned::new(session, socket))
        };
        Server::over(listener, "https", wrap, script)
    }

    /// Like [`Server::answering`], but over TLS.
    pub(crate) fn tls_answering<A: AsRef<[u8]>>(
        certificate: Certificate,
        answer: impl Fn(&Request) -> A + Send + Sync + 'static,
    ) -> Server {
        Server::tls(certificate, move |connection| serve(connection, &answer))
    }
}
