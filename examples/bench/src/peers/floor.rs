//! The floor, which does the least work: a socket or rustls, prepared request bytes, and
//! `serde_json::from_slice`.

use std::io::{Read, Write};
use std::net::TcpStream;

use rustls::{ClientConnection, StreamOwned};
use serde::de::DeserializeOwned;

use super::{Client, Fetch, Peer, by_hand};
use crate::fixture::KEY;
use crate::task::Task;
use crate::{Result, tls};

pub const PEER: Peer = Peer {
    name: "floor",
    title: "raw TCP",
    does: "writes prepared request bytes to a socket, reads up to `content-length`; ignores \
           the status, looks up no host",
    timeouts: "none",
    decoding: "no gzip; `serde_json::from_slice`",
    open: |address, task| {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        if task == Task::GetTls {
            let session = ClientConnection::new(tls::client()?, "localhost".try_into()?)?;
            return Ok(open(StreamOwned::new(session, stream), task));
        }
        Ok(open(stream, task))
    },
};

fn open(stream: impl Read + Write + 'static, task: Task) -> Box<dyn Client> {
    let (path, request, buffer) = (String::new(), Vec::new(), vec![0; 128 * 1024]);
    by_hand(Floor { stream, path, request, buffer }, &format!("/{task}"))
}

struct Floor<S> {
    stream: S,
    /// The path of the last request. Most calls repeat it.
    path: String,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

impl<S: Read + Write> Fetch for Floor<S> {
    fn fetch<T: DeserializeOwned>(&mut self, path: &str) -> Result<T> {
        if self.path != path {
            path.clone_into(&mut self.path);
            self.request = request(path);
        }
        self.stream.write_all(&self.request)?;
        let mut filled = 0;
        loop {
            let amount = self.stream.read(&mut self.buffer[filled..])?;
            if amount == 0 {
                return Err("the server closed the connection".into());
            }
            filled += amount;
            if let Some((start, end)) = body(&self.buffer[..filled])
                && end <= filled
            {
                return Ok(serde_json::from_slice(&self.buffer[start..end])?);
            }
        }
    }
}

fn request(path: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {KEY}\r\n\
         accept: application/json\r\nuser-agent: floor\r\n\r\n"
    )
    .into_bytes()
}

/// Returns where the body begins and ends, if the head is complete.
fn body(response: &[u8]) -> Option<(usize, usize)> {
    const LENGTH: &[u8] = b"content-length: ";
    let start = response.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let at = response[..start].windows(LENGTH.len()).position(|bytes| bytes == LENGTH)?;
    let digits = response[at + LENGTH.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |length, digit| 10 * length + usize::from(digit - b'0'));
    Some((start, start + length))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_body_is_found_by_the_content_length() {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n";
        assert_eq!(super::body(&head[..head.len() - 1]), None);
        assert_eq!(super::body(head), Some((head.len(), head.len() + 12)));
    }
}
