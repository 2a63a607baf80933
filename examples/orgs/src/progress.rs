//! The line on a terminal that shows how far a list is.

use std::env;
use std::io::{self, IsTerminal, Write};

/// Moves to the start of the line and erases it.
const ERASE: &str = "\r\u{1b}[K";

/// The progress line. It is erased when this is dropped, or when Ctrl-C ends the program.
pub(crate) struct Progress {
    is_shown: bool,
}

impl Progress {
    /// Shows nothing yet, and nothing at all unless `is_wanted` and there is a terminal that can
    /// erase a line.
    pub(crate) fn new(is_wanted: bool) -> Progress {
        let is_terminal = io::stdout().is_terminal() && io::stderr().is_terminal();
        let can_erase = env::var_os("TERM").is_some_and(|term| term != "dumb");
        let is_shown = is_wanted && is_terminal && can_erase;
        if is_shown {
            erase_on_ctrl_c();
        }
        Progress { is_shown }
    }

    /// Shows `text` instead of the text before.
    pub(crate) fn show(&self, text: &str) {
        if self.is_shown {
            let _ = write!(io::stderr(), "{ERASE}{text}\r");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.show("");
    }
}

#[cfg(unix)]
fn erase_on_ctrl_c() {
    use signal_hook::consts::SIGINT;

    // Without the handler, Ctrl-C ends the program as well, and the line stays.
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT]) else { return };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            // The lock is held until the program ends: nothing is shown after the line is erased.
            let mut terminal = io::stderr().lock();
            let _ = terminal.write_all(ERASE.as_bytes());
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
}

#[cfg(not(unix))]
fn erase_on_ctrl_c() {}
