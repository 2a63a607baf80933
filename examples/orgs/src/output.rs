//! What goes to standard output, in the format that was asked for.

mod show;
mod table;

use std::io::{self, BufWriter, Write};

use serde::Serialize;

use crate::cli::Options;
use crate::failure::Failure;

pub(crate) use show::Listed;

/// Writes one thing.
pub(crate) fn one(item: &impl Serialize, options: &Options) -> Result<(), Failure> {
    done(&table::details(&show::details(item)), item, options)
}

/// Writes a list as a table, or says that it is empty.
pub(crate) fn table<T: Listed>(items: &[T]) -> Result<(), Failure> {
    if items.is_empty() {
        let _ = writeln!(anstream::stderr(), "no {}", T::MANY);
        return Ok(());
    }
    text(&table::rows(T::COLUMNS.map(|(header, _)| header), items.iter().map(show::row)))
}

/// Writes what has been done: `line` for people, `item` for programs.
pub(crate) fn done(line: &str, item: &impl Serialize, options: &Options) -> Result<(), Failure> {
    match options {
        Options { jsonl: true, .. } => json_lines(std::slice::from_ref(item)),
        Options { json: true, .. } => json(item),
        _ => text(line),
    }
}

/// Writes `text` and ends its line. Where there are no colours, they are left out.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "{}", text.trim_end_matches('\n'))?;
    Ok(out.flush()?)
}

/// Writes one JSON document.
pub(crate) fn json(item: &impl Serialize) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, item).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// Writes JSON, one line per item.
pub(crate) fn json_lines(items: &[impl Serialize]) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    for item in items {
        serde_json::to_writer(&mut out, item).map_err(io::Error::from)?;
        writeln!(out)?;
    }
    Ok(out.flush()?)
}

/// What others wrote may hold anything. Here it takes one line, moves no cursor, and nothing
/// in it is invisible or changes the direction of what follows.
pub(crate) fn clean(text: &str) -> String {
    let clean = |c| match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        // Soft hyphen, bidirectional controls, zero width, byte order mark, tags.
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => {
            char::REPLACEMENT_CHARACTER
        }
        '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => char::REPLACEMENT_CHARACTER,
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(clean).collect()
}
