//! The work of a measured process: one client repeats one task.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::Result;
use crate::fixture;
use crate::peers::{Client, Peer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Gets one organization.
    Get,
    /// Gets one organization over TLS.
    GetTls,
    /// Gets the first page of a list.
    Page,
    /// Gets the page, compressed with gzip.
    Gzip,
    /// Gets the page with three fields in each organization that no client knows.
    PageExtra,
    /// Reads a whole list of this many pages.
    List(u64),
}

impl Task {
    pub fn is_get(self) -> bool {
        matches!(self, Task::Get | Task::GetTls)
    }
}

/// The name on the command line, and the first segment of the paths.
impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Task::Get => f.write_str("get"),
            Task::GetTls => f.write_str("get-tls"),
            Task::Page => f.write_str("page"),
            Task::Gzip => f.write_str("gzip"),
            Task::PageExtra => f.write_str("page-extra"),
            Task::List(pages) => write!(f, "list-{pages}"),
        }
    }
}

impl FromStr for Task {
    type Err = crate::Problem;

    fn from_str(name: &str) -> Result<Task> {
        match (name, name.strip_prefix("list-")) {
            ("get", _) => Ok(Task::Get),
            ("get-tls", _) => Ok(Task::GetTls),
            ("page", _) => Ok(Task::Page),
            ("gzip", _) => Ok(Task::Gzip),
            ("page-extra", _) => Ok(Task::PageExtra),
            (_, Some(pages)) => Ok(Task::List(pages.parse()?)),
            _ => Err(format!("no such task: {name}").into()),
        }
    }
}

/// What a measured process does.
pub struct Job {
    pub address: SocketAddr,
    pub peer: &'static Peer,
    pub task: Task,
    /// The number of calls before the measured ones.
    pub warmup: u32,
    pub calls: u32,
}

impl Job {
    pub fn arguments(&self) -> [String; 6] {
        [
            "work".to_owned(),
            self.address.to_string(),
            self.peer.name.to_owned(),
            self.task.to_string(),
            self.warmup.to_string(),
            self.calls.to_string(),
        ]
    }

    /// Reads the arguments after `work`.
    pub fn from_arguments(arguments: &[&str]) -> Result<Job> {
        let [address, peer, task, warmup, calls] = arguments else {
            return Err("work ADDRESS CLIENT TASK WARMUP CALLS".into());
        };
        Ok(Job {
            address: address.parse()?,
            peer: Peer::named(peer)?,
            task: task.parse()?,
            warmup: warmup.parse()?,
            calls: calls.parse()?,
        })
    }
}

/// Runs the job, and checks every response. Returns how long the calls took, and the peak resident
/// memory of this process in KiB.
pub fn work(job: &Job) -> Result<(Duration, u64)> {
    let mut client = (job.peer.open)(job.address, job.task)?;
    repeat(job.task, &mut *client, job.warmup)?;
    let started = Instant::now();
    repeat(job.task, &mut *client, job.calls)?;
    Ok((started.elapsed(), peak_kib()?))
}

fn repeat(task: Task, client: &mut dyn Client, calls: u32) -> Result<()> {
    let expected = fixture::seen_in(task);
    for _ in 0..calls {
        let seen = client.run(task)?;
        if seen != expected {
            return Err(format!("{task}: {seen:?} instead of {expected:?}").into());
        }
    }
    Ok(())
}

fn peak_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let amount = line.and_then(|line| line.split_whitespace().next());
    Ok(amount.ok_or("no VmHWM in /proc/self/status")?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_read_from_its_own_arguments() -> Result<()> {
        let arguments = ["work", "127.0.0.1:80", "ours", "list-7", "1", "400"];
        let job = Job::from_arguments(&arguments[1..])?;
        assert_eq!((job.peer.name, job.task, job.calls), ("ours", Task::List(7), 400));
        assert_eq!(job.arguments(), arguments);
        assert!(Job::from_arguments(&arguments).is_err());
        Ok(())
    }
}
