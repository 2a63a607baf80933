//! Checks the peak memory of lists and of oversized responses. This is a separate binary with one
//! test, because the allocator counts for the whole process.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, missing_docs)]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use nirvana_labs::http::{Request, Response};
use nirvana_labs::{Api, ErrorKind, Limits, ListParams, SendError, Transport};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Returns what `run` returns, and its peak memory in bytes.
fn peak<R>(run: impl FnOnce() -> R) -> (R, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let outcome = run();
    (outcome, MEMORY.peak_usage() - before)
}

const ITEMS_ON_PAGE: usize = 100;

/// Serves a list of this many pages. Each page is created when it is requested.
struct Pages(usize);

impl Transport for Pages {
    fn send(&self, request: Request<&[u8]>, _: &Limits) -> Result<Response<Vec<u8>>, SendError> {
        let cursor = request.uri().query().and_then(|query| query.strip_prefix("cursor="));
        let page: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let next = if page + 1 < self.0 { format!("\"{}\"", page + 1) } else { "null".to_owned() };
        let mut body = String::from("{\"items\":[");
        for item in 0..ITEMS_ON_PAGE {
            let comma = if item == 0 { "" } else { "," };
            body.push_str(comma);
            body.push_str(
                r#"{"id":"mem_000000000000000000000001","created_at":"2026-06-01T12:00:00Z","#,
            );
            body.push_str(r#""organization_id":"org_000000000000000000000001","role":"member","#);
            body.push_str(
                r#""updated_at":"2026-06-01T12:00:00Z","user_id":"user_00000000000000001"}"#,
            );
        }
        let total = self.0 * ITEMS_ON_PAGE;
        body.push_str(&format!(
            "],\"pagination\":{{\"next_cursor\":{next},\"previous_cursor\":null,\
             \"total_count\":{total}}}}}"
        ));
        Ok(Response::new(body.into_bytes()))
    }
}

/// Returns the same response to every request.
struct Same(String);

impl Transport for Same {
    fn send(&self, _: Request<&[u8]>, _: &Limits) -> Result<Response<Vec<u8>>, SendError> {
        Ok(Response::new(self.0.as_bytes().to_vec()))
    }
}

/// Reads a list of this many pages, and returns the peak memory.
fn peak_of_list(pages: usize) -> usize {
    let api = Api::builder().transport(Pages(pages)).build().unwrap();
    let (count, peak) = peak(|| {
        let items = api.list_organization_memberships("org_1", &ListParams::new());
        items.filter(Result::is_ok).count()
    });
    assert_eq!(count, pages * ITEMS_ON_PAGE);
    peak
}

/// Starts a server that sends `head`, and then repeats `piece` until the client closes the
/// connection. Returns its URL.
fn serve(head: &'static str, piece: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            respond(stream.unwrap(), head, &piece);
        }
    });
    url
}

fn respond(mut stream: TcpStream, head: &str, piece: &[u8]) {
    let mut reader = BufReader::with_capacity(1024, stream.try_clone().unwrap());
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        line.clear();
    }
    let mut sent = stream.write_all(head.as_bytes());
    while sent.is_ok() {
        sent = stream.write_all(piece);
    }
}

#[cfg(feature = "gzip")]
fn bomb() -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..8 {
        encoder.write_all(&[b' '; 1024 * 1024]).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn memory_stays_within_bounds() {
    // A list of 1,000 pages takes as much memory as one page, except that its cursors are longer.
    let (one, thousand) = (peak_of_list(1), peak_of_list(1_000));
    println!("list: 1 page {one} bytes, 1,000 pages {thousand} bytes");
    assert!(thousand <= one + one / 20, "one page {one}, a thousand pages {thousand}");

    // A body that is too large takes LIMIT. The rest is for the buffers of the connection and the
    // decompression, and for the copy while the buffer of the body grows.
    const LIMIT: usize = 4 * 1024 * 1024;
    const BESIDE: usize = 512 * 1024;
    let mut chunk = b"4000\r\n".to_vec();
    chunk.extend([b' '; 0x4000]);
    chunk.extend(b"\r\n");
    let endless = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
    let declared = "HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let servers = [
        ("declared", serve(declared, vec![b' '; 0x4000])),
        ("until closed", serve(endless, vec![b' '; 0x4000])),
        ("chunked", serve(chunked, chunk)),
        #[cfg(feature = "gzip")]
        (
            "gzip",
            serve("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n", bomb()),
        ),
    ];
    for (name, url) in servers {
        let api = Api::builder().api_key("nl_key").base_url(url).max_body_bytes(LIMIT);
        let api = api.build().unwrap();
        let (error, peak) = peak(|| api.get_organization("org_1").unwrap_err());
        assert_eq!(error.kind() as u32, 29, "{name}: {error}");
        println!("{name}: {peak} bytes at a limit of {LIMIT}");
        assert!(peak <= LIMIT + LIMIT / 2 + BESIDE, "{name}: {peak} bytes at a limit of {LIMIT}");
    }

    // If a body does not match the schema, only the part that the error shows is kept.
    let item = r#"{"id":"1","name":"#;
    for (name, start, piece) in [
        ("arrays within arrays", "{\"x\":", "["),
        ("objects within objects", "", "{\"\":"),
        ("an endless key", "{\"", "n"),
        ("text that may be escapes", "{\"x\":\"", "&"),
        ("endless items", "{\"items\":[", item),
    ] {
        let body = start.to_owned() + &piece.repeat((LIMIT - start.len()) / piece.len());
        let api = Api::builder().api_key("nl_key").header("x-token", "&n[{token");
        let api = api.transport(Same(body)).build().unwrap();
        let (error, peak) = peak(|| api.get_organization("org_1").unwrap_err());
        assert_eq!(error.kind() as u32, 5, "{name}: {error}");
        println!("{name}: {peak} bytes for a body of {LIMIT}");
        // serde_json keeps a byte for each open container, in a buffer that doubles.
        let open = if name.contains("within") { 2 * LIMIT } else { 0 };
        assert!(peak <= LIMIT + open + BESIDE, "{name}: {peak} bytes for a body of {LIMIT}");
    }

    // The body of an error response is read up to the limit, and 64 KiB of it are kept.
    let url = serve("HTTP/1.1 500 Oh\r\nconnection: close\r\n\r\n", vec![b'x'; 0x4000]);
    let api = Api::builder().api_key("nl_key").base_url(url).max_retries(0).max_body_bytes(LIMIT);
    let api = api.build().unwrap();
    let (error, peak) = peak(|| api.get_organization("org_1").unwrap_err());
    println!("error body: {peak} bytes");
    assert_eq!((error.kind(), error.body().len()), (ErrorKind::Status, 64 * 1024));
    assert!(peak <= BESIDE, "error body: {peak} bytes");
}
