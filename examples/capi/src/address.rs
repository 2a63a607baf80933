//! Addresses.

use std::mem::MaybeUninit;

use crate::call_options::CallOptions;
use crate::client::{Client, for_call};
use crate::code::Code;
use crate::entry::answer;
use crate::error::Error;
use crate::params;
use crate::text::{OwnedText, Text};

/// Creates the address of an organization that has none yet.
/// POST /v1/organizations/{organization_id}/address
///
/// params: JSON with the strings city, country, line1 and postal_code and, if wanted, line2,
/// state, tax_id and tax_id_type.
/// json: the new address.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_create_organization_address(
    client: Option<&Client>,
    organization_id: Text<'_>,
    params: Text<'_>,
    options: Option<&CallOptions>,
    json: Option<&mut MaybeUninit<OwnedText>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    answer(json, error, || {
        let organization_id = organization_id.required("organization_id")?;
        let params = params::address_create(params.required("params")?)?;
        Ok(for_call(client, options)?.create_organization_address(organization_id, &params)?)
    })
}

/// Gets the address of an organization.
/// GET /v1/organizations/{organization_id}/address
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_get_organization_address(
    client: Option<&Client>,
    organization_id: Text<'_>,
    options: Option<&CallOptions>,
    json: Option<&mut MaybeUninit<OwnedText>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    answer(json, error, || {
        let organization_id = organization_id.required("organization_id")?;
        Ok(for_call(client, options)?.get_organization_address(organization_id)?)
    })
}

/// Updates the address of an organization. What params leave out stays as it is.
/// PATCH /v1/organizations/{organization_id}/address
///
/// params: JSON with any of the strings city, country, line1 and postal_code, and of line2,
/// state, tax_id and tax_id_type: each a string, or null to clear it.
/// json: the address after the change.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_update_organization_address(
    client: Option<&Client>,
    organization_id: Text<'_>,
    params: Text<'_>,
    options: Option<&CallOptions>,
    json: Option<&mut MaybeUninit<OwnedText>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    answer(json, error, || {
        let organization_id = organization_id.required("organization_id")?;
        let params = params::address_update(params.required("params")?)?;
        Ok(for_call(client, options)?.update_organization_address(organization_id, &params)?)
    })
}
