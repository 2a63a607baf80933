//! The ten endpoints, but for the two lists.

use crate::cancel::CancelToken;
use crate::client::{Client, for_call};
use crate::code::Code;
use crate::entry::{ErrorOut, TextOut, respond, run};
use crate::json;
use crate::text::Text;

/// Creates an organization, of which the caller becomes an owner.
/// POST /v1/organizations
///
/// params: JSON with the string name and, if wanted, the string billing_email.
/// json: the new organization.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_create_organization(
    client: Option<&Client>,
    params: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    respond(json, error, || {
        let params = json::params(params)?;
        Ok(for_call(client, options, cancel)?.create_organization(&params)?)
    })
}

/// Gets an organization.
/// GET /v1/organizations/{organization_id}
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_get_organization(
    client: Option<&Client>,
    organization_id: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    respond(json, error, || {
        let organization_id = organization_id.required("organization_id")?;
        Ok(for_call(client, options, cancel)?.get_organization(organization_id)?)
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
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    respond(json, error, || {
        let organization_id = organization_id.required("organization_id")?;
        let params = json::params(params)?;
        Ok(for_call(client, options, cancel)?.update_organization(organization_id, &params)?)
    })
}

/// Leaves an organization: ends the caller's own membership.
/// POST /v1/organizations/{organization_id}/leave
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_leave_organization(
    client: Option<&Client>,
    organization_id: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    error: ErrorOut<'_>,
) -> Code {
    run(error, || {
        let organization_id = organization_id.required("organization_id")?;
        Ok(for_call(client, options, cancel)?.leave_organization(organization_id)?)
    })
}

/// Gets a membership of an organization.
/// GET /v1/organizations/{organization_id}/memberships/{membership_id}
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
    respond(json, error, || {
        let organization_id = organization_id.required("organization_id")?;
        let membership_id = membership_id.required("membership_id")?;
        Ok(for_call(client, options, cancel)?
            .get_organization_membership(organization_id, membership_id)?)
    })
}

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
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    respond(json, error, || {
        let organization_id = organization_id.required("organization_id")?;
        let params = json::params(params)?;
        Ok(for_call(client, options, cancel)?
            .create_organization_address(organization_id, &params)?)
    })
}

/// Gets the address of an organization.
/// GET /v1/organizations/{organization_id}/address
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_get_organization_address(
    client: Option<&Client>,
    organization_id: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    respond(json, error, || {
        let organization_id = organization_id.required("organization_id")?;
        Ok(for_call(client, options, cancel)?.get_organization_address(organization_id)?)
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
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    respond(json, error, || {
        let organization_id = organization_id.required("organization_id")?;
        let params = json::params(params)?;
        Ok(for_call(client, options, cancel)?
            .update_organization_address(organization_id, &params)?)
    })
}
