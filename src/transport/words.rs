//! Recognizes errors of ureq and of the TLS libraries by their text, if nothing else tells them
//! apart.
//!
//! The text decides only the message, never what is sent or retried. An unknown text gets a general
//! message.

use ureq::Error;

/// Texts in the `Debug` output of a TLS error, each with the message for it. The type of the error
/// belongs to rustls or OpenSSL, which are dependencies of ureq but not of this crate.
const TLS_REASONS: [(&str, &str); 16] = [
    ("NotValidForName", "the server's certificate is for another host"),
    ("NotValidYet", "the server's certificate is not valid yet; is this machine's clock right?"),
    ("xpired", "the server's certificate has expired"),
    ("CaUsedAsEndEntity", "the server's certificate is marked CA:TRUE; use one with CA:FALSE"),
    ("UnknownIssuer", UNTRUSTED),
    ("Revoked", "the server's certificate has been revoked"),
    ("InvalidContentType", "the server does not speak TLS; is it plain http?"),
    ("CertificateRequired", "the server requires a client certificate, which is not supported"),
    ("AlertReceived(ProtocolVersion)", "the server supports none of the client's TLS versions"),
    ("AlertReceived", "the server ended the TLS handshake"),
    ("PeerIncompatible", "the server supports none of the client's TLS versions or ciphers"),
    ("InvalidCertificate", "the server's certificate is not valid"),
    (" mismatch", "the server's certificate is for another host"),
    ("not yet valid", "the server's certificate is not valid yet; is this machine's clock right?"),
    ("certificate verify failed", UNTRUSTED),
    ("wrong version number", "the server does not speak TLS; is it plain http?"),
];

const UNTRUSTED: &str = "the certificate is self-signed or untrusted; see root_certificate_pem";

pub(super) fn tls_reason(error: &Error) -> Option<&'static str> {
    let text = format!("{error:?}");
    let known = TLS_REASONS.iter().find(|(word, _)| text.contains(word));
    known.map(|(_, reason)| *reason)
}

pub(super) fn proxy_reason(error: &Error) -> String {
    // "proxy server responded 407/407"
    let status = match error {
        Error::ConnectProxyFailed(reason) => reason.rsplit('/').next().unwrap_or_default(),
        error if has_too_many_headers(error) => {
            return "the proxy's response has too many headers".to_owned();
        }
        _ => return "the proxy sent no valid response".to_owned(),
    };
    match status.parse::<u16>() {
        Ok(407) => "the proxy requires a user name and a password (407)".to_owned(),
        Ok(status) => format!("the proxy refused to connect to the host ({status})"),
        Err(_) => "the proxy refused to connect to the host".to_owned(),
    }
}

pub(super) fn protocol_reason(error: &Error) -> &'static str {
    match has_too_many_headers(error) {
        true => "the response has too many headers",
        false => "the response is not valid HTTP",
    }
}

fn has_too_many_headers(error: &Error) -> bool {
    matches!(error, Error::Protocol(error) if error.to_string().contains("too many headers"))
}
