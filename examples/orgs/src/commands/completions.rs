//! `orgs completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::failure::Failure;
use crate::output;

pub(super) fn write(shell: Shell) -> Result<(), Failure> {
    // By way of memory: the generator would panic where the output cannot be written.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "orgs", &mut script);
    output::text(&String::from_utf8_lossy(&script))
}
