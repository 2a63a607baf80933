//! Lists, page by page or item by item.

use std::fmt;
use std::iter::FusedIterator;
use std::mem;

use serde::de::DeserializeOwned;

use crate::call::Client;
use crate::error::{Cause, Error, Result};
use crate::model::{Page, Pagination};
use crate::params::ListParams;
use crate::request::ApiRequest;

/// An iterator over the pages of a list. Each step makes one call.
///
/// An empty page with a next page is yielded like any other. After an error the iterator ends, and
/// [`resume`](Pages::resume) returns the parameters of the page that failed.
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
    /// The request without limit and cursor. If it is an error, the first step yields that error.
    request: Result<ApiRequest, Option<Error>>,
    /// The parameters of the latest page.
    current: Option<ListParams>,
    /// The parameters of the next page; `None` at the end.
    next: Option<ListParams>,
    /// The latest page with the items that [`Items`] has not yielded, if there are any.
    rest: Option<Page<T>>,
    total_count: Option<i64>,
    cycle: CycleDetector,
    failed: bool,
}

impl<T: DeserializeOwned> Pages<T> {
    fn fetch(&mut self, params: &ListParams) -> Result<Page<T>> {
        let request = match &mut self.request {
            Ok(request) => request,
            // The iterator ends with this error, so the error is taken only once.
            Err(error) => return Err(error.take().unwrap_or_else(|| Error::request("no request"))),
        };
        if let Some(cursor) = &self.cycle.repeated {
            let redactor = self.client.redactor();
            let cursor = redactor.redact(cursor);
            let cause = Cause::PaginationCycle { cursor, pages: self.cycle.pages };
            return Err(Error::new(request.context(0, redactor), cause));
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

    /// Moves to the page after the one at `params`.
    fn advance(&mut self, params: ListParams, pagination: &Pagination) {
        self.total_count = Some(pagination.total_count);
        // An empty cursor ends the list.
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
        // `next` stays the same while the page is fetched, also if an observer panics.
        let params = self.next.clone().filter(|_| !self.failed)?;
        let page = self.fetch(&params);
        match &page {
            Ok(page) => self.advance(params, &page.pagination),
            Err(_) => {
                self.failed = true;
                if self.cycle.repeated.is_some() {
                    // A list with a cycle cannot be resumed.
                    self.next = None;
                }
            }
        }
        Some(page)
    }
}

impl<T: DeserializeOwned> FusedIterator for Pages<T> {}

impl<T> Pages<T> {
    /// Returns the parameters of the rest of the list: the page that [`next`](Iterator::next) would
    /// yield, or the one that failed. Returns `None` once the list has ended, and after a pagination
    /// cycle.
    ///
    /// Do not resume in a loop after every error: some errors, such as a 401, come again.
    pub fn resume(&self) -> Option<ListParams> {
        if self.rest.is_some() { self.current.clone() } else { self.next.clone() }
    }

    /// Returns how many items the whole list has, according to the latest page; `None` before the
    /// first page.
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

/// Detects a cursor that the server repeats, in constant memory.
///
/// This is Brent's algorithm: it keeps one cursor, and replaces it after 1, 2, 4, 8 … pages. It finds a
/// cycle of any length within a few rounds.
#[derive(Debug, Default)]
struct CycleDetector {
    kept: Option<String>,
    since_kept: u64,
    power: u64,
    pages: u64,
    /// The repeated cursor, once there is one.
    repeated: Option<String>,
}

impl CycleDetector {
    /// Notes that the page at `cursor` is followed by the page at `next`.
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

/// An iterator over the items of a list. It fetches the next page when the current one runs out.
///
/// It sends no request before the first step, and skips empty pages. After an error the iterator
/// ends, and [`resume`](Items::resume) returns the parameters of the rest.
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
    /// The items of the latest page that have not been yielded yet.
    left: std::vec::IntoIter<T>,
    /// The latest page without its items.
    page: Option<Page<T>>,
}

impl<T: DeserializeOwned> Items<T> {
    /// Creates the list at the path of `request`. If the path or a parameter is invalid, the first
    /// step yields the error.
    pub(crate) fn new(
        client: Client,
        request: Result<ApiRequest>,
        params: &ListParams,
    ) -> Items<T> {
        let request = request.and_then(|request| match invalid(&client, params) {
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
        Items { pages, left: Vec::new().into_iter(), page: None }
    }
}

/// Returns why `params` are invalid, or `None` if they are valid.
fn invalid(client: &Client, params: &ListParams) -> Option<String> {
    if params.limit == Some(0) {
        return Some("a limit of 0 asks for no items; leave it out, or ask for 1 or more".into());
    }
    let name = ["limit", "cursor"].into_iter().find(|name| client.adds_to_query(name))?;
    Some(format!("set the {name} of a list with ListParams, not with RequestOptions::query"))
}

impl<T> Items<T> {
    /// Returns the rest of the list page by page. The first page has the items of the current page
    /// that have not been yielded yet.
    pub fn into_pages(mut self) -> Pages<T> {
        if let Some(mut page) = self.page.filter(|_| self.left.len() > 0) {
            page.items = self.left.collect();
            self.pages.rest = Some(page);
        }
        self.pages
    }

    /// Returns the parameters of the rest of the list, to continue it later or in another process.
    ///
    /// If the current page has items that have not been yielded, the rest starts with the whole
    /// current page: no item is lost, but some come again. Otherwise the rest starts with the next
    /// page, or with the page that failed. Returns `None` once the list has ended, and after a
    /// pagination cycle.
    ///
    /// Do not resume in a loop after every error: some errors, such as a 401, come again.
    ///
    /// ```
    /// # use nirvana_labs::{ListParams, Sandbox};
    /// # let sandbox = Sandbox::new();
    /// # (0..5).for_each(|n| drop(sandbox.add_organization(format!("Acme {n}"))));
    /// # let api = sandbox.api();
    /// let mut items = api.list_organizations(&ListParams::new().limit(2));
    /// assert_eq!(items.by_ref().take(2).count(), 2);
    /// let rest = items.resume().unwrap();
    /// assert_eq!(api.list_organizations(&rest).count(), 3);
    /// ```
    pub fn resume(&self) -> Option<ListParams> {
        if self.left.len() > 0 { self.pages.current.clone() } else { self.pages.resume() }
    }

    /// Returns how many items the whole list has, according to the latest page; `None` before the
    /// first page.
    pub fn total_count(&self) -> Option<i64> {
        self.pages.total_count()
    }
}

impl<T: DeserializeOwned> Iterator for Items<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        loop {
            if let Some(item) = self.left.next() {
                return Some(Ok(item));
            }
            // This frees the memory of the page before the next page is fetched.
            self.left = Vec::new().into_iter();
            match self.pages.next()? {
                Ok(mut page) => {
                    self.left = mem::take(&mut page.items).into_iter();
                    self.page = Some(page);
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.left.len();
        let has_ended = self.pages.failed || self.pages.next.is_none();
        (left, has_ended.then_some(left))
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

    /// Returns how many pages are read before the cycle is found. `tail` pages come before the
    /// cycle, and `cycle` pages repeat.
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
    fn no_cycle_is_found_in_a_list_that_ends() {
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
