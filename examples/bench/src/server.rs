//! A keep-alive server that writes prepared responses.

use std::io::{self, BufRead, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::{env, thread};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::fixture::{self, CURSOR};
use crate::task::Task;
use crate::{Result, tls};

/// A server in its own process, which ends when this value is dropped.
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
        io::BufReader::new(stdout).read_line(&mut line)?;
        Ok(Server { child, address: line.trim().parse()? })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The server ends when its input ends, so it never outlives this process.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The complete responses, with their heads.
struct Responses {
    one: Vec<u8>,
    page: Vec<u8>,
    /// The position of the next page's number in `page`.
    number_at: usize,
    last_page: Vec<u8>,
    gzip: Vec<u8>,
    extra: Vec<u8>,
}

impl Responses {
    fn new() -> Result<Responses> {
        let (page_text, _) = fixture::page(Some(0), false);
        let page = response("", page_text.as_bytes());
        let cursor = page.windows(CURSOR.len()).rposition(|bytes| bytes == CURSOR.as_bytes());
        Ok(Responses {
            one: response("", fixture::one().0.as_bytes()),
            number_at: cursor.ok_or("the page has no cursor")? + CURSOR.len(),
            page,
            last_page: response("", fixture::page(None, false).0.as_bytes()),
            gzip: response("content-encoding: gzip\r\n", &gzip(page_text.as_bytes())?),
            extra: response("", fixture::page(Some(0), true).0.as_bytes()),
        })
    }
}

fn response(header: &str, body: &[u8]) -> Vec<u8> {
    let mut response = format!(
        "HTTP/1.1 200 OK\r\n\
         date: Mon, 01 Jun 2026 12:00:00 GMT\r\n\
         content-type: application/json\r\n{header}\
         content-length: {}\r\n\
         x-request-id: req_01K0000000000000000000000\r\n\r\n",
        body.len()
    )
    .into_bytes();
    response.extend_from_slice(body);
    response
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Prints the server's address, and serves until standard input ends.
pub fn serve() -> Result<()> {
    // Clients look up the same name, so they try this address first.
    let listener = TcpListener::bind(("localhost", 0))?;
    println!("{}", listener.local_addr()?);
    let responses = Arc::new(Responses::new()?);
    let tls = tls::server()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (responses, tls) = (Arc::clone(&responses), Arc::clone(&tls));
            // An error ends only this connection: the client has closed it.
            thread::spawn(move || accept(stream, tls, &responses));
        }
    });
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

/// Serves one connection, over TLS if its first byte begins a TLS handshake.
fn accept(stream: TcpStream, tls: Arc<ServerConfig>, responses: &Responses) -> io::Result<()> {
    const HANDSHAKE: u8 = 22;
    stream.set_nodelay(true)?;
    let mut first = [0];
    stream.peek(&mut first)?;
    if first != [HANDSHAKE] {
        return connection(stream, responses);
    }
    let session = ServerConnection::new(tls).map_err(io::Error::other)?;
    connection(StreamOwned::new(session, stream), responses)
}

fn connection(mut stream: impl Read + Write, responses: &Responses) -> io::Result<()> {
    let mut page = responses.page.clone();
    let number_at = responses.number_at..responses.number_at + 6;
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
        let Some((task, number)) = route(line) else { return Ok(()) };
        stream.write_all(match task {
            Task::Get | Task::GetTls => &responses.one,
            Task::Page => &responses.page,
            Task::Gzip => &responses.gzip,
            Task::PageExtra => &responses.extra,
            Task::List(pages) if number + 1 >= pages => &responses.last_page,
            Task::List(_) => {
                page[number_at.clone()].copy_from_slice(format!("{:06}", number + 1).as_bytes());
                &page
            }
        })?;
        filled = 0;
    }
}

/// Returns the task that the path begins with, and the page number in the cursor.
fn route(line: &[u8]) -> Option<(Task, u64)> {
    let path = std::str::from_utf8(line).ok()?.strip_prefix("GET /")?;
    let (task, rest) = path.split_once('/')?;
    let number = match rest.split_once(CURSOR) {
        Some((_, number)) => number.get(..6)?.parse().ok()?,
        None => 0,
    };
    Some((task.parse().ok()?, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_gives_the_task_and_the_page() {
        let line =
            format!("GET /list-50/v1/organizations?limit=100&cursor={CURSOR}000041 HTTP/1.1");
        assert_eq!(route(line.as_bytes()), Some((Task::List(50), 41)));
        assert_eq!(
            route(b"GET /list-7/v1/organizations?limit=100 HTTP/1.1"),
            Some((Task::List(7), 0))
        );
        assert_eq!(route(b"GET /get/v1/organizations/org_1 HTTP/1.1"), Some((Task::Get, 0)));
        assert_eq!(route(b"GET /get-tls/v1/organizations/org_1 HTTP/1.1"), Some((Task::GetTls, 0)));
        assert_eq!(route(b"GET /else/v1/organizations HTTP/1.1"), None);
    }
}
