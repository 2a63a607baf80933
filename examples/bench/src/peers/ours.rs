//! This crate, as its users use it.

use std::time::{Duration, Instant};

use nirvana_labs::{Api, ListParams, Organization, RequestOptions};

use super::{Client, Peer, base_url};
use crate::Result;
use crate::fixture::{ITEMS_PER_PAGE, KEY, ONE, Seen};
use crate::task::Task;

pub const PEER: Peer = Peer {
    name: "ours",
    title: "nirvana-labs",
    does: "`get_organization`; `list_organizations(…)`, `.pages()` for one page; retries, limits \
           and errors as they come",
    timeouts: "its defaults: connect 10 s, attempt 60 s; and a deadline",
    decoding: "asks for gzip; one UTF-8 check, then `serde_json::from_str`; unknown fields are kept",
    open: |address, task| {
        let api = Api::builder().api_key(KEY).base_url(base_url(address, task)).build()?;
        // The timeouts are on by themselves; a deadline makes it all there is.
        let deadline = Instant::now() + Duration::from_secs(3600);
        let api = api.with_options(RequestOptions::new().deadline(deadline));
        let (_, id) = ONE.rsplit_once('/').ok_or("the path has no id")?;
        Ok(Box::new(Ours { api, id }))
    },
};

struct Ours {
    api: Api,
    id: &'static str,
}

impl Client for Ours {
    fn run(&mut self, task: Task) -> Result<Seen> {
        let mut seen = Seen::default();
        let mut add = |item: &Organization| {
            seen.add(&item.name, item.created_at, item.domains.len());
        };
        let list = || self.api.list_organizations(&ListParams::new().limit(ITEMS_PER_PAGE as u32));
        match task {
            Task::Get => add(&self.api.get_organization(self.id)?),
            Task::Page | Task::Gzip | Task::PageExtra => {
                let page = list().into_pages().next().ok_or("no page")??;
                page.items.iter().for_each(add);
            }
            Task::List(_) => {
                for item in list() {
                    add(&item?);
                }
            }
        }
        Ok(seen)
    }
}
