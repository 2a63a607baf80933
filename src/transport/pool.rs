//! The pool of idle connections.
//!
//! ureq locks its own pool while it logs and while it probes a connection, so one slow logger or
//! one slow connection would block every thread. Our pool is locked only while a connection is put
//! in or taken out. ureq's pool stays empty, because `Connection::is_open` is `false` when ureq
//! asks whether to keep a connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ureq::Error;
use ureq::http::Uri;
use ureq::unversioned::transport::{ConnectionDetails, Connector, Transport as UreqTransport};

use super::connection::Connection;
use super::current;
use super::idle::{IdleConnection, Origin};
use crate::options::MAX_IDLE_CONNECTIONS;

#[derive(Debug, Default)]
pub(super) struct Pool {
    /// The idle connections, the oldest first.
    idle: Mutex<Vec<IdleConnection>>,
}

impl Pool {
    pub(super) fn put(&self, connection: IdleConnection) {
        let now = connection.since;
        let mut idle = self.lock();
        idle.push(connection);
        let old = idle.iter().take_while(|connection| connection.is_old(now)).count();
        let excess = old.max(idle.len().saturating_sub(MAX_IDLE_CONNECTIONS));
        if excess > 0 {
            let excess: Vec<_> = idle.drain(..excess).collect();
            drop(idle);
            // Closing connections takes system calls, so the lock is released first.
            drop(excess);
        }
    }

    /// Takes the newest connection to the server of `uri` that is still open.
    fn take(&self, uri: &Uri) -> Option<IdleConnection> {
        loop {
            let mut newest = self.take_newest(uri)?;
            if !newest.is_old(Instant::now()) && newest.is_open() {
                return Some(newest);
            }
        }
    }

    fn take_newest(&self, uri: &Uri) -> Option<IdleConnection> {
        let mut idle = self.lock();
        let newest = idle.iter().rposition(|connection| connection.origin.is_of(uri))?;
        Some(idle.remove(newest))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<IdleConnection>> {
        // Nothing panics while the lock is held.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connector that takes a connection from the pool. If there is none, `connector` opens one
/// within the connect timeout.
#[derive(Debug)]
pub(super) struct PoolConnector<C> {
    pub(super) pool: Arc<Pool>,
    pub(super) connector: C,
}

impl<C: Connector> PoolConnector<C> {
    fn open(&self, details: &ConnectionDetails<'_>) -> Result<Box<dyn UreqTransport>, Error> {
        let opened = self.connector.connect(details, None)?.ok_or(Error::ConnectionFailed)?;
        Ok(Box::new(opened))
    }
}

impl<C: Connector> Connector for PoolConnector<C> {
    type Out = Connection;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Connection>, Error> {
        if current::is_opening() {
            // While ureq opens a connection to the server, it asks for one to the proxy.
            return Ok(Some(Connection::new(self.open(details)?, None)));
        }
        let (origin, connection) = match self.pool.take(details.uri) {
            Some(idle) => (idle.origin, idle.connection),
            None => (Origin::of(details.uri), current::opening(|| self.open(details))?),
        };
        Ok(Some(Connection::new(connection, Some(origin))))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const AGE: Duration = Duration::from_secs(15);

    fn idle_since(since: Instant) -> IdleConnection {
        let origin = Origin::of(&Uri::from_static("https://example.com"));
        IdleConnection { origin, connection: Box::new(()), since }
    }

    #[test]
    fn a_connection_that_is_idle_for_15_seconds_is_not_used_again() {
        let pool = Pool::default();
        let now = Instant::now();
        assert!(!idle_since(now).is_old(now + AGE - Duration::from_millis(1)));
        pool.put(idle_since(now.checked_sub(AGE).unwrap()));
        assert!(pool.take(&Uri::from_static("https://example.com")).is_none());
        // It is closed when the next connection becomes idle.
        pool.put(idle_since(now));
        pool.put(idle_since(now + AGE / 2));
        pool.put(idle_since(now + AGE));
        assert_eq!(pool.lock().len(), 2);
    }

    #[test]
    fn the_newest_64_connections_are_kept() {
        let pool = Pool::default();
        let now = Instant::now();
        let times = (0..70).map(|n| now + Duration::from_millis(n));
        times.clone().for_each(|since| pool.put(idle_since(since)));
        let kept: Vec<Instant> = pool.lock().iter().map(|idle| idle.since).collect();
        assert_eq!(kept, times.skip(6).collect::<Vec<_>>());
    }
}
