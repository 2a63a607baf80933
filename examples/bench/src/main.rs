//! Measures what a call costs, with this crate, a raw socket, ureq, reqwest and curl.

mod counts;
mod fixture;
mod measure;
mod model;
mod peers;
mod server;
mod task;
mod tls;

use std::path::Path;
use std::process::ExitCode;

use fixture::ITEMS_PER_PAGE;
use peers::{PEERS, Peer};
use task::{Job, Task};

type Problem = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Problem>;

const USAGE: &str = "\
usage: bench [--quick] [--save DIR]        measure all clients; save results.md
       bench count [CLIENT|all [TASK...]]  instructions and system calls per call
       bench growth [PAGES...]             instructions per item, and memory, of longer lists
clients: floor, ours, ureq, ureq-timeout, ureq-json, reqwest, curl
tasks: get, get-tls, page, gzip, page-extra, list-PAGES";

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
        [] => bench(false, None),
        ["--quick"] => bench(true, None),
        ["--save", folder] => bench(false, Some(Path::new(folder))),
        ["--quick", "--save", folder] => bench(true, Some(Path::new(folder))),
        ["count"] => count("all", &[]),
        ["count", client, tasks @ ..] => count(client, tasks),
        ["growth"] => growth(&["1", "10", "100", "1000", "10000"]),
        ["growth", pages @ ..] => growth(pages),
        // This program starts itself with these arguments.
        ["serve"] => server::serve(),
        ["work", job @ ..] => {
            let (wall, peak_kib) = task::work(&Job::from_arguments(job)?)?;
            println!("{} {peak_kib}", wall.as_nanos());
            Ok(())
        }
        _ => Err(USAGE.into()),
    }
}

fn bench(quick: bool, save: Option<&Path>) -> Result<()> {
    measure::keep_to_one_core()?;
    let report = measure::report(quick)?;
    print!("{report}");
    if let Some(folder) = save {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("results.md"), report)?;
    }
    Ok(())
}

/// Prints one line per client and task, with the cost of one call.
fn count(client: &str, tasks: &[&str]) -> Result<()> {
    let peers: Vec<&Peer> =
        if client == "all" { PEERS.iter().collect() } else { vec![Peer::named(client)?] };
    let tasks: Vec<Task> = match tasks {
        [] => vec![Task::Get, Task::Page, Task::Gzip],
        tasks => tasks.iter().map(|task| task.parse()).collect::<Result<_>>()?,
    };
    let server = server::Server::start()?;
    for peer in peers {
        for &task in tasks.iter().filter(|&&task| peer.can(task)) {
            let counts = counts::count(&server, peer, task, counts::CALLS)?;
            println!("{} {task} {counts}", peer.name);
        }
    }
    Ok(())
}

/// Prints one line per list: its pages, the instructions per item, and the peak memory.
fn growth(pages: &[&str]) -> Result<()> {
    let server = server::Server::start()?;
    let ours = Peer::named("ours")?;
    for pages in pages {
        let pages: u32 = pages.parse()?;
        let task = Task::List(pages.into());
        let instructions = counts::instructions_per_call(&server, ours, task, 1 + 20 / pages)?;
        let items = u64::from(pages) * ITEMS_PER_PAGE;
        let per_item = instructions.map_or("-".to_owned(), |all| (all / items).to_string());
        let peak = measure::peak_kib(&server, ours, task)?;
        println!("pages {pages} instructions-per-item {per_item} peak-kib {peak}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::process::Command;

    /// Returns the crates in which a call spends its time, with their features.
    fn features(folder: &str) -> BTreeMap<String, String> {
        const MATTER: &[&str] = &[
            "flate2",
            "miniz_oxide",
            "ring",
            "rustls",
            "rustls-webpki",
            "serde",
            "serde_core",
            "serde_json",
            "ureq-proto",
            "zlib-rs",
        ];
        let output = Command::new(env!("CARGO"))
            .args(["tree", "--locked", "-e", "normal", "--prefix", "none", "-f", "{p}|{f}"])
            .current_dir(folder)
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let tree = String::from_utf8(output.stdout).expect("UTF-8");
        let crates = tree.lines().filter_map(|line| line.trim_end_matches(" (*)").split_once('|'));
        let named = |package: &str| MATTER.contains(&package.split(' ').next().unwrap_or_default());
        crates
            .filter(|(package, _)| named(package))
            .map(|(package, features)| (package.to_owned(), features.to_owned()))
            .collect()
    }

    #[test]
    fn peers_do_not_change_the_features_of_the_crates_dependencies() {
        let own = features(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        assert!(own.len() >= 5, "{own:?}");
        assert_eq!(features(env!("CARGO_MANIFEST_DIR")), own);
    }
}
