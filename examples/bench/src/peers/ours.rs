//! This crate, used as its documentation shows.

use std::time::{Duration, Instant};

use nirvana_labs::{Api, ListParams, Organization, RequestOptions};

use super::{Client, Peer, base_url};
use crate::Result;
use crate::fixture::{ITEMS_PER_PAGE, KEY, ONE, Seen};
use crate::task::Task;
use crate::tls::CERTIFICATE;

pub const PEER: Peer = Peer {
    name: "ours",
    title: "nirvana-labs",
    does: "`get_organization`; `list_organizations(…)`, and `.into_pages()` for one page; with \
           retries, limits and errors",
    timeouts: "its defaults: connect 10 s, attempt 60 s; also a deadline",
    decoding: "asks for gzip; one UTF-8 check, then `serde_json::from_str`; keeps unknown fields",
    open: |address, task| {
        let mut builder = Api::builder().api_key(KEY).base_url(base_url(address, task));
        if task == Task::GetTls {
            builder = builder.root_certificate_pem(CERTIFICATE);
        }
        let api = builder.build()?;
        // Timeouts are on by default, so only a deadline is added.
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
            Task::Get | Task::GetTls => add(&self.api.get_organization(self.id)?),
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
