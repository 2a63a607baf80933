//! TLS with a self-signed certificate for `localhost`, which every client trusts.

use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::Result;

pub const CERTIFICATE: &str = include_str!("../../../tests/tls/self-signed.pem");
const KEY: &str = include_str!("../../../tests/tls/self-signed.key.pem");

pub fn server() -> Result<Arc<ServerConfig>> {
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes())?;
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?.with_no_client_auth();
    Ok(Arc::new(builder.with_single_cert(vec![certificate()?], key)?))
}

pub fn client() -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate()?)?;
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?.with_root_certificates(roots);
    Ok(Arc::new(builder.with_no_client_auth()))
}

fn certificate() -> Result<CertificateDer<'static>> {
    Ok(CertificateDer::from_pem_slice(CERTIFICATE.as_bytes())?)
}
