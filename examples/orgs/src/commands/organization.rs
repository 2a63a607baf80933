//! `orgs show`, `create` and `update`.

use nirvana_labs::{OrganizationCreateParams, OrganizationUpdateParams};

use super::{Context, after_change};
use crate::cli::Changes;
use crate::failure::Failure;
use crate::output;

impl Context<'_> {
    pub(super) fn show(&self, id: &str) -> Result<(), Failure> {
        let organization = self.api.get_organization(id).map_err(|error| self.failure(&error))?;
        output::one(&organization, self.options)
    }

    pub(super) fn create(&self, name: &str, billing_email: Option<&str>) -> Result<(), Failure> {
        let mut params = OrganizationCreateParams::new(name);
        if let Some(email) = billing_email {
            params = params.billing_email(email);
        }
        let organization =
            self.api.create_organization(&params).map_err(|error| self.failure(&error))?;
        after_change(output::one(&organization, self.options))
    }

    pub(super) fn update(&self, id: &str, changes: &Changes) -> Result<(), Failure> {
        let mut params = OrganizationUpdateParams::new();
        if let Some(name) = &changes.name {
            params = params.name(name);
        }
        if let Some(email) = &changes.billing_email {
            params = params.billing_email(email);
        }
        if changes.clear_billing_email {
            params = params.clear_billing_email();
        }
        let organization =
            self.api.update_organization(id, &params).map_err(|error| self.failure(&error))?;
        after_change(output::one(&organization, self.options))
    }
}
