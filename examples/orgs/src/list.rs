//! A list, from where to where it was asked for, a page at a time.

use std::io::Write;

use nirvana_labs::{Items, ListParams};
use serde::de::DeserializeOwned;

use crate::cli::{Command, Options, Range};
use crate::failure::Failure;
use crate::output::{ListOutput, Listed};
use crate::progress::Progress;

/// The largest page that is asked for.
const PAGE: u32 = 100;

/// Writes the part `range` of the list that `start` starts, as it arrives.
pub(crate) fn list<T: Listed + DeserializeOwned>(
    range: &Range,
    options: &Options,
    command: &Command,
    start: impl Fn(ListParams) -> Items<T>,
) -> Result<(), Failure> {
    let mut output = ListOutput::new(options);
    let progress = Progress::start(T::MANY, options);
    let mut left = range.limit;
    let mut size = left.map(|limit| limit.min(PAGE));
    let mut pages = start(params(size, range.cursor.as_deref())).pages();
    let mut shown: u64 = 0;
    while left != Some(0) {
        // So that the limit falls between two pages, where a cursor is.
        if left < size && pages.next_cursor().is_some() {
            size = left;
            pages = start(params(size, pages.next_cursor())).pages();
        }
        let page = match pages.next() {
            None => break,
            Some(Ok(page)) => page,
            Some(Err(error)) => {
                drop(progress);
                let failure = Failure::of(&error, command);
                if !output.break_off()? {
                    return Err(failure);
                }
                let cursor = pages.next_cursor().or(range.cursor.as_deref());
                return Err(match cursor {
                    Some(cursor) if shown > 0 => failure.and(go_on(cursor)),
                    _ => failure,
                });
            }
        };
        // A page larger than asked for is shown whole: what were cut off of it would be lost
        // to those who go on from the cursor.
        let count = page.items.len();
        left = left.map(|left| left.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX)));
        shown = shown.saturating_add(count as u64);
        let total = page.pagination.total_count;
        progress.page(count, range.limit.map_or(total, |limit| total.min(limit.into())));
        output.page(page.items)?;
    }
    drop(progress);
    let (next_cursor, total) = (pages.next_cursor(), pages.total_count().unwrap_or_default());
    output.end(next_cursor, total)?;
    if let Some(cursor) = next_cursor {
        let _ = writeln!(anstream::stderr(), "{shown} of {total} shown; {}", go_on(cursor));
    }
    Ok(())
}

fn params(limit: Option<u32>, cursor: Option<&str>) -> ListParams {
    let params = ListParams::new().cursor(cursor);
    match limit {
        Some(limit) => params.limit(limit),
        None => params,
    }
}

/// The flag to go on with, so that it can be copied into a shell.
fn go_on(cursor: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.=/+:,%@".contains(c);
    if cursor.chars().all(plain) {
        format!("go on with --cursor={cursor}")
    } else {
        format!("go on with --cursor='{}'", cursor.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::go_on;

    #[test]
    fn cursors_can_be_copied_into_a_shell() {
        assert_eq!(go_on("eyJhIjox+/fQ=="), "go on with --cursor=eyJhIjox+/fQ==");
        assert_eq!(go_on("a b$c"), "go on with --cursor='a b$c'");
        assert_eq!(go_on("it's"), r"go on with --cursor='it'\''s'");
    }
}
