//! The service's clock.

use std::time::Duration;

use time::{OffsetDateTime, UtcOffset};

/// Shows the real time, until it is set to stand still.
#[derive(Default)]
pub(super) struct Clock {
    stands_at: Option<OffsetDateTime>,
    /// Ahead of that, or of the real time, by this much.
    ahead: time::Duration,
}

impl Clock {
    pub(super) fn now(&self) -> OffsetDateTime {
        self.stands_at.unwrap_or_else(OffsetDateTime::now_utc).saturating_add(self.ahead)
    }

    pub(super) fn set(&mut self, time: OffsetDateTime) {
        let time = time.checked_to_offset(UtcOffset::UTC).unwrap_or(time);
        *self = Clock { stands_at: Some(time), ahead: time::Duration::ZERO };
    }

    pub(super) fn advance(&mut self, duration: Duration) {
        let duration = time::Duration::try_from(duration).unwrap_or(time::Duration::MAX);
        self.ahead = self.ahead.saturating_add(duration);
    }
}
