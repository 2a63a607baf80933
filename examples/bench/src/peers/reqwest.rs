//! `reqwest::blocking`, with its default timeout of 30 s.

use reqwest::blocking::Client;
use reqwest::header::ACCEPT;
use serde::de::DeserializeOwned;

use super::{Fetch, Target, Urls};
use crate::Result;
use crate::fixture::KEY;

pub struct Reqwest {
    client: Client,
    urls: Urls,
}

impl Reqwest {
    pub fn new(urls: Urls) -> Result<Reqwest> {
        Ok(Reqwest { client: Client::builder().build()?, urls })
    }
}

impl Fetch for Reqwest {
    fn fetch<T: DeserializeOwned>(&mut self, target: Target<'_>) -> Result<T> {
        let request = self.client.get(&*self.urls.of(target)).bearer_auth(KEY);
        let response = request.header(ACCEPT, "application/json").send()?.error_for_status()?;
        Ok(response.json()?)
    }

    fn share(&self) -> Result<Reqwest> {
        Ok(Reqwest { client: self.client.clone(), urls: self.urls.clone() })
    }
}
