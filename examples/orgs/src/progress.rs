//! How far a list has come, on a terminal.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::Options;
use crate::output::Format;

/// Until the first page says how long the list is.
const WAITING: &str = "{spinner} {msg}";
const COUNTING: &str = "{spinner} {msg} [{bar:30}] {pos}/{len}";

/// A bar on standard error, gone when this is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for a list of so far unknown length; none where nobody would see it, or where
    /// it would get between the lines of something else.
    pub(crate) fn start(what: &'static str, options: &Options) -> Progress {
        let lines_on_terminal =
            Format::of(options) == Format::JsonLines && io::stdout().is_terminal();
        if lines_on_terminal || options.verbose || !io::stderr().is_terminal() || is_piped() {
            return Progress { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::no_length().with_message(what);
        set_style(&bar, WAITING);
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress { bar }
    }

    /// A page of `items` has come, of a list that will be `total` long.
    pub(crate) fn page(&self, items: usize, total: i64) {
        // A server that does not know may say -1.
        let total = u64::try_from(total).unwrap_or_default();
        if self.bar.length().is_none() {
            set_style(&self.bar, COUNTING);
        }
        self.bar.inc(items as u64);
        self.bar.set_length(total.max(self.bar.position()));
    }
}

fn set_style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Whether the output goes to another program, which may use the terminal itself.
#[cfg(unix)]
fn is_piped() -> bool {
    use std::fs::File;
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;

    let stdout = io::stdout().as_fd().try_clone_to_owned().map(File::from);
    stdout.and_then(|stdout| stdout.metadata()).is_ok_and(|stdout| stdout.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_piped() -> bool {
    !io::stdout().is_terminal()
}
