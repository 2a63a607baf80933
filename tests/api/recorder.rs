//! What is logged, by whomever, thread by thread.

use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    static RECORDS: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps what each thread logs, whoever logs it.
struct Recorder;

impl log::Log for Recorder {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Debug
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}\n", record.target(), record.args());
        RECORDS.with_borrow_mut(|records| records.push_str(&line));
    }

    fn flush(&self) {}
}

/// What `run` returns, and what it logged on this thread up to `debug!`.
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
