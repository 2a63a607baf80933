//! Decides when to retry, and after what wait. The functions are pure. All clones of a client share
//! one retry budget.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Method, Response};

use crate::kind::ErrorKind;
use crate::options::{
    FIRST_BACKOFF, LONGEST_BACKOFF, MAX_JITTER, RETRY_BUDGET, RETRY_COST, TIMEOUT_RETRY_COST,
};
use crate::transport::SendError;

/// The outcome of an attempt.
pub(crate) type Outcome = Result<Response<Vec<u8>>, SendError>;

/// What a failed attempt means for the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RetryDecision {
    /// Whether another attempt may help and does no harm.
    pub(crate) retryable: bool,
    /// Whether the server may have acted on the request.
    pub(crate) may_have_been_processed: bool,
}

/// The server did nothing, and another attempt may help.
const RETRY: RetryDecision = RetryDecision { retryable: true, may_have_been_processed: false };
/// The server did nothing, and another attempt would fail in the same way.
const FINAL: RetryDecision = RetryDecision { retryable: false, may_have_been_processed: false };
/// The server may have acted on the request, and it is not sent again.
const MAYBE_DONE: RetryDecision = RetryDecision { retryable: false, may_have_been_processed: true };

/// Returns whether sending a request with this method twice has the same effect as sending it once.
/// PATCH is idempotent in this API, because it sets fields.
pub(crate) fn is_idempotent(method: &Method) -> bool {
    method.is_idempotent() || method == Method::PATCH
}

/// Classifies a failed attempt. `idempotent` says whether the request may be sent twice.
pub(crate) fn classify(outcome: &Outcome, idempotent: bool) -> RetryDecision {
    // The server may have acted on the request, so only an idempotent request is sent again.
    let if_idempotent = RetryDecision { retryable: idempotent, ..MAYBE_DONE };
    let response = match outcome {
        Err(SendError { permanent: true, sent, .. }) => {
            return RetryDecision { retryable: false, may_have_been_processed: *sent };
        }
        Err(SendError { sent: false, .. }) => return RETRY,
        // The next response would be as large.
        Err(SendError { kind: ErrorKind::TooLarge, .. }) => return MAYBE_DONE,
        Err(_) => return if_idempotent,
        Ok(response) => response,
    };
    let by_status = match response.status().as_u16() {
        429 => RETRY,
        // A proxy may have forwarded the request before it gave up waiting.
        408 => if_idempotent,
        307 | 308 | 501 | 505 => FINAL,
        // The registered statuses (RFC 9110, IANA). Others do not say what the server did.
        400..=417 | 421..=426 | 428 | 431 | 451 => FINAL,
        500..=599 => if_idempotent,
        _ => MAYBE_DONE,
    };
    let retryable = match response.headers().get("x-should-retry").map(|word| word.as_bytes()) {
        Some(b"false") => false,
        // The header does not make it safe to send a POST twice.
        Some(b"true") => by_status.retryable || idempotent,
        _ => by_status.retryable,
    };
    RetryDecision { retryable, ..by_status }
}

/// Returns how long the server asks to wait: `Retry-After-Ms`, then `Retry-After` in seconds or as a date
/// (RFC 9110, section 10.2.3). A negative, infinite, past or unreadable value counts as absent.
/// Adding the result to [`Instant::now`](std::time::Instant::now) does not overflow.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |name, per_second| seconds(text(name)?, per_second);
    let date = |name| httpdate::parse_http_date(text(name)?).ok();
    number("retry-after-ms", 1000.0).or_else(|| number("retry-after", 1.0)).or_else(|| {
        // A date is compared with the server's own clock, if the response has a `Date`.
        let now = date("date").unwrap_or_else(SystemTime::now);
        date("retry-after")?.duration_since(now).ok()
    })
}

fn seconds(value: &str, divisor: f64) -> Option<Duration> {
    // Rust also parses "infinity" and "nan", but these are not valid waits.
    let number = value.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)?;
    Some(Duration::from_secs_f64((number / divisor).min(LONGEST_WAIT.as_secs_f64())))
}

/// The longest wait that [`retry_after`] returns, which is longer than any program waits.
const LONGEST_WAIT: Duration = Duration::from_secs(1_000_000_000_000_000);

/// Returns the wait before a retry. `retry` is 0 for the first one. `random` chooses the jitter
/// that is taken off, so that clients do not all retry at the same moment.
pub(crate) fn backoff(retry: u32, random: u32) -> Duration {
    let doubled = FIRST_BACKOFF.saturating_mul(2_u32.saturating_pow(retry));
    let jitter = f64::from(random) / f64::from(u32::MAX) * MAX_JITTER;
    doubled.min(LONGEST_BACKOFF).mul_f64(1.0 - jitter)
}

/// The retry budget: tokens that retries cost and that successful calls refund. If the service is
/// down, the tokens run out, and the retries stop.
#[derive(Debug)]
pub(crate) struct RetryBudget(AtomicU32);

impl RetryBudget {
    pub(crate) fn new() -> RetryBudget {
        RetryBudget(AtomicU32::new(RETRY_BUDGET))
    }

    /// Takes the cost of a retry from the budget, and returns the cost. Returns `None` if too few
    /// tokens are left.
    pub(crate) fn pay(&self, after_timeout: bool) -> Option<u32> {
        let cost = if after_timeout { TIMEOUT_RETRY_COST } else { RETRY_COST };
        let pay = |left: u32| left.checked_sub(cost);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay).ok().map(|_| cost)
    }

    /// Puts tokens back into the budget, up to its full size.
    pub(crate) fn refund(&self, tokens: u32) {
        // The budget is usually full. Nothing is written then, so threads do not contend.
        if self.0.load(Ordering::Relaxed) < RETRY_BUDGET {
            let fill = |left: u32| Some(left.saturating_add(tokens).min(RETRY_BUDGET));
            let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fill);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorKind as Kind;

    const REPEAT: RetryDecision = RetryDecision { retryable: true, ..MAYBE_DONE };

    fn response(status: u16, builder: http::response::Builder) -> Response<Vec<u8>> {
        builder.status(status).body(Vec::new()).unwrap()
    }

    fn status(status: u16) -> Outcome {
        Ok(response(status, Response::builder()))
    }

    fn transport(kind: Kind, sent: bool) -> Outcome {
        Err(SendError { sent, ..SendError::not_sent(kind, "") })
    }

    fn permanent(kind: Kind, sent: bool) -> Outcome {
        Err(SendError { sent, permanent: true, ..SendError::not_sent(kind, "") })
    }

    #[test]
    fn transport_errors_are_classified() {
        // (outcome, decision for GET and PATCH, decision for POST)
        let rows = [
            (transport(Kind::Dns, false), RETRY, RETRY),
            (transport(Kind::Connect, false), RETRY, RETRY),
            (transport(Kind::ConnectTimeout, false), RETRY, RETRY),
            (transport(Kind::Tls, false), RETRY, RETRY),
            (transport(Kind::Proxy, false), RETRY, RETRY),
            (permanent(Kind::Tls, false), FINAL, FINAL),
            (permanent(Kind::Tls, true), MAYBE_DONE, MAYBE_DONE),
            (permanent(Kind::Proxy, false), FINAL, FINAL),
            (transport(Kind::Closed, false), RETRY, RETRY),
            (transport(Kind::Timeout, false), RETRY, RETRY),
            (transport(Kind::Closed, true), REPEAT, MAYBE_DONE),
            (transport(Kind::Timeout, true), REPEAT, MAYBE_DONE),
            (transport(Kind::Truncated, true), REPEAT, MAYBE_DONE),
            (transport(Kind::Protocol, true), REPEAT, MAYBE_DONE),
            (transport(Kind::TooLarge, true), MAYBE_DONE, MAYBE_DONE),
        ];
        for (failure, idempotent, once) in rows {
            assert_eq!(classify(&failure, true), idempotent, "{failure:?}, GET");
            assert_eq!(classify(&failure, false), once, "{failure:?}, POST");
        }
    }

    #[test]
    fn every_status_is_classified() {
        for code in (100..1000).filter(|code| !(200..300).contains(code)) {
            let (idempotent, once) = match code {
                429 => (RETRY, RETRY),
                408 => (REPEAT, MAYBE_DONE),
                307 | 308 | 501 | 505 => (FINAL, FINAL),
                400..=417 | 421 | 422 | 423 | 424 | 425 | 426 | 428 | 431 | 451 => (FINAL, FINAL),
                500..=599 => (REPEAT, MAYBE_DONE),
                _ => (MAYBE_DONE, MAYBE_DONE),
            };
            assert_eq!(classify(&status(code), true), idempotent, "{code}, GET");
            assert_eq!(classify(&status(code), false), once, "{code}, POST");
        }
    }

    #[test]
    fn x_should_retry_forbids_or_allows_a_retry() {
        // (status, value of the header, whether a GET is retried, whether a POST is retried)
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
    fn backoff_doubles_up_to_8_seconds_less_up_to_25_percent_jitter() {
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
        let retries = std::iter::from_fn(|| budget.pay(false)).count();
        assert_eq!(retries, 100);
        for _ in 0..4 {
            budget.refund(0);
        }
        assert_eq!(budget.pay(false), None);
        budget.refund(10);
        assert_eq!(budget.pay(true), Some(10));
        budget.refund(u32::MAX);
        assert_eq!(std::iter::from_fn(|| budget.pay(true)).count(), 50);
    }
}
