//! Runs all clients in turn, round after round, each time in a new process.

use std::env;
use std::process::Command;
use std::time::Instant;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::Result;
use crate::counts::{self, Counts};
use crate::fixture::PAGES;
use crate::peers::Kind;
use crate::server::Server;
use crate::stats::Spread;
use crate::work::{Cost, Job, Task};

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    pub rounds: usize,
    pub list_rounds: usize,
    /// GETs in one round.
    pub gets: u32,
    /// Pages in one round.
    pub pages: u32,
    /// The N of N and 2 N.
    pub count_calls: u32,
}

impl Effort {
    pub const FULL: Effort =
        Effort { rounds: 21, list_rounds: 7, gets: 10_000, pages: 500, count_calls: counts::CALLS };
    /// Enough to see that it works, and too little to say anything.
    pub const QUICK: Effort =
        Effort { rounds: 1, list_rounds: 1, gets: 640, pages: 10, count_calls: 20 };
}

/// How many callers share a client.
pub const THREADS: [u32; 4] = [1, 4, 16, 64];

/// A column of the report: a name, and what each client took, as ratios to the floor.
pub struct Column {
    pub title: &'static str,
    pub cells: Vec<(Kind, Spread)>,
}

pub struct Results {
    pub effort: Effort,
    pub columns: Vec<Column>,
    /// The floor's medians, in microseconds, in the order of the columns.
    pub floor_micros: Vec<f64>,
    /// Peak memory of the list, in KiB: of the process, and beyond one that made one GET.
    pub memory: Vec<(Kind, u64, u64)>,
    /// Processor time of the client per GET for each of [`THREADS`], as a ratio to one
    /// caller's, and the connections opened.
    pub threads: Vec<(Kind, Vec<(Spread, u64)>)>,
    pub counts: Vec<(Kind, Task, Counts)>,
}

/// Keeps this process, and all that it starts, to one core: client and server take turns,
/// and the time is the work of both.
pub fn keep_to_one_core() -> Result<()> {
    let allowed = sched_getaffinity(None)?;
    let core = (0..CpuSet::MAX_CPU).rev().find(|&core| allowed.is_set(core));
    let mut one = CpuSet::new();
    one.set(core.ok_or("no core to run on")?);
    Ok(sched_setaffinity(None, &one)?)
}

pub fn measure(effort: Effort) -> Result<Results> {
    let server = Server::start()?;
    let mut columns = Vec::new();
    let mut floor_micros = Vec::new();
    for scenario in Scenario::all(effort) {
        eprintln!("bench: {}", scenario.title);
        let samples = scenario.samples(&server)?;
        let floor = &samples[0].1;
        floor_micros.extend(Spread::of(floor).map(|spread| spread.median));
        let cells = samples
            .iter()
            .filter(|(kind, _)| scenario.has(*kind))
            .filter_map(|(kind, own)| Some((*kind, Spread::of_ratios(own, floor)?)))
            .collect();
        columns.push(Column { title: scenario.title, cells });
    }
    eprintln!("bench: threads");
    let threads = threads(&server, effort)?;
    eprintln!("bench: memory");
    let memory = memory(&server)?;
    eprintln!("bench: instructions and system calls");
    let counts = all_counts(&server, effort.count_calls)?;
    Ok(Results { effort, columns, floor_micros, memory, threads, counts })
}

struct Scenario {
    title: &'static str,
    task: Task,
    rounds: usize,
    warmup: u32,
    calls: u32,
    /// The time of the whole process, from its start to its end.
    whole_process: bool,
}

impl Scenario {
    fn all(effort: Effort) -> Vec<Scenario> {
        let Effort { rounds, list_rounds, gets, pages, .. } = effort;
        let calls = |title, task, rounds, warmup, calls| Scenario {
            title,
            task,
            rounds,
            warmup,
            calls,
            whole_process: false,
        };
        let cold = calls("cold start", Task::Get, rounds, 0, 1);
        vec![
            calls("one GET", Task::Get, rounds, gets / 10, gets),
            calls("page of 100", Task::Page, rounds, pages / 10, pages),
            calls("page of 100, gzip", Task::Gzip, rounds, pages / 10, pages),
            calls("list of 200,000", Task::List(PAGES), list_rounds, 0, 1),
            Scenario { whole_process: true, ..cold },
        ]
    }

    /// The floor knows no gzip: it gets the page as it is, for all to be compared with.
    fn has(&self, kind: Kind) -> bool {
        self.task != Task::Gzip || kind.can_gunzip()
    }

    /// Microseconds per call, for each client, the floor first.
    fn samples(&self, server: &Server) -> Result<Vec<(Kind, Vec<f64>)>> {
        let mut samples: Vec<_> = Kind::ALL.iter().map(|&kind| (kind, Vec::new())).collect();
        for _ in 0..self.rounds {
            for (kind, samples) in &mut samples {
                samples.push(self.sample(server, *kind)?);
            }
        }
        Ok(samples)
    }

    fn sample(&self, server: &Server, kind: Kind) -> Result<f64> {
        let task = if self.has(kind) { self.task } else { Task::Page };
        let (warmup, calls) = (self.warmup, self.calls);
        let job = Job { address: server.address, kind, task, threads: 1, warmup, calls };
        let started = Instant::now();
        let cost = run(&job)?;
        let elapsed = if self.whole_process { started.elapsed() } else { cost.wall };
        Ok(elapsed.as_secs_f64() * 1e6 / f64::from(calls))
    }
}

/// Does the job in a process of its own.
fn run(job: &Job) -> Result<Cost> {
    let output = Command::new(env::current_exe()?).args(job.arguments()).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}, {}: {said}", job.kind.name(), job.task).into());
    }
    String::from_utf8(output.stdout)?.trim().parse()
}

type Threads = Vec<(Kind, Vec<(Spread, u64)>)>;

fn threads(server: &Server, effort: Effort) -> Result<Threads> {
    let mut micros = vec![vec![Vec::new(); THREADS.len()]; Kind::ALL.len()];
    let mut connections = vec![vec![0; THREADS.len()]; Kind::ALL.len()];
    for _ in 0..effort.list_rounds {
        for (row, &kind) in Kind::ALL.iter().enumerate() {
            for (column, threads) in THREADS.into_iter().enumerate() {
                let (address, calls, warmup) = (server.address, effort.gets, 2);
                let before = server.connections()?;
                let cost = run(&Job { address, kind, task: Task::Get, threads, warmup, calls })?;
                micros[row][column].push(cost.cpu.as_secs_f64() * 1e6);
                // The one that asks is counted too, the second time.
                let opened = server.connections()? - before - 1;
                connections[row][column] = opened.max(connections[row][column]);
            }
        }
    }
    let ratios = |row: usize| {
        let alone: &Vec<f64> = &micros[row][0];
        let spreads = micros[row].iter().filter_map(|own| Spread::of_ratios(own, alone));
        spreads.zip(connections[row].iter().copied()).collect()
    };
    Ok(Kind::ALL.iter().enumerate().map(|(row, &kind)| (kind, ratios(row))).collect())
}

fn memory(server: &Server) -> Result<Vec<(Kind, u64, u64)>> {
    Kind::ALL
        .iter()
        .map(|&kind| {
            let list = peak_kib(server, kind, Task::List(PAGES))?;
            Ok((kind, list, list.saturating_sub(peak_kib(server, kind, Task::Get)?)))
        })
        .collect()
}

/// The most memory that a process with one call has resident.
pub fn peak_kib(server: &Server, kind: Kind, task: Task) -> Result<u64> {
    let job = Job { address: server.address, kind, task, threads: 1, warmup: 0, calls: 1 };
    run(&job).map(|cost| cost.peak_kib)
}

fn all_counts(server: &Server, calls: u32) -> Result<Vec<(Kind, Task, Counts)>> {
    let mut all = Vec::new();
    for &kind in Kind::ALL {
        for task in [Task::Get, Task::Page, Task::Gzip] {
            if task != Task::Gzip || kind.can_gunzip() {
                all.push((kind, task, counts::count(server, kind, task, calls)?));
            }
        }
    }
    Ok(all)
}
