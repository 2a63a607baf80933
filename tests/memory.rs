//! Memory: what a list and an oversized answer cost at most. A binary of its own, with one
//! test: the allocator counts for the whole process.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, missing_docs)]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use nirvana_labs::http::{Request, Response};
use nirvana_labs::{Api, ErrorKind, Limits, ListParams, SendError, Transport};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What `run` returns, and the most memory that it held at once.
fn peak<R>(run: impl FnOnce() -> R) -> (R, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let outcome = run();
    (outcome, MEMORY.peak_usage() - before)
}

const ITEMS_ON_PAGE: usize = 100;

/// A list of this many pages, each written anew.
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

/// One answer to all requests.
struct Same(String);

impl Transport for Same {
    fn send(&self, _: Request<&[u8]>, _: &Limits) -> Result<Response<Vec<u8>>, SendError> {
        Ok(Response::new(self.0.as_bytes().to_vec()))
    }
}

fn list_of(pages: usize) -> usize {
    let api = Api::builder().transport(Pages(pages)).build().unwrap();
    let (count, peak) = peak(|| {
        let items = api.list_organization_memberships("org_1", &ListParams::new());
        items.filter(Result::is_ok).count()
    });
    assert_eq!(count, pages * ITEMS_ON_PAGE);
    peak
}

/// Sends this to each who asks, in pieces, until they hang up.
fn serve(head: &'static str, piece: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), head, &piece);
        }
    });
    url
}

fn answer(mut stream: TcpStream, head: &str, piece: &[u8]) {
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
    // 100,000 items on 1,000 pages cost no more than a page; cursors get longer by digits.
    let (one, thousand) = (list_of(1), list_of(1_000));
    println!("list: 1 page {one} bytes, 1,000 pages {thousand} bytes");
    assert!(thousand <= one + one / 20, "one page {one}, a thousand pages {thousand}");

    // The limit, and a buffer's worth beside it: that of the connection, of the decompression,
    // of what is being copied while the body's own buffer grows.
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

    // An answer that is not what it should be: no more of it is kept than an error shows.
    let item = r#"{"id":"1","name":"#;
    for (name, start, piece) in [
        ("arrays within arrays", "{\"x\":", "["),
        ("objects within objects", "", "{\"\":"),
        ("a key without end", "{\"", "n"),
        ("text that may be escapes", "{\"x\":\"", "&"),
        ("items without end", "{\"items\":[", item),
    ] {
        let body = start.to_owned() + &piece.repeat((LIMIT - start.len()) / piece.len());
        let api = Api::builder().api_key("nl_key").header("x-token", "&n[{token");
        let api = api.transport(Same(body)).build().unwrap();
        let (error, peak) = peak(|| api.get_organization("org_1").unwrap_err());
        assert_eq!(error.kind() as u32, 5, "{name}: {error}");
        println!("{name}: {peak} bytes beside the body");
        // serde_json remembers each container that is open by a byte, in a buffer that doubles.
        let open = if name.contains("within") { 2 * LIMIT } else { 0 };
        assert!(peak <= LIMIT + open + BESIDE, "{name}: {peak} bytes at a body of {LIMIT}");
    }

    // The body of an error is read to its end, up to the limit, and 64 KiB of it are kept.
    let url = serve("HTTP/1.1 500 Oh\r\nconnection: close\r\n\r\n", vec![b'x'; 0x4000]);
    let api = Api::builder().api_key("nl_key").base_url(url).max_retries(0).max_body_bytes(LIMIT);
    let api = api.build().unwrap();
    let (error, peak) = peak(|| api.get_organization("org_1").unwrap_err());
    println!("error body: {peak} bytes");
    assert_eq!((error.kind(), error.body().len()), (ErrorKind::Status, 64 * 1024));
    assert!(peak <= BESIDE, "the body of an error took {peak} bytes");
}
