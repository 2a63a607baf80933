//! Clients.

use std::mem::MaybeUninit;

use nirvana_labs::{Api, ApiBuilder};

use crate::call_options::CallOptions;
use crate::client_options::ClientOptions;
use crate::code::Code;
use crate::entry::{self, Out, give};
use crate::error::{Error, Failure};
use crate::text::Text;

/// A client of the Organizations API. Any number of threads may make calls with it at once;
/// they share its connections.
pub struct Client {
    api: Api,
}

/// The client for one call: `client` with the call's options.
pub(crate) fn for_call(
    client: Option<&Client>,
    options: Option<&CallOptions>,
) -> Result<Api, Failure> {
    let api = &client.ok_or_else(|| Failure::null("client"))?.api;
    Ok(match options {
        Some(options) => api.with_options(options.start()?),
        None => api.clone(),
    })
}

/// Gives the caller the client that `builder` and `options` make.
pub(crate) fn make(
    options: Option<&ClientOptions>,
    client: Out<'_, Option<Box<Client>>>,
    error: Out<'_, Option<Box<Error>>>,
    builder: impl FnOnce() -> Result<ApiBuilder, Failure>,
) -> Code {
    give("client", client, None, error, || {
        let builder = builder()?;
        let builder = match options {
            Some(options) => options.apply(builder),
            None => builder,
        };
        Ok(Some(Box::new(Client { api: builder.build()? })))
    })
}

/// Makes a client of the service. Nothing is sent before its first call. Free it with
/// nirvana_client_free.
///
/// api_key: the API key; options: may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_new(
    api_key: Text<'_>,
    options: Option<&ClientOptions>,
    client: Option<&mut MaybeUninit<Option<Box<Client>>>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    make(options, client, error, || Ok(Api::builder().api_key(api_key.required("api_key")?)))
}

/// Makes a client as the environment has it: NIRVANA_LABS_API_KEY and, for another server,
/// NIRVANA_LABS_BASE_URL. A base URL in the options goes before the environment's.
///
/// options: may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_from_env(
    options: Option<&ClientOptions>,
    client: Option<&mut MaybeUninit<Option<Box<Client>>>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    make(options, client, error, || Ok(Api::builder().from_env()?))
}

/// Frees a client. NULL is fine. No call with it may be under way; lists that it made go on.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_free(client: Option<Box<Client>>) {
    entry::free(client);
}
