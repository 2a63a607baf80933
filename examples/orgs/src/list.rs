//! A list, from where to where it was asked for, a page at a time.

use std::env;
use std::io::{self, IsTerminal, Write};

use nirvana_labs::{Items, ListParams};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::{Command, Options, Range};
use crate::failure::Failure;
use crate::output::{self, Listed};

/// The largest page that is asked for.
const PAGE: u32 = 100;

/// A list as one JSON document. `next_cursor` is null where there is no more.
#[derive(Serialize)]
struct Document<'a, T> {
    items: &'a [T],
    next_cursor: Option<&'a str>,
    total_count: i64,
}

/// Writes the part `range` of the list that `start` starts: JSON lines as they arrive, else
/// the whole at its end.
pub(crate) fn list<T: Listed + DeserializeOwned>(
    range: &Range,
    options: &Options,
    command: &Command,
    start: impl Fn(ListParams) -> Items<T>,
) -> Result<(), Failure> {
    let mut left = range.limit;
    let mut size = left.map(|limit| limit.min(PAGE));
    let mut pages = start(params(size, range.cursor.as_deref())).pages();
    let (mut kept, mut shown) = (Vec::new(), 0_u64);
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
                progress("", options);
                let failure = Failure::of(&error, command);
                // Half a JSON document is none.
                if shown == 0 || (options.json && !options.jsonl) {
                    return Err(failure);
                }
                if !kept.is_empty() {
                    output::table(&kept)?;
                }
                return Err(match pages.next_cursor() {
                    Some(cursor) => failure.and(&go_on(cursor)),
                    None => failure,
                });
            }
        };
        // A page larger than asked for is shown whole: what was cut off would be lost to
        // those who go on from the cursor.
        let count = page.items.len();
        left = left.map(|left| left.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX)));
        shown = shown.saturating_add(count as u64);
        if options.jsonl {
            output::json_lines(&page.items)?;
        } else {
            kept.extend(page.items);
            progress(&format!("{}: {shown} of {}", T::MANY, page.pagination.total_count), options);
        }
    }
    progress("", options);
    let (next_cursor, total_count) = (pages.next_cursor(), pages.total_count().unwrap_or_default());
    match options {
        Options { jsonl: true, .. } => {}
        Options { json: true, .. } => {
            output::json(&Document { items: &kept, next_cursor, total_count })?;
        }
        _ => output::table(&kept)?,
    }
    if let Some(cursor) = next_cursor {
        let _ = writeln!(io::stderr(), "{shown} of {total_count} shown; {}", go_on(cursor));
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

/// Shows on a terminal how far a list has come, in place of what it showed before.
fn progress(line: &str, options: &Options) {
    let is_seen = io::stdout().is_terminal() && io::stderr().is_terminal();
    let can_erase = env::var_os("TERM").is_some_and(|term| term != "dumb");
    if is_seen && can_erase && !options.verbose && !options.jsonl {
        let _ = write!(io::stderr(), "\r{line}\u{1b}[K\r");
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
