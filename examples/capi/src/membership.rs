//! Memberships.

use std::mem::MaybeUninit;

use nirvana_labs::ListParams;

use crate::call_options::CallOptions;
use crate::client::{Client, for_call};
use crate::code::Code;
use crate::entry::answer;
use crate::error::Error;
use crate::list::{self, List};
use crate::text::{OwnedText, Text};

/// Gets a membership of an organization.
/// GET /v1/organizations/{organization_id}/memberships/{membership_id}
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_get_organization_membership(
    client: Option<&Client>,
    organization_id: Text<'_>,
    membership_id: Text<'_>,
    options: Option<&CallOptions>,
    json: Option<&mut MaybeUninit<OwnedText>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    answer(json, error, || {
        let organization_id = organization_id.required("organization_id")?;
        let membership_id = membership_id.required("membership_id")?;
        let api = for_call(client, options)?;
        Ok(api.get_organization_membership(organization_id, membership_id)?)
    })
}

/// Lists the memberships of an organization, as nirvana_list_organizations does its items.
/// GET /v1/organizations/{organization_id}/memberships
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_organization_memberships(
    client: Option<&Client>,
    organization_id: Text<'_>,
    limit: u32,
    cursor: Text<'_>,
    options: Option<&CallOptions>,
    list: Option<&mut MaybeUninit<Option<Box<List>>>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    list::make(limit, cursor, list, error, |params: ListParams| {
        let organization_id = organization_id.required("organization_id")?;
        Ok(for_call(client, options)?.list_organization_memberships(organization_id, params))
    })
}
