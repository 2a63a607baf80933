//! Helpers for tests of faults: a raw server, the calls to make to it, and time limits.

pub(crate) mod changing;
pub(crate) mod endpoints;
pub(crate) mod message;
mod ports;
pub(crate) mod server;
#[cfg(feature = "rustls")]
pub(crate) mod tls;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nirvana_labs::{Api, ApiBuilder, Error, ErrorKind};

/// The API key of the clients in tests.
pub(crate) const KEY: &str = "nl_key";

/// Returns the builder of a client for the server at `url`.
pub(crate) fn client(url: impl Into<String>) -> ApiBuilder {
    Api::builder().api_key(KEY).base_url(url)
}

/// Returns the kind of a transport error. Panics on any other error.
#[track_caller]
pub(crate) fn kind(error: &Error) -> ErrorKind {
    assert!(error.kind().is_transport(), "expected a transport error, got {error:?}");
    error.kind()
}

/// Returns a lock for tests that measure time or use all processors, so that they do not run at
/// the same time.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long a call may run beyond its limit.
const GRACE: Duration = Duration::from_millis(250);

/// Runs `call`, which must take at least `limit` and at most 250 ms more. A busy machine may delay
/// any thread, so one of three runs has to be on time.
#[track_caller]
pub(crate) fn ends_after(limit: Duration, name: &str, mut call: impl FnMut()) {
    let mut took = Vec::new();
    for _ in 0..3 {
        let started = Instant::now();
        call();
        let elapsed = started.elapsed();
        assert!(elapsed >= limit, "{name}: ended after {elapsed:?}, before {limit:?}");
        if elapsed <= limit + GRACE {
            return;
        }
        took.push(elapsed);
    }
    panic!("{name}: took {took:?}, but the limit is {limit:?}");
}

/// Like [`ends_after`], but `call` may end early, and has no more time than `limit`.
#[track_caller]
pub(crate) fn ends_within(limit: Duration, name: &str, mut call: impl FnMut()) {
    let mut took = Vec::new();
    for _ in 0..3 {
        let started = Instant::now();
        call();
        took.push(started.elapsed());
        if took.last().is_some_and(|elapsed| *elapsed <= limit) {
            return;
        }
    }
    panic!("{name}: took {took:?}, but the limit is {limit:?}");
}

/// Returns the reason of a decode error, without field, line and column.
#[track_caller]
pub(crate) fn reason(error: &Error) -> String {
    reason_and_place(error).0
}

/// Returns the line and the column that a decode error names, if there are any.
#[track_caller]
pub(crate) fn place(error: &Error) -> Option<(usize, usize)> {
    reason_and_place(error).1
}

#[track_caller]
fn reason_and_place(error: &Error) -> (String, Option<(usize, usize)>) {
    let display = error.to_string();
    let (_, rest) = display.split_once(" with an invalid body: ").expect("a decode error");
    let rest = rest.rsplit_once(" [request id ").map_or(rest, |(rest, _)| rest);
    let field = error.field().expect("a decode error");
    let rest = match field {
        "" => rest,
        field => {
            let rest = rest.strip_prefix(field).and_then(|rest| rest.strip_prefix(": "));
            rest.expect("the field comes first")
        }
    };
    let Some((reason, place)) = rest.rsplit_once(" at line ") else {
        return (rest.to_owned(), None);
    };
    let (line, column) = place.split_once(" column ").expect("a line and a column");
    let number = |text: &str| text.parse().expect("a number");
    (reason.to_owned(), Some((number(line), number(column))))
}
