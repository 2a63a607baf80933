//! Lists, page by page, between a cursor and a limit.

use std::io::{self, Write};

use nirvana_labs::{Items, ListParams};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::{Command, Options, Range};
use crate::failure::Failure;
use crate::output::{self, Listed};
use crate::progress::Progress;

/// The largest page to ask for.
const PAGE: u32 = 100;

/// A list as one JSON document. `next_cursor` is null at the end of the list.
#[derive(Serialize)]
struct Document<'a, T> {
    items: &'a [T],
    next_cursor: Option<&'a str>,
    total_count: i64,
}

/// Writes the part `range` of the list that `start` begins: JSON lines as they arrive, other
/// formats at the end.
pub(crate) fn list<T: Listed + DeserializeOwned>(
    range: &Range,
    options: &Options,
    command: &Command,
    start: impl Fn(&ListParams) -> Items<T>,
) -> Result<(), Failure> {
    let mut left = range.limit;
    let mut size = left.map(|limit| limit.min(PAGE));
    let mut pages = start(&ListParams { limit: size, cursor: range.cursor.clone() }).into_pages();
    let (mut kept, mut shown) = (Vec::new(), 0_u64);
    let progress = Progress::new(!options.verbose && !options.jsonl);
    while left != Some(0) {
        // The limit must fall between two pages, because only there is a cursor.
        if left < size
            && let Some(rest) = pages.resume()
        {
            size = left;
            pages = start(&ListParams { limit: size, ..rest }).into_pages();
        }
        let page = match pages.next() {
            None => break,
            Some(Ok(page)) => page,
            Some(Err(error)) => {
                drop(progress);
                let failure = Failure::of(&error, command);
                // Half a JSON document is invalid.
                if shown == 0 || (options.json && !options.jsonl) {
                    return Err(failure);
                }
                if !kept.is_empty() {
                    output::table(&kept)?;
                }
                return Err(match pages.resume().and_then(|rest| rest.cursor) {
                    Some(cursor) => failure.and(&go_on(&cursor)),
                    None => failure,
                });
            }
        };
        // A page that is larger than asked for is shown completely: its cursor is after its end.
        let count = page.items.len();
        left = left.map(|left| left.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX)));
        shown = shown.saturating_add(count as u64);
        if options.jsonl {
            output::json_lines(&page.items)?;
        } else {
            kept.extend(page.items);
            progress.show(&format!("{}: {shown} of {}", T::MANY, page.pagination.total_count));
        }
    }
    drop(progress);
    let next_cursor = pages.resume().and_then(|rest| rest.cursor);
    let total_count = pages.total_count().unwrap_or_default();
    match options {
        Options { jsonl: true, .. } => {}
        Options { json: true, .. } => {
            let next_cursor = next_cursor.as_deref();
            output::json(&Document { items: &kept, next_cursor, total_count })?;
        }
        _ => output::table(&kept)?,
    }
    if let Some(cursor) = next_cursor {
        let _ = writeln!(io::stderr(), "{shown} of {total_count} shown; {}", go_on(&cursor));
    }
    Ok(())
}

/// The flag to continue with, quoted for a shell.
fn go_on(cursor: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.=/+:,%@".contains(c);
    if cursor.chars().all(plain) {
        format!("continue with --cursor={cursor}")
    } else {
        format!("continue with --cursor='{}'", cursor.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::go_on;

    #[test]
    fn a_cursor_is_quoted_for_a_shell() {
        assert_eq!(go_on("eyJhIjox+/fQ=="), "continue with --cursor=eyJhIjox+/fQ==");
        assert_eq!(go_on("a b$c"), "continue with --cursor='a b$c'");
        assert_eq!(go_on("it's"), r"continue with --cursor='it'\''s'");
    }
}
