//! What a caller and its socket tell each other: how long to wait, whether to go on, and
//! whether anything has left.
//!
//! Between the two may lie TLS and a proxy's tunnel, which pass none of this on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Limits;
use crate::options::CancelToken;

/// The longest that a read or write stays in the kernel before the caller's token is
/// looked at again.
pub(super) const SLICE: Duration = Duration::from_millis(100);

/// Shared by a connection and the socket beneath it.
#[derive(Debug, Clone)]
pub(super) struct Watch(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    ends: Option<Instant>,
    cancel: Option<CancelToken>,
    /// How many reads may still return at once, with `WouldBlock` where there is nothing to
    /// read. `None` where reads wait.
    hurried_reads: Option<u32>,
    /// How many layers of TLS have got part of a record.
    begun_records: u32,
    notes: Notes,
}

/// What was noticed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Notes {
    pub(super) stage: Stage,
    /// The stage is one of the way to or through a proxy.
    pub(super) proxied: bool,
    /// A byte was accepted by the kernel.
    pub(super) sent: bool,
    /// Time was up, or the caller's token was cancelled.
    pub(super) stopped: bool,
}

/// How far the opening of a connection got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Stage {
    #[default]
    Lookup,
    Connect,
    /// The proxy is reached, and asked for a way to the server.
    Tunnel,
    Tls,
}

/// Nobody waits any longer.
pub(super) struct TimeIsUp;

impl Watch {
    pub(super) fn new(limits: &Limits) -> Watch {
        Watch(Arc::new(Mutex::new(State {
            ends: limits.ends,
            cancel: limits.cancel.clone(),
            hurried_reads: None,
            begun_records: 0,
            notes: Notes::default(),
        })))
    }

    /// Another attempt begins.
    pub(super) fn begin(&self, limits: &Limits) {
        let mut state = self.lock();
        state.ends = limits.ends;
        state.cancel.clone_from(&limits.cancel);
        state.notes = Notes::default();
    }

    pub(super) fn notes(&self) -> Notes {
        self.lock().notes
    }

    pub(super) fn reaches(&self, stage: Stage) {
        self.lock().notes.stage = stage;
    }

    /// The way leads through a proxy, until a tunnel stands.
    pub(super) fn proxied(&self, proxied: bool) {
        self.lock().notes.proxied = proxied;
    }

    /// The kernel took a byte.
    pub(super) fn wrote(&self) {
        self.lock().notes.sent = true;
    }

    pub(super) fn hurry(&self, reads: Option<u32>) {
        self.lock().hurried_reads = reads;
    }

    /// Whether the next read may return at once, if reads are not to wait.
    pub(super) fn take_hurried_read(&self) -> Option<bool> {
        let mut state = self.lock();
        let left = state.hurried_reads.as_mut()?;
        let some_left = *left > 0;
        *left = left.saturating_sub(1);
        Some(some_left)
    }

    /// A TLS record has begun, or ended.
    pub(super) fn record(&self, begins: bool) {
        let mut state = self.lock();
        let count = state.begun_records;
        state.begun_records =
            if begins { count.saturating_add(1) } else { count.saturating_sub(1) };
    }

    pub(super) fn is_within_record(&self) -> bool {
        self.lock().begun_records > 0
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.lock().cancel.as_ref().is_some_and(CancelToken::is_cancelled)
    }

    pub(super) fn is_cancellable(&self) -> bool {
        self.lock().cancel.is_some()
    }

    /// How long there still is; `None` is for ever.
    pub(super) fn time_left(&self) -> Result<Option<Duration>, TimeIsUp> {
        let mut state = self.lock();
        let left = state.ends.map(|ends| ends.saturating_duration_since(Instant::now()));
        let cancelled = state.cancel.as_ref().is_some_and(CancelToken::is_cancelled);
        if cancelled || left == Some(Duration::ZERO) {
            state.notes.stopped = true;
            return Err(TimeIsUp);
        }
        Ok(left)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
