//! Loggers run in the middle of a call. Whatever a logger does, other calls are not affected.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use nirvana_labs::{Api, Error, Organization};

use crate::recorder::{interrupted, logged};
use crate::support::client;
use crate::support::endpoints::ORGANIZATION;
use crate::support::server::{Server, reply};

fn server() -> (Server, Api) {
    let server = Server::answering(|_| reply(200, ORGANIZATION));
    let api = client(server.url()).build().unwrap();
    (server, api)
}

fn get(api: &Api) -> Result<Organization, Error> {
    api.get_organization("org_1")
}

/// Runs `run` on its own thread, and returns the result. If `run` hangs, the test fails.
fn in_time<R: Send + 'static>(run: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, outcome): (_, Receiver<R>) = mpsc::channel();
    thread::spawn(move || done.send(run()));
    outcome.recv_timeout(Duration::from_secs(30)).expect("the thread hangs or panicked")
}

#[test]
fn a_call_from_a_logger_of_the_same_thread_is_refused() {
    let (server, api) = server();
    let (sender, calls) = mpsc::channel();
    let outcomes = in_time(move || {
        let inner = api.clone();
        let call = move || drop(sender.send(get(&inner)));
        interrupted(call, || [(); 3].map(|()| get(&api)))
    });
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    // Calls during an attempt are refused at once. The call after each attempt is sent.
    for error in calls.iter().filter_map(Result::err) {
        assert!(!error.may_have_been_processed() && !error.is_retryable(), "{error:?}");
        assert_eq!(error.attempts(), 1, "{error:?}");
    }
    assert_eq!((server.request_count(), server.connections()), (6, 1));
}

#[test]
fn a_logger_that_panics_affects_no_other_call() {
    let (server, api) = server();
    get(&api).unwrap();
    let (outcome, records) = logged(|| get(&api));
    outcome.unwrap();
    // A call on an open connection logs records of this crate and of ureq.
    let records = records.lines().count();
    assert!(records > 3, "{records}");
    for number in 0..records {
        let (panicking, other) = (api.clone(), api.clone());
        in_time(move || {
            let left = Cell::new(number);
            let count = move || match left.get() {
                0 => panic!("on purpose"),
                more => left.set(more - 1),
            };
            let call = || interrupted(count, || get(&panicking));
            assert!(catch_unwind(AssertUnwindSafe(call)).is_err(), "record {number}");
            // The next call on the same thread succeeds.
            get(&panicking).unwrap_or_else(|error| panic!("record {number}: {error:?}"));
        });
        in_time(move || get(&other)).unwrap_or_else(|error| panic!("record {number}: {error:?}"));
    }
    assert!(server.connections() <= records + 1, "{} connections", server.connections());
}

#[test]
fn a_logger_that_waits_for_a_call_of_another_thread_does_not_hang() {
    let (server, api) = server();
    let (sender, calls) = mpsc::channel();
    let outcomes = in_time(move || {
        let other = api.clone();
        let wait = move || {
            let other = other.clone();
            sender.send(thread::spawn(move || get(&other)).join().unwrap()).unwrap();
        };
        // The first of the two calls opens a connection.
        interrupted(wait, || [(); 2].map(|()| get(&api)))
    });
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let calls: Vec<_> = calls.iter().collect();
    assert!(calls.len() > 6 && calls.iter().all(Result::is_ok), "{calls:?}");
    assert_eq!(server.request_count(), calls.len() + 2);
    assert!(server.connections() <= 3, "{} connections", server.connections());
}
