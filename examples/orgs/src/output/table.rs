//! Tables, for people.

use std::io::{self, IsTerminal};

use anstream::{AutoStream, ColorChoice};
use comfy_table::{Attribute, Cell, ContentArrangement, Row, Table, presets};

/// A table with a header. A row is a line, however narrow the terminal: its ids are to be
/// copied, and one that was broken in two could not be.
pub(super) fn rows<const N: usize>(
    headers: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut table = empty();
    table.set_header(headers.map(bold));
    for row in rows {
        table.add_row(row.map(|text| Cell::new(clean(&text.replace('\n', " ")))));
    }
    finish(table)
}

/// One thing: a line for each of its properties.
pub(super) fn details(properties: &[(&str, String)]) -> String {
    let mut table = empty();
    // Only a terminal has a width to fit in, if it says so.
    if io::stdout().is_terminal() && table.width().is_some_and(|width| width > 0) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    for (name, value) in properties {
        table.add_row(Row::from(vec![bold(name), Cell::new(clean(value))]));
    }
    finish(table)
}

fn empty() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    if has_colours() {
        table.enforce_styling();
    }
    table
}

fn finish(mut table: Table) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

fn bold(text: &str) -> Cell {
    let cell = Cell::new(text);
    if has_colours() { cell.add_attribute(Attribute::Bold) } else { cell }
}

/// Whether standard output takes colours: it is a terminal that can, and `NO_COLOR` is not
/// set.
fn has_colours() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// What others have named may hold anything; here it must not move the cursor.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}
