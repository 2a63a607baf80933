//! An in-memory service, to try and to test against.

use std::mem::MaybeUninit;
use std::time::Duration;

use nirvana_labs::{Api, HttpResponse, MembershipRole, SandboxRequest};
use serde_json::json;

use crate::client::{self, Client};
use crate::client_options::ClientOptions;
use crate::code::Code;
use crate::entry::{self, answer, give};
use crate::error::{Error, Failure};
use crate::text::{OwnedText, Text};

/// The Organizations API in memory, for tests and demonstrations. It can be told to fail. Any
/// number of threads may use it at once.
#[derive(Default)]
pub struct Sandbox {
    sandbox: nirvana_labs::Sandbox,
}

/// Makes an empty service, which knows one user: whoever calls. Free it with
/// nirvana_sandbox_free.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_new() -> Option<Box<Sandbox>> {
    entry::shield(None, || Some(Box::default()))
}

/// Makes a client of the sandbox. It sends nothing to any network.
///
/// api_key: that of a user from nirvana_sandbox_add_user; NULL or any other for the first
/// user. options: may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_client(
    sandbox: Option<&Sandbox>,
    api_key: Text<'_>,
    options: Option<&ClientOptions>,
    client: Option<&mut MaybeUninit<Option<Box<Client>>>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    client::make(options, client, error, || {
        let builder = Api::builder().transport(service(sandbox)?.clone());
        Ok(match api_key.optional("api_key")? {
            Some(api_key) => builder.api_key(api_key),
            None => builder,
        })
    })
}

/// Adds a user, known by this key from now on.
///
/// user_id: the id of the user.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_add_user(
    sandbox: Option<&Sandbox>,
    api_key: Text<'_>,
    user_id: Option<&mut MaybeUninit<OwnedText>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
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
    json: Option<&mut MaybeUninit<OwnedText>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    answer(json, error, || {
        let organization_id = organization_id.required("organization_id")?;
        let user_id = user_id.required("user_id")?;
        let role = MembershipRole::from(role.required("role")?);
        Ok(service(sandbox)?.add_member(organization_id, user_id, role)?)
    })
}

/// Gets the requests that arrived so far, retries and failures included, in order.
///
/// json: an array of objects with method, path and status.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_requests(
    sandbox: Option<&Sandbox>,
    json: Option<&mut MaybeUninit<OwnedText>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    answer(json, error, || {
        let log = service(sandbox)?.requests();
        let line = |request: &SandboxRequest| {
            json!({
                "method": request.method().to_string(),
                "path": request.path(),
                "status": request.status(),
            })
        };
        Ok(log.iter().map(line).collect::<Vec<_>>())
    })
}

/// Serves the next request as if nothing were scripted: what is scripted after this is for a
/// later one.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_pass_next(sandbox: Option<&Sandbox>) -> Code {
    script(sandbox, |sandbox| {
        sandbox.pass_next();
        Ok(())
    })
}

/// Answers the next request with this HTTP status; nothing is done. May be called more than
/// once: for the request after it, and so on.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_fail_next(sandbox: Option<&Sandbox>, status: u16) -> Code {
    script(sandbox, |sandbox| {
        sandbox.fail_next(status);
        Ok(())
    })
}

/// Answers the next request with exactly this; nothing is done.
///
/// retry_after: the header of that name; body: the body. Either may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_respond_next(
    sandbox: Option<&Sandbox>,
    status: u16,
    retry_after: Text<'_>,
    body: Text<'_>,
) -> Code {
    script(sandbox, |sandbox| {
        let mut response = HttpResponse::new(status);
        if let Some(retry_after) = retry_after.optional("retry_after")? {
            response = response.header("retry-after", retry_after);
        }
        if let Some(body) = body.optional("body")? {
            response = response.body(body);
        }
        sandbox.respond_next(response);
        Ok(())
    })
}

/// Carries the next request out, and loses its answer.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_drop_next_response(sandbox: Option<&Sandbox>) -> Code {
    script(sandbox, |sandbox| {
        sandbox.drop_next_response();
        Ok(())
    })
}

/// Refuses the next request before a byte of it has left.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_refuse_next(sandbox: Option<&Sandbox>) -> Code {
    script(sandbox, |sandbox| {
        sandbox.refuse_next();
        Ok(())
    })
}

/// Carries the next request out, and keeps the answer back for this long. Where the request's
/// timeout or deadline ends before that, or it is cancelled, the answer is lost.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_sandbox_delay_next(sandbox: Option<&Sandbox>, delay_ms: u64) -> Code {
    script(sandbox, |sandbox| {
        sandbox.delay_next(Duration::from_millis(delay_ms));
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

fn script(
    sandbox: Option<&Sandbox>,
    tell: impl FnOnce(&nirvana_labs::Sandbox) -> Result<(), Failure>,
) -> Code {
    entry::run(None, || tell(service(sandbox)?))
}
