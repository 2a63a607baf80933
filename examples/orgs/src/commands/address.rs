//! `orgs address`.

use nirvana_labs::{AddressCreateParams, AddressUpdateParams};

use super::{Context, after_change};
use crate::cli::{Address, AddressChanges, NewAddress};
use crate::failure::Failure;
use crate::output;

impl Context<'_> {
    pub(super) fn address(&self, action: &Address) -> Result<(), Failure> {
        let api = &self.api;
        let (address, changed) = match action {
            Address::Show { organization } => {
                (api.get_organization_address(&organization.id), false)
            }
            Address::Create { organization, address } => {
                (api.create_organization_address(&organization.id, &creation(address)), true)
            }
            Address::Set { organization, changes } => {
                (api.update_organization_address(&organization.id, &update(changes)), true)
            }
        };
        let address = address.map_err(|error| self.failure(&error))?;
        let written = output::one(&address, self.options);
        if changed { after_change(written) } else { written }
    }
}

/// Applies the setters of the fields that are given.
macro_rules! set_given {
    ($params:ident, $from:ident, $($field:ident)*) => {$(
        if let Some(value) = &$from.$field {
            $params = $params.$field(value);
        }
    )*};
}

fn creation(address: &NewAddress) -> AddressCreateParams {
    let NewAddress { city, country, line1, postal_code, .. } = address;
    let mut params = AddressCreateParams::new(city, country, line1, postal_code);
    set_given!(params, address, line2 state tax_id tax_id_type);
    params
}

fn update(changes: &AddressChanges) -> AddressUpdateParams {
    let mut params = AddressUpdateParams::new();
    set_given!(params, changes, city country line1 postal_code line2 state tax_id tax_id_type);
    if changes.clear_line2 {
        params = params.clear_line2();
    }
    if changes.clear_state {
        params = params.clear_state();
    }
    if changes.clear_tax_id {
        params = params.clear_tax_id();
    }
    if changes.clear_tax_id_type {
        params = params.clear_tax_id_type();
    }
    params
}
