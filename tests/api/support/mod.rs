//! What the tests of faults have in common: a server that does what it is told, and the
//! calls to make to it.

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

/// A client of the server at `url`, as yet unbuilt.
pub(crate) fn client(url: impl Into<String>) -> ApiBuilder {
    Api::builder().api_key(KEY).base_url(url)
}

/// The kind of a transport error; panics on any other error.
#[track_caller]
pub(crate) fn kind(error: &Error) -> ErrorKind {
    assert!(error.kind().is_transport(), "a transport error was due, not {error:?}");
    error.kind()
}

/// Held by tests that measure time and by those that take all of the processor, so that
/// they do not disturb each other.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far beyond its limit a call may go.
const GRACE: Duration = Duration::from_millis(250);

/// Runs `call`, which must take `limit` and no longer than 250 ms more. A busy machine may
/// hold up any thread: one of three runs has to be on time.
#[track_caller]
pub(crate) fn ends_after(limit: Duration, name: &str, mut call: impl FnMut()) {
    let mut took = Vec::new();
    for _ in 0..3 {
        let started = Instant::now();
        call();
        let elapsed = started.elapsed();
        assert!(elapsed >= limit, "{name}: over after {elapsed:?}, before {limit:?}");
        if elapsed <= limit + GRACE {
            return;
        }
        took.push(elapsed);
    }
    panic!("{name}: took {took:?}, where {limit:?} were allowed");
}

/// As [`ends_after`], for what need not take its time.
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
    panic!("{name}: took {took:?}, where {limit:?} were allowed");
}

/// What a decode error says is wrong with the body, without field, line and column.
#[track_caller]
pub(crate) fn reason(error: &Error) -> String {
    reason_and_place(error).0
}

/// The line and the column of the body that a decode error names.
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
