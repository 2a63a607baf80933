//! What every function does at its door: catches panics, fills in the answer and the error.

use std::any::Any;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

use crate::code::{Code, NIRVANA_OK};
use crate::error::{Error, Failure};
use crate::text::OwnedText;

/// A place of the caller's for an answer. What was in it is overwritten, not freed.
pub(crate) type Out<'a, T> = Option<&'a mut MaybeUninit<T>>;

/// Does `work`, and reports how it went. Panics end here.
pub(crate) fn run(
    error: Out<'_, Option<Box<Error>>>,
    work: impl FnOnce() -> Result<(), Failure>,
) -> Code {
    // What `work` may leave half-done stays usable: a list whose lock is poisoned goes on
    // from its last whole page.
    let outcome = catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Failure::Panic(panic_message(panic.as_ref()))));
    let code = outcome.as_ref().map_or_else(Failure::code, |()| NIRVANA_OK);
    if let Some(error) = error {
        error.write(outcome.err().map(|failure| Box::new(failure.into())));
    }
    code
}

/// Does `work`, and gives the caller what it made. `name` is the answer's, and `empty` is
/// there until `work` is done.
pub(crate) fn give<T>(
    name: &str,
    answer: Out<'_, T>,
    empty: T,
    error: Out<'_, Option<Box<Error>>>,
    work: impl FnOnce() -> Result<T, Failure>,
) -> Code {
    run(error, || {
        let answer = answer.ok_or_else(|| Failure::null(name))?.write(empty);
        *answer = work()?;
        Ok(())
    })
}

/// Does `work`, and gives the caller its outcome as JSON.
pub(crate) fn answer<T: Serialize>(
    json: Out<'_, OwnedText>,
    error: Out<'_, Option<Box<Error>>>,
    work: impl FnOnce() -> Result<T, Failure>,
) -> Code {
    give("json", json, OwnedText::NONE, error, || to_json(&work()?))
}

pub(crate) fn to_json(value: &impl Serialize) -> Result<OwnedText, Failure> {
    match serde_json::to_string(value) {
        Ok(json) => Ok(OwnedText::new(json)),
        Err(error) => Err(Failure::Panic(format!("the answer cannot be written: {error}"))),
    }
}

/// Does `work` that cannot fail; `fallback` is what a bug in it is answered with.
pub(crate) fn shield<T>(fallback: T, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(fallback)
}

/// Drops what C gives back.
pub(crate) fn free<T>(handle: T) {
    shield((), || drop(handle));
}

/// Changes what `options` are, for functions whose only failures are bad arguments.
pub(crate) fn change<T>(
    options: Option<&mut T>,
    work: impl FnOnce(&mut T) -> Result<(), Failure>,
) -> Code {
    run(None, || work(options.ok_or_else(|| Failure::null("options"))?))
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{NIRVANA_INVALID_ARGUMENT, NIRVANA_PANIC};

    #[test]
    fn a_panic_is_an_error() {
        let mut error = MaybeUninit::uninit();
        let code = run(Some(&mut error), || panic!("number {}", 7));
        assert_eq!(code, NIRVANA_PANIC);
        // SAFETY: `run` always writes it.
        let error = unsafe { error.assume_init() }.unwrap();
        assert_eq!(error.code, NIRVANA_PANIC);
        assert!(error.may_have_been_processed && !error.retryable);
        assert_eq!(run(None, || panic!("unseen")), NIRVANA_PANIC);
        assert!(!shield(false, || panic!("unseen")));
    }

    #[test]
    fn the_answer_is_empty_unless_the_work_is_done() {
        let mut answer = MaybeUninit::new(5);
        let failing = || Err(Failure::argument("no"));
        assert_eq!(give("n", Some(&mut answer), 0, None, failing), NIRVANA_INVALID_ARGUMENT);
        // SAFETY: it was written from the start.
        assert_eq!(unsafe { answer.assume_init() }, 0);
        assert_eq!(give("n", Some(&mut answer), 0, None, || Ok(9)), NIRVANA_OK);
        // SAFETY: as above.
        assert_eq!(unsafe { answer.assume_init() }, 9);
        assert_eq!(give("n", None, 0, None, || Ok(9)), NIRVANA_INVALID_ARGUMENT);
    }
}
