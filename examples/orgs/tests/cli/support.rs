//! Helpers that run the program.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_orgs");

/// Returns a command that runs the program, with the same environment on every machine.
pub fn orgs(args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    clean(&mut command).args(args);
    command
}

/// Keeps only the variables that a program needs to run. Others could change the outcome, such as
/// `NO_COLOR`, a proxy, or the `CI` of a build server.
pub fn clean(command: &mut Command) -> &mut Command {
    command.env_clear().env("TERM", "xterm");
    for name in ["PATH", "HOME", "SystemRoot", "LLVM_PROFILE_FILE"] {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Returns a command that runs the program with an API key and the server at `url`.
pub fn orgs_at(url: &str, args: &[&str]) -> Command {
    let mut command = orgs(args);
    command.env("NIRVANA_LABS_API_KEY", "nl_key").env("NIRVANA_LABS_BASE_URL", url);
    command
}

#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// Asserts that the run succeeded and wrote no error. Returns the output.
    pub fn ok(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{self:?}");
        self.stdout
    }

    pub fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// Asserts that the run failed with `code` and had no output. Returns the error line.
    pub fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{self:?}");
        self.error_line()
    }

    /// Returns the only line on standard error, without `error: `.
    pub fn error_line(&self) -> String {
        let line = self.stderr.strip_prefix("error: ").expect(&self.stderr);
        assert_eq!(line.find('\n'), Some(line.len() - 1), "{self:?}");
        line.trim_end().to_owned()
    }
}

pub fn outcome(command: &mut Command) -> Outcome {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs `orgs --sandbox` with the words of `line`.
pub fn sandbox(line: &str) -> Outcome {
    run(&format!("--sandbox {line}"))
}

/// Runs `orgs` with the words of `line`.
pub fn run(line: &str) -> Outcome {
    outcome(&mut orgs(&line.split_whitespace().collect::<Vec<_>>()))
}

/// A running `orgs serve` on a free port. Dropping this value kills the process.
pub struct Served {
    child: Child,
    pub url: String,
    /// The line that says which keys the server accepts.
    pub keys: String,
}

impl Served {
    pub fn start(args: &[&str]) -> Served {
        let mut command = orgs(&[&["serve", "--port=0"], args].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The pipe is closed after two lines, as `head -2` does.
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let (first, keys) = (lines.next().unwrap(), lines.next().unwrap());
        let url = first.strip_prefix("serving the sandbox on ").expect(&first);
        let url = url.strip_suffix(" until Ctrl-C").expect(&first).to_owned();
        Served { child, url, keys }
    }

    /// Kills the server, and returns what it wrote to standard error.
    pub fn log(mut self) -> String {
        self.child.kill().unwrap();
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
