//! Completion scripts for shells.

use clap::{CommandFactory, ValueEnum};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::failure::Failure;
use crate::output;

/// Writes the completion script for `shell`.
pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    // The generator panics if it cannot write. It can always write to memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "orgs", &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if shell == Shell::Fish {
        // clap_complete leaves out positional arguments for fish. Here they are shells, ids and
        // names, but never files.
        let shells: Vec<String> = Shell::value_variants().iter().map(Shell::to_string).collect();
        let condition = "__fish_orgs_using_subcommand completions";
        script.push_str(&format!(
            "complete -c orgs -f\ncomplete -c orgs -n \"{condition}\" -a \"{}\"\n",
            shells.join(" ")
        ));
    }
    output::text(&script)
}
