//! The server's side of TLS, with the certificates in `tests/tls`.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

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
pub(crate) const AUTHORITY_EXPIRED: Certificate = certificate!("authority-expired");
pub(crate) const AUTHORITY_OTHER_HOST: Certificate = certificate!("authority-other-host");

impl Stream for StreamOwned<ServerConnection, TcpStream> {
    fn say_goodbye(&mut self) {
        self.conn.send_close_notify();
        let _ = self.conn.complete_io(&mut self.sock);
    }

    fn encode(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.conn.writer().write_all(bytes).unwrap();
        let mut encoded = Vec::new();
        while self.conn.wants_write() {
            self.conn.write_tls(&mut encoded).unwrap();
        }
        encoded
    }
}

impl Server {
    /// As [`Server::new`], over TLS.
    pub(crate) fn tls(
        certificate: Certificate,
        script: impl Fn(&mut Connection) + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let chain = vec![CertificateDer::from_pem_slice(certificate.pem.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let config = Arc::new(config);
        let wrap = move |socket| -> Box<dyn Stream> {
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            Box::new(StreamOwned::new(session, socket))
        };
        Server::over(listener, "https", wrap, script)
    }

    /// As [`Server::answering`], over TLS.
    pub(crate) fn tls_answering<A: AsRef<[u8]>>(
        certificate: Certificate,
        answer: impl Fn(&Request) -> A + Send + Sync + 'static,
    ) -> Server {
        Server::tls(certificate, move |connection| serve(connection, &answer))
    }
}
