//! `resume`: wherever a list stops, the returned parameters continue the list there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use nirvana_labs::{
    Api, CancelToken, ErrorKind, ListParams, Organization, RequestOptions, SendError,
};

use crate::checks::http_messages::{WithBody, response};
use crate::checks::wire::percent_decoded;
use crate::fixtures::{named, page};
use crate::scripted::{Outcome, Scripted};

/// How many items each page has. The second page and the last page are empty.
const SIZES: [usize; 6] = [3, 0, 2, 1, 3, 0];
const TOTAL: usize = 9;
const LIMIT: u32 = 3;

/// The number of the failing page if no page fails.
const NEVER: usize = usize::MAX;

/// Returns the number of the first item of `page`.
fn first_item(page: usize) -> usize {
    SIZES[..page].iter().sum()
}

/// Returns the parameters of `page`. The parameters of the first page have no cursor.
fn params(page: usize) -> ListParams {
    let params = ListParams::new().limit(LIMIT);
    if page == 0 { params } else { params.cursor(cursor(page)) }
}

/// Returns the cursor of `page`, which must be percent-encoded in a query.
fn cursor(page: usize) -> String {
    format!("c/{page}+=&\"ü\"")
}

/// The scripted server of a list, and the number of the page that fails.
#[derive(Clone)]
struct List {
    failing: Arc<AtomicUsize>,
    transport: Scripted,
}

impl List {
    fn new(failure: fn() -> Outcome) -> List {
        let failing = Arc::new(AtomicUsize::new(NEVER));
        let failing_page = Arc::clone(&failing);
        let transport = Scripted::new(move |request| {
            let query = request.uri().query().unwrap();
            let number = (0..SIZES.len()).find(|number| query == encoded(*number)).unwrap();
            if number == failing_page.load(Ordering::SeqCst) {
                return failure();
            }
            let first = first_item(number);
            let items = (first..first + SIZES[number]).map(|n| named(&n.to_string())).collect();
            let next = Some(number + 1).filter(|next| *next < SIZES.len()).map(cursor);
            Ok(response(200).with_body(page(items, next.as_deref(), TOTAL).to_string()))
        });
        List { failing, transport }
    }

    fn fail_at(&self, page: usize) {
        self.failing.store(page, Ordering::SeqCst);
    }

    fn api(&self) -> Api {
        self.transport.builder().max_retries(0).build().unwrap()
    }
}

/// Returns the query of the request for `page`.
fn encoded(page: usize) -> String {
    if page == 0 {
        return format!("limit={LIMIT}");
    }
    let query = format!("limit={LIMIT}&cursor=c%2F{page}%2B%3D%26%22%C3%BC%22");
    assert_eq!(percent_decoded(query.split('=').nth(2).unwrap()), cursor(page).as_bytes());
    query
}

fn numbers(items: impl IntoIterator<Item = Organization>) -> Vec<usize> {
    items.into_iter().map(|item| item.name.parse().unwrap()).collect()
}

/// Returns the numbers of all items of a list. Panics if the list fails.
fn all(api: &Api, params: &ListParams) -> Vec<usize> {
    numbers(api.list_organizations(params).map(Result::unwrap))
}

/// Serializes `rest`, and returns the deserialized value, which must be equal.
fn saved(rest: &Option<ListParams>) -> Option<ListParams> {
    let text = serde_json::to_string(rest).unwrap();
    let read: Option<ListParams> = serde_json::from_str(&text).unwrap();
    assert_eq!(read, *rest, "{text}");
    read
}

/// Returns the page where a list resumes after `taken` items: the page of the last item if that
/// page has items left, otherwise the next page.
fn page_after(taken: usize) -> Option<usize> {
    let last = taken.checked_sub(1);
    let Some(last) = last else { return Some(0) };
    let current = (0..SIZES.len()).find(|page| first_item(*page) + SIZES[*page] > last).unwrap();
    let is_used_up = first_item(current) + SIZES[current] == taken;
    Some(current + usize::from(is_used_up)).filter(|page| *page < SIZES.len())
}

#[test]
fn a_list_resumes_after_every_number_of_items() {
    let list = List::new(|| unreachable!());
    let api = list.api();
    for taken in 0..=TOTAL {
        let mut items = api.list_organizations(&params(0));
        let before = numbers(items.by_ref().take(taken).map(Result::unwrap));
        assert_eq!(before, (0..taken).collect::<Vec<_>>());
        let requests = list.transport.count();
        let rest = saved(&items.resume()).expect("the last page, which is empty, is left");
        assert_eq!(list.transport.count(), requests, "`resume` sends nothing");
        let next_page = page_after(taken).unwrap();
        assert_eq!(rest, params(next_page), "after {taken}");
        // Only items already taken from the current page come again, and no item is lost.
        let expected: Vec<usize> = (first_item(next_page)..TOTAL).collect();
        assert_eq!(all(&api, &rest), expected, "after {taken}");
        assert!(expected.first().is_none_or(|first| *first <= taken), "after {taken}");
        // The list itself can continue, and its pages resume at the same page.
        let mut pages = items.into_pages();
        assert_eq!(pages.resume(), Some(rest), "after {taken}");
        let left: Vec<usize> = numbers(pages.by_ref().flat_map(|page| page.unwrap().items));
        assert_eq!(left, (taken..TOTAL).collect::<Vec<_>>());
        assert_eq!(pages.resume(), None);
    }
    let mut items = api.list_organizations(&params(0));
    assert_eq!(items.by_ref().filter(Result::is_ok).count(), TOTAL);
    assert_eq!((items.resume(), items.next().is_none(), saved(&None)), (None, true, None));
}

#[test]
fn pages_resume_before_and_after_every_page() {
    let api = List::new(|| unreachable!()).api();
    let mut pages = api.list_organizations(&params(0)).into_pages();
    for (number, size) in SIZES.into_iter().enumerate() {
        let rest = saved(&pages.resume()).unwrap();
        assert_eq!(rest, params(number));
        assert_eq!(all(&api, &rest), (first_item(number)..TOTAL).collect::<Vec<_>>());
        assert_eq!(pages.next().unwrap().unwrap().items.len(), size);
    }
    assert!(pages.resume().is_none() && pages.next().is_none() && pages.resume().is_none());
}

/// Failures that end a list, and their kinds.
const FAILURES: [(ErrorKind, fn() -> Outcome); 5] = [
    (ErrorKind::Status, || Ok(response(403))),
    (ErrorKind::Status, || Ok(response(503))),
    (ErrorKind::Decode, || Ok(response(200).with_body("{}"))),
    (ErrorKind::Connect, || Err(SendError::not_sent(ErrorKind::Connect, "refused"))),
    (ErrorKind::Timeout, || Err(SendError::maybe_sent(ErrorKind::Timeout, "too slow"))),
];

#[test]
fn a_list_resumes_at_the_page_that_failed() {
    for (kind, failure) in FAILURES {
        let list = List::new(failure);
        let api = list.api();
        for failing in 0..SIZES.len() {
            list.fail_at(failing);
            let mut items = api.list_organizations(&params(0));
            let mut read = Vec::new();
            let error = loop {
                match items.next().unwrap() {
                    Ok(item) => read.extend(numbers([item])),
                    Err(error) => break error,
                }
            };
            assert_eq!(error.kind(), kind, "page {failing}");
            assert_eq!(read, (0..first_item(failing)).collect::<Vec<_>>());
            let rest = saved(&items.resume()).expect("the page that failed is left");
            assert_eq!(rest, params(failing), "{kind:?}, page {failing}");
            // The iterator has ended, and `resume` returns the same parameters.
            assert!(items.next().is_none());
            assert_eq!(items.resume(), Some(rest.clone()));
            let mut pages = items.into_pages();
            assert!(pages.next().is_none());
            assert_eq!(pages.resume(), Some(rest.clone()));
            // If the page fails again, the new list resumes there too.
            let mut again = api.list_organizations(&rest);
            again.next().unwrap().unwrap_err();
            assert_eq!(again.resume(), Some(rest.clone()));
            // Once the page no longer fails, each item has been read exactly once.
            list.fail_at(NEVER);
            read.extend(all(&api, &rest));
            assert_eq!(read, (0..TOTAL).collect::<Vec<_>>(), "{kind:?}, page {failing}");
        }
    }
}

#[test]
fn pages_resume_at_the_page_that_failed() {
    let list = List::new(|| Ok(response(403)));
    let api = list.api();
    for failing in 0..SIZES.len() {
        list.fail_at(failing);
        let mut pages = api.list_organizations(&params(0)).into_pages();
        assert_eq!(pages.by_ref().take(failing).filter(Result::is_ok).count(), failing);
        pages.next().unwrap().unwrap_err();
        assert_eq!(saved(&pages.resume()), Some(params(failing)));
        assert!(pages.next().is_none());
    }
}

#[test]
fn a_list_that_the_caller_stops_resumes_at_the_next_page() {
    let api = List::new(|| unreachable!()).api();
    for taken in 1..TOTAL {
        let token = CancelToken::new();
        let cancellable = api.with_options(RequestOptions::new().cancel_token(&token));
        let mut items = cancellable.list_organizations(&params(0));
        assert_eq!(items.by_ref().take(taken).filter(Result::is_ok).count(), taken);
        token.cancel();
        // Items that have already arrived are still yielded.
        let arrived = items.by_ref().take_while(Result::is_ok).count();
        let next = page_after(taken + arrived).unwrap();
        assert_eq!(items.resume(), Some(params(next)), "after {taken} and {arrived}");
    }
    let late = api.with_options(RequestOptions::new().deadline(Instant::now()));
    let mut items = late.list_organizations(&params(2));
    assert_eq!(items.next().unwrap().unwrap_err().kind(), ErrorKind::Deadline);
    assert_eq!(items.resume(), Some(params(2)));
}

#[test]
fn a_list_with_invalid_parameters_resumes_with_the_same() {
    let api = Scripted::in_turn([]).api();
    let invalid = ListParams::new().limit(0).cursor("c");
    let mut items = api.list_organizations(&invalid);
    assert_eq!(items.next().unwrap().unwrap_err().kind(), ErrorKind::Request);
    assert_eq!(items.resume(), Some(invalid));
}

#[test]
fn resume_is_none_after_a_pagination_cycle() {
    // The list has the pages 0, 1, 2, 1, 2 … with one item each.
    let transport = Scripted::new(|request| {
        let number = match request.uri().query() {
            None => 0,
            Some("cursor=1") => 1,
            Some("cursor=2") => 2,
            other => panic!("{other:?}"),
        };
        let next = if number == 1 { "2" } else { "1" };
        Ok(response(200).with_body(page(vec![named("x")], Some(next), 3).to_string()))
    });
    let mut items = transport.api().list_organizations(&ListParams::new());
    let error = items.by_ref().find_map(Result::err).unwrap();
    assert_eq!(error.kind(), ErrorKind::PaginationCycle);
    assert_eq!(items.resume(), None);
    let mut pages = items.into_pages();
    assert!(pages.resume().is_none() && pages.next().is_none());
    let mut pages = transport.api().list_organizations(&ListParams::new()).into_pages();
    let error = pages.by_ref().find_map(Result::err).unwrap();
    assert_eq!((error.kind(), pages.resume()), (ErrorKind::PaginationCycle, None));
}

#[test]
fn a_list_resumes_at_the_page_during_which_an_observer_panicked() {
    let second = AtomicUsize::new(0);
    let pages = [page(vec![named("a")], Some("c"), 2), page(vec![named("b")], None, 2)];
    let transport = Scripted::new(move |request| {
        let number = usize::from(request.uri().query().is_some());
        Ok(response(200).with_body(pages[number].to_string()))
    });
    let builder = transport.builder().observe(move |_| {
        assert_ne!(second.fetch_add(1, Ordering::SeqCst), 1, "the observer fails");
    });
    let mut items = builder.build().unwrap().list_organizations(&ListParams::new());
    assert_eq!(items.next().unwrap().unwrap().id, named("a")["id"]);
    assert!(catch_unwind(AssertUnwindSafe(|| items.next())).is_err());
    assert_eq!(items.resume(), Some(ListParams::new().cursor("c")));
    assert_eq!(items.next().unwrap().unwrap().id, named("b")["id"]);
    assert!(items.next().is_none() && items.resume().is_none());
}
