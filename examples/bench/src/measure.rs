//! Runs all clients in turn, round after round, each time in a new process, and writes the report.

use std::env;
use std::fmt::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::Result;
use crate::counts::{self, Counts};
use crate::fixture::{ITEMS_PER_PAGE, PAGES};
use crate::peers::{PEERS, Peer};
use crate::server::Server;
use crate::task::{Job, Task};

/// Pins this process and its child processes to one core. Client and server take turns, so the time
/// is the work of both.
pub fn keep_to_one_core() -> Result<()> {
    let allowed = sched_getaffinity(None)?;
    let core = (0..CpuSet::MAX_CPU).rev().find(|&core| allowed.is_set(core));
    let mut one = CpuSet::new();
    one.set(core.ok_or("no core to run on")?);
    Ok(sched_setaffinity(None, &one)?)
}

/// A column of a table: its title, and a cell for each of [`PEERS`].
type Column = (String, Vec<String>);

/// Measures everything, and returns the results as Markdown. `quick` only checks that everything
/// works: its figures mean nothing.
pub fn report(quick: bool) -> Result<String> {
    let server = Server::start()?;
    let (rounds, list_rounds) = if quick { (1, 1) } else { (21, 7) };
    let (gets, pages) = if quick { (200, 10) } else { (10_000, 500) };
    let list_pages = if quick { 20 } else { PAGES };
    let organizations = list_pages * ITEMS_PER_PAGE;

    let of = |title: &str, task, rounds, calls| {
        let (title, warmup) = (title.to_owned(), calls / 10);
        Scenario { title, task, rounds, warmup, calls, whole_process: false }
    };
    let scenarios = [
        of("one GET", Task::Get, rounds, gets),
        of("one GET, TLS", Task::GetTls, rounds, gets),
        of("page of 100", Task::Page, rounds, pages),
        of("page, gzip", Task::Gzip, rounds, pages),
        of("page, 3 unknown fields", Task::PageExtra, rounds, pages),
        of(&format!("list of {organizations}"), Task::List(list_pages), list_rounds, 1),
        Scenario { whole_process: true, ..of("cold start", Task::Get, rounds, 1) },
        Scenario { whole_process: true, ..of("cold start, TLS", Task::GetTls, rounds, 1) },
    ];
    let wall = scenarios.iter().map(|it| it.measure(&server)).collect::<Result<Vec<_>>>()?;
    let counted = counted(&server, &scenarios, if quick { 10 } else { counts::CALLS })?;
    let memory = memory(&server, list_pages)?;

    Ok(format!(
        "What each client does, on one connection that is kept open.\n\n{}\n\
         Wall time as a ratio to the raw socket in the same round: the median, and the least and \
         the most of {rounds} rounds ({list_rounds} for the list).\n\n{}\n\
         Instructions in user space (callgrind) and system calls (strace) per call.\n\n{}\n\
         Peak resident memory of a process that reads a list of {organizations}, and how much more \
         that is than for one GET.\n\n{}",
        table("---|", &about()),
        table("---:|", &wall),
        table("---:|", &counted),
        table("---:|", &memory),
    ))
}

fn about() -> Vec<Column> {
    let column = |title: &str, cell: fn(&Peer) -> &'static str| {
        (title.to_owned(), PEERS.iter().map(|peer| cell(peer).to_owned()).collect())
    };
    vec![
        column("each call", |peer| peer.does),
        column("timeouts", |peer| peer.timeouts),
        column("decoding", |peer| peer.decoding),
    ]
}

struct Scenario {
    title: String,
    task: Task,
    rounds: usize,
    warmup: u32,
    calls: u32,
    /// Whether to measure the whole process, from its start to its end.
    whole_process: bool,
}

impl Scenario {
    fn measure(&self, server: &Server) -> Result<Column> {
        eprintln!("bench: {}", self.title);
        let mut samples = vec![Vec::new(); PEERS.len()];
        for _ in 0..self.rounds {
            for (samples, peer) in samples.iter_mut().zip(PEERS) {
                if peer.can(self.task) {
                    samples.push(self.sample(server, peer, self.task)?);
                } else if self.task == Task::Gzip {
                    // The floor has no gzip. It reads the plain page, to compare the others with.
                    samples.push(self.sample(server, peer, Task::Page)?);
                }
            }
        }
        let cells = samples.iter().zip(PEERS).enumerate().map(|(row, (own, peer))| match row {
            0 => format!("1 ({})", duration(spread(own).1)),
            _ if !peer.can(self.task) => none(),
            _ => ratio(spread(&ratios(own, &samples[0]))),
        });
        Ok((self.title.clone(), cells.collect()))
    }

    /// Returns the microseconds per call.
    fn sample(&self, server: &Server, peer: &'static Peer, task: Task) -> Result<f64> {
        let (warmup, calls) = (self.warmup, self.calls);
        let started = Instant::now();
        let (wall, _) = run(&Job { address: server.address, peer, task, warmup, calls })?;
        let elapsed = if self.whole_process { started.elapsed() } else { wall };
        Ok(elapsed.as_secs_f64() * 1e6 / f64::from(calls))
    }
}

/// Returns the counts of the scenarios that make more than one call.
fn counted(server: &Server, scenarios: &[Scenario], calls: u32) -> Result<Vec<Column>> {
    let column = |Scenario { title, task, .. }: &Scenario| {
        eprintln!("bench: instructions and system calls, {title}");
        let cell = |peer: &'static Peer| {
            if !peer.can(*task) {
                return Ok(none());
            }
            counts::count(server, peer, *task, calls).map(count)
        };
        Ok((title.clone(), PEERS.iter().map(cell).collect::<Result<_>>()?))
    };
    scenarios.iter().filter(|it| it.calls > 1).map(column).collect()
}

fn memory(server: &Server, list_pages: u64) -> Result<Vec<Column>> {
    eprintln!("bench: memory");
    let mebibytes = |kib: u64| format!("{:.1} MiB", kib as f64 / 1024.0);
    let (mut peaks, mut more) = (Vec::new(), Vec::new());
    for peer in PEERS {
        let list = peak_kib(server, peer, Task::List(list_pages))?;
        let get = peak_kib(server, peer, Task::Get)?;
        peaks.push(mebibytes(list));
        more.push(mebibytes(list.saturating_sub(get)));
    }
    Ok(vec![("peak".to_owned(), peaks), ("more than one GET".to_owned(), more)])
}

/// Returns the peak resident memory of a process that makes one call.
pub fn peak_kib(server: &Server, peer: &'static Peer, task: Task) -> Result<u64> {
    let job = Job { address: server.address, peer, task, warmup: 0, calls: 1 };
    run(&job).map(|(_, peak_kib)| peak_kib)
}

/// Runs the job in a new process. Returns how long the calls took, and the peak resident memory in
/// KiB.
fn run(job: &Job) -> Result<(Duration, u64)> {
    let output = Command::new(env::current_exe()?).args(job.arguments()).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}, {}: {said}", job.peer.name, job.task).into());
    }
    let line = String::from_utf8(output.stdout)?;
    let (nanos, peak_kib) = line.trim().split_once(' ').ok_or("a number is missing")?;
    Ok((Duration::from_nanos(nanos.parse()?), peak_kib.parse()?))
}

/// Returns a Markdown table with a row for each of [`PEERS`], and this crate in bold.
fn table(align: &str, columns: &[Column]) -> String {
    let titles: Vec<_> = columns.iter().map(|(title, _)| title.as_str()).collect();
    let mut text = format!("|  | {} |\n|---|{}\n", titles.join(" | "), align.repeat(titles.len()));
    for (row, peer) in PEERS.iter().enumerate() {
        let cells: Vec<_> = columns.iter().map(|(_, cells)| cells[row].as_str()).collect();
        let bold = if peer.name == "ours" { "**" } else { "" };
        let _ = writeln!(text, "| {bold}{}{bold} | {} |", peer.title, cells.join(" | "));
    }
    text
}

fn ratios(samples: &[f64], base: &[f64]) -> Vec<f64> {
    samples.iter().zip(base).map(|(sample, base)| sample / base).collect()
}

/// Returns the minimum, the median and the maximum. The number of samples is odd.
fn spread(samples: &[f64]) -> (f64, f64, f64) {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    (sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1])
}

fn none() -> String {
    "–".to_owned()
}

/// Formats the median and the range, with only the significant digits.
fn ratio((min, median, max): (f64, f64, f64)) -> String {
    let short =
        |ratio: f64| if ratio < 9.95 { format!("{ratio:.2}") } else { format!("{ratio:.1}") };
    format!("{} ({}–{})", short(median), short(min), short(max))
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
    if micros < 1e3 { format!("{micros:.1} µs") } else { format!("{:.1} ms", micros / 1e3) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_compare_within_a_round() {
        // The machine is twice as slow in the second round: the ratio stays the same.
        let ratios = ratios(&[3.0, 6.0, 4.5], &[2.0, 4.0, 1.0]);
        assert_eq!(spread(&ratios), (1.5, 1.5, 4.5));
    }

    #[test]
    fn figures_have_only_significant_digits() {
        assert_eq!(ratio((0.954, 1.5, 12.34)), "1.50 (0.95–12.3)");
        assert_eq!(duration(6.04), "6.0 µs");
        assert_eq!(duration(1_449.0), "1.4 ms");
        let counts = |instructions, system_calls| count(Counts { instructions, system_calls });
        assert_eq!(counts(Some(36_960), Some(5.02)), "37.0k, 5 calls");
        assert_eq!(counts(Some(1_340_499), None), "1340k");
        assert_eq!(counts(None, Some(5.0)), "–, 5 calls");
    }

    #[test]
    fn tables_have_a_head_and_this_crate_in_bold() {
        let cells = (0..PEERS.len()).map(|row| row.to_string()).collect();
        let text = table("---:|", &[("GET".to_owned(), cells)]);
        let head = "|  | GET |\n|---|---:|\n| raw TCP | 0 |\n| **nirvana-labs** | 1 |\n";
        assert!(text.starts_with(head), "{text}");
    }
}
