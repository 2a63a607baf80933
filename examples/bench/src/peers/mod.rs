//! The clients that are measured: one file each.

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

/// One caller. It keeps its connection between calls.
pub trait Peer: Send {
    /// Gets one organization.
    fn get(&mut self) -> Result<Seen>;
    /// Gets the first page of the list.
    fn page(&mut self) -> Result<Seen>;
    /// Walks through the whole list.
    fn list(&mut self) -> Result<Seen>;
    /// A further caller, of the same client where it can be shared.
    fn another(&self) -> Result<Box<dyn Peer>>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Ours,
    Floor,
    Ureq,
    UreqTimeout,
    Reqwest,
    Curl,
}

impl Kind {
    /// The floor is first: what follows is compared with it.
    pub const ALL: &[Kind] = if cfg!(feature = "peers") {
        &[Kind::Floor, Kind::Ours, Kind::Ureq, Kind::UreqTimeout, Kind::Reqwest, Kind::Curl]
    } else {
        &[Kind::Floor, Kind::Ours]
    };

    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ours => "ours",
            Kind::Floor => "floor",
            Kind::Ureq => "ureq",
            Kind::UreqTimeout => "ureq-timeout",
            Kind::Reqwest => "reqwest",
            Kind::Curl => "curl",
        }
    }

    /// As in the report.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Ours => "nirvana-labs",
            Kind::Floor => "raw TCP",
            Kind::Ureq => "ureq",
            Kind::UreqTimeout => "ureq, timeout",
            Kind::Reqwest => "reqwest",
            Kind::Curl => "curl",
        }
    }

    pub fn from_name(name: &str) -> Result<Kind> {
        let kind = Kind::ALL.iter().copied().find(|kind| kind.name() == name);
        kind.ok_or_else(|| format!("no such client: {name}").into())
    }

    pub fn can_gunzip(self) -> bool {
        self != Kind::Floor
    }

    /// Makes the client. `prefix` is the first segment of all paths, and says how the server
    /// is to answer.
    pub fn open(self, address: SocketAddr, prefix: &str) -> Result<Box<dyn Peer>> {
        let urls = Urls::new(address, prefix);
        Ok(match self {
            Kind::Ours => Box::new(ours::Ours::new(&urls.base)?),
            Kind::Floor => Box::new(floor::Floor::new(address, prefix)?),
            #[cfg(feature = "peers")]
            Kind::Ureq => Box::new(ureq::Ureq::new(urls, None)),
            #[cfg(feature = "peers")]
            Kind::UreqTimeout => {
                Box::new(ureq::Ureq::new(urls, Some(std::time::Duration::from_secs(60))))
            }
            #[cfg(feature = "peers")]
            Kind::Reqwest => Box::new(reqwest::Reqwest::new(urls)?),
            #[cfg(feature = "peers")]
            Kind::Curl => Box::new(curl::Curl::new(urls)?),
            #[cfg(not(feature = "peers"))]
            _ => return Err("this build has no such client".into()),
        })
    }
}

/// The addresses that a client by hand asks for. The host goes by its name, as hosts do.
#[derive(Clone)]
#[cfg_attr(not(feature = "peers"), allow(dead_code, reason = "ours knows its paths"))]
struct Urls {
    base: String,
    one: String,
    first_page: String,
}

impl Urls {
    fn new(address: SocketAddr, prefix: &str) -> Urls {
        let base = format!("http://localhost:{}/{prefix}", address.port());
        Urls { one: format!("{base}{ONE}"), first_page: format!("{base}{FIRST_PAGE}"), base }
    }

    #[cfg(feature = "peers")]
    fn of(&self, target: Target<'_>) -> std::borrow::Cow<'_, str> {
        match target {
            Target::One => (&self.one).into(),
            Target::FirstPage => (&self.first_page).into(),
            Target::PageAt(cursor) => format!("{}&cursor={cursor}", self.first_page).into(),
        }
    }
}

/// What to ask for.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    One,
    FirstPage,
    PageAt(&'a str),
}

/// A client by hand: it knows HTTP, and its user wrote the rest, which is below.
pub trait Fetch: Send + Sized + 'static {
    fn fetch<T: DeserializeOwned>(&mut self, target: Target<'_>) -> Result<T>;
    fn share(&self) -> Result<Self>;
}

impl<F: Fetch> Peer for F {
    fn get(&mut self) -> Result<Seen> {
        let mut seen = Seen::default();
        add(&mut seen, &[self.fetch(Target::One)?]);
        Ok(seen)
    }

    fn page(&mut self) -> Result<Seen> {
        let page: model::Page = self.fetch(Target::FirstPage)?;
        let mut seen = Seen::default();
        add(&mut seen, &page.items);
        Ok(seen)
    }

    fn list(&mut self) -> Result<Seen> {
        let mut seen = Seen::default();
        let mut page: model::Page = self.fetch(Target::FirstPage)?;
        loop {
            add(&mut seen, &page.items);
            match page.pagination.next_cursor {
                Some(cursor) => page = self.fetch(Target::PageAt(&cursor))?,
                None => return Ok(seen),
            }
        }
    }

    fn another(&self) -> Result<Box<dyn Peer>> {
        Ok(Box::new(self.share()?))
    }
}

fn add(seen: &mut Seen, items: &[model::Organization]) {
    for item in items {
        seen.add(&item.name, item.created_at, item.domains.len());
    }
}
