//! Writes to standard output, in the format that was asked for.

mod show;
mod table;

use std::io::{self, BufWriter, Write};

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

use crate::cli::Options;
use crate::failure::Failure;

pub(crate) use show::Listed;

/// Writes one item.
pub(crate) fn one(item: &impl Serialize, options: &Options) -> Result<(), Failure> {
    done(&table::details(&show::details(item)), item, options)
}

/// Writes a list as a table, or says on standard error that it is empty.
pub(crate) fn table<T: Listed>(items: &[T]) -> Result<(), Failure> {
    if items.is_empty() {
        let _ = writeln!(anstream::stderr(), "no {}", T::MANY);
        return Ok(());
    }
    text(&table::rows(T::COLUMNS.map(|(header, _)| header), items.iter().map(show::row)))
}

/// Writes what was done: `line` for people, `item` for programs.
pub(crate) fn done(line: &str, item: &impl Serialize, options: &Options) -> Result<(), Failure> {
    match options {
        Options { jsonl: true, .. } => json_lines(std::slice::from_ref(item)),
        Options { json: true, .. } => json(item),
        _ => text(line),
    }
}

/// Writes `text` and a line break, in one piece if it has no colours.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    out.write_all(format!("{}\n", text.trim_end_matches('\n')).as_bytes())?;
    Ok(out.flush()?)
}

/// Writes one JSON document.
pub(crate) fn json(item: &impl Serialize) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, item).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// Writes one line of JSON per item.
pub(crate) fn json_lines(items: &[impl Serialize]) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    for item in items {
        serde_json::to_writer(&mut out, item).map_err(io::Error::from)?;
        writeln!(out)?;
    }
    Ok(out.flush()?)
}

/// Makes text of others safe to show: it stays on one line, controls no terminal, and hides
/// nothing.
pub(crate) fn clean(text: &str) -> String {
    let mut clean = String::new();
    for grapheme in text.graphemes(true) {
        let mut chars = grapheme.chars().peekable();
        while let Some(c) = chars.next() {
            clean.push(match c {
                '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
                // Within an emoji, such as a family, the joiner has a visible neighbour.
                '\u{200d}' if chars.peek().and_then(|c| c.width()).is_some_and(|w| w > 0) => c,
                c if c.is_control() || is_invisible(c) => char::REPLACEMENT_CHARACTER,
                c => c,
            });
        }
    }
    clean
}

/// Soft hyphen, bidirectional controls, zero width, byte order mark, tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}
