//! A logger that keeps the records of each thread.

use std::cell::{Cell, RefCell};
use std::sync::Once;

thread_local! {
    static RECORDS: RefCell<String> = const { RefCell::new(String::new()) };
    static FOR_EACH: Cell<Option<Box<dyn Fn()>>> = const { Cell::new(None) };
}

/// Keeps the records of all crates, for each thread.
struct Recorder;

impl log::Log for Recorder {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Debug
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}\n", record.target(), record.args());
        // The record is lost if the thread is ending.
        let _ = RECORDS.try_with(|records| records.borrow_mut().push_str(&line));
        // Records that `run` logs do not run it again.
        if let Ok(Some(run)) = FOR_EACH.try_with(Cell::take) {
            run();
            FOR_EACH.set(Some(run));
        }
    }

    fn flush(&self) {}
}

/// Returns the result of `run`, and what this thread logged meanwhile, up to level debug.
pub fn logged<R>(run: impl FnOnce() -> R) -> (R, String) {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        log::set_logger(&Recorder).unwrap();
        log::set_max_level(log::LevelFilter::Debug);
    });
    RECORDS.take();
    let outcome = run();
    (outcome, RECORDS.take())
}

/// Returns the result of `run`. Meanwhile, the logger runs `for_each` for each record of this
/// thread.
pub fn interrupted<R>(for_each: impl Fn() + 'static, run: impl FnOnce() -> R) -> R {
    FOR_EACH.set(Some(Box::new(for_each)));
    let (outcome, _) = logged(run);
    FOR_EACH.take();
    outcome
}
