//! What one call does differently from its client.

use std::time::{Duration, Instant};

use nirvana_labs::RequestOptions;

use crate::cancel::CancelToken;
use crate::code::Code;
use crate::entry::{self, change};
use crate::error::Failure;
use crate::text::Text;

/// What one call does differently from its client. It may be used for any number of calls,
/// from many threads at once as long as none changes it.
#[derive(Default)]
pub struct CallOptions {
    options: RequestOptions,
    deadline: Option<Duration>,
}

impl CallOptions {
    /// The options of a call that starts now.
    pub(crate) fn start(&self) -> Result<RequestOptions, Failure> {
        let options = self.options.clone();
        let Some(deadline) = self.deadline else { return Ok(options) };
        let deadline = Instant::now()
            .checked_add(deadline)
            .ok_or_else(|| Failure::argument("deadline_ms is too far away"))?;
        Ok(options.deadline(deadline))
    }

    fn set(&mut self, set: impl FnOnce(RequestOptions) -> RequestOptions) {
        self.options = set(std::mem::take(&mut self.options));
    }
}

/// Makes options that change nothing. Free them with nirvana_call_options_free.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_call_options_new() -> Option<Box<CallOptions>> {
    entry::shield(None, || Some(Box::default()))
}

/// The longest that one attempt may take, from opening a connection to the last byte of the
/// body. Unless set, as the client has it.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_call_options_timeout_ms(
    options: Option<&mut CallOptions>,
    timeout_ms: u64,
) -> Code {
    change(options, |options| {
        options.set(|it| it.timeout(Duration::from_millis(timeout_ms)));
        Ok(())
    })
}

/// The longest that everything may take, counted from the moment that these options are given
/// to a call: all attempts, the waits between them, and all pages of a list. No limit unless
/// set.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_call_options_deadline_ms(
    options: Option<&mut CallOptions>,
    deadline_ms: u64,
) -> Code {
    change(options, |options| {
        options.deadline = Some(Duration::from_millis(deadline_ms));
        Ok(())
    })
}

/// How often to try again after the first attempt; 0 turns retries off. Unless set, as the
/// client has it.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_call_options_max_retries(
    options: Option<&mut CallOptions>,
    max_retries: u32,
) -> Code {
    change(options, |options| {
        options.set(|it| it.max_retries(max_retries));
        Ok(())
    })
}

/// Adds a header to send. One that cannot be sent makes the call fail with NIRVANA_CONFIG.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_call_options_header(
    options: Option<&mut CallOptions>,
    name: Text<'_>,
    value: Text<'_>,
) -> Code {
    change(options, |options| {
        let (name, value) = (name.required("name")?, value.required("value")?);
        options.set(|it| it.header(name, value));
        Ok(())
    })
}

/// Adds a query parameter to send; it is encoded as needed.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_call_options_query(
    options: Option<&mut CallOptions>,
    name: Text<'_>,
    value: Text<'_>,
) -> Code {
    change(options, |options| {
        let (name, value) = (name.required("name")?, value.required("value")?);
        options.set(|it| it.query(name, value));
        Ok(())
    })
}

/// The Idempotency-Key to send, which must be new for each thing to be done. With it, a POST
/// is retried like a GET. Set it only for a server that honours it.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_call_options_idempotency_key(
    options: Option<&mut CallOptions>,
    key: Text<'_>,
) -> Code {
    change(options, |options| {
        let key = key.required("key")?;
        options.set(|it| it.idempotency_key(key));
        Ok(())
    })
}

/// Lets the token end the call from another thread.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_call_options_cancel_token(
    options: Option<&mut CallOptions>,
    token: Option<&CancelToken>,
) -> Code {
    change(options, |options| {
        let token = &token.ok_or_else(|| Failure::null("token"))?.token;
        options.set(|it| it.cancel(token));
        Ok(())
    })
}

/// Frees options. NULL is fine. Calls and lists keep what they took from them.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_call_options_free(options: Option<Box<CallOptions>>) {
    entry::free(options);
}
