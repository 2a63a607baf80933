//! Tables, for people. On a terminal they fit its width; elsewhere they are as wide as they
//! need to be.

use std::env;
use std::io::{self, IsTerminal};

use anstyle::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::clean;

const GAP: usize = 2;
/// A column is not made narrower than this: one letter and `…` help nobody.
const MIN_WIDTH: usize = 8;

const BOLD: Style = Style::new().bold();

/// A table with a header, and ids in its first column.
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

/// One thing: a line for each of its properties, or two where one is too short.
pub(super) fn details(properties: &[(String, String)]) -> String {
    let (limit, names) = (terminal_width(), properties.iter().map(|(name, _)| name.width()));
    let names = names.max().unwrap_or_default() + GAP;
    let mut text = String::new();
    for (name, value) in properties {
        let (name, value) = (clean(name), clean(value));
        text.push_str(&if names + value.width() <= limit {
            format!("{BOLD}{}{BOLD:#}{value}\n", padded(&name, names))
        } else {
            format!("{BOLD}{name}{BOLD:#}\n  {}\n", cut(&value, limit.saturating_sub(GAP)))
        });
    }
    text
}

/// How much fits on a line of standard output.
fn terminal_width() -> usize {
    if !io::stdout().is_terminal() {
        return usize::MAX;
    }
    let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.or_else(columns_of_terminal).filter(|width| *width > 0).unwrap_or(usize::MAX)
}

#[cfg(unix)]
fn columns_of_terminal() -> Option<usize> {
    // Not with the crate terminal_size, which wants to know the rows as well.
    rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| size.ws_col.into())
}

#[cfg(not(unix))]
fn columns_of_terminal() -> Option<usize> {
    terminal_size::terminal_size().map(|(width, _)| width.0.into())
}

/// Widths that fit within `limit`: the widest column shrinks first, and where none can shrink
/// the last is left out. The first, of ids, stays whole as long as it can.
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

/// `text`, with `…` for what does not fit into `width`.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let fits = |c: &char| {
        used += c.width().unwrap_or_default();
        used <= width
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}
