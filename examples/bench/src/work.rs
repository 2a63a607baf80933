//! What a measured process does: one client, one task, so many calls.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::Result;
use crate::fixture::{self, Seen};
use crate::peers::{Kind, Peer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    Get,
    Page,
    Gzip,
    /// A list of so many pages.
    List(u64),
}

/// As on the command line.
impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Task::Get => f.write_str("get"),
            Task::Page => f.write_str("page"),
            Task::Gzip => f.write_str("gzip"),
            Task::List(pages) => write!(f, "list-{pages}"),
        }
    }
}

impl FromStr for Task {
    type Err = crate::Problem;

    fn from_str(name: &str) -> Result<Task> {
        match (name, name.strip_prefix("list-")) {
            ("get", _) => Ok(Task::Get),
            ("page", _) => Ok(Task::Page),
            ("gzip", _) => Ok(Task::Gzip),
            (_, Some(pages)) => Ok(Task::List(pages.parse()?)),
            _ => Err(format!("no such task: {name}").into()),
        }
    }
}

impl Task {
    /// The first segment of the paths, by which the server knows how to answer.
    fn prefix(self) -> String {
        match self {
            Task::Gzip => "gzip".to_owned(),
            Task::List(pages) => format!("{pages}-pages"),
            Task::Get | Task::Page => "plain".to_owned(),
        }
    }

    fn run(self, peer: &mut dyn Peer) -> Result<Seen> {
        match self {
            Task::Get => peer.get(),
            Task::Page | Task::Gzip => peer.page(),
            Task::List(_) => peer.list(),
        }
    }
}

/// A job for a process of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    pub address: SocketAddr,
    pub kind: Kind,
    pub task: Task,
    pub threads: u32,
    /// Before the measured calls, and not measured.
    pub warmup: u32,
    /// In all threads together.
    pub calls: u32,
}

impl Job {
    pub fn arguments(&self) -> [String; 7] {
        [
            "work".to_owned(),
            self.address.to_string(),
            self.kind.name().to_owned(),
            self.task.to_string(),
            self.threads.to_string(),
            self.warmup.to_string(),
            self.calls.to_string(),
        ]
    }

    /// Of the arguments after `work`.
    pub fn from_arguments(arguments: &[&str]) -> Result<Job> {
        let [address, kind, task, threads, warmup, calls] = arguments else {
            return Err("work ADDRESS CLIENT TASK THREADS WARMUP CALLS".into());
        };
        Ok(Job {
            address: address.parse()?,
            kind: Kind::from_name(kind)?,
            task: task.parse()?,
            threads: threads.parse()?,
            warmup: warmup.parse()?,
            calls: calls.parse()?,
        })
    }
}

/// What a job took; written and read as one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub wall: Duration,
    /// Of this process, all threads together.
    pub cpu: Duration,
    pub peak_kib: u64,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.wall.as_nanos(), self.cpu.as_nanos(), self.peak_kib)
    }
}

impl FromStr for Cost {
    type Err = crate::Problem;

    fn from_str(line: &str) -> Result<Cost> {
        let mut numbers = line.split_whitespace().map(str::parse::<u64>);
        let mut next = || numbers.next().ok_or("a number is missing");
        Ok(Cost {
            wall: Duration::from_nanos(next()??),
            cpu: Duration::from_nanos(next()??),
            peak_kib: next()??,
        })
    }
}

/// Does the job, and checks every answer.
pub fn work(job: &Job) -> Result<Cost> {
    let (wall, cpu) = if job.threads == 1 { alone(job)? } else { together(job)? };
    Ok(Cost { wall, cpu, peak_kib: peak_kib()? })
}

/// On the main thread, so that a process with one call starts no other.
fn alone(job: &Job) -> Result<(Duration, Duration)> {
    let mut peer = job.kind.open(job.address, &job.task.prefix())?;
    let expected = expected(job.task);
    if job.kind == Kind::Ours && job.warmup > 0 {
        // For most hosts this crate would have started a thread, to look them up, and malloc
        // takes locks from then on. Measured is the dearer case.
        thread::spawn(|| {}).join().map_err(|_| "an empty thread panicked")?;
    }
    repeat(job.task, &mut *peer, expected, job.warmup)?;
    let (wall, cpu) = (Instant::now(), cpu_time());
    repeat(job.task, &mut *peer, expected, job.calls)?;
    Ok((wall.elapsed(), cpu_time().saturating_sub(cpu)))
}

fn together(job: &Job) -> Result<(Duration, Duration)> {
    let first = job.kind.open(job.address, &job.task.prefix())?;
    let expected = expected(job.task);
    let gate = Barrier::new(job.threads as usize + 1);
    thread::scope(|scope| {
        let mut callers = Vec::new();
        for _ in 0..job.threads {
            let mut peer = first.another()?;
            let gate = &gate;
            callers.push(scope.spawn(move || {
                let warm = repeat(job.task, &mut *peer, expected, job.warmup);
                gate.wait();
                gate.wait();
                let done = repeat(job.task, &mut *peer, expected, job.calls / job.threads);
                gate.wait();
                warm.and(done)
            }));
        }
        gate.wait();
        let (wall, cpu) = (Instant::now(), cpu_time());
        gate.wait();
        gate.wait();
        let spent = (wall.elapsed(), cpu_time().saturating_sub(cpu));
        for caller in callers {
            caller.join().map_err(|_| "a caller panicked")??;
        }
        Ok(spent)
    })
}

fn repeat(task: Task, peer: &mut dyn Peer, expected: Seen, calls: u32) -> Result<()> {
    for _ in 0..calls {
        let seen = task.run(peer)?;
        if seen != expected {
            return Err(format!("{task}: {seen:?} instead of {expected:?}").into());
        }
    }
    Ok(())
}

fn expected(task: Task) -> Seen {
    match task {
        Task::Get => fixture::one().1,
        Task::Page | Task::Gzip => fixture::any_page().1,
        Task::List(pages) => fixture::last_page(pages).1,
    }
}

fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec as u32)
}

/// The most memory that this process ever had resident.
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
    fn a_job_and_its_cost_cross_to_another_process_and_back() -> Result<()> {
        let job = Job {
            address: "127.0.0.1:80".parse()?,
            kind: Kind::Ours,
            task: Task::List(7),
            threads: 4,
            warmup: 1,
            calls: 400,
        };
        let arguments = job.arguments();
        let arguments: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
        assert_eq!(Job::from_arguments(&arguments)?, job);
        assert!(Job::from_arguments(&arguments[1..]).is_err());

        let cost = Cost {
            wall: Duration::from_nanos(1_500_000_001),
            cpu: Duration::from_micros(7),
            peak_kib: 4096,
        };
        assert_eq!(cost.to_string().parse::<Cost>()?, cost);
        assert!("12 13".parse::<Cost>().is_err());
        Ok(())
    }
}
