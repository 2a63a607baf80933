//! The limits of the attempt that this thread is making, and what was noticed on the way.
//!
//! ureq has no place to hand these to its connections: its own timeouts start a thread for
//! each request and cost two system calls, and its errors do not say whether anything was
//! sent. A blocking attempt is one thread's business from start to end, so the thread
//! carries them.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use super::Limits;
use crate::options::CancelToken;

/// The longest that a read or write stays in the kernel before the caller's token is
/// looked at again.
pub(super) const SLICE: Duration = Duration::from_millis(100);

/// What was noticed during an attempt.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Notes {
    /// Connections being opened: one within the other where there is a proxy.
    opening: u8,
    pub(super) stage: Stage,
    /// A byte of the request was accepted by the kernel.
    pub(super) sent: bool,
    /// A byte came back after that.
    pub(super) received: bool,
    /// Time was up, or the caller's token was cancelled.
    pub(super) stopped: bool,
}

impl Notes {
    pub(super) fn is_opening(&self) -> bool {
        self.opening > 0
    }

    pub(super) fn is_opening_proxy(&self) -> bool {
        self.opening > 1
    }
}

/// How far the opening of a connection got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Stage {
    #[default]
    Lookup,
    Connect,
    Proxy,
    Tls,
}

#[derive(Default)]
struct Watch {
    ends: Option<Instant>,
    connect_timeout: Duration,
    connect_ends: Option<Instant>,
    cancel: Option<CancelToken>,
    notes: Notes,
}

thread_local! {
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// Restores what the thread was doing before, should an attempt be made within another
/// (by a logger that calls this client, say), or a panic pass through.
struct Restore(Option<Watch>);

impl Drop for Restore {
    fn drop(&mut self) {
        WATCH.replace(self.0.take());
    }
}

/// Runs an attempt under its limits.
pub(super) fn attempt<R>(limits: &Limits, run: impl FnOnce() -> R) -> R {
    let watch = Watch {
        ends: limits.ends,
        connect_timeout: limits.connect_timeout,
        connect_ends: None,
        cancel: limits.cancel.clone(),
        notes: Notes::default(),
    };
    let _restore = Restore(WATCH.replace(Some(watch)));
    run()
}

fn with<R: Default>(look: impl FnOnce(&mut Watch) -> R) -> R {
    WATCH.with_borrow_mut(|watch| watch.as_mut().map(look)).unwrap_or_default()
}

/// What was noticed so far.
pub(super) fn notes() -> Notes {
    with(|watch| watch.notes)
}

/// A connection is being opened.
pub(super) fn open_begins() {
    with(|watch| {
        if watch.notes.opening == 0 {
            watch.connect_ends = Instant::now().checked_add(watch.connect_timeout);
        }
        watch.notes.opening = watch.notes.opening.saturating_add(1);
        watch.notes.stage = Stage::Lookup;
    });
}

pub(super) fn open_reaches(stage: Stage) {
    with(|watch| watch.notes.stage = stage);
}

/// The connection stands. What went over it so far, CONNECT and TLS, was no request.
pub(super) fn open_done() {
    with(|watch| {
        watch.notes.opening = watch.notes.opening.saturating_sub(1);
        watch.notes.stage = Stage::Proxy;
    });
}

/// The kernel took a byte.
pub(super) fn wrote() {
    with(|watch| watch.notes.sent |= watch.notes.opening == 0);
}

/// A byte came back.
pub(super) fn read() {
    with(|watch| watch.notes.received |= watch.notes.opening == 0);
}

/// How long a read or write may block: `Some(None)` is for ever, and `None` says that the
/// attempt is over.
pub(super) fn time_left() -> Option<Option<Duration>> {
    with(|watch| {
        let ends = match (watch.ends, watch.connect_ends.filter(|_| watch.notes.opening > 0)) {
            (Some(attempt), Some(connect)) => Some(attempt.min(connect)),
            (attempt, connect) => attempt.or(connect),
        };
        let left = ends.map(|ends| ends.saturating_duration_since(Instant::now()));
        let cancelled = watch.cancel.as_ref().is_some_and(CancelToken::is_cancelled);
        if cancelled || left == Some(Duration::ZERO) {
            watch.notes.stopped = true;
            None
        } else {
            Some(left)
        }
    })
}

/// Whether the attempt can be cancelled by the caller.
pub(super) fn is_cancellable() -> bool {
    with(|watch| watch.cancel.is_some())
}
