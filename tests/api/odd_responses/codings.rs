//! Content codings that the client did not ask for.

use super::*;
use crate::support::server::reply_bytes;

/// Bytes that are not text.
const OPAQUE: &[u8] = b"\x1B\x03\x00\xF8\x8D\x94\x6E\xDE";

/// Codings that ureq does not decode. It decodes `gzip`, and `br` if another crate turns on that
/// feature, but only if the name is in lower case.
const UNKNOWN: [&str; 6] = ["GZIP", "BR", "deflate", "x-gzip", "zstd", "identity, br"];

fn coded(status: u16, coding: &str, body: &[u8]) -> (Server, Api) {
    once(reply_bytes(status, &[("Content-Encoding", coding)], body), false)
}

#[test]
fn an_unknown_coding_is_named_by_the_error() {
    for coding in UNKNOWN {
        // The error is the same if the body is text, but not JSON.
        for body in [OPAQUE, b"not JSON"] {
            let (_server, api) = coded(200, coding, body);
            let error = api.get_organization("org_1").unwrap_err();
            assert_eq!((error.kind(), error.status()), (Kind::Decode, Some(200)), "{error:?}");
            let why = format!(
                "200 with an invalid body: the body has the content coding {coding:?}, which was \
                 not asked for"
            );
            assert!(error.to_string().ends_with(&why), "{error}");
            assert!(error.may_have_been_processed() && error.attempts() == 1, "{error:?}");
            assert_eq!(error.header("content-encoding"), Some(coding));
            assert_eq!((error.field(), error.body()), (Some(""), body));
        }
    }
}

#[test]
fn an_unknown_coding_after_other_headers_is_named_by_the_error() {
    for first in ["identity", ""] {
        let headers = [("Content-Encoding", first), ("Content-Encoding", "br")];
        let (_server, api) = once(reply_bytes(200, &headers, OPAQUE), false);
        let error = api.get_organization("org_1").unwrap_err();
        assert!(error.to_string().contains("the content coding \"br\""), "{error}");
    }
}

#[test]
fn an_error_of_an_unknown_coding_keeps_its_status() {
    for coding in UNKNOWN {
        let (_server, api) = coded(404, coding, OPAQUE);
        let error = api.get_organization("org_1").unwrap_err();
        assert!(error.is_not_found() && error.message().is_none(), "{coding}: {error:?}");
        assert_eq!(error.body(), OPAQUE);
        // If the body is not encoded after all, its message is shown.
        let (_server, api) = coded(404, coding, br#"{"message":"no such organization"}"#);
        let error = api.get_organization("org_1").unwrap_err();
        assert_eq!(error.message(), Some("no such organization"), "{coding}");
    }
}

#[test]
fn a_body_with_a_wrong_content_coding_is_read_if_it_is_json() {
    for coding in UNKNOWN {
        let (_server, api) = coded(200, coding, ORGANIZATION.as_bytes());
        assert_eq!(api.get_organization("org_1").unwrap().id, "org_1", "{coding}");
    }
}

#[test]
fn identity_is_no_coding() {
    for coding in ["identity", "Identity", "IDENTITY"] {
        let (_server, api) = coded(200, coding, ORGANIZATION.as_bytes());
        assert_eq!(api.get_organization("org_1").unwrap().id, "org_1", "{coding}");
        let (_server, api) = coded(404, coding, br#"{"message":"no such organization"}"#);
        let error = api.get_organization("org_1").unwrap_err();
        assert_eq!(error.message(), Some("no such organization"), "{coding}");
        // A decode error is reported as usual.
        let (_server, api) = coded(200, coding, b"{}");
        let error = api.get_organization("org_1").unwrap_err();
        assert!(error.to_string().contains("missing field `id`"), "{coding}: {error}");
    }
}

#[test]
fn a_response_of_an_unknown_coding_leaves_its_connection_usable() {
    let body = reply_bytes(200, &[("Content-Encoding", "GZIP")], OPAQUE);
    let server = Server::answering(move |_| body.clone());
    let api = client(server.url()).max_retries(0).build().unwrap();
    for _ in 0..3 {
        api.get_organization("org_1").unwrap_err();
    }
    assert_eq!(server.connections(), 1);
}
