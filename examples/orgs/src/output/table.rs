//! Tables for people. On a terminal they fit its width. Elsewhere nothing is cut.

use std::env;
use std::io::{self, IsTerminal};

use anstyle::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::clean;

const GAP: usize = 2;
/// The least width of a column that is cut. A letter and `…` would be of no use.
const MIN_WIDTH: usize = 8;

const BOLD: Style = Style::new().bold();

/// A table with a header. The first column has ids.
pub(super) fn rows<const N: usize>(
    headers: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let rows: Vec<[String; N]> = rows.map(|row| row.map(|cell| clean(&cell))).collect();
    let mut widths = headers.map(UnicodeWidthStr::width).to_vec();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    let widths = fit(&widths, terminal_width());
    let line = |cells: [&str; N]| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| padded(cell, *width));
        cells.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
    };
    let mut text = format!("{BOLD}{}{BOLD:#}\n", line(headers));
    for row in &rows {
        text.push_str(&line(row.each_ref().map(String::as_str)));
        text.push('\n');
    }
    text
}

/// One line per property. A value that is too long is wrapped below its name.
pub(super) fn details(properties: &[(String, String)]) -> String {
    let (limit, names) = (terminal_width(), properties.iter().map(|(name, _)| name.width()));
    let names = names.max().unwrap_or_default() + GAP;
    let mut text = String::new();
    for (name, value) in properties {
        let (name, value) = (clean(name), clean(value));
        if names + value.width() <= limit {
            text.push_str(&format!("{BOLD}{}{BOLD:#}{value}\n", padded(&name, names)));
            continue;
        }
        text.push_str(&format!("{BOLD}{name}{BOLD:#}\n"));
        for line in wrapped(&value, limit.saturating_sub(GAP)) {
            text.push_str(&format!("  {}\n", line.trim_end()));
        }
    }
    text
}

/// The width of standard output.
fn terminal_width() -> usize {
    if !io::stdout().is_terminal() {
        return usize::MAX;
    }
    let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.or_else(columns_of_terminal).filter(|width| *width > 0).unwrap_or(usize::MAX)
}

#[cfg(unix)]
fn columns_of_terminal() -> Option<usize> {
    // The crate terminal_size returns nothing if a terminal does not know its rows.
    rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| size.ws_col.into())
}

#[cfg(not(unix))]
fn columns_of_terminal() -> Option<usize> {
    terminal_size::terminal_size().map(|(width, _)| width.0.into())
}

/// Widths that fit within `limit`. The widest column shrinks first. If no column can shrink, the
/// last one is left out. The ids in the first column are cut only if they are alone.
fn fit(natural: &[usize], limit: usize) -> Vec<usize> {
    let mut widths = natural.to_vec();
    while widths.iter().sum::<usize>() + GAP * (widths.len().saturating_sub(1)) > limit {
        match (widths.iter_mut().skip(1).rev().max(), natural) {
            (Some(widest), _) if *widest > MIN_WIDTH => *widest -= 1,
            (Some(_), [fewer @ .., _]) => return fit(fewer, limit),
            _ => return vec![limit],
        }
    }
    widths
}

fn padded(text: &str, width: usize) -> String {
    let text = cut(text, width);
    let padding = width.saturating_sub(text.width());
    text + &" ".repeat(padding)
}

/// `text`, with `…` instead of what does not fit into `width`.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let fits = |grapheme: &&str| {
        used += grapheme.width();
        used <= width
    };
    let kept: String = text.graphemes(true).take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

/// `text` in lines of at most `width`. A word is broken only if it is longer than a line.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for word in text.split_inclusive(' ') {
        let mut fits = used + word.trim_end().width() <= width;
        for grapheme in word.graphemes(true) {
            fits &= used + grapheme.trim_end().width() <= width;
            if !fits && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            fits = true;
            line.push_str(grapheme);
            used += grapheme.width();
        }
    }
    lines.push(line);
    lines
}
