//! libcurl's easy interface, with one handle for all calls.

use std::time::Duration;

use curl::easy::{Easy, List};
use serde::de::DeserializeOwned;

use super::{Fetch, Peer, base_url, by_hand};
use crate::Result;
use crate::fixture::KEY;

pub const PEER: Peer = Peer {
    name: "curl",
    title: "curl",
    does: "static libcurl: one easy handle and one buffer for all calls, `fail_on_error`",
    timeouts: "`timeout`, 60 s",
    decoding: "asks for gzip, decoded by zlib; reads the whole body, then `serde_json::from_slice`",
    open: |address, task| {
        let mut headers = List::new();
        headers.append(&format!("authorization: Bearer {KEY}"))?;
        headers.append("accept: application/json")?;
        let mut handle = Easy::new();
        handle.http_headers(headers)?;
        handle.accept_encoding("gzip")?;
        handle.timeout(Duration::from_secs(60))?;
        handle.fail_on_error(true)?;
        Ok(by_hand(Curl { handle, body: Vec::new() }, &base_url(address, task)))
    },
};

struct Curl {
    handle: Easy,
    body: Vec<u8>,
}

impl Fetch for Curl {
    fn fetch<T: DeserializeOwned>(&mut self, url: &str) -> Result<T> {
        self.handle.url(url)?;
        let body = &mut self.body;
        body.clear();
        let mut transfer = self.handle.transfer();
        transfer.write_function(|bytes| {
            body.extend_from_slice(bytes);
            Ok(bytes.len())
        })?;
        transfer.perform()?;
        drop(transfer);
        Ok(serde_json::from_slice(&self.body)?)
    }
}
