//! Who calls, and what time it is for them.

use std::collections::BTreeMap;
use std::time::Duration;

use time::{OffsetDateTime, UtcOffset};

/// The users, and the keys they are known by.
pub(super) struct Users {
    ids: Vec<String>,
    by_key: BTreeMap<String, String>,
    /// Whether a key that is no user's is the first user's.
    open: bool,
}

const FIRST: &str = "user_1";

impl Users {
    /// One user, known by `key`; by any where there is none.
    pub(super) fn new(key: Option<String>) -> Users {
        let open = key.is_none();
        let by_key = key.into_iter().map(|key| (key, FIRST.to_owned())).collect();
        Users { ids: vec![FIRST.to_owned()], by_key, open }
    }

    pub(super) fn first(&self) -> &str {
        FIRST
    }

    pub(super) fn add(&mut self, key: String) -> String {
        let id = format!("user_{}", self.ids.len().saturating_add(1));
        self.ids.push(id.clone());
        self.by_key.insert(key, id.clone());
        id
    }

    pub(super) fn exists(&self, id: &str) -> bool {
        self.ids.iter().any(|known| known == id)
    }

    /// The user that an `Authorization` header stands for.
    pub(super) fn who(&self, authorization: Option<&str>) -> Option<&str> {
        let key = authorization.and_then(|value| value.strip_prefix("Bearer "));
        let known = key.and_then(|key| self.by_key.get(key)).map(String::as_str);
        known.or_else(|| self.open.then_some(FIRST))
    }
}

/// The service's clock.
pub(super) enum Clock {
    /// Ahead of the real time by this much.
    Runs(time::Duration),
    Stands(OffsetDateTime),
}

impl Clock {
    pub(super) fn now(&self) -> OffsetDateTime {
        match self {
            Clock::Runs(ahead) => OffsetDateTime::now_utc().saturating_add(*ahead),
            Clock::Stands(time) => *time,
        }
    }

    pub(super) fn set(&mut self, time: OffsetDateTime) {
        *self = Clock::Stands(time.checked_to_offset(UtcOffset::UTC).unwrap_or(time));
    }

    pub(super) fn advance(&mut self, duration: Duration) {
        let duration = time::Duration::try_from(duration).unwrap_or(time::Duration::MAX);
        match self {
            Clock::Runs(ahead) => *ahead = ahead.saturating_add(duration),
            Clock::Stands(time) => *time = time.saturating_add(duration),
        }
    }
}
