//! ureq with an agent and two headers: with three timeouts, with one timeout, and the obvious way.

use std::time::Duration;

use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::config::{Config, ConfigBuilder};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::typestate::AgentScope;

use super::{Client, Fetch, Peer, base_url, by_hand};
use crate::Result;
use crate::fixture::KEY;
use crate::task::Task;
use crate::tls::CERTIFICATE;

const LIMIT: Option<Duration> = Some(Duration::from_secs(60));

pub const CAREFUL: Peer = Peer {
    name: "ureq",
    title: "ureq",
    does: "one `Agent`, two headers, `call()`; ureq looks the host up for each call",
    timeouts: "`timeout_connect`, `_recv_response`, `_recv_body`: 60 s each; none for DNS",
    decoding: "asks for gzip, its default; `read_to_vec`, then `serde_json::from_slice`",
    open: |address, task| {
        let config = config(task)?.timeout_connect(LIMIT);
        let config = config.timeout_recv_response(LIMIT).timeout_recv_body(LIMIT).build();
        Ok(open(&base_url(address, task), config, false))
    },
};

pub const TIMEOUT: Peer = Peer {
    name: "ureq-timeout",
    title: "ureq, timeout",
    does: "the same; with this timeout, ureq looks the host up on a new thread for each call",
    timeouts: "`timeout_global`, 60 s",
    open: |address, task| {
        Ok(open(&base_url(address, task), config(task)?.timeout_global(LIMIT).build(), false))
    },
    ..CAREFUL
};

pub const READ_JSON: Peer = Peer {
    name: "ureq-json",
    title: "ureq, `read_json`",
    does: "the same, the obvious way",
    timeouts: "none, its default",
    decoding: "asks for gzip; `read_json`, which reads a gzip body byte by byte",
    open: |address, task| Ok(open(&base_url(address, task), config(task)?.build(), true)),
};

struct Ureq {
    agent: Agent,
    authorization: String,
    read_json: bool,
}

fn config(task: Task) -> Result<ConfigBuilder<AgentScope>> {
    let config = Agent::config_builder();
    if task != Task::GetTls {
        return Ok(config);
    }
    let certificate = Certificate::from_pem(CERTIFICATE.as_bytes())?;
    let roots = RootCerts::new_with_certs(&[certificate]);
    Ok(config.tls_config(TlsConfig::builder().root_certs(roots).build()))
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
