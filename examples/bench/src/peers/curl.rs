//! libcurl's easy interface: one handle, used again, with a timeout.

use std::time::Duration;

use curl::easy::{Easy, List};
use serde::de::DeserializeOwned;

use super::{Fetch, Target, Urls};
use crate::Result;
use crate::fixture::KEY;

pub struct Curl {
    handle: Easy,
    urls: Urls,
    body: Vec<u8>,
}

impl Curl {
    pub fn new(urls: Urls) -> Result<Curl> {
        let mut headers = List::new();
        headers.append(&format!("authorization: Bearer {KEY}"))?;
        headers.append("accept: application/json")?;
        let mut handle = Easy::new();
        handle.http_headers(headers)?;
        handle.accept_encoding("gzip")?;
        handle.timeout(Duration::from_secs(60))?;
        handle.fail_on_error(true)?;
        Ok(Curl { handle, urls, body: Vec::new() })
    }
}

impl Fetch for Curl {
    fn fetch<T: DeserializeOwned>(&mut self, target: Target<'_>) -> Result<T> {
        self.handle.url(&self.urls.of(target))?;
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

    /// An easy handle is of one thread: each caller has its own.
    fn share(&self) -> Result<Curl> {
        Curl::new(self.urls.clone())
    }
}
