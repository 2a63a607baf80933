//! The floor: a socket, request bytes made beforehand, and `serde_json::from_slice`.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde::de::DeserializeOwned;

use super::{Fetch, Target};
use crate::Result;
use crate::fixture::{FIRST_PAGE, KEY, ONE};

pub struct Floor {
    stream: TcpStream,
    address: SocketAddr,
    prefix: String,
    one: Vec<u8>,
    first_page: Vec<u8>,
    buffer: Vec<u8>,
}

impl Floor {
    pub fn new(address: SocketAddr, prefix: &str) -> Result<Floor> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Floor {
            stream,
            address,
            prefix: prefix.to_owned(),
            one: request(prefix, ONE),
            first_page: request(prefix, FIRST_PAGE),
            buffer: vec![0; 128 * 1024],
        })
    }
}

fn request(prefix: &str, path: &str) -> Vec<u8> {
    format!(
        "GET /{prefix}{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {KEY}\r\n\
         accept: application/json\r\nuser-agent: floor\r\n\r\n"
    )
    .into_bytes()
}

impl Fetch for Floor {
    fn fetch<T: DeserializeOwned>(&mut self, target: Target<'_>) -> Result<T> {
        match target {
            Target::One => self.stream.write_all(&self.one)?,
            Target::FirstPage => self.stream.write_all(&self.first_page)?,
            Target::PageAt(cursor) => {
                let path = format!("{FIRST_PAGE}&cursor={cursor}");
                self.stream.write_all(&request(&self.prefix, &path))?;
            }
        }
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

    /// There is nothing to share: each caller has a socket.
    fn share(&self) -> Result<Floor> {
        Floor::new(self.address, &self.prefix)
    }
}

/// Where the body begins and ends, once the head is there.
fn body(answer: &[u8]) -> Option<(usize, usize)> {
    const LENGTH: &[u8] = b"content-length: ";
    let start = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let at = answer[..start].windows(LENGTH.len()).position(|bytes| bytes == LENGTH)?;
    let digits = answer[at + LENGTH.len()..].iter().take_while(|byte| byte.is_ascii_digit());
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
