//! Organizations.

use std::mem::MaybeUninit;

use nirvana_labs::ListParams;

use crate::call_options::CallOptions;
use crate::client::{Client, for_call};
use crate::code::Code;
use crate::entry::{answer, run};
use crate::error::Error;
use crate::list::{self, List};
use crate::params;
use crate::text::{OwnedText, Text};

/// Creates an organization, of which the caller becomes an owner.
/// POST /v1/organizations
///
/// params: JSON with the string name and, if wanted, the string billing_email.
/// json: the new organization.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_create_organization(
    client: Option<&Client>,
    params: Text<'_>,
    options: Option<&CallOptions>,
    json: Option<&mut MaybeUninit<OwnedText>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    answer(json, error, || {
        let params = params::organization_create(params.required("params")?)?;
        Ok(for_call(client, options)?.create_organization(&params)?)
    })
}

/// Gets an organization.
/// GET /v1/organizations/{organization_id}
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_get_organization(
    client: Option<&Client>,
    organization_id: Text<'_>,
    options: Option<&CallOptions>,
    json: Option<&mut MaybeUninit<OwnedText>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    answer(json, error, || {
        let organization_id = organization_id.required("organization_id")?;
        Ok(for_call(client, options)?.get_organization(organization_id)?)
    })
}

/// Updates an organization. What params leave out stays as it is.
/// PATCH /v1/organizations/{organization_id}
///
/// params: JSON with any of the string name, and billing_email: a string, or null to clear it.
/// json: the organization after the change.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_update_organization(
    client: Option<&Client>,
    organization_id: Text<'_>,
    params: Text<'_>,
    options: Option<&CallOptions>,
    json: Option<&mut MaybeUninit<OwnedText>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    answer(json, error, || {
        let organization_id = organization_id.required("organization_id")?;
        let params = params::organization_update(params.required("params")?)?;
        Ok(for_call(client, options)?.update_organization(organization_id, &params)?)
    })
}

/// Lists the organizations that the caller belongs to. Nothing is sent before the first
/// nirvana_list_next. Free the list with nirvana_list_free.
/// GET /v1/organizations
///
/// limit: how many items a page has at most; 0 for the server's own size. The list has all
/// items either way.
/// cursor: where to begin, from nirvana_list_next_cursor; NULL for the start.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_organizations(
    client: Option<&Client>,
    limit: u32,
    cursor: Text<'_>,
    options: Option<&CallOptions>,
    list: Option<&mut MaybeUninit<Option<Box<List>>>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    list::make(limit, cursor, list, error, |params: ListParams| {
        Ok(for_call(client, options)?.list_organizations(params))
    })
}

/// Leaves an organization: ends the caller's own membership.
/// POST /v1/organizations/{organization_id}/leave
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_leave_organization(
    client: Option<&Client>,
    organization_id: Text<'_>,
    options: Option<&CallOptions>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    run(error, || {
        let organization_id = organization_id.required("organization_id")?;
        Ok(for_call(client, options)?.leave_organization(organization_id)?)
    })
}
