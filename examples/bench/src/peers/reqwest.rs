//! `reqwest::blocking`, as its documentation shows it.

use reqwest::blocking::Client;
use reqwest::header::ACCEPT;
use serde::de::DeserializeOwned;

use super::{Fetch, Peer, base_url, by_hand};
use crate::Result;
use crate::fixture::KEY;

pub const PEER: Peer = Peer {
    name: "reqwest",
    title: "reqwest",
    does: "`reqwest::blocking` 0.12: one `Client`, `bearer_auth`, `error_for_status`",
    timeouts: "30 s, its default",
    decoding: "asks for gzip; `json()`, which reads the body whole, then `serde_json::from_slice`",
    open: |address, task| {
        let client = Client::builder().build()?;
        Ok(by_hand(Reqwest { client }, &base_url(address, task)))
    },
};

struct Reqwest {
    client: Client,
}

impl Fetch for Reqwest {
    fn fetch<T: DeserializeOwned>(&mut self, url: &str) -> Result<T> {
        let request = self.client.get(url).bearer_auth(KEY).header(ACCEPT, "application/json");
        Ok(request.send()?.error_for_status()?.json()?)
    }
}
