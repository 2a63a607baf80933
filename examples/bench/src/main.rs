//! What a call costs: this crate beside a raw socket, ureq, reqwest and curl.

mod chart;
mod counts;
mod fixture;
mod measure;
mod model;
mod peers;
mod report;
mod server;
mod stats;
mod work;

use std::path::Path;
use std::process::ExitCode;

use fixture::ITEMS_PER_PAGE;
use measure::Effort;
use peers::Kind;
use work::{Job, Task};

type Problem = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Problem>;

const USAGE: &str = "\
usage: bench [--quick] [--save DIR]    measure all clients; save results.md and chart.svg
       bench count [CLIENT [TASK...]]  instructions and system calls per call
       bench growth [PAGES...]         instructions per item, and memory, of ever longer lists
clients: floor, ours, ureq, ureq-timeout, reqwest, curl    tasks: get, page, gzip, list-PAGES";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<()> {
    match arguments {
        [] => bench(Effort::FULL, None),
        ["--quick"] => bench(Effort::QUICK, None),
        ["--save", folder] => bench(Effort::FULL, Some(Path::new(folder))),
        ["--quick", "--save", folder] => bench(Effort::QUICK, Some(Path::new(folder))),
        ["count", rest @ ..] => count(rest),
        ["growth"] => growth(&["1", "10", "100", "1000", "10000"]),
        ["growth", rest @ ..] => growth(rest),
        // The processes that it starts itself.
        ["serve"] => server::serve(),
        ["work", job @ ..] => {
            println!("{}", work::work(&Job::from_arguments(job)?)?);
            Ok(())
        }
        _ => Err(USAGE.into()),
    }
}

fn bench(effort: Effort, save: Option<&Path>) -> Result<()> {
    measure::keep_to_one_core()?;
    let results = measure::measure(effort)?;
    let report = report::markdown(&results);
    print!("{report}");
    if let Some(folder) = save {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("results.md"), report)?;
        std::fs::write(folder.join("chart.svg"), chart::svg(&results.columns))?;
    }
    Ok(())
}

/// One line each: client, task, and what one call takes.
fn count(arguments: &[&str]) -> Result<()> {
    const TASKS: [Task; 3] = [Task::Get, Task::Page, Task::Gzip];
    let (kinds, tasks) = match arguments {
        [] => (Kind::ALL.to_vec(), TASKS.to_vec()),
        [kind] => (vec![Kind::from_name(kind)?], TASKS.to_vec()),
        [kind, tasks @ ..] => {
            let tasks = tasks.iter().map(|task| task.parse());
            (vec![Kind::from_name(kind)?], tasks.collect::<Result<_>>()?)
        }
    };
    let server = server::Server::start()?;
    for kind in kinds {
        for &task in tasks.iter().filter(|&&task| task != Task::Gzip || kind.can_gunzip()) {
            let counts = counts::count(&server, kind, task, counts::CALLS)?;
            println!("{} {task} {counts}", kind.name());
        }
    }
    Ok(())
}

/// One line each: how many pages, what an item takes, and the most memory.
fn growth(pages: &[&str]) -> Result<()> {
    let server = server::Server::start()?;
    for pages in pages {
        let pages: u32 = pages.parse()?;
        let (kind, task) = (Kind::Ours, Task::List(u64::from(pages)));
        let instructions = counts::instructions_per_call(&server, kind, task, 1 + 20 / pages)?;
        let items = u64::from(pages) * ITEMS_PER_PAGE;
        let per_item = instructions.map_or("-".to_owned(), |all| (all / items).to_string());
        let peak = measure::peak_kib(&server, kind, task)?;
        println!("pages {pages} instructions-per-item {per_item} peak-kib {peak}");
    }
    Ok(())
}
