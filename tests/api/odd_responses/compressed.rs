//! Compressed responses, valid and invalid.

use std::io::Write;

use super::*;
use crate::support::server::reply_bytes;

fn gzip(body: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(body.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn encoded(status: u16, body: &[u8]) -> Vec<u8> {
    reply_bytes(status, &[("Content-Encoding", "gzip")], body)
}

#[test]
fn a_compressed_response_is_read_to_its_end() {
    let body = gzip(ORGANIZATION);
    let server = Server::answering(move |_| encoded(200, &body));
    let api = client(server.url()).max_retries(0).build().unwrap();
    for _ in 0..3 {
        assert_eq!(api.get_organization("org_1").unwrap().id, "org_1");
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_gzip_body_with_several_members_in_chunks_of_one_byte_is_read() {
    let (front, back) = ORGANIZATION.split_at(ORGANIZATION.len() / 2);
    let mut named = flate2::GzBuilder::new()
        .filename("organization.json")
        .comment("the second half")
        .write(Vec::new(), flate2::Compression::best());
    named.write_all(back.as_bytes()).unwrap();
    let body = [gzip(front), gzip(""), named.finish().unwrap()].concat();
    let mut bytes =
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for byte in body {
        bytes.extend([b'1', b'\r', b'\n', byte, b'\r', b'\n']);
    }
    bytes.extend(b"0\r\n\r\n");
    let server = Server::answering(move |_| bytes.clone());
    let api = client(server.url()).max_retries(0).build().unwrap();
    for _ in 0..2 {
        assert_eq!(api.get_organization("org_1").unwrap().id, "org_1");
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn an_invalid_compressed_body_is_an_error() {
    let whole = gzip(&ORGANIZATION.repeat(20));
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 8].fill(0xff);
    let mut wrong_sum = whole.clone();
    let end = wrong_sum.len() - 8;
    wrong_sum[end] ^= 1;
    for (name, body) in [
        ("truncated", &whole[..middle]),
        ("truncated before the checksum", &whole[..end]),
        ("damaged", &damaged[..]),
        ("wrong checksum", &wrong_sum[..]),
        ("not compressed", ORGANIZATION.as_bytes()),
    ] {
        let (_server, api) = once(encoded(200, body), false);
        let error = api.get_organization("org_1").expect_err(name);
        let kind = kind(&error);
        assert!(matches!(kind, Kind::Protocol | Kind::Truncated), "{name}: {error:?}");
        assert!(error.may_have_been_processed(), "{name}");
    }
}

#[test]
fn an_empty_body_with_a_content_coding_is_an_error() {
    let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n";
    for (rest, close, connections) in [
        ("Content-Length: 0\r\n\r\n", false, 1),
        ("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false, 1),
        ("\r\n", true, 2),
    ] {
        let server = Server::new(move |connection| {
            while connection.request().is_some() {
                connection.send(format!("{head}{rest}"));
                if close {
                    return;
                }
            }
        });
        let api = client(server.url()).max_retries(0).build().unwrap();
        for _ in 0..2 {
            let error = api.leave_organization("org_1").unwrap_err();
            assert_eq!(kind(&error), Kind::Protocol, "{rest:?}: {error:?}");
            assert!(error.may_have_been_processed(), "{rest:?}");
        }
        assert_eq!(server.connections(), connections, "{rest:?}");
    }
    // A body that is truncated before its first byte is `Truncated`, not `Protocol`.
    let (_server, api) = once(format!("{head}Content-Length: 40\r\n\r\n"), true);
    assert_eq!(kind(&api.leave_organization("org_1").unwrap_err()), Kind::Truncated);
}

#[test]
fn an_error_keeps_its_status_if_its_body_cannot_be_decompressed() {
    let body = gzip(r#"{"message":"no such organization"}"#);
    let (_server, api) = once(encoded(404, &body), false);
    let error = api.get_organization("org_1").unwrap_err();
    assert!(error.to_string().contains("no such organization"), "{error}");
    for body in [&body[..10], b"plain"] {
        let (_server, api) = once(encoded(404, body), false);
        assert!(api.get_organization("org_1").unwrap_err().is_not_found());
    }
}
