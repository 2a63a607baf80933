//! Ending calls from another thread.

use crate::code::Code;
use crate::entry::{self, ErrorOut};
use crate::error::Failure;

/// Ends calls from another thread. Give it to any number of calls; others go on undisturbed.
#[derive(Default)]
pub struct CancelToken {
    pub(crate) token: nirvana_labs::CancelToken,
}

/// Makes a token that is not cancelled. Free it with nirvana_cancel_token_free.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_cancel_token_new() -> Option<Box<CancelToken>> {
    entry::shield(None, || Some(Box::default()))
}

/// Ends every call that has the token, now and in the future: each returns NIRVANA_CANCELLED,
/// a wait between attempts at once, a blocked read within a quarter of a second. It may be
/// called from any thread, and more than once.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_cancel_token_cancel(
    token: Option<&CancelToken>,
    error: ErrorOut<'_>,
) -> Code {
    entry::run(error, || {
        token.ok_or_else(|| Failure::null("token"))?.token.cancel();
        Ok(())
    })
}

/// Returns whether the token was cancelled; false for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_cancel_token_is_cancelled(token: Option<&CancelToken>) -> bool {
    entry::shield(false, || token.is_some_and(|token| token.token.is_cancelled()))
}

/// Frees a token. NULL is fine. Calls and lists that were given it keep their own share of it.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_cancel_token_free(token: Option<Box<CancelToken>>) {
    entry::free(token);
}
