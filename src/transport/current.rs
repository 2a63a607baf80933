//! The attempt that this thread is making: its limits, how far it got, and the connection that it
//! leaves behind.
//!
//! ureq runs a request on the caller's thread, but it cannot pass our data to the connection. A
//! thread-local therefore passes the limits in and the progress out.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use ureq::{Error, Timeout};

use super::Limits;
use super::idle::IdleConnection;
use crate::kind::ErrorKind;

struct CurrentAttempt {
    limits: Limits,
    /// Whether a connection is being opened.
    is_opening: bool,
    /// When that connection must be open; `None` if there is no limit, or if none is being opened.
    connect_deadline: Option<Instant>,
    progress: Progress,
    /// The connection, once the response has been read to its end.
    idle: Option<IdleConnection>,
}

/// How far an attempt got.
#[derive(Clone, Copy, Default)]
pub(super) struct Progress {
    /// The stage at which opening the connection failed.
    pub(super) failed_stage: Option<ErrorKind>,
    /// Whether that stage failed on the way to the proxy.
    pub(super) on_way_to_proxy: bool,
    /// Whether the kernel took a byte of the request.
    pub(super) sent: bool,
    /// Whether a byte of the response arrived.
    pub(super) received: bool,
}

thread_local! {
    static CURRENT: RefCell<Option<CurrentAttempt>> = const { RefCell::new(None) };
}

/// A guard that forgets the attempt when it ends, even if it panics.
struct Forget;

impl Drop for Forget {
    fn drop(&mut self) {
        // A connection that is left over is closed after the borrow ends.
        drop(CURRENT.take());
    }
}

/// Makes an attempt within `limits`.
///
/// Returns `None`, and makes no attempt, if the thread is ending or is already making an attempt.
/// Without this check, a logger that sends its records through the same client would call itself
/// for ever.
pub(super) fn run<R>(limits: &Limits, attempt: impl FnOnce() -> R) -> Option<R> {
    let begin = |current: &RefCell<Option<CurrentAttempt>>| {
        let mut current = current.borrow_mut();
        let is_first = current.is_none();
        current.get_or_insert_with(|| CurrentAttempt {
            limits: limits.clone(),
            is_opening: false,
            connect_deadline: None,
            progress: Progress::default(),
            idle: None,
        });
        is_first
    };
    if !CURRENT.try_with(begin).unwrap_or_default() {
        return None;
    }
    let _forget = Forget;
    Some(attempt())
}

fn with<R>(f: impl FnOnce(&mut CurrentAttempt) -> R) -> Option<R> {
    CURRENT.with_borrow_mut(|current| current.as_mut().map(f))
}

/// Returns how long the attempt may still take, or `None` if there is no limit.
///
/// Fails if the time is over or the caller has cancelled.
pub(super) fn time_left() -> Result<Option<Duration>, Error> {
    let left = with(|current| {
        let deadline = current.limits.deadline.into_iter().chain(current.connect_deadline).min();
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let is_over = current.limits.cancel_token.is_cancelled() || left == Some(Duration::ZERO);
        if is_over { Err(Error::Timeout(Timeout::Global)) } else { Ok(left) }
    });
    left.unwrap_or(Ok(None))
}

/// Opens a connection within the connect timeout.
pub(super) fn opening<R>(open: impl FnOnce() -> R) -> R {
    with(|current| {
        current.is_opening = true;
        current.connect_deadline = Instant::now().checked_add(current.limits.connect_timeout);
    });
    let outcome = open();
    with(|current| {
        current.is_opening = false;
        current.connect_deadline = None;
    });
    outcome
}

pub(super) fn is_opening() -> bool {
    with(|current| current.is_opening).unwrap_or_default()
}

/// Notes that opening a connection failed at `stage`. Only the first stage that fails is kept,
/// because its failure makes the stages around it fail too.
pub(super) fn note_failure(stage: ErrorKind) {
    with(|current| {
        let progress = &mut current.progress;
        progress.on_way_to_proxy = progress.failed_stage.is_some() && stage == ErrorKind::Proxy;
        progress.failed_stage.get_or_insert(stage);
    });
}

/// Notes that the kernel took bytes. Bytes that are sent to open a connection are not part of the
/// request.
pub(super) fn note_sent() {
    with(|current| current.progress.sent |= !current.is_opening);
}

pub(super) fn note_received() {
    with(|current| current.progress.received = true);
}

pub(super) fn progress() -> Progress {
    with(|current| current.progress).unwrap_or_default()
}

/// Leaves the connection for the next request.
pub(super) fn leave_idle(connection: IdleConnection) {
    // An earlier connection is closed after the borrow ends.
    drop(with(|current| current.idle.replace(connection)));
}

/// Takes the connection that the attempt has left idle.
pub(super) fn take_idle() -> Option<IdleConnection> {
    with(|current| current.idle.take()).flatten()
}
