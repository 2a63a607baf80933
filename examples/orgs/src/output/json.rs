//! JSON, for programs.

use std::io::{self, Write};

use serde::Serialize;

/// One line.
pub(super) fn line(out: &mut impl Write, item: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, item)?;
    out.write_all(b"\n")
}

/// One document, laid out to be read.
pub(super) fn document(out: &mut impl Write, item: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, item)?;
    out.write_all(b"\n")
}

/// A list as one document. `next_cursor` is null where there is no more.
pub(super) fn list<T: Serialize>(
    out: &mut impl Write,
    items: &[T],
    next_cursor: Option<&str>,
    total_count: i64,
) -> io::Result<()> {
    #[derive(Serialize)]
    struct List<'a, T> {
        items: &'a [T],
        next_cursor: Option<&'a str>,
        total_count: i64,
    }
    document(out, &List { items, next_cursor, total_count })
}
