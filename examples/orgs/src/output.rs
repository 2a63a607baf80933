//! What goes to standard output, in the form that was asked for.

mod json;
mod show;
mod table;

use std::io::{self, BufWriter, StdoutLock, Write};

use serde::Serialize;

use crate::cli::Options;
use crate::failure::Failure;

pub(crate) use show::{Listed, Show};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A table, for people.
    Table,
    /// One JSON document.
    Json,
    /// JSON, a line an item.
    JsonLines,
}

impl Format {
    pub(crate) fn of(options: &Options) -> Format {
        match options {
            Options { jsonl: true, .. } => Format::JsonLines,
            Options { json: true, .. } => Format::Json,
            _ => Format::Table,
        }
    }
}

/// Writes one thing.
pub(crate) fn one<T: Show>(item: &T, options: &Options) -> Result<(), Failure> {
    match Format::of(options) {
        Format::Table => text(&table::details(&item.details())),
        format => value(item, format),
    }
}

/// Writes what has been done: `line` for people, `item` for programs.
pub(crate) fn done(line: &str, item: &impl Serialize, options: &Options) -> Result<(), Failure> {
    match Format::of(options) {
        Format::Table => text(line),
        format => value(item, format),
    }
}

/// Writes `text` and ends its line.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", text.trim_end_matches('\n'))?;
    Ok(out.flush()?)
}

fn value(item: &impl Serialize, format: Format) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match format {
        Format::JsonLines => json::line(&mut out, item)?,
        _ => json::document(&mut out, item)?,
    }
    Ok(out.flush()?)
}

/// Writes a list, whose pages come one by one.
pub(crate) struct ListOutput<T> {
    format: Format,
    /// What is kept until the end, since the form needs the whole.
    kept: Vec<T>,
    out: BufWriter<StdoutLock<'static>>,
}

impl<T: Listed> ListOutput<T> {
    pub(crate) fn new(options: &Options) -> ListOutput<T> {
        let out = BufWriter::new(io::stdout().lock());
        ListOutput { format: Format::of(options), kept: Vec::new(), out }
    }

    /// Takes a page.
    pub(crate) fn page(&mut self, items: Vec<T>) -> Result<(), Failure> {
        if self.format != Format::JsonLines {
            self.kept.extend(items);
            return Ok(());
        }
        for item in &items {
            json::line(&mut self.out, item)?;
        }
        Ok(self.out.flush()?)
    }

    /// Writes what is left to write after the last page.
    pub(crate) fn end(mut self, next_cursor: Option<&str>, total: i64) -> Result<(), Failure> {
        match self.format {
            Format::Table => self.table()?,
            Format::Json => json::list(&mut self.out, &self.kept, next_cursor, total)?,
            Format::JsonLines => {}
        }
        Ok(self.out.flush()?)
    }

    /// Writes what there is of a list that failed midway, and says whether it did: half a
    /// JSON document is none.
    pub(crate) fn break_off(&mut self) -> Result<bool, Failure> {
        if self.format == Format::Table && !self.kept.is_empty() {
            self.table()?;
            self.out.flush()?;
        }
        Ok(self.format != Format::Json)
    }

    fn table(&mut self) -> io::Result<()> {
        if self.kept.is_empty() {
            let _ = writeln!(anstream::stderr(), "no {}", T::MANY);
            return Ok(());
        }
        let rows = self.kept.iter().map(Listed::row);
        writeln!(self.out, "{}", table::rows(T::HEADERS, rows))
    }
}
