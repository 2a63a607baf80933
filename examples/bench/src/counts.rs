//! Counts that do not depend on the clock: instructions (callgrind) and system calls (strace).
//!
//! Both tools count whole processes. One process makes N calls and another makes 2N. The
//! difference is the cost of N calls, without the cost of the process itself.

use std::env;
use std::fmt;
use std::process::Command;

use crate::Result;
use crate::peers::Peer;
use crate::server::Server;
use crate::task::{Job, Task};

#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Instructions in user space. `None` if valgrind is not installed.
    pub instructions: Option<u64>,
    /// `None` if strace is not installed or not permitted.
    pub system_calls: Option<f64>,
}

/// A count that is `None` is written as `-`.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instructions = self.instructions.map_or("-".to_owned(), |count| count.to_string());
        let calls = self.system_calls.map_or("-".to_owned(), |count| format!("{count:.1}"));
        write!(f, "instructions {instructions} calls {calls}")
    }
}

/// The number of calls for a GET. A page is far more work, so a tenth of the calls is enough.
pub const CALLS: u32 = 200;

pub fn count(server: &Server, peer: &'static Peer, task: Task, calls: u32) -> Result<Counts> {
    let calls = match task {
        Task::Get | Task::GetTls => calls,
        Task::List(_) => 1,
        _ => calls / 10,
    };
    Ok(Counts {
        instructions: instructions_per_call(server, peer, task, calls)?,
        system_calls: per_call(server, peer, task, calls, system_calls)?,
    })
}

/// Returns `None` if valgrind is not installed.
pub fn instructions_per_call(
    server: &Server,
    peer: &'static Peer,
    task: Task,
    calls: u32,
) -> Result<Option<u64>> {
    let count = per_call(server, peer, task, calls, instructions)?;
    Ok(count.map(|count| count.round() as u64))
}

fn per_call(
    server: &Server,
    peer: &'static Peer,
    task: Task,
    calls: u32,
    measure: fn(&Job) -> Result<Option<u64>>,
) -> Result<Option<f64>> {
    let warmup = if matches!(task, Task::List(_)) { 0 } else { 5 };
    let job = |calls| Job { address: server.address, peer, task, warmup, calls };
    let (once, twice) = (measure(&job(calls))?, measure(&job(2 * calls))?);
    Ok(once.zip(twice).map(|(once, twice)| (twice as f64 - once as f64) / f64::from(calls)))
}

fn instructions(job: &Job) -> Result<Option<u64>> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    let Some(report) = run(command, job)? else { return Ok(None) };
    parse_callgrind(&report).map(Some).ok_or_else(|| format!("callgrind: {report}").into())
}

fn system_calls(job: &Job) -> Result<Option<u64>> {
    if !may_trace() {
        return Ok(None);
    }
    let mut command = Command::new("strace");
    command.args(["-c", "-f", "-q"]);
    let Some(report) = run(command, job)? else { return Ok(None) };
    parse_strace(&report).map(Some).ok_or_else(|| format!("strace: {report}").into())
}

/// Returns whether strace works. In some containers, `ptrace` is not permitted.
fn may_trace() -> bool {
    Command::new("strace").args(["-c", "true"]).output().is_ok_and(|run| run.status.success())
}

/// Returns what the tool prints to standard error, or `None` if it is not installed.
fn run(mut tool: Command, job: &Job) -> Result<Option<String>> {
    let output = match tool.arg(env::current_exe()?).args(job.arguments()).output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(Some(report)) } else { Err(report.into()) }
}

fn parse_callgrind(report: &str) -> Option<u64> {
    let (_, count) = report.lines().find_map(|line| line.split_once("Collected :"))?;
    count.split_whitespace().next()?.parse().ok()
}

fn parse_strace(report: &str) -> Option<u64> {
    let line = report.lines().find(|line| line.ends_with(" total"))?;
    // The columns: share of time, seconds, microseconds per call, calls, errors.
    line.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callgrind_reports_are_parsed() {
        let report = "==7== Events    : Ir\n==7== Collected : 1894117\n==7== \n";
        assert_eq!(parse_callgrind(report), Some(1_894_117));
        assert_eq!(parse_callgrind("valgrind: no such file"), None);
    }

    #[test]
    fn strace_reports_are_parsed() {
        let report = "\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.000012           6         2           write
------ ----------- ----------- --------- --------- ----------------
100.00    0.000020           0        29         1 total
";
        assert_eq!(parse_strace(report), Some(29));
        assert_eq!(parse_strace("strace: ptrace: Operation not permitted"), None);
    }
}
