//! ureq by hand: an agent, a header and `read_json`.

use std::time::Duration;

use serde::de::DeserializeOwned;
use ureq::Agent;

use super::{Fetch, Target, Urls};
use crate::Result;
use crate::fixture::KEY;

pub struct Ureq {
    agent: Agent,
    urls: Urls,
    authorization: String,
}

impl Ureq {
    pub fn new(urls: Urls, timeout: Option<Duration>) -> Ureq {
        let agent = Agent::new_with_config(Agent::config_builder().timeout_global(timeout).build());
        Ureq { agent, urls, authorization: format!("Bearer {KEY}") }
    }
}

impl Fetch for Ureq {
    fn fetch<T: DeserializeOwned>(&mut self, target: Target<'_>) -> Result<T> {
        let request = self
            .agent
            .get(&*self.urls.of(target))
            .header("authorization", &self.authorization)
            .header("accept", "application/json");
        Ok(request.call()?.body_mut().read_json()?)
    }

    fn share(&self) -> Result<Ureq> {
        let (agent, urls) = (self.agent.clone(), self.urls.clone());
        Ok(Ureq { agent, urls, authorization: self.authorization.clone() })
    }
}
