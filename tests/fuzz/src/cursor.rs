//! Lists whose cursors are arbitrary: each ends, or is an error within a few rounds of its
//! circle; a cursor goes back byte for byte as it came; no item is lost or doubled.
//!
//! Input: a script, then the cursors that it names by number. The script's first byte says
//! how the list is read, and each further one what a page is: see [`Script::page`].

#[allow(unused_imports)]
use super::message::{HttpRequest, HttpResponse, RequestWords, ResponseWords, Resume, reply};
use nirvana_labs::Limits;
use std::sync::{Arc, Mutex};

use nirvana_labs::{
    Api, Error, ErrorKind, ListParams, OrganizationMembership, SendError, Transport,
};
use serde_json::json;

use super::wire::{END, assert_hides, assert_one_line, percent_decoded, texts};

/// The client's key, which a server may give as a cursor too.
pub const KEY: &str = "key_4fJ8sQx2";
/// What of it is a secret by itself, at the end of a text and anywhere.
const PARTS: [&str; 2] = ["key_4fJ8", "4fJ8sQx2"];

/// Pages follow each other as the script has them, and not as their cursors lead.
const IN_SEQUENCE: u8 = 1;
/// The list begins at the first cursor.
const FROM_CURSOR: u8 = 2;
/// After as many items as the upper four bits say, the rest is read by pages.
const BY_PAGES: u8 = 4;

/// From here on, a script's byte is a page that fails.
const FAILS: u8 = 0xF0;

/// What the server does.
struct Script {
    how: u8,
    pages: Vec<u8>,
    cursors: Vec<String>,
}

/// A page of a script: how many items, and the cursor after it.
struct Planned {
    items: usize,
    next: Option<String>,
}

impl Script {
    /// The page at `cursor`, or at `number` in sequence; `None` is a server's error.
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

    /// More pages than this are never read: each list of the script ends, or goes round in
    /// a circle that is found within three rounds.
    fn most_pages(&self) -> usize {
        if self.how & IN_SEQUENCE != 0 { self.pages.len() + 1 } else { 3 * self.cursors.len() + 4 }
    }
}

/// A page that was asked for: with what cursor, and the cursor it gave, if it did not fail.
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
    fn send(&self, request: HttpRequest<'_>, limits: &Limits) -> Result<HttpResponse, SendError> {
        let (script, log) = &*self.0;
        let mut log = log.lock().unwrap();
        assert!(log.served.len() < script.most_pages(), "goes on for ever");

        let query = request.query().unwrap();
        let cursor = match query.strip_prefix("limit=3") {
            Some("") => None,
            rest => Some(rest.unwrap().strip_prefix("&cursor=").unwrap()),
        };
        let cursor = cursor.map(|it| String::from_utf8(percent_decoded(it)).unwrap());
        let page = script.page(log.served.len(), cursor.as_deref());
        let gave = page.as_ref().map(|page| page.next.clone());
        log.served.push(Served { cursor, gave });
        let Some(page) = page else { return Ok(reply(500)) };

        let before = log.items;
        log.items += page.items;
        let items: Vec<_> = (before..log.items).map(item).collect();
        let pagination = json!({
            "next_cursor": page.next, "previous_cursor": null, "total_count": 9,
        });
        let body = json!({ "items": items, "pagination": pagination }).to_string();
        Ok(reply(200).with_body(body))
    }
}

/// An item that no other page has.
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
    let params = ListParams::new().limit(3);
    let params = match start.clone() {
        Some(start) => params.cursor(start),
        None => params,
    };
    let list = api.list_organization_memberships("o", &params);

    let end = read(list, *how);
    let log = server.0.1.lock().unwrap();
    assert_eq!(end.ids, (0..log.items).map(|id| id.to_string()).collect::<Vec<_>>());
    assert_cursors(&log.served, start.filter(|start| !start.is_empty()));
    assert_end(&end, &log.served);
}

/// How a list ended.
struct End {
    ids: Vec<String>,
    error: Option<Error>,
    next_cursor: Option<String>,
}

fn read(mut list: nirvana_labs::Items<OrganizationMembership>, how: u8) -> End {
    let mut end = End { ids: Vec::new(), error: None, next_cursor: None };
    let singly = if how & BY_PAGES != 0 { usize::from(how >> 4) } else { usize::MAX };
    while end.ids.len() < singly {
        match list.next() {
            Some(Ok(item)) => end.ids.push(item.id),
            Some(Err(error)) => end.error = Some(error),
            None => {
                assert!(list.next().is_none());
                end.next_cursor = list.next_cursor();
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
    end.next_cursor = pages.next_cursor();
    end
}

/// Each page was asked for by the cursor that the one before gave.
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
        assert!(gave.as_ref().is_none_or(String::is_empty), "the list broke off before {gave:?}");
        assert_eq!(end.next_cursor, None);
        return;
    };
    assert_one_line(&error.to_string());
    assert_hides(&format!("{error} {error:?} {error:#?}"), KEY);
    // The page that failed, or that could not be asked for.
    let failed = match last {
        Some(Served { cursor, gave: None }) => {
            assert_eq!(error.status(), Some(500));
            cursor
        }
        Some(Served { gave: Some(gave), .. }) => gave,
        None => &end.next_cursor,
    };
    assert_eq!(&end.next_cursor, failed);
    match error.kind() {
        ErrorKind::Status => {}
        ErrorKind::Request => assert!(failed.as_ref().unwrap().len() > 2500, "{error}"),
        ErrorKind::PaginationCycle => {
            let told = format!("after {} pages", served.len());
            assert!(error.to_string().contains(&told), "{error}");
            let visited = served.iter().any(|page| &page.cursor == failed)
                || served[..served.len() - 1].iter().any(|page| page.gave.as_ref() == Some(failed));
            assert!(visited, "{error} was new");
            let cursor = failed.as_deref().unwrap();
            let plain = cursor.len() < 100 && cursor.bytes().all(|byte| byte.is_ascii_graphic());
            let secret = PARTS.iter().any(|part| cursor.contains(part));
            assert!(!plain || secret || error.to_string().contains(&format!("{cursor:?}")));
        }
        _ => panic!("{error:?}"),
    }
}
