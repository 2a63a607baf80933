//! Lists from a server whose certificate was issued by a private authority.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::server::response;
use crate::support::{orgs_at, outcome};

/// Starts a server with an empty list. Returns its URL, and a PEM file with the certificate of its
/// authority.
fn server_and_authority(name: &str) -> (String, String) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    let file = format!("{}/{name}.pem", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
    let authority = Issuer::new(params, key);

    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap().der().clone();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = Arc::new(builder.with_single_cert(vec![certificate], key).unwrap());

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let page =
        r#"{"items":[],"pagination":{"next_cursor":null,"previous_cursor":null,"total_count":0}}"#;
    thread::spawn(move || {
        for stream in listener.incoming().map(Result::unwrap) {
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(session, stream);
            // The request is in one record. A client that refuses the certificate sends no request.
            if stream.read(&mut [0; 4096]).is_ok_and(|length| length > 0) {
                stream.write_all(response(200, "application/json", page).as_bytes()).unwrap();
            }
        }
    });
    (url, file)
}

#[test]
fn ca_cert_trusts_a_private_authority() {
    let (url, file) = server_and_authority("trusted");
    let list = |args: &[&str]| orgs_at(&url, &[&["list", "--json"], args].concat());
    let error = outcome(&mut list(&[])).failed(3);
    assert!(
        error.ends_with("give the certificate of its authority with --ca-cert FILE"),
        "{error}"
    );
    assert!(!error.contains("root_certificate_pem"), "{error}");

    outcome(&mut list(&["--ca-cert", &file])).json();
    outcome(list(&[]).env("NIRVANA_LABS_CA_CERT", &file)).json();
    // The flag overrides the variable, and an empty variable counts as unset.
    outcome(list(&["--ca-cert", &file]).env("NIRVANA_LABS_CA_CERT", "missing.pem")).json();
    outcome(list(&[]).env("NIRVANA_LABS_CA_CERT", "")).failed(3);

    // The certificate of another authority is not enough.
    let (_, other) = server_and_authority("other");
    let error = outcome(&mut list(&["--ca-cert", &other])).failed(3);
    assert!(error.contains("--ca-cert FILE"), "{error}");
}

#[test]
fn an_invalid_ca_cert_is_named() {
    for (file, why) in
        [("missing.pem", "cannot read missing.pem"), ("Cargo.toml", "no certificate")]
    {
        let mut list = orgs_at("https://127.0.0.1:1", &["list", "--ca-cert", file]);
        let error = outcome(&mut list).failed(2);
        assert!(error.contains(why) && error.ends_with("check --ca-cert"), "{error}");
        let mut list = orgs_at("https://127.0.0.1:1", &["list"]);
        let error = outcome(list.env("NIRVANA_LABS_CA_CERT", file)).failed(2);
        assert!(error.contains(why) && error.ends_with("check NIRVANA_LABS_CA_CERT"), "{error}");
    }
}
