//! Checks `Retry-After-Ms`, `Retry-After` and `Date` with any values: a value is either read
//! correctly or ignored.
//!
//! Input: the three values. An empty value means that the header is absent.

use std::time::Duration;

use nirvana_labs::Api;

use super::http_messages::{HttpMessage, response};
use super::wire::{Wire, assert_one_line, is_header_value, texts};

thread_local! {
    static CLIENT: (Api, Wire) = {
        let wire = Wire::default();
        let api = Api::builder().max_retries(0).transport(wire.clone()).build().unwrap();
        (api, wire)
    };
}

pub fn check(data: &[u8]) {
    let mut texts = texts(data).into_iter();
    let mut text = || texts.next().filter(|text| !text.is_empty() && is_header_value(text));
    let (millis, after, date) = (text(), text(), text());
    let mut response = response(429);
    for (name, value) in [("retry-after-ms", &millis), ("retry-after", &after), ("date", &date)] {
        if let Some(value) = value {
            response = response.with_header(name, value);
        }
    }
    let asked = CLIENT.with(|(api, wire)| {
        wire.answer(response);
        let error = api.get_organization("org_1").unwrap_err();
        wire.take();
        assert!(error.is_rate_limited(), "{error:?}");
        assert_one_line(&error.to_string());
        error.retry_after()
    });

    if let Some(millis) = millis.as_deref().and_then(|millis| integer(millis, 9)) {
        assert_eq!(asked, Some(Duration::from_millis(millis)));
        return;
    }
    let is_amount = |text: &str| {
        text.trim().parse::<f64>().is_ok_and(|amount| amount.is_finite() && amount >= 0.0)
    };
    if millis.as_deref().is_some_and(is_amount) {
        // A fraction, or a number that is too large to be exact in an `f64`.
        assert!(asked.is_some());
        return;
    }
    let Some(after) = after.as_deref() else {
        assert_eq!(asked, None);
        return;
    };
    if let Some(seconds) = integer(after, 15) {
        assert_eq!(asked, Some(Duration::from_secs(seconds)));
    } else if is_amount(after) {
        assert!(asked.is_some());
    } else if after.trim_start().starts_with('-') {
        assert_eq!(asked, None);
    } else if let (Some(then), Some(now)) = (http_date(after), date.as_deref().and_then(http_date))
    {
        let expected = u64::try_from(then - now).ok().map(Duration::from_secs);
        assert_eq!(asked, expected);
    }
}

/// Returns an integer of at most `most_digits` digits. Such an integer is exact in an `f64`.
fn integer(value: &str, most_digits: usize) -> Option<u64> {
    let value = value.trim();
    let length = 1..=most_digits;
    let digits = length.contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
    if digits { value.parse().ok() } else { None }
}

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Parses an HTTP date, such as `Sun, 06 Nov 1994 08:49:37 GMT`. Returns the seconds since 1970, or
/// `None` for any other text. This does not use the crate's parser, so two implementations must
/// agree.
fn http_date(text: &str) -> Option<i64> {
    let number = |at: usize, len: usize| {
        let digits = text.get(at..at + len)?;
        if digits.bytes().all(|byte| byte.is_ascii_digit()) {
            digits.parse::<i64>().ok()
        } else {
            None
        }
    };
    let month = MONTHS.iter().position(|month| text.get(8..11) == Some(month))? as i64 + 1;
    let (day, year) = (number(5, 2)?, number(12, 4)?);
    let (hour, minute, second) = (number(17, 2)?, number(20, 2)?, number(23, 2)?);
    let text = written(days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
        .filter(|written| written == text);
    // No server sends an earlier year.
    text.filter(|_| year >= 1970)
        .map(|_| days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Returns the days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // If the year starts in March, the leap day is its last day.
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year
        - 719_468
}

/// Returns a time as an HTTP date, or `None` if the year does not have four digits.
pub fn written(time: i64) -> Option<String> {
    let (day, clock) = (time.div_euclid(86_400), time.rem_euclid(86_400));
    let mut year = 1970 + day.div_euclid(366);
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    let month = (1..=12).rev().find(|month| days(year, *month, 1) <= day)?;
    let week_day = DAYS[day.rem_euclid(7) as usize];
    let (month_name, month_day) = (MONTHS[month as usize - 1], day - days(year, month, 1) + 1);
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    (0..=9999).contains(&year).then(|| {
        format!("{week_day}, {month_day:02} {month_name} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
    })
}
