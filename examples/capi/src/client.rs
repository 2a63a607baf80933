//! Clients.

use nirvana_labs::{Api, ApiBuilder};

use crate::cancel::CancelToken;
use crate::code::Code;
use crate::entry::{self, ClientOut, ErrorOut, give};
use crate::error::Failure;
use crate::options::{CallOptions, ClientOptions};
use crate::text::Text;

/// A client of the API. Any number of threads may make calls with it at once; they share its
/// connections. A forked child must make a client of its own.
pub struct Client {
    api: Api,
}

/// The client for one call.
pub(crate) fn for_call(
    client: Option<&Client>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
) -> Result<Api, Failure> {
    let api = &client.ok_or_else(|| Failure::null("client"))?.api;
    let options = CallOptions::read(options)?.start(cancel)?;
    Ok(api.with_options(options))
}

/// Gives the caller the client that `builder` and `options` make.
pub(crate) fn make(
    options: Text<'_>,
    client: ClientOut<'_>,
    error: ErrorOut<'_>,
    builder: impl FnOnce() -> Result<ApiBuilder, Failure>,
) -> Code {
    give("client", client, None, error, || {
        let api = ClientOptions::read(options)?.apply(builder()?).build()?;
        Ok(Some(Box::new(Client { api })))
    })
}

/// Makes a client of the API. Nothing is sent before its first call. Free it with
/// nirvana_client_free.
///
/// options: JSON, see "Options" above; api_key must be in it.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_new(
    options: Text<'_>,
    client: ClientOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    make(options, client, error, || Ok(Api::builder()))
}

/// Makes a client with the environment's settings: NIRVANA_LABS_API_KEY and, for another
/// server, NIRVANA_LABS_BASE_URL. What is in options goes before them.
///
/// options: JSON, see "Options" above, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_from_env(
    options: Text<'_>,
    client: ClientOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    make(options, client, error, || Ok(Api::builder().from_env()?))
}

/// Frees a client. NULL is fine. No call with it may be under way; lists that it made go on.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_free(client: Option<Box<Client>>) {
    entry::free(client);
}
