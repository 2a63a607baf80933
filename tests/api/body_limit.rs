//! Responses that are larger than the limit, in every framing.

use std::io::Write;

use nirvana_labs::ErrorKind as Kind;
use nirvana_labs::http::Method;
use nirvana_labs::{Api, Error};

use crate::support::client;
use crate::support::server::{Server, reply, reply_bytes};

const LIMIT: usize = 20_000;

const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// How a response frames its body.
#[derive(Debug, Clone, Copy)]
enum Framing {
    Length,
    Chunked,
    UntilClosed,
    Gzip,
    GzipChunked,
}

fn framings() -> impl Iterator<Item = Framing> {
    use Framing::{Chunked, Gzip, GzipChunked, Length, UntilClosed};
    let all = [Length, Chunked, UntilClosed, Gzip, GzipChunked];
    all.into_iter().filter(|framing| {
        cfg!(feature = "gzip") || !matches!(framing, Framing::Gzip | Framing::GzipChunked)
    })
}

fn gzipped(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for chunk in body.chunks(1000) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
        bytes.extend(chunk);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    bytes
}

fn response(framing: Framing, body: &[u8]) -> Vec<u8> {
    let head = |lines: &str, body: Vec<u8>| {
        [format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n").into_bytes(), body].concat()
    };
    match framing {
        Framing::Length => reply_bytes(200, &[], body),
        Framing::Chunked => head("transfer-encoding: chunked", chunked(body)),
        Framing::UntilClosed => head("connection: close", body.to_vec()),
        Framing::Gzip => reply_bytes(200, &[("content-encoding", "gzip")], &gzipped(body)),
        Framing::GzipChunked => {
            head("content-encoding: gzip\r\ntransfer-encoding: chunked", chunked(&gzipped(body)))
        }
    }
}

/// Returns a JSON string of `size` bytes, including its quotes.
fn json(size: usize) -> String {
    format!("\"{}\"", "x".repeat(size - 2))
}

/// Requests a body of `size` bytes within `limit`, and returns how many bytes the decoded string has.
fn ask(framing: Framing, size: usize, limit: usize) -> (Result<usize, Error>, Server, Api) {
    let first = response(framing, json(size).as_bytes());
    let server = match framing {
        Framing::UntilClosed => Server::closing(first),
        _ => Server::replying([first, NO_CONTENT.into()]),
    };
    let api = client(server.url()).max_body_bytes(limit).build().unwrap();
    let result = api.request(Method::GET, ["v1"]).send::<String>();
    (result.map(|response| response.into_body().len()), server, api)
}

#[test]
fn a_body_of_exactly_the_limit_is_read() {
    for framing in framings() {
        // The first buffer for a body of unknown length has 32 KiB.
        for (size, limit) in [(LIMIT - 1, LIMIT), (LIMIT, LIMIT), (32 * 1024, 32 * 1024)] {
            let (length, server, api) = ask(framing, size, limit);
            assert_eq!(length.unwrap(), size - 2, "{framing:?}");
            if !matches!(framing, Framing::UntilClosed) {
                api.leave_organization("org_1").unwrap();
                assert_eq!(server.connections(), 1, "{framing:?}: a part of the body was not read");
            }
        }
    }
}

#[test]
fn a_body_over_the_limit_is_a_too_large_error() {
    for framing in framings() {
        for size in [LIMIT + 1, 100 * LIMIT] {
            let (result, server, _) = ask(framing, size, LIMIT);
            let error = result.unwrap_err();
            assert_eq!(error.kind(), Kind::TooLarge, "{framing:?}");
            assert_eq!(error.to_string(), "GET /v1: the response is larger than 20000 bytes");
            assert_eq!((error.kind() as u32, error.attempts(), server.request_count()), (29, 1, 1));
            assert!(!error.is_retryable() && error.may_have_been_processed());
        }
    }
}

#[test]
fn a_limit_of_0_accepts_only_an_empty_body() {
    let server = Server::replying([NO_CONTENT.to_owned(), reply(200, "x")]);
    let api = client(server.url()).max_body_bytes(0).build().unwrap();
    api.leave_organization("org_1").unwrap();
    assert_eq!(api.leave_organization("org_1").unwrap_err().kind() as u32, 29);
}

#[test]
fn an_error_keeps_its_status_if_its_body_is_too_large() {
    // The body is longer than the limit, and the server closes the connection before its end.
    let head = "HTTP/1.1 404 Not Found\r\ncontent-length: 99999999\r\n\r\n".to_owned();
    let server = Server::closing(head + &"x".repeat(5 * LIMIT));
    let api = client(server.url()).max_body_bytes(LIMIT).build().unwrap();
    let error = api.get_organization("org_1").unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Status, Some(404)));
    assert_eq!(error.body().len(), LIMIT);
}

#[cfg(feature = "gzip")]
#[test]
fn corrupt_gzip_is_an_error() {
    let mut body = gzipped(&json(5000).into_bytes());
    let middle = body.len() / 2;
    body[middle] ^= 0xFF;
    let bytes = reply_bytes(200, &[("content-encoding", "gzip")], &body);
    let server = Server::answering(move |_| bytes.clone());
    let api = client(server.url()).max_retries(0).build().unwrap();
    let error = api.request(Method::GET, ["v1"]).send::<String>().unwrap_err();
    assert!(error.kind().is_transport(), "{error:?}");
    assert!(error.may_have_been_processed());
}
