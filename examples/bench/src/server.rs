//! A keep-alive server that writes answers made beforehand.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, thread};

use crate::Result;
use crate::fixture::{self, CURSOR, PAGES};

/// A server in a process of its own, ended when this is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    pub fn start() -> Result<Server> {
        let mut child = Command::new(env::current_exe()?)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let stdout = child.stdout.take().ok_or("the server has no output")?;
        io::BufRead::read_line(&mut io::BufReader::new(stdout), &mut line)?;
        Ok(Server { child, address: line.trim().parse()? })
    }

    /// How many connections it has accepted so far, this one not counted.
    pub fn connections(&self) -> Result<u64> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.write_all(b"GET /connections HTTP/1.1\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, count) = answer.rsplit_once('\n').ok_or("no count")?;
        Ok(count.parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends with its input; so it never outlives us, whatever ends us.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The answers, each with its HTTP.
struct Answers {
    one: Vec<u8>,
    page: Vec<u8>,
    /// Where the number of the next page is in `page`.
    number_at: usize,
    last_page: Vec<u8>,
    page_gzip: Vec<u8>,
    accepted: AtomicU64,
}

impl Answers {
    fn new() -> Result<Answers> {
        let (any_page, _) = fixture::any_page();
        let page = answer("", any_page.as_bytes());
        let cursor = page.windows(CURSOR.len()).rposition(|bytes| bytes == CURSOR.as_bytes());
        Ok(Answers {
            one: answer("", fixture::one().0.as_bytes()),
            number_at: cursor.ok_or("the page has no cursor")? + CURSOR.len(),
            page,
            last_page: answer("", fixture::last_page(PAGES).0.as_bytes()),
            page_gzip: answer("content-encoding: gzip\r\n", &gzip(any_page.as_bytes())?),
            accepted: AtomicU64::new(0),
        })
    }
}

fn answer(header: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\n\
         date: Mon, 01 Jun 2026 12:00:00 GMT\r\n\
         content-type: application/json\r\n{header}\
         content-length: {}\r\n\
         x-request-id: req_01K0000000000000000000000\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Serves until standard input ends. The address goes to standard output.
pub fn serve() -> Result<()> {
    // By name, as clients that look it up will: the first address they try is the right one.
    let listener = TcpListener::bind(("localhost", 0))?;
    println!("{}", listener.local_addr()?);
    let answers = Arc::new(Answers::new()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answers.accepted.fetch_add(1, Ordering::Relaxed);
            let answers = Arc::clone(&answers);
            // A client that goes away ends its connection, and nothing else.
            thread::spawn(move || connection(stream, &answers));
        }
    });
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

fn connection(mut stream: TcpStream, answers: &Answers) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut page = answers.page.clone();
    let mut buffer = [0; 4096];
    let mut filled = 0;
    loop {
        while !buffer[..filled].ends_with(b"\r\n\r\n") {
            match stream.read(&mut buffer[filled..])? {
                0 => return Ok(()),
                amount => filled += amount,
            }
        }
        let line = buffer[..filled].split(|&byte| byte == b'\r').next().unwrap_or_default();
        if line.starts_with(b"GET /connections ") {
            let count = (answers.accepted.load(Ordering::Relaxed) - 1).to_string();
            return stream
                .write_all(&answer("connection: close\r\n", format!("\n{count}").as_bytes()));
        }
        let answer = match route(line) {
            Route::One => &answers.one,
            Route::Gzip => &answers.page_gzip,
            Route::Page { number, of } if number + 1 >= of => &answers.last_page,
            Route::Page { number, .. } => {
                page[answers.number_at..answers.number_at + 6]
                    .copy_from_slice(format!("{:06}", number + 1).as_bytes());
                &page
            }
        };
        stream.write_all(answer)?;
        filled = 0;
    }
}

#[derive(Debug, PartialEq)]
enum Route {
    One,
    Page { number: u64, of: u64 },
    Gzip,
}

fn route(line: &[u8]) -> Route {
    if line.starts_with(b"GET /gzip/") {
        return Route::Gzip;
    }
    if !line.contains(&b'?') {
        return Route::One;
    }
    let cursor = line.windows(CURSOR.len()).position(|bytes| bytes == CURSOR.as_bytes());
    let number = cursor
        .and_then(|at| line.get(at + CURSOR.len()..at + CURSOR.len() + 6))
        .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    let name = line.strip_prefix(b"GET /").unwrap_or_default();
    let pages = std::str::from_utf8(name).ok().and_then(|name| name.split_once("-pages/"));
    let of = pages.and_then(|(pages, _)| pages.parse().ok()).unwrap_or(PAGES);
    Route::Page { number: number.unwrap_or(0), of }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_names_the_page() {
        let line = format!("GET /plain/v1/organizations?limit=100&cursor={CURSOR}000041 HTTP/1.1");
        assert_eq!(route(line.as_bytes()), Route::Page { number: 41, of: PAGES });
        assert_eq!(
            route(b"GET /7-pages/v1/organizations?limit=100 HTTP/1.1"),
            Route::Page { number: 0, of: 7 }
        );
        assert_eq!(route(b"GET /plain/v1/organizations/org_1 HTTP/1.1"), Route::One);
        assert_eq!(route(b"GET /gzip/v1/organizations?limit=100 HTTP/1.1"), Route::Gzip);
    }
}
