//! The floor: a socket, request bytes made beforehand, and `serde_json::from_slice`.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde::de::DeserializeOwned;

use super::{Fetch, Peer, by_hand};
use crate::Result;
use crate::fixture::KEY;

pub const PEER: Peer = Peer {
    name: "floor",
    title: "raw TCP",
    does: "writes request bytes made beforehand to a socket, reads up to `content-length`; \
           no status, errors or DNS",
    timeouts: "none",
    decoding: "no gzip; `serde_json::from_slice`",
    open: |address, task| {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let (path, request, buffer) = (String::new(), Vec::new(), vec![0; 128 * 1024]);
        Ok(by_hand(Floor { stream, path, request, buffer }, &format!("/{task}")))
    },
};

struct Floor {
    stream: TcpStream,
    /// The latest path and its request, which most calls repeat.
    path: String,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

impl Fetch for Floor {
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

/// Where the body begins and ends, once the head is there.
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
    fn the_body_is_where_the_head_says() {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n";
        assert_eq!(super::body(&head[..head.len() - 1]), None);
        assert_eq!(super::body(head), Some((head.len(), head.len() + 12)));
    }
}
