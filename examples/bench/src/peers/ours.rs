//! This crate, as its users use it.

use std::time::{Duration, Instant};

use nirvana_labs::{Api, ListParams, RequestOptions};

use super::Peer;
use crate::Result;
use crate::fixture::{ITEMS_PER_PAGE, KEY, ONE, Seen};

pub struct Ours {
    api: Api,
    id: &'static str,
}

impl Ours {
    pub fn new(base_url: &str) -> Result<Ours> {
        let api = Api::builder().api_key(KEY).base_url(base_url).build()?;
        // The timeouts are on by themselves; a deadline makes it all there is.
        let deadline = Instant::now() + Duration::from_secs(3600);
        let api = api.with_options(RequestOptions::new().deadline(deadline));
        let (_, id) = ONE.rsplit_once('/').ok_or("the path has no id")?;
        Ok(Ours { api, id })
    }

    fn params() -> ListParams {
        ListParams::new().limit(ITEMS_PER_PAGE as u32)
    }
}

impl Peer for Ours {
    fn get(&mut self) -> Result<Seen> {
        let item = self.api.get_organization(self.id)?;
        let mut seen = Seen::default();
        seen.add(&item.name, item.created_at, item.domains.len());
        Ok(seen)
    }

    fn page(&mut self) -> Result<Seen> {
        let mut pages = self.api.list_organizations(Ours::params()).pages();
        let page = pages.next().ok_or("no page")??;
        let mut seen = Seen::default();
        for item in &page.items {
            seen.add(&item.name, item.created_at, item.domains.len());
        }
        Ok(seen)
    }

    fn list(&mut self) -> Result<Seen> {
        let mut seen = Seen::default();
        for item in self.api.list_organizations(Ours::params()) {
            let item = item?;
            seen.add(&item.name, item.created_at, item.domains.len());
        }
        Ok(seen)
    }

    fn another(&self) -> Result<Box<dyn Peer>> {
        Ok(Box::new(Ours { api: self.api.clone(), id: self.id }))
    }
}
