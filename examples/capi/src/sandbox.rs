//! An in-memory mock of the API, to try and to test against.

use std::collections::BTreeMap;
use std::time::Duration;

use nirvana_labs::{Api, HttpResponse, MembershipRole, SandboxRequest};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client;
use crate::code::Code;
use crate::entry::{self, ClientOut, ErrorOut, TextOut, give, respond};
use crate::error::Failure;
use crate::json;
use crate::text::{OwnedText, Text};

/// An in-memory mock of the API, for tests and demonstrations. It can be told to fail. Any
/// number of threads may use it at once.
#[derive(Default)]
pub struct Sandbox {
    sandbox: nirvana_labs::Sandbox,
}

/// What happens to a request.
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

/// Makes an empty sandbox, which knows one user: whoever calls. Free it with
/// nirvana_sandbox_free.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_new() -> Option<Box<Sandbox>> {
    entry::shield(None, || Some(Box::default()))
}

/// Makes a client of the sandbox. It sends nothing to any network.
///
/// options: JSON as for nirvana_client_new, or NULL. Their api_key says which user calls: one
/// from nirvana_sandbox_add_user, and with any other key or none the first.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_client(
    sandbox: Option<&Sandbox>,
    options: Text<'_>,
    client: ClientOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    client::make(options, client, error, || Ok(Api::builder().transport(service(sandbox)?.clone())))
}

/// Adds a user, known by this key from now on.
///
/// user_id: the id of the user.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_add_user(
    sandbox: Option<&Sandbox>,
    api_key: Text<'_>,
    user_id: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    give("user_id", user_id, OwnedText::NONE, error, || {
        let api_key = api_key.required("api_key")?;
        Ok(OwnedText::new(service(sandbox)?.add_user(api_key)))
    })
}

/// Makes a user a member of an organization.
///
/// role: "owner" or "member". json: the membership.
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
        Ok(service(sandbox)?.add_member(organization_id, user_id, role)?)
    })
}

/// Gets the requests that arrived so far, retries and failures included, in order.
///
/// json: an array of {"method": "GET", "path": "/v1/...", "query": [["limit", "5"]], "body":
/// ..., "status": 200}.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_requests(
    sandbox: Option<&Sandbox>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    respond(json, error, || {
        let shown = |request: &SandboxRequest| {
            json!({
                "method": request.method().as_str(),
                "path": request.path(),
                "query": request.query(),
                "body": request.body(),
                "status": request.status(),
            })
        };
        Ok(service(sandbox)?.requests().iter().map(shown).collect::<Vec<_>>())
    })
}

/// Scripts what happens to the next request, which may be a retry. Called again, it is for the
/// request after it, and so on.
///
/// script: JSON, one of
/// {"fail": 503}: the response has this status, and nothing is done;
/// {"respond": {"status": 429, "headers": {"retry-after": "7"}, "body": {"message": "slow"}}}:
/// the response is exactly this, and nothing is done; headers and body may be left out, and a
/// body that is a string is sent as the text that it holds;
/// "drop_response": the request is carried out, and its response is lost;
/// {"delay_ms": 1000}: the request is carried out, and its response comes this late; it is lost
/// where a timeout, the deadline or a cancellation comes first;
/// "refuse": the connection is refused, and nothing is sent;
/// "pass": the request is served, where the script is for a later one.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_next(
    sandbox: Option<&Sandbox>,
    script: Text<'_>,
    error: ErrorOut<'_>,
) -> Code {
    entry::run(error, || {
        let sandbox = service(sandbox)?;
        match json::value("script", script.required("script")?)? {
            Script::Pass => sandbox.pass_next(),
            Script::Fail(status) => sandbox.fail_next(status),
            Script::Respond(scripted) => sandbox.respond_next(scripted.response()),
            Script::DropResponse => sandbox.drop_next_response(),
            Script::Refuse => sandbox.refuse_next(),
            Script::DelayMs(delay) => sandbox.delay_next(Duration::from_millis(delay)),
        }
        Ok(())
    })
}

/// Frees a sandbox. NULL is fine. Clients of it go on.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_free(sandbox: Option<Box<Sandbox>>) {
    entry::free(sandbox);
}

fn service(sandbox: Option<&Sandbox>) -> Result<&nirvana_labs::Sandbox, Failure> {
    Ok(&sandbox.ok_or_else(|| Failure::null("sandbox"))?.sandbox)
}

impl Scripted {
    fn response(self) -> HttpResponse {
        let body = match self.body {
            None => String::new(),
            Some(Value::String(text)) => text,
            Some(json) => json.to_string(),
        };
        let response = HttpResponse::new(self.status).with_body(body);
        self.headers.iter().fold(response, |it, (name, value)| it.with_header(name, value))
    }
}
