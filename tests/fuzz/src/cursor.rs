//! Checks lists with arbitrary cursors. A list ends, or fails within a few rounds of a cycle.
//! Cursors are sent back unchanged. No item is lost or repeated.
//!
//! Input: a script, then the cursors. The script refers to a cursor by its number. The first byte
//! of the script says how the list is read, and each later byte describes a page: see
//! [`Script::page`].

use std::sync::{Arc, Mutex};

use nirvana_labs::{
    Api, Error, ErrorKind, Limits, ListParams, OrganizationMembership, SendError, Transport,
};
use serde_json::json;

use super::http_messages::{HttpRequest, HttpResponse, WithBody, response};
use super::wire::{END, assert_hides, assert_one_line, percent_decoded, texts};

/// The client's key, which the server may also send as a cursor.
pub const KEY: &str = "key_4fJ8sQx2";
/// Parts of the key. If a cursor contains a part, the error may redact the cursor.
const PARTS: [&str; 2] = ["key_4fJ8", "4fJ8sQx2"];

/// If this bit is set, pages come in the order of the script, and the server ignores the cursor.
const IN_SEQUENCE: u8 = 1;
/// If this bit is set, the list starts at the first cursor.
const FROM_CURSOR: u8 = 2;
/// If this bit is set, the first items are read one by one, and the rest page by page. The upper
/// four bits are the number of these first items.
const BY_PAGES: u8 = 4;

/// In the script, a byte of at least this value is a page that fails.
const FAILS: u8 = 0xF0;

/// The script of the server.
struct Script {
    how: u8,
    pages: Vec<u8>,
    cursors: Vec<String>,
}

/// A page of a script: the number of its items, and the next cursor.
struct Planned {
    items: usize,
    next: Option<String>,
}

impl Script {
    /// Returns the page at `cursor`, or the page with this `number` if pages come in the order of
    /// the script. Returns `None` if the page fails.
    fn page(&self, number: usize, cursor: Option<&str>) -> Option<Planned> {
        let at = if self.how & IN_SEQUENCE != 0 {
            number
        } else {
            let place = |cursor| self.cursors.iter().position(|known| known == cursor);
            cursor.map_or(0, |cursor| place(cursor).unwrap() + 1)
        };
        let byte = self.pages.get(at).copied().unwrap_or(0);
        let next = usize::from(byte / 4) % (self.cursors.len() + 1);
        let next = next.checked_sub(1).map(|at| self.cursors[at].clone());
        (byte < FAILS).then(|| Planned { items: usize::from(byte % 4), next })
    }

    /// Returns the most pages that may be requested. The list ends, or it has a cycle, which is
    /// found within three rounds.
    fn most_pages(&self) -> usize {
        if self.how & IN_SEQUENCE != 0 { self.pages.len() + 1 } else { 3 * self.cursors.len() + 4 }
    }
}

/// A requested page: the cursor of the request, and the next cursor unless the page failed.
struct Served {
    cursor: Option<String>,
    gave: Option<Option<String>>,
}

#[derive(Default)]
struct Log {
    served: Vec<Served>,
    items: usize,
}

#[derive(Clone)]
struct Server(Arc<(Script, Mutex<Log>)>);

impl Transport for Server {
    fn send(&self, request: HttpRequest<'_>, _: &Limits) -> Result<HttpResponse, SendError> {
        let (script, log) = &*self.0;
        let mut log = log.lock().unwrap();
        assert!(log.served.len() < script.most_pages(), "the list does not end");

        let query = request.uri().query().unwrap();
        let cursor = match query.strip_prefix("limit=3") {
            Some("") => None,
            rest => Some(rest.unwrap().strip_prefix("&cursor=").unwrap()),
        };
        let cursor = cursor.map(|it| String::from_utf8(percent_decoded(it)).unwrap());
        let page = script.page(log.served.len(), cursor.as_deref());
        let gave = page.as_ref().map(|page| page.next.clone());
        log.served.push(Served { cursor, gave });
        let Some(page) = page else { return Ok(response(500)) };

        let before = log.items;
        log.items += page.items;
        let items: Vec<_> = (before..log.items).map(item).collect();
        let pagination = json!({
            "next_cursor": page.next, "previous_cursor": null, "total_count": 9,
        });
        let body = json!({ "items": items, "pagination": pagination }).to_string();
        Ok(response(200).with_body(body))
    }
}

/// Returns a membership with this number as its id.
fn item(number: usize) -> serde_json::Value {
    json!({
        "id": number.to_string(), "created_at": "2026-06-01T12:00:00Z", "organization_id": "o",
        "role": "owner", "updated_at": "2026-06-01T12:00:00Z", "user_id": "u",
    })
}

pub fn check(data: &[u8]) {
    let (script, rest) = match data.iter().position(|byte| *byte == END) {
        Some(end) => (&data[..end], Some(&data[end + 1..])),
        None => (data, None),
    };
    let Some((how, pages)) = script.split_first() else { return };
    let mut cursors = rest.map(texts).unwrap_or_default();
    cursors.truncate(32);
    let script = Script { how: *how, pages: pages.iter().copied().take(64).collect(), cursors };

    let start = script.cursors.first().filter(|_| how & FROM_CURSOR != 0).cloned();
    let server = Server(Arc::new((script, Mutex::default())));
    let api = Api::builder().api_key(KEY).max_retries(0).transport(server.clone()).build().unwrap();
    let list = api.list_organization_memberships("o", &params(start.as_deref()));

    let end = read(list, *how);
    let log = server.0.1.lock().unwrap();
    assert_eq!(end.ids, (0..log.items).map(|id| id.to_string()).collect::<Vec<_>>());
    assert_cursors(&log.served, start.filter(|start| !start.is_empty()));
    assert_end(&end, &log.served);
}

/// Returns the parameters of a list that starts at this cursor.
fn params(cursor: Option<&str>) -> ListParams {
    let params = ListParams::new().limit(3);
    match cursor {
        Some(cursor) => params.cursor(cursor),
        None => params,
    }
}

/// How a list ended.
struct End {
    ids: Vec<String>,
    error: Option<Error>,
    /// What `resume` returned at the end.
    rest: Option<ListParams>,
}

fn read(mut list: nirvana_labs::Items<OrganizationMembership>, how: u8) -> End {
    let mut end = End { ids: Vec::new(), error: None, rest: None };
    let singly = if how & BY_PAGES != 0 { usize::from(how >> 4) } else { usize::MAX };
    while end.ids.len() < singly {
        match list.next() {
            Some(Ok(item)) => end.ids.push(item.id),
            Some(Err(error)) => end.error = Some(error),
            None => {
                assert!(list.next().is_none());
                end.rest = list.resume();
                assert_hides(&format!("{list:?}"), KEY);
                return end;
            }
        }
    }
    let mut pages = list.into_pages();
    for page in pages.by_ref() {
        match page {
            Ok(page) => end.ids.extend(page.items.into_iter().map(|item| item.id)),
            Err(error) => end.error = Some(error),
        }
    }
    assert!(pages.next().is_none());
    assert_hides(&format!("{pages:?}"), KEY);
    end.rest = pages.resume();
    end
}

/// Asserts that each page was requested with the cursor that the previous page returned.
fn assert_cursors(served: &[Served], start: Option<String>) {
    let mut expected = start;
    for page in served {
        assert_eq!(page.cursor, expected);
        expected = page.gave.clone().flatten();
    }
}

fn assert_end(end: &End, served: &[Served]) {
    let last = served.last();
    let Some(error) = &end.error else {
        let gave = last.unwrap().gave.as_ref().unwrap();
        assert!(
            gave.as_ref().is_none_or(String::is_empty),
            "the list ended before the page at {gave:?}"
        );
        assert_eq!(end.rest, None);
        return;
    };
    assert_one_line(&error.to_string());
    assert_hides(&format!("{error} {error:?} {error:#?}"), KEY);
    // The cursor of the page that failed or could not be requested.
    let failed = match last {
        Some(Served { cursor, gave: None }) => {
            assert_eq!(error.status(), Some(500));
            cursor
        }
        Some(Served { gave: Some(gave), .. }) => gave,
        None => &end.rest.as_ref().unwrap().cursor,
    };
    let is_cycle = error.kind() == ErrorKind::PaginationCycle;
    assert_eq!(end.rest, (!is_cycle).then(|| params(failed.as_deref())));
    match error.kind() {
        ErrorKind::Status => {}
        ErrorKind::Request => assert!(failed.as_ref().unwrap().len() > 2500, "{error}"),
        ErrorKind::PaginationCycle => {
            let told = format!("after {} pages", served.len());
            assert!(error.to_string().contains(&told), "{error}");
            let visited = served.iter().any(|page| &page.cursor == failed)
                || served[..served.len() - 1].iter().any(|page| page.gave.as_ref() == Some(failed));
            assert!(visited, "the cursor is not repeated: {error}");
            let cursor = failed.as_deref().unwrap();
            let plain = cursor.len() < 100 && cursor.bytes().all(|byte| byte.is_ascii_graphic());
            let secret = PARTS.iter().any(|part| cursor.contains(part));
            assert!(!plain || secret || error.to_string().contains(&format!("{cursor:?}")));
        }
        _ => panic!("{error:?}"),
    }
}
