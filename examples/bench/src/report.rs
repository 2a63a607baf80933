//! The results in Markdown.

use std::fmt::Write;

use crate::counts::Counts;
use crate::measure::{Results, THREADS};
use crate::peers::Kind;
use crate::stats::Spread;
use crate::work::Task;

pub fn markdown(results: &Results) -> String {
    let sections = [wall(results), threads(results), counts(results), memory(results)];
    sections.join("\n")
}

fn wall(results: &Results) -> String {
    let mut text = format!(
        "Wall time as a ratio to the raw socket of the same round: the median, and from the \
         least to the most of {} rounds ({} of the list).\n\n",
        results.effort.rounds, results.effort.list_rounds
    );
    let titles = results.columns.iter().map(|column| column.title.to_owned());
    let floor = results.floor_micros.iter().map(|&micros| format!("1 ({})", duration(micros)));
    let mut rows = vec![titles.collect::<Vec<_>>(), floor.collect()];
    let kinds = &Kind::ALL[1..];
    for &kind in kinds {
        let cell = |cells: &[(Kind, Spread)]| {
            let found = cells.iter().find(|(of, _)| *of == kind);
            found.map_or_else(none, |(_, spread)| ratio(*spread))
        };
        rows.push(results.columns.iter().map(|column| cell(&column.cells)).collect());
    }
    let names = [String::new(), Kind::Floor.title().to_owned()];
    let names = names.into_iter().chain(kinds.iter().map(|kind| kind.title().to_owned()));
    table(&mut text, names, &rows);
    text
}

fn threads(results: &Results) -> String {
    let mut text = String::from(
        "Processor time of the client per GET, with callers that share it, as a ratio to one \
         caller's; in brackets the connections opened.\n\n",
    );
    let mut rows = vec![THREADS.map(|count| format!("{count} callers")).to_vec()];
    rows[0][0] = "1 caller".to_owned();
    for (_, cells) in &results.threads {
        let cells = cells.iter().map(|(spread, opened)| format!("{} ({opened})", ratio(*spread)));
        rows.push(cells.collect());
    }
    let names = results.threads.iter().map(|(kind, _)| kind.title().to_owned());
    table(&mut text, std::iter::once(String::new()).chain(names), &rows);
    text
}

fn counts(results: &Results) -> String {
    let mut text = String::from(
        "Instructions in user space, by callgrind, and system calls, by strace, per call.\n\n",
    );
    let tasks = [("one GET", Task::Get), ("page of 100", Task::Page), ("gzip", Task::Gzip)];
    let mut rows = vec![tasks.iter().map(|(title, _)| (*title).to_owned()).collect::<Vec<_>>()];
    for &kind in Kind::ALL {
        let find = |task| {
            let found = results.counts.iter().find(|(of, at, _)| (*of, *at) == (kind, task));
            found.map_or_else(none, |(_, _, counts)| count(*counts))
        };
        rows.push(tasks.iter().map(|(_, task)| find(*task)).collect());
    }
    let names = Kind::ALL.iter().map(|kind| kind.title().to_owned());
    table(&mut text, std::iter::once(String::new()).chain(names), &rows);
    text
}

fn memory(results: &Results) -> String {
    let mut text = String::from(
        "Most memory that the process had resident during the list of 200,000, and how much \
         of it was not there after one GET.\n\n",
    );
    let mut rows = vec![vec!["peak".to_owned(), "of it for the list".to_owned()]];
    for (_, peak, more) in &results.memory {
        rows.push(vec![mebibytes(*peak), mebibytes(*more)]);
    }
    let names = results.memory.iter().map(|(kind, _, _)| kind.title().to_owned());
    table(&mut text, std::iter::once(String::new()).chain(names), &rows);
    text
}

/// The first row is the head. Our own is in bold.
fn table(text: &mut String, names: impl Iterator<Item = String>, rows: &[Vec<String>]) {
    for (index, (name, cells)) in names.zip(rows).enumerate() {
        let ours = name == Kind::Ours.title();
        let name = if ours { format!("**{name}**") } else { name };
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
        if index == 0 {
            let _ = writeln!(text, "|---|{}", "---:|".repeat(cells.len()));
        }
    }
}

fn none() -> String {
    "–".to_owned()
}

/// Two digits that mean something, and not more than there are.
pub fn short(ratio: f64) -> String {
    if ratio < 9.95 { format!("{ratio:.2}") } else { format!("{ratio:.1}") }
}

fn ratio(spread: Spread) -> String {
    if spread.min == spread.max {
        return short(spread.median);
    }
    format!("{} ({}–{})", short(spread.median), short(spread.min), short(spread.max))
}

fn count(counts: Counts) -> String {
    let instructions = counts.instructions.map_or_else(none, |count| {
        if count < 100_000 {
            format!("{:.1}k", count as f64 / 1e3)
        } else {
            format!("{}k", (count + 500) / 1_000)
        }
    });
    match counts.system_calls {
        Some(calls) => format!("{instructions}, {calls:.0} calls"),
        None => instructions,
    }
}

fn duration(micros: f64) -> String {
    if micros < 1e3 {
        format!("{micros:.1} µs")
    } else if micros < 1e6 {
        format!("{:.1} ms", micros / 1e3)
    } else {
        format!("{:.2} s", micros / 1e6)
    }
}

fn mebibytes(kib: u64) -> String {
    format!("{:.1} MiB", kib as f64 / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_digits_that_mean_something() {
        assert_eq!(short(0.954), "0.95");
        assert_eq!(short(12.34), "12.3");
        assert_eq!(ratio(Spread { min: 1.0, median: 1.5, max: 2.0 }), "1.50 (1.00–2.00)");
        assert_eq!(ratio(Spread { min: 1.0, median: 1.0, max: 1.0 }), "1.00");
        assert_eq!(duration(6.04), "6.0 µs");
        assert_eq!(duration(1_449.0), "1.4 ms");
        assert_eq!(duration(2_500_000.0), "2.50 s");
        assert_eq!(mebibytes(3 * 1024 + 512), "3.5 MiB");
    }

    #[test]
    fn counts_say_what_is_missing() {
        let counts = |instructions, system_calls| count(Counts { instructions, system_calls });
        assert_eq!(counts(Some(36_960), Some(5.02)), "37.0k, 5 calls");
        assert_eq!(counts(Some(1_340_499), None), "1340k");
        assert_eq!(counts(None, Some(5.0)), "–, 5 calls");
    }

    #[test]
    fn tables_have_a_head_and_our_row_stands_out() {
        let mut text = String::new();
        let names = ["", "raw TCP", "nirvana-labs"].map(str::to_owned);
        let rows = [vec!["GET".to_owned()], vec!["1".to_owned()], vec!["1.4".to_owned()]];
        table(&mut text, names.into_iter(), &rows);
        assert_eq!(text, "|  | GET |\n|---|---:|\n| raw TCP | 1 |\n| **nirvana-labs** | 1.4 |\n");
    }
}
