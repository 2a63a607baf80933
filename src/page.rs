//! Lists: a page at a time, or an item at a time.

use std::fmt;
use std::iter::FusedIterator;

use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::error::{Cause, Error, Result};
use crate::model::{Page, Pagination};
use crate::params::ListParams;
use crate::request::Request;

/// The pages of a list: an iterator that fetches one page per step, and none before the
/// first.
///
/// An empty page that has a successor is yielded like any other. After an error the
/// iterator ends, and [`resume`](Pages::resume) leads to the page that failed.
///
/// ```
/// # use nirvana_labs::{ListParams, Sandbox};
/// # let api = Sandbox::new().api();
/// for page in api.list_organizations(&ListParams::new().limit(50)).into_pages() {
///     let page = page?;
///     println!("{} of {}", page.items.len(), page.pagination.total_count);
/// }
/// # Ok::<(), nirvana_labs::Error>(())
/// ```
#[must_use = "a list sends nothing until it is iterated"]
pub struct Pages<T> {
    client: Client,
    /// Without cursor and limit. `Err` until the first step says so.
    request: Result<Request, Option<Error>>,
    /// The page that was fetched last.
    current: Option<ListParams>,
    /// The page to be fetched next.
    next: Option<ListParams>,
    /// What is left of a page that was taken apart before.
    rest: Option<Page<T>>,
    total_count: Option<i64>,
    cycle: CycleDetector,
    failed: bool,
}

impl<T: DeserializeOwned> Pages<T> {
    fn fetch(&mut self, params: &ListParams) -> Result<Page<T>> {
        let request = match &mut self.request {
            Ok(request) => request,
            // The iterator ends with this error, and does not come here again.
            Err(error) => return Err(error.take().unwrap_or_else(|| Error::request("no request"))),
        };
        if let Some(cursor) = &self.cycle.repeated {
            let redactor = self.client.redactor();
            let cursor = redactor.redact(cursor);
            let cause = Cause::PaginationCycle { cursor, pages: self.cycle.pages };
            return Err(Error::new(request.as_call(0, redactor), cause));
        }
        request.clear_query();
        if let Some(limit) = params.limit {
            request.push_query("limit", &limit.to_string());
        }
        if let Some(cursor) = &params.cursor {
            request.push_query("cursor", cursor);
        }
        self.client.call(request)?.decode()
    }

    /// Moves on from the page that `params` led to.
    fn advance(&mut self, params: ListParams, pagination: &Pagination) {
        self.total_count = Some(pagination.total_count);
        // An empty cursor is no place that a list could go on from.
        let cursor = pagination.next_cursor.clone().filter(|cursor| !cursor.is_empty());
        self.cycle.step(params.cursor.as_deref(), cursor.as_deref());
        self.next = cursor.map(|cursor| ListParams { limit: params.limit, cursor: Some(cursor) });
        self.current = Some(params);
    }
}

impl<T: DeserializeOwned> Iterator for Pages<T> {
    type Item = Result<Page<T>>;

    fn next(&mut self) -> Option<Result<Page<T>>> {
        if let Some(rest) = self.rest.take() {
            return Some(Ok(rest));
        }
        let params = self.next.take_if(|_| !self.failed)?;
        let page = self.fetch(&params);
        match &page {
            Ok(page) => self.advance(params, &page.pagination),
            Err(_) => {
                self.next = Some(params);
                self.failed = true;
            }
        }
        Some(page)
    }
}

impl<T: DeserializeOwned> FusedIterator for Pages<T> {}

impl<T> Pages<T> {
    /// Returns what to ask for to go on from here another day: the page that
    /// [`next`](Iterator::next) would yield, or has failed to. `None` once the list has ended.
    pub fn resume(&self) -> Option<ListParams> {
        if self.rest.is_some() { self.current.clone() } else { self.next.clone() }
    }

    /// Returns how many items the whole list has, as the latest page said; `None` before the first.
    pub fn total_count(&self) -> Option<i64> {
        self.total_count
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let redactor = self.client.redactor();
        f.debug_struct("Pages")
            .field("path", &self.request.as_ref().ok().map(|request| request.shown_path(redactor)))
            .field("total_count", &self.total_count)
            .finish_non_exhaustive()
    }
}

/// Finds a cursor that the server repeats, in constant memory: Brent's algorithm keeps one
/// cursor, and replaces it at steps that are powers of two apart. A cycle of any length is found
/// within a few rounds.
#[derive(Debug, Default)]
struct CycleDetector {
    kept: Option<String>,
    since_kept: u64,
    power: u64,
    pages: u64,
    /// The cursor that came again.
    repeated: Option<String>,
}

impl CycleDetector {
    /// Takes note that the page at `cursor` names `next` as the one to follow.
    fn step(&mut self, cursor: Option<&str>, next: Option<&str>) {
        self.pages = self.pages.saturating_add(1);
        let Some(next) = next else { return };
        if self.kept.as_deref() == Some(next) || cursor == Some(next) {
            self.repeated = Some(next.to_owned());
        }
        if self.since_kept >= self.power {
            self.kept = Some(next.to_owned());
            self.since_kept = 0;
            self.power = self.power.saturating_mul(2).max(1);
        }
        self.since_kept = self.since_kept.saturating_add(1);
    }
}

/// The items of a list: an iterator that fetches the next page when the current one runs
/// out, and nothing before the first step.
///
/// Pages that are empty are passed over. After an error the iterator ends, and
/// [`resume`](Items::resume) leads to the page that failed.
///
/// ```
/// # use nirvana_labs::{ListParams, Sandbox};
/// # let api = Sandbox::new().api();
/// for organization in api.list_organizations(&ListParams::new()) {
///     println!("{}", organization?.name);
/// }
/// # Ok::<(), nirvana_labs::Error>(())
/// ```
#[must_use = "a list sends nothing until it is iterated"]
pub struct Items<T> {
    pages: Pages<T>,
    current: std::vec::IntoIter<T>,
    /// That of the page that `current` is what is left of.
    pagination: Option<Pagination>,
}

impl<T: DeserializeOwned> Items<T> {
    /// The list at the path of `request`. A path or a parameter that is invalid is the error of
    /// the first step.
    pub(crate) fn new(client: Client, request: Result<Request>, params: &ListParams) -> Items<T> {
        let request = request.and_then(|request| match refusal(&client, params) {
            Some(why) => Err(request.invalid(&why, client.redactor())),
            None => Ok(request),
        });
        let cursor = params.cursor.clone().filter(|cursor| !cursor.is_empty());
        let pages = Pages {
            client,
            request: request.map_err(Some),
            current: None,
            next: Some(ListParams { limit: params.limit, cursor }),
            rest: None,
            total_count: None,
            cycle: CycleDetector::default(),
            failed: false,
        };
        Items { pages, current: Vec::new().into_iter(), pagination: None }
    }
}

/// Why a list cannot be asked for so.
fn refusal(client: &Client, params: &ListParams) -> Option<String> {
    if params.limit == Some(0) {
        return Some("a limit of 0 asks for no items; leave it out, or ask for 1 or more".into());
    }
    let name = ["limit", "cursor"].into_iter().find(|name| client.adds_to_query(name))?;
    Some(format!("the {name} of a list is set by ListParams, not by RequestOptions::query"))
}

impl<T> Items<T> {
    /// Returns the same list, a page at a time. What is left of the current page comes first.
    pub fn into_pages(mut self) -> Pages<T> {
        if let Some(pagination) = self.pagination.filter(|_| self.current.len() > 0) {
            self.pages.rest = Some(Page { items: self.current.collect(), pagination });
        }
        self.pages
    }

    /// Returns what to ask for to go on from here another day: the current page again, while items
    /// of it are left, else the next page, or the one that failed. No item is lost so, and those
    /// of a page that was begun come again. `None` once the list has ended.
    pub fn resume(&self) -> Option<ListParams> {
        if self.current.len() > 0 { self.pages.current.clone() } else { self.pages.resume() }
    }

    /// Returns how many items the whole list has, as the latest page said; `None` before the
    /// first.
    pub fn total_count(&self) -> Option<i64> {
        self.pages.total_count()
    }
}

impl<T: DeserializeOwned> Iterator for Items<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        loop {
            if let Some(item) = self.current.next() {
                return Some(Ok(item));
            }
            // Let go of this page before the next one is fetched.
            self.current = Vec::new().into_iter();
            match self.pages.next()? {
                Ok(page) => {
                    self.current = page.items.into_iter();
                    self.pagination = Some(page.pagination);
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let at_hand = self.current.len();
        let has_ended = self.pages.failed || self.pages.next.is_none();
        (at_hand, if has_ended { Some(at_hand) } else { None })
    }
}

impl<T: DeserializeOwned> FusedIterator for Items<T> {}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Items").field(&self.pages).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many pages are read of a list whose cursors are `tail` apart from the start and
    /// then go round in `cycle`.
    fn pages_until_found(tail: u64, cycle: u64) -> u64 {
        let name = |page: u64| {
            if page < tail { page.to_string() } else { (tail + (page - tail) % cycle).to_string() }
        };
        let mut cycle = CycleDetector::default();
        let mut cursor = None;
        for page in 0.. {
            let next = name(page);
            cycle.step(cursor.as_deref(), Some(&next));
            if let Some(found) = cycle.repeated {
                assert_eq!(found, next);
                break;
            }
            cursor = Some(next);
        }
        cycle.pages
    }

    #[test]
    fn cycles_of_any_length_are_found() {
        for tail in 0..20 {
            for cycle in 1..40 {
                let pages = pages_until_found(tail, cycle);
                assert!(pages > tail + cycle, "{tail}+{cycle}: false alarm at {pages}");
                assert!(pages <= 3 * (tail + cycle) + 2, "{tail}+{cycle}: only at {pages}");
            }
        }
        assert_eq!(pages_until_found(0, 1), 2);
    }

    #[test]
    fn a_list_that_ends_is_no_cycle() {
        let mut cycle = CycleDetector::default();
        let mut cursor = None;
        for page in 0..10_000_u64 {
            let next = page.to_string();
            cycle.step(cursor.as_deref(), Some(&next));
            cursor = Some(next);
        }
        cycle.step(cursor.as_deref(), None);
        assert!(cycle.repeated.is_none());
    }
}
