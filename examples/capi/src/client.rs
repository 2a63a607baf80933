//! Clients.

use nirvana_labs::{Api, ApiBuilder};
use serde::Serialize;

use crate::cancel::CancelToken;
use crate::code::Code;
use crate::entry::{self, ClientOut, ErrorOut, TextOut, give};
use crate::error::Failure;
use crate::json;
use crate::options::{CallOptions, ClientOptions};
use crate::text::Text;

/// `nirvana_client` in C.
pub struct Client {
    api: Api,
}

/// Returns the client with the options of one call.
pub(crate) fn for_call(
    client: Option<&Client>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
) -> Result<Api, Failure> {
    let api = &client.ok_or_else(|| Failure::null("client"))?.api;
    let options: CallOptions = json::object("options", options)?;
    Ok(api.with_options(options.start(cancel)?))
}

/// Makes a call, and gives the caller its result as JSON.
pub(crate) fn call<T: Serialize>(
    client: Option<&Client>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
    work: impl FnOnce(&Api) -> Result<T, Failure>,
) -> Code {
    entry::respond(json, error, || work(&for_call(client, options, cancel)?))
}

/// Gives the caller a client with the settings of `builder` and `options`.
pub(crate) fn make(
    options: Text<'_>,
    client: ClientOut<'_>,
    error: ErrorOut<'_>,
    builder: impl FnOnce(&ClientOptions) -> Result<ApiBuilder, Failure>,
) -> Code {
    give("client", client, None, error, || {
        let options: ClientOptions = json::object("options", options)?;
        let builder = builder(&options)?;
        Ok(Some(Box::new(Client { api: options.apply(builder).build()? })))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_new(
    options: Text<'_>,
    client: ClientOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    make(options, client, error, |options| match options.api_key {
        Some(_) => Ok(Api::builder()),
        None => Err(Failure::argument(
            "options: api_key is missing; set it, or use nirvana_client_from_env",
        )),
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_from_env(
    options: Text<'_>,
    client: ClientOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    make(options, client, error, |_| Ok(Api::builder().read_env()))
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_client_free(client: Option<Box<Client>>) {
    entry::free(client);
}
