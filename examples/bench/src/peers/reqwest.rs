//! `reqwest::blocking`, used as its documentation shows.

use reqwest::Certificate;
use reqwest::blocking::Client;
use reqwest::header::ACCEPT;
use serde::de::DeserializeOwned;

use super::{Fetch, Peer, base_url, by_hand};
use crate::Result;
use crate::fixture::KEY;
use crate::task::Task;
use crate::tls::CERTIFICATE;

pub const PEER: Peer = Peer {
    name: "reqwest",
    title: "reqwest",
    does: "`reqwest::blocking` 0.12: one `Client`, `bearer_auth`, `error_for_status`",
    timeouts: "30 s, its default",
    decoding: "asks for gzip; `json()`: reads the whole body, then `serde_json::from_slice`",
    open: |address, task| {
        let mut builder = Client::builder();
        if task == Task::GetTls {
            let certificate = Certificate::from_pem(CERTIFICATE.as_bytes())?;
            builder = builder.tls_built_in_root_certs(false).add_root_certificate(certificate);
        }
        Ok(by_hand(Reqwest { client: builder.build()? }, &base_url(address, task)))
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
