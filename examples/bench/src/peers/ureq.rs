//! ureq by hand: an agent and two headers; as a careful author writes it, and the obvious way.

use std::time::Duration;

use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::config::Config;

use super::{Client, Fetch, Peer, base_url, by_hand};
use crate::Result;
use crate::fixture::KEY;

const LIMIT: Option<Duration> = Some(Duration::from_secs(60));

pub const CAREFUL: Peer = Peer {
    name: "ureq",
    title: "ureq",
    does: "one `Agent`, two headers, `call()`; looks the host up for each call, as ureq does",
    timeouts: "`timeout_connect`, `_recv_response`, `_recv_body`: 60 s each, none for DNS",
    decoding: "asks for gzip, its default; `read_to_vec`, then `serde_json::from_slice`",
    open: |address, task| {
        let config = Agent::config_builder().timeout_connect(LIMIT);
        let config = config.timeout_recv_response(LIMIT).timeout_recv_body(LIMIT).build();
        Ok(open(&base_url(address, task), config, false))
    },
};

pub const TIMEOUT: Peer = Peer {
    name: "ureq-timeout",
    title: "ureq, timeout",
    does: "the same; with a timeout of all, ureq looks the host up on a new thread for each call",
    timeouts: "`timeout_global`, 60 s",
    open: |address, task| {
        let config = Agent::config_builder().timeout_global(LIMIT).build();
        Ok(open(&base_url(address, task), config, false))
    },
    ..CAREFUL
};

pub const READ_JSON: Peer = Peer {
    name: "ureq-json",
    title: "ureq, `read_json`",
    does: "as `ureq`, the obvious way",
    timeouts: "none, its default",
    decoding: "asks for gzip; `read_json`, which reads byte by byte where there is no length: gzip",
    open: |address, task| Ok(open(&base_url(address, task), Config::default(), true)),
};

struct Ureq {
    agent: Agent,
    authorization: String,
    read_json: bool,
}

fn open(base: &str, config: Config, read_json: bool) -> Box<dyn Client> {
    let agent = Agent::new_with_config(config);
    by_hand(Ureq { agent, authorization: format!("Bearer {KEY}"), read_json }, base)
}

impl Fetch for Ureq {
    fn fetch<T: DeserializeOwned>(&mut self, url: &str) -> Result<T> {
        let request = self
            .agent
            .get(url)
            .header("authorization", &self.authorization)
            .header("accept", "application/json");
        let mut response = request.call()?;
        if self.read_json {
            return Ok(response.body_mut().read_json()?);
        }
        Ok(serde_json::from_slice(&response.body_mut().read_to_vec()?)?)
    }
}
