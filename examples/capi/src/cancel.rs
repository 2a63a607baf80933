//! Cancel tokens.

use crate::entry;

/// `nirvana_cancel_token` in C.
#[derive(Default)]
pub struct CancelToken {
    pub(crate) token: nirvana_labs::CancelToken,
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_cancel_token_new() -> Option<Box<CancelToken>> {
    entry::shield(None, || Some(Box::default()))
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_cancel_token_cancel(token: Option<&CancelToken>) {
    // One atomic store: the header promises that a signal handler may call this.
    if let Some(token) = token {
        token.token.cancel();
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_cancel_token_is_cancelled(token: Option<&CancelToken>) -> bool {
    token.is_some_and(|token| token.token.is_cancelled())
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_cancel_token_free(token: Option<Box<CancelToken>>) {
    entry::free(token);
}
