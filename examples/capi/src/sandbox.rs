//! The sandbox.

use std::collections::BTreeMap;
use std::time::Duration;

use nirvana_labs::http::{Request, Response, StatusCode};
use nirvana_labs::{Api, MembershipRole};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client;
use crate::code::Code;
use crate::entry::{self, ClientOut, ErrorOut, TextOut, give, respond};
use crate::error::Failure;
use crate::json;
use crate::text::{OwnedText, Text};

/// `nirvana_sandbox` in C.
#[derive(Default)]
pub struct Sandbox {
    sandbox: nirvana_labs::Sandbox,
}

/// What happens to one request.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Script {
    Pass,
    Fail(u16),
    Respond(Scripted),
    DropResponse,
    Refuse,
    DelayMs(u64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scripted {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_new() -> Option<Box<Sandbox>> {
    entry::shield(None, || Some(Box::default()))
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_client(
    sandbox: Option<&Sandbox>,
    options: Text<'_>,
    client: ClientOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    client::make(options, client, error, |_| Ok(Api::builder().transport(inner(sandbox)?.clone())))
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_add_user(
    sandbox: Option<&Sandbox>,
    api_key: Text<'_>,
    user_id: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    give("user_id", user_id, OwnedText::NONE, error, || {
        Ok(OwnedText::new(inner(sandbox)?.add_user(api_key.required("api_key")?)))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_add_member(
    sandbox: Option<&Sandbox>,
    organization_id: Text<'_>,
    user_id: Text<'_>,
    role: Text<'_>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    respond(json, error, || {
        let organization_id = organization_id.required("organization_id")?;
        let user_id = user_id.required("user_id")?;
        let role = MembershipRole::from(role.required("role")?);
        Ok(inner(sandbox)?.add_member(organization_id, user_id, role)?)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_requests(
    sandbox: Option<&Sandbox>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    respond(json, error, || {
        let shown = |request: &Request<Value>| {
            json!({
                "method": request.method().as_str(),
                "path": request.uri().path(),
                "query": request.uri().query(),
                "body": request.body(),
                "status": request.extensions().get().map(StatusCode::as_u16),
            })
        };
        Ok(inner(sandbox)?.requests().iter().map(shown).collect::<Vec<_>>())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_next(
    sandbox: Option<&Sandbox>,
    script: Text<'_>,
    error: ErrorOut<'_>,
) -> Code {
    entry::run(error, || {
        let sandbox = inner(sandbox)?;
        match json::value("script", script.required("script")?)? {
            Script::Pass => sandbox.pass_next(),
            Script::Fail(status) => sandbox.fail_next(status),
            Script::Respond(scripted) => sandbox.respond_next(scripted.response()?),
            Script::DropResponse => sandbox.drop_next_response(),
            Script::Refuse => sandbox.refuse_next(),
            Script::DelayMs(delay) => sandbox.delay_next(Duration::from_millis(delay)),
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_free(sandbox: Option<Box<Sandbox>>) {
    entry::free(sandbox);
}

fn inner(sandbox: Option<&Sandbox>) -> Result<&nirvana_labs::Sandbox, Failure> {
    Ok(&sandbox.ok_or_else(|| Failure::null("sandbox"))?.sandbox)
}

impl Scripted {
    fn response(self) -> Result<Response<String>, Failure> {
        let body = match self.body {
            None => String::new(),
            Some(Value::String(text)) => text,
            Some(json) => json.to_string(),
        };
        let response = Response::builder().status(self.status);
        let headers = self.headers.iter();
        headers
            .fold(response, |response, (name, value)| response.header(name, value))
            .body(body)
            .map_err(|error| Failure::argument(format!("script.respond: {error}")))
    }
}
