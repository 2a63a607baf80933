//! When to retry, and after how long: pure functions, and the budget that all calls of a client
//! share.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Response};

use crate::error::ErrorKind;
use crate::transport::SendError;

/// What follows from a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RetryDecision {
    /// Another attempt may help and cannot do harm.
    pub(crate) retryable: bool,
    /// The server may have acted on the request.
    pub(crate) may_have_been_processed: bool,
}

/// What came of an attempt.
pub(crate) type Outcome = Result<Response<Vec<u8>>, SendError>;

/// Decides what follows from an attempt that did not succeed. `idempotent` says that the request
/// can be sent twice: by its method, or because it has an idempotency key.
pub(crate) fn classify(outcome: &Outcome, idempotent: bool) -> RetryDecision {
    let decision =
        |retryable, may_have_been_processed| RetryDecision { retryable, may_have_been_processed };
    let response = match outcome {
        // A certificate or a proxy would be refused, and refuse, again.
        Err(SendError { refused: true, sent, .. }) => return decision(false, *sent),
        Err(SendError { sent: false, .. }) => return decision(true, false),
        // It would be as large the next time.
        Err(SendError { kind: ErrorKind::TooLarge, .. }) => return decision(false, true),
        Err(_) => return decision(idempotent, true),
        Ok(response) => response,
    };
    let by_status = match response.status().as_u16() {
        408 | 429 => decision(true, false),
        500 | 502 | 503 | 504 => decision(idempotent, true),
        // "See other" is what some servers send to a POST that they have acted on.
        303 => decision(false, true),
        // "Not implemented" and "version not supported" say that nothing was done; 520 to 524,
        // which proxies send, say nothing of the kind.
        501 | 505 => decision(false, false),
        506.. => decision(false, true),
        _ => decision(false, false),
    };
    let retryable = match response.headers().get("x-should-retry").map(|word| word.as_bytes()) {
        Some(b"false") => false,
        // A gateway's word does not make a create safe.
        Some(b"true") => by_status.retryable || idempotent,
        _ => by_status.retryable,
    };
    RetryDecision { retryable, ..by_status }
}

/// How long the server asks to wait: `Retry-After-Ms`, then `Retry-After` in seconds or
/// as a date. What is negative, not finite, past or unreadable is treated as unset. The wait can
/// be added to the time of now: callers will.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |name, per_second| seconds(text(name)?, per_second);
    let date = |name| httpdate::parse_http_date(text(name)?).ok();
    number("retry-after-ms", 1000.0).or_else(|| number("retry-after", 1.0)).or_else(|| {
        // Against the server's own clock, where it tells it.
        let now = date("date").unwrap_or_else(SystemTime::now);
        date("retry-after")?.duration_since(now).ok()
    })
}

fn seconds(value: &str, divisor: f64) -> Option<Duration> {
    // "infinity" and "nan" are numbers to Rust; to a server they are mistakes.
    let number = value.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)?;
    Some(Duration::from_secs_f64((number / divisor).min(LONGEST_WAIT.as_secs_f64())))
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
        let spend = |left: u32| left.checked_sub(cost);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).ok().map(|_| cost)
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
    use ErrorKind as Kind;

    const RETRY: RetryDecision = RetryDecision { retryable: true, may_have_been_processed: false };
    const STOP: RetryDecision = RetryDecision { retryable: false, may_have_been_processed: false };
    const REPEAT: RetryDecision = RetryDecision { retryable: true, may_have_been_processed: true };
    const UNSURE: RetryDecision = RetryDecision { retryable: false, may_have_been_processed: true };

    fn response(status: u16, builder: http::response::Builder) -> Response<Vec<u8>> {
        builder.status(status).body(Vec::new()).unwrap()
    }

    fn status(status: u16) -> Outcome {
        Ok(response(status, Response::builder()))
    }

    fn transport(kind: Kind, sent: bool) -> Outcome {
        Err(SendError { sent, ..SendError::not_sent(kind, "") })
    }

    fn refused(kind: Kind, sent: bool) -> Outcome {
        Err(SendError { sent, refused: true, ..SendError::not_sent(kind, "") })
    }

    #[test]
    fn the_table_row_by_row() {
        // (outcome, of GET and PATCH, of POST)
        let rows = [
            (transport(Kind::Dns, false), RETRY, RETRY),
            (transport(Kind::Connect, false), RETRY, RETRY),
            (transport(Kind::ConnectTimeout, false), RETRY, RETRY),
            (transport(Kind::Tls, false), RETRY, RETRY),
            (transport(Kind::Proxy, false), RETRY, RETRY),
            (refused(Kind::Tls, false), STOP, STOP),
            (refused(Kind::Tls, true), UNSURE, UNSURE),
            (refused(Kind::Proxy, false), STOP, STOP),
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
        for (failure, idempotent, once) in rows {
            assert_eq!(classify(&failure, true), idempotent, "{failure:?}, GET");
            assert_eq!(classify(&failure, false), once, "{failure:?}, POST");
        }
    }

    #[test]
    fn the_server_may_ask_for_a_retry_or_forbid_it() {
        // (status, the header, of GET, of POST)
        for (status, word, idempotent, once) in [
            (503, "false", false, false),
            (429, "false", false, false),
            (429, "true", true, true),
            (500, "true", true, false),
            (409, "true", true, false),
            (303, "true", true, false),
        ] {
            let failure = Ok(response(status, Response::builder().header("x-should-retry", word)));
            assert_eq!(classify(&failure, true).retryable, idempotent, "{failure:?}, GET");
            assert_eq!(classify(&failure, false).retryable, once, "{failure:?}, POST");
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
        let forms = |minute| {
            [
                format!("Sun, 06 Nov 1994 08:{minute}:37 GMT"),
                format!("Sunday, 06-Nov-94 08:{minute}:37 GMT"),
                format!("Sun Nov  6 08:{minute}:37 1994"),
            ]
        };
        for (now, then) in forms(49).iter().flat_map(|now| forms(50).map(|then| (now, then))) {
            let wait = asked(&[("date", now), ("retry-after", &then)]);
            assert_eq!(wait, Some(Duration::from_secs(60)), "from {now} to {then}");
        }
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
    fn an_unreadable_retry_after_is_treated_as_unset() {
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
