//! What every function does: it catches panics and writes the result and the error.

use std::any::Any;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

use crate::client::Client;
use crate::code::{Code, NIRVANA_OK};
use crate::error::{Error, Failure};
use crate::json;
use crate::list::List;
use crate::text::OwnedText;

/// The caller's pointer for a result. The old value is overwritten, not freed.
pub(crate) type Out<'a, T> = Option<&'a mut MaybeUninit<T>>;
/// `const char **` in C.
pub type TextOut<'a> = Option<&'a mut MaybeUninit<OwnedText>>;
/// `nirvana_client **` in C.
pub type ClientOut<'a> = Option<&'a mut MaybeUninit<Option<Box<Client>>>>;
/// `nirvana_list **` in C.
pub type ListOut<'a> = Option<&'a mut MaybeUninit<Option<Box<List>>>>;
/// `nirvana_error **` in C.
pub type ErrorOut<'a> = Option<&'a mut MaybeUninit<Option<Box<Error>>>>;

/// Does `work`, writes its error, and returns its code. A panic becomes an error.
pub(crate) fn run(error: ErrorOut<'_>, work: impl FnOnce() -> Result<(), Failure>) -> Code {
    // A panic leaves nothing half done: a list continues from its last whole page.
    let outcome = catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Failure::Bug(panic_message(panic.as_ref()))));
    let code = outcome.as_ref().map_or_else(Failure::code, |()| NIRVANA_OK);
    if let Some(error) = error {
        error.write(outcome.err().map(|failure| Box::new(failure.into())));
    }
    code
}

/// Does `work`, and writes its result to `out`, the parameter called `name`. After an error,
/// `out` is `empty`.
pub(crate) fn give<T>(
    name: &str,
    out: Out<'_, T>,
    empty: T,
    error: ErrorOut<'_>,
    work: impl FnOnce() -> Result<T, Failure>,
) -> Code {
    run(error, || {
        let out = out.ok_or_else(|| Failure::null(name))?.write(empty);
        *out = work()?;
        Ok(())
    })
}

/// Does `work`, and writes its result as JSON.
pub(crate) fn respond<T: Serialize>(
    json: TextOut<'_>,
    error: ErrorOut<'_>,
    work: impl FnOnce() -> Result<T, Failure>,
) -> Code {
    give("json", json, OwnedText::NONE, error, || json::write(&work()?))
}

/// Does `work`, which cannot fail, and returns `fallback` if it panics.
pub(crate) fn shield<T>(fallback: T, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(fallback)
}

/// Drops a value that C gives back.
pub(crate) fn free<T>(handle: T) {
    shield((), || drop(handle));
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::NIRVANA_PANIC;

    #[test]
    fn a_panic_becomes_an_error_and_the_result_is_empty() {
        let (mut result, mut error) = (MaybeUninit::new(5), MaybeUninit::uninit());
        let code = give("n", Some(&mut result), 0, Some(&mut error), || panic!("number {}", 7));
        assert_eq!(code, NIRVANA_PANIC);
        // SAFETY: it is initialized from the start.
        assert_eq!(unsafe { result.assume_init() }, 0);
        // SAFETY: `run` always writes it.
        let error = unsafe { error.assume_init() }.unwrap();
        assert_eq!(error.code, NIRVANA_PANIC);
        assert!(error.may_have_been_processed && !error.retryable);
        assert_eq!(run(None, || panic!("no error wanted")), NIRVANA_PANIC);
        assert!(!shield(false, || panic!("no result wanted")));
    }
}
