//! The ten endpoints, except the two lists.

use crate::cancel::CancelToken;
use crate::client::{Client, call, for_call};
use crate::code::Code;
use crate::entry::{ErrorOut, TextOut, run};
use crate::json;
use crate::text::Text;

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_create_organization(
    client: Option<&Client>,
    params: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    call(client, options, cancel, json, error, |api| {
        Ok(api.create_organization(&json::params(params)?)?)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_get_organization(
    client: Option<&Client>,
    organization_id: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    call(client, options, cancel, json, error, |api| {
        Ok(api.get_organization(organization_id.required("organization_id")?)?)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_update_organization(
    client: Option<&Client>,
    organization_id: Text<'_>,
    params: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    call(client, options, cancel, json, error, |api| {
        let organization_id = organization_id.required("organization_id")?;
        Ok(api.update_organization(organization_id, &json::params(params)?)?)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_leave_organization(
    client: Option<&Client>,
    organization_id: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    error: ErrorOut<'_>,
) -> Code {
    run(error, || {
        let api = for_call(client, options, cancel)?;
        Ok(api.leave_organization(organization_id.required("organization_id")?)?)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_get_organization_membership(
    client: Option<&Client>,
    organization_id: Text<'_>,
    membership_id: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    call(client, options, cancel, json, error, |api| {
        let organization_id = organization_id.required("organization_id")?;
        let membership_id = membership_id.required("membership_id")?;
        Ok(api.get_organization_membership(organization_id, membership_id)?)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_create_organization_address(
    client: Option<&Client>,
    organization_id: Text<'_>,
    params: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    call(client, options, cancel, json, error, |api| {
        let organization_id = organization_id.required("organization_id")?;
        Ok(api.create_organization_address(organization_id, &json::params(params)?)?)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_get_organization_address(
    client: Option<&Client>,
    organization_id: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    call(client, options, cancel, json, error, |api| {
        Ok(api.get_organization_address(organization_id.required("organization_id")?)?)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_update_organization_address(
    client: Option<&Client>,
    organization_id: Text<'_>,
    params: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    call(client, options, cancel, json, error, |api| {
        let organization_id = organization_id.required("organization_id")?;
        Ok(api.update_organization_address(organization_id, &json::params(params)?)?)
    })
}
