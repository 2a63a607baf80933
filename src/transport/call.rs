//! The state of the call that this thread is in: its limits, and how far it got.
//!
//! ureq runs a request on the thread of its caller. Between the two ends, [`HttpTransport`]
//! and the TCP socket, lie ureq, TLS and a proxy's tunnel, which pass none of this on.
//!
//! [`HttpTransport`]: super::HttpTransport

use std::cell::RefCell;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Limits;
use crate::options::CancelToken;

/// Limits and progress of one attempt.
#[derive(Default)]
pub(super) struct Call {
    /// Set from its beginning to its end.
    running: bool,
    /// When the attempt must be over.
    ends: Option<Instant>,
    /// When a connection must be open.
    connect_ends: Option<Instant>,
    cancel_token: Option<CancelToken>,
    /// How many reads may still return at once, with `WouldBlock` where there is nothing to
    /// read. `None` where reads wait.
    pub(super) nonblocking_reads: Option<u32>,
    pub(super) progress: Progress,
    /// Of the connection in use: whether it may serve another request.
    pub(super) reusable: Option<Arc<AtomicBool>>,
}

/// How far an attempt got.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    pub(super) stage: Stage,
    /// The connection that is being opened is the one to a proxy.
    pub(super) to_proxy: bool,
    /// The kernel took a byte of the request.
    pub(super) sent: bool,
    /// A byte of the response came.
    pub(super) received: bool,
    /// Time was up, or the caller's token was cancelled.
    pub(super) stopped: bool,
}

/// What the connection is at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Stage {
    Dns,
    Connect,
    /// The proxy is asked for a tunnel to the server.
    Tunnel,
    Tls,
    /// The connection is open, be it a new one or one from the pool.
    #[default]
    Open,
}

/// Time is up, or the caller's token was cancelled.
#[derive(Debug)]
pub(super) struct Stopped;

thread_local! {
    static CALL: RefCell<Call> = RefCell::default();
}

/// Reads or changes the state of this thread's call.
pub(super) fn with<R>(f: impl FnOnce(&mut Call) -> R) -> R {
    CALL.with_borrow_mut(f)
}

/// Makes an attempt in the state that is given, and returns how far it got. `None` where the
/// thread is ending and has no state any more, and within an attempt: a logger makes such a call,
/// for example, and it would wait for ureq's pool, which the attempt holds.
pub(super) fn run<R>(call: Call, attempt: impl FnOnce() -> R) -> Option<(R, Progress)> {
    let begin = |current: &RefCell<Call>| mem::replace(&mut current.borrow_mut().running, true);
    if CALL.try_with(begin) != Ok(false) {
        return None;
    }
    with(|current| *current = Call { running: true, ..call });
    let _over = Over;
    let outcome = attempt();
    Some((outcome, with(|call| call.progress)))
}

/// Ends a call, be it by a panic.
struct Over;

impl Drop for Over {
    fn drop(&mut self) {
        CALL.take();
    }
}

impl Call {
    pub(super) fn new(limits: &Limits) -> Call {
        Call {
            ends: limits.deadline,
            connect_ends: Instant::now().checked_add(limits.connect_timeout),
            cancel_token: Some(limits.cancel_token.clone()),
            ..Call::default()
        }
    }

    /// Returns how long the attempt may still take at its stage; `None` is for ever.
    pub(super) fn time_left(&mut self) -> Result<Option<Duration>, Stopped> {
        let opening = if self.progress.stage == Stage::Open { None } else { self.connect_ends };
        let ends = self.ends.into_iter().chain(opening).min();
        let left = ends.map(|ends| ends.saturating_duration_since(Instant::now()));
        if self.is_cancelled() || left == Some(Duration::ZERO) {
            self.progress.stopped = true;
            return Err(Stopped);
        }
        Ok(left)
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel_token.as_ref().is_some_and(CancelToken::is_cancelled)
    }

    /// Allows the connection in use to serve another request.
    pub(super) fn allow_reuse(&self) {
        if let Some(reusable) = &self.reusable {
            reusable.store(true, Ordering::Release);
        }
    }
}
