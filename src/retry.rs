//! When to try again, and after how long: pure functions, and the budget that all calls
//! of a client share.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::error::TransportErrorKind;

/// How an attempt ended that did not succeed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Failure {
    /// A status outside 2xx, with what `x-should-retry` said.
    Status { status: u16, should_retry: Option<bool> },
    /// No usable response, and whether a byte of the request had left.
    Transport { kind: TransportErrorKind, sent: bool },
}

/// What follows from a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Another attempt may help and cannot do harm.
    pub(crate) retryable: bool,
    /// The server may have acted on the request.
    pub(crate) may_have_been_processed: bool,
}

/// Judges a failure. `repeatable` says that doing the request twice is doing it once.
pub(crate) fn judge(failure: Failure, repeatable: bool) -> Verdict {
    let verdict =
        |retryable, may_have_been_processed| Verdict { retryable, may_have_been_processed };
    match failure {
        Failure::Transport { sent: false, .. } => verdict(true, false),
        // It would be as large the next time.
        Failure::Transport { kind: TransportErrorKind::TooLarge, .. } => verdict(false, true),
        Failure::Transport { .. } => verdict(repeatable, true),
        Failure::Status { status, should_retry } => {
            let by_status = match status {
                408 | 429 => verdict(true, false),
                500 | 502 | 503 | 504 => verdict(repeatable, true),
                // "See other" is what some servers answer to a POST that they have acted on.
                303 => verdict(false, true),
                // "Not implemented" and "version not supported" say that nothing was done;
                // 520 to 524, which proxies send, say nothing of the kind.
                501 | 505 => verdict(false, false),
                506.. => verdict(false, true),
                _ => verdict(false, false),
            };
            Verdict { retryable: should_retry.unwrap_or(by_status.retryable), ..by_status }
        }
    }
}

/// What the server says in `x-should-retry`.
pub(crate) fn should_retry(headers: &HeaderMap) -> Option<bool> {
    match headers.get("x-should-retry")?.as_bytes() {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

/// How long the server asks to wait: `Retry-After-Ms`, then `Retry-After` in seconds or
/// as a date. What is negative, not finite, past or unreadable is as good as absent. It can be
/// added to the time of now: callers will.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(wait) = text("retry-after-ms").and_then(|value| seconds(value, 1000.0)) {
        return Some(wait);
    }
    let value = text("retry-after")?;
    seconds(value, 1.0).or_else(|| {
        // Against the server's own clock, where it tells it.
        let now = text("date")
            .and_then(|date| OffsetDateTime::parse(date, &Rfc2822).ok())
            .unwrap_or_else(|| SystemTime::now().into());
        let then = OffsetDateTime::parse(value, &Rfc2822).ok()?;
        let nanos = then.unix_timestamp_nanos().saturating_sub(now.unix_timestamp_nanos());
        // In nanoseconds, the year 2700 would not fit.
        u64::try_from(nanos.div_euclid(1000)).ok().map(Duration::from_micros)
    })
}

fn seconds(value: &str, divisor: f64) -> Option<Duration> {
    // "infinity" and "nan" are numbers to Rust; to a server they are mistakes.
    let number = value.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)?;
    Some(
        Duration::try_from_secs_f64(number / divisor)
            .map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT)),
    )
}

/// Longer than anyone waits.
const LONGEST_WAIT: Duration = Duration::from_secs(1_000_000_000_000_000);

const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const LONGEST_BACKOFF: Duration = Duration::from_secs(8);

/// The wait before retry number `retry` (from 0): half a second, doubling to eight, less
/// up to a quarter, chosen by `random`, so that clients do not come back in step.
pub(crate) fn backoff(retry: u32, random: u32) -> Duration {
    let doubled = FIRST_BACKOFF.saturating_mul(2_u32.saturating_pow(retry));
    let jitter = f64::from(random) / f64::from(u32::MAX) * 0.25;
    doubled.min(LONGEST_BACKOFF).mul_f64(1.0 - jitter)
}

/// How many retries all calls of a client may send: a bucket of tokens that retries take
/// from and successes fill up, so that a service that is down is left alone.
#[derive(Debug)]
pub(crate) struct RetryBudget(AtomicU32);

const BUDGET: u32 = 500;
const RETRY_COST: u32 = 5;
const TIMEOUT_RETRY_COST: u32 = 10;

impl RetryBudget {
    pub(crate) fn new() -> RetryBudget {
        RetryBudget(AtomicU32::new(BUDGET))
    }

    /// Takes what a retry costs, and says how much that was; `None` if too little is left.
    pub(crate) fn take(&self, after_timeout: bool) -> Option<u32> {
        let cost = if after_timeout { TIMEOUT_RETRY_COST } else { RETRY_COST };
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| tokens.checked_sub(cost))
            .ok()
            .map(|_| cost)
    }

    /// Gives back what a call's retries took, or 1, where it succeeded; and what a retry took
    /// that was not sent.
    pub(crate) fn give_back(&self, tokens: u32) {
        // Mostly the bucket is full, and then nothing is written that threads would share.
        if self.0.load(Ordering::Relaxed) < BUDGET {
            let fill = |left: u32| Some(left.saturating_add(tokens).min(BUDGET));
            let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fill);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TransportErrorKind as Kind;

    const RETRY: Verdict = Verdict { retryable: true, may_have_been_processed: false };
    const STOP: Verdict = Verdict { retryable: false, may_have_been_processed: false };
    const REPEAT: Verdict = Verdict { retryable: true, may_have_been_processed: true };
    const UNSURE: Verdict = Verdict { retryable: false, may_have_been_processed: true };

    fn status(status: u16) -> Failure {
        Failure::Status { status, should_retry: None }
    }

    fn transport(kind: Kind, sent: bool) -> Failure {
        Failure::Transport { kind, sent }
    }

    #[test]
    fn the_table_row_by_row() {
        // (outcome, of GET and PATCH, of POST)
        let rows = [
            (transport(Kind::Lookup, false), RETRY, RETRY),
            (transport(Kind::Connect, false), RETRY, RETRY),
            (transport(Kind::ConnectTimeout, false), RETRY, RETRY),
            (transport(Kind::Tls, false), RETRY, RETRY),
            (transport(Kind::Proxy, false), RETRY, RETRY),
            (transport(Kind::Closed, false), RETRY, RETRY),
            (transport(Kind::Timeout, false), RETRY, RETRY),
            (transport(Kind::Closed, true), REPEAT, UNSURE),
            (transport(Kind::Timeout, true), REPEAT, UNSURE),
            (transport(Kind::Truncated, true), REPEAT, UNSURE),
            (transport(Kind::Protocol, true), REPEAT, UNSURE),
            (transport(Kind::TooLarge, true), UNSURE, UNSURE),
            (status(408), RETRY, RETRY),
            (status(429), RETRY, RETRY),
            (status(500), REPEAT, UNSURE),
            (status(502), REPEAT, UNSURE),
            (status(503), REPEAT, UNSURE),
            (status(504), REPEAT, UNSURE),
            (status(501), STOP, STOP),
            (status(505), STOP, STOP),
            (status(524), UNSURE, UNSURE),
            (status(302), STOP, STOP),
            (status(303), UNSURE, UNSURE),
            (status(400), STOP, STOP),
            (status(401), STOP, STOP),
            (status(404), STOP, STOP),
            (status(409), STOP, STOP),
            (status(422), STOP, STOP),
        ];
        for (failure, repeatable, once) in rows {
            assert_eq!(judge(failure, true), repeatable, "{failure:?}, GET");
            assert_eq!(judge(failure, false), once, "{failure:?}, POST");
        }
    }

    #[test]
    fn the_server_has_the_last_word() {
        for repeatable in [true, false] {
            let said = |status, word| {
                judge(Failure::Status { status, should_retry: Some(word) }, repeatable).retryable
            };
            assert!(said(500, true) && said(409, true));
            assert!(!said(503, false) && !said(429, false));
        }
    }

    fn asked(pairs: &[(&'static str, &str)]) -> Option<Duration> {
        let headers = pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()));
        retry_after(&headers.collect())
    }

    #[test]
    fn retry_after_is_read_in_all_its_forms() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(asked(&[("retry-after", "3")]), Some(Duration::from_secs(3)));
        assert_eq!(asked(&[("retry-after", "0")]), Some(Duration::ZERO));
        assert_eq!(asked(&[("retry-after", "0.25")]), Some(Duration::from_millis(250)));
        assert_eq!(
            asked(&[("retry-after-ms", "40"), ("retry-after", "9")]),
            Some(Duration::from_millis(40))
        );
        assert_eq!(
            asked(&[("retry-after-ms", "soon"), ("retry-after", "9")]),
            Some(Duration::from_secs(9))
        );
        assert_eq!(
            asked(&[date, ("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")]),
            Some(Duration::from_secs(60))
        );
        for value in ["1e300", "18446744073709551615"] {
            assert_eq!(asked(&[("retry-after", value)]), Some(LONGEST_WAIT));
            assert!(std::time::Instant::now().checked_add(LONGEST_WAIT).is_some());
        }
        assert_eq!(
            asked(&[date, ("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT")]),
            Some(Duration::from_secs(252_618_189_022))
        );
        assert!(
            asked(&[("retry-after", "Wed, 01 Jan 2200 00:00:00 GMT")])
                > Some(Duration::from_secs(1))
        );
    }

    #[test]
    fn a_useless_retry_after_is_as_good_as_none() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        for value in ["-1", "nan", "inf", "-inf", "", "soon", "Sun, 06 Nov 1994 08:49:36 GMT"] {
            assert_eq!(asked(&[date, ("retry-after", value)]), None, "{value}");
        }
    }

    #[test]
    fn backoff_doubles_to_eight_seconds_less_a_quarter_at_most() {
        let millis = |retry, random| backoff(retry, random).as_millis();
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 99].map(|n| millis(n, 0)),
            [500, 1000, 2000, 4000, 8000, 8000, 8000]
        );
        assert_eq!([0, 1, 4].map(|n| millis(n, u32::MAX)), [375, 750, 6000]);
    }

    #[test]
    fn the_budget_runs_out_and_refills() {
        let budget = RetryBudget::new();
        let retries = std::iter::from_fn(|| budget.take(false)).count();
        assert_eq!(retries, 100);
        for _ in 0..4 {
            budget.give_back(0);
        }
        assert_eq!(budget.take(false), None);
        budget.give_back(10);
        assert_eq!(budget.take(true), Some(10));
        budget.give_back(u32::MAX);
        assert_eq!(std::iter::from_fn(|| budget.take(true)).count(), 50);
    }
}
