//! The clients that are measured, one file each.

#[cfg(feature = "peers")]
mod curl;
mod floor;
mod ours;
#[cfg(feature = "peers")]
mod reqwest;
#[cfg(feature = "peers")]
mod ureq;

use std::net::SocketAddr;

use serde::de::DeserializeOwned;

use crate::Result;
use crate::fixture::{FIRST_PAGE, ONE, Seen};
use crate::model;
use crate::task::Task;

/// A row of the report.
pub struct Peer {
    /// The name on the command line.
    pub name: &'static str,
    /// The name in the report.
    pub title: &'static str,
    /// What the client does in a call, for readers of the report.
    pub does: &'static str,
    pub timeouts: &'static str,
    pub decoding: &'static str,
    /// Creates a client for one task.
    pub open: fn(SocketAddr, Task) -> Result<Box<dyn Client>>,
}

/// All clients. The floor comes first: the others are compared with it.
pub const PEERS: &[Peer] = &[
    floor::PEER,
    ours::PEER,
    #[cfg(feature = "peers")]
    ureq::CAREFUL,
    #[cfg(feature = "peers")]
    ureq::TIMEOUT,
    #[cfg(feature = "peers")]
    ureq::READ_JSON,
    #[cfg(feature = "peers")]
    reqwest::PEER,
    #[cfg(feature = "peers")]
    curl::PEER,
];

impl Peer {
    pub fn named(name: &str) -> Result<&'static Peer> {
        let peer = PEERS.iter().find(|peer| peer.name == name);
        peer.ok_or_else(|| format!("no such client in this build: {name}").into())
    }

    /// Returns whether the client can do the task: the floor lacks gzip, and curl lacks TLS.
    pub fn can(&self, task: Task) -> bool {
        match task {
            Task::Gzip => self.name != "floor",
            Task::GetTls => self.name != "curl",
            _ => true,
        }
    }
}

/// A client that keeps its connection between calls.
pub trait Client {
    fn run(&mut self, task: Task) -> Result<Seen>;
}

/// Returns the base URL of a task. It has a host name, so that clients make a DNS lookup as usual.
fn base_url(address: SocketAddr, task: Task) -> String {
    let scheme = if task == Task::GetTls { "https" } else { "http" };
    format!("{scheme}://localhost:{}/{task}", address.port())
}

/// An HTTP client that gets one URL. [`ByHand`] is the code that a user of the client writes.
trait Fetch {
    fn fetch<T: DeserializeOwned>(&mut self, url: &str) -> Result<T>;
}

struct ByHand<F> {
    fetch: F,
    one: String,
    first_page: String,
}

fn by_hand<F: Fetch + 'static>(fetch: F, base: &str) -> Box<dyn Client> {
    let (one, first_page) = (format!("{base}{ONE}"), format!("{base}{FIRST_PAGE}"));
    Box::new(ByHand { fetch, one, first_page })
}

impl<F: Fetch> Client for ByHand<F> {
    fn run(&mut self, task: Task) -> Result<Seen> {
        let mut seen = Seen::default();
        if task.is_get() {
            add(&mut seen, &[self.fetch.fetch(&self.one)?]);
            return Ok(seen);
        }
        let mut page: model::Page = self.fetch.fetch(&self.first_page)?;
        add(&mut seen, &page.items);
        while let (Task::List(_), Some(cursor)) = (task, &page.pagination.next_cursor) {
            page = self.fetch.fetch(&format!("{}&cursor={cursor}", self.first_page))?;
            add(&mut seen, &page.items);
        }
        Ok(seen)
    }
}

fn add(seen: &mut Seen, items: &[model::Organization]) {
    for item in items {
        seen.add(&item.name, item.created_at, item.domains.len());
    }
}
