//! The ratios as bars, in SVG: one group a column, one bar a client.

use std::fmt::Write;

use crate::measure::Column;
use crate::peers::Kind;
use crate::report::short;
use crate::stats::Spread;

const WIDTH: f64 = 760.0;
const NAMES: f64 = 130.0;
const BARS: f64 = 540.0;
const BAR: f64 = 14.0;
const STEP: f64 = 20.0;
const TITLE: f64 = 34.0;
/// Longer bars are cut, so that the short ones can be told apart.
const MOST: f64 = 6.0;

/// Follows the reader's light or dark page.
const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#24292f}\
.title{font-size:13px;font-weight:600}.note{fill:#57606a}\
.peer{fill:#a8b3bf}.ours{fill:#1a7f64}.floor{stroke:#57606a;stroke-dasharray:3 3}\
.spread{stroke:#57606a;stroke-width:1.5}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#9198a1}\
.peer{fill:#59636e}.ours{fill:#3fb68b}.floor,.spread{stroke:#9198a1}}";

pub fn svg(columns: &[Column]) -> String {
    let mut body = String::new();
    let mut y = 28.0;
    for column in columns {
        y = group(&mut body, column, y);
    }
    let height = y + 16.0;
    let mut text = String::new();
    let _ = write!(
        text,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" "#
    );
    let _ = writeln!(text, r#"aria-label="Wall time as a ratio to a raw socket">"#);
    let _ = writeln!(text, "<style>{STYLE}</style>");
    let _ = writeln!(
        text,
        r#"<text class="note" x="{NAMES}" y="18">wall time, raw TCP = 1 (dashed); shorter is better</text>"#
    );
    text.push_str(&body);
    text.push_str("</svg>\n");
    text
}

/// Draws one column from `y` on, and says where it ends.
fn group(text: &mut String, column: &Column, y: f64) -> f64 {
    let cells: Vec<_> = column.cells.iter().filter(|(kind, _)| *kind != Kind::Floor).collect();
    let top = y + TITLE;
    let bottom = top + STEP * cells.len() as f64;
    let _ = writeln!(
        text,
        r#"<text class="title" x="{NAMES}" y="{}">{}</text>"#,
        top - 8.0,
        column.title
    );
    for (index, (kind, spread)) in cells.iter().enumerate() {
        bar(text, *kind, *spread, top + STEP * index as f64);
    }
    let x = NAMES + length(1.0);
    let _ =
        writeln!(text, r#"<line class="floor" x1="{x:.1}" x2="{x:.1}" y1="{top}" y2="{bottom}"/>"#);
    bottom
}

fn bar(text: &mut String, kind: Kind, spread: Spread, y: f64) {
    let class = if kind == Kind::Ours { "ours" } else { "peer" };
    let (middle, base) = (y + BAR / 2.0, y + BAR - 3.0);
    let width = length(spread.median);
    let (from, to) = (NAMES + length(spread.min), NAMES + length(spread.max));
    let label = NAMES + width.max(length(spread.max)) + 6.0;
    let more = if spread.median > MOST { " →" } else { "" };
    let _ = writeln!(
        text,
        r#"<text x="{}" y="{base}" text-anchor="end">{}</text>"#,
        NAMES - 8.0,
        kind.title()
    );
    let _ = writeln!(
        text,
        r#"<rect class="{class}" x="{NAMES}" y="{y}" width="{width:.1}" height="{BAR}" rx="2"/>"#
    );
    let _ = writeln!(
        text,
        r#"<line class="spread" x1="{from:.1}" x2="{to:.1}" y1="{middle}" y2="{middle}"/>"#
    );
    let _ =
        writeln!(text, r#"<text x="{label:.1}" y="{base}">{}{more}</text>"#, short(spread.median));
}

fn length(ratio: f64) -> f64 {
    ratio.min(MOST) / MOST * BARS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(ratio: f64) -> Column {
        let spread = |median: f64| Spread { min: median - 0.1, median, max: median + 0.1 };
        Column {
            title: "one GET",
            cells: vec![(Kind::Floor, spread(1.0)), (Kind::Ours, spread(ratio))],
        }
    }

    #[test]
    fn a_bar_is_as_long_as_its_ratio() {
        let drawn = svg(&[column(1.5)]);
        assert!(drawn.contains(r#"class="ours" x="130" y="62" width="135.0""#), "{drawn}");
        assert!(drawn.contains(">1.50</text>"), "{drawn}");
        assert_eq!(drawn.matches("<rect").count(), 1, "the floor is a line, not a bar: {drawn}");
    }

    #[test]
    fn what_is_off_the_scale_says_so() {
        let drawn = svg(&[column(48.0)]);
        assert!(drawn.contains(r#"width="540.0""#), "{drawn}");
        assert!(drawn.contains(">48.0 →</text>"), "{drawn}");
    }

    #[test]
    fn each_element_is_closed() {
        let drawn = svg(&[column(1.5), column(0.9)]);
        for name in ["svg", "text", "style"] {
            let (opened, closed) = (format!("<{name}"), format!("</{name}>"));
            assert_eq!(drawn.matches(&opened).count(), drawn.matches(&closed).count(), "{name}");
        }
        assert!(!drawn.contains("NaN"));
    }
}
