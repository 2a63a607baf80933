//! `orgs leave`.

use std::io::{self, IsTerminal, Write};

use serde_json::json;

use super::{Context, after_change};
use crate::failure::{Failure, one_line};
use crate::output;

impl Context<'_> {
    pub(super) fn leave(&self, id: &str, yes: bool) -> Result<(), Failure> {
        // Where nobody is at a terminal, nobody can be asked.
        if !yes && io::stdin().is_terminal() && !self.confirm(id)? {
            return Err(Failure::refused("nothing has been changed; answer y, or give --yes"));
        }
        self.api.leave_organization(id).map_err(|error| self.failure(&error))?;
        let left = json!({ "organization_id": id, "left": true });
        after_change(output::done(&format!("left {}", one_line(id)), &left, self.options))
    }

    /// Asks, naming what it is about, whether to go on.
    fn confirm(&self, id: &str) -> Result<bool, Failure> {
        let organization = self.api.get_organization(id).map_err(|error| self.failure(&error))?;
        let name = one_line(&organization.name);
        let mut terminal = terminal()?;
        write!(terminal, "Leave {name} ({}), and lose access to it? [y/N] ", one_line(id))?;
        terminal.flush()?;
        let mut answer = String::new();
        if io::stdin().read_line(&mut answer).unwrap_or(0) == 0 {
            // The line of the question is still open.
            writeln!(terminal)?;
        }
        Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }
}

/// Where a question is seen, though what the command writes may go elsewhere.
fn terminal() -> Result<Box<dyn Write>, Failure> {
    if io::stderr().is_terminal() {
        return Ok(Box::new(io::stderr()));
    }
    if io::stdout().is_terminal() {
        return Ok(Box::new(io::stdout()));
    }
    Err(Failure::bad_usage("nobody would see the question whether to leave; give --yes"))
}
