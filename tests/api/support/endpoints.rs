//! The ten endpoints, as a table.

use nirvana_labs::{
    AddressCreateParams, AddressUpdateParams, Api, ListParams, OrganizationCreateParams,
    OrganizationUpdateParams, Result,
};

pub(crate) const ORGANIZATION: &str = r#"{"id":"org_1","billing_email":null,
    "created_at":"2026-06-01T12:00:00Z","domains":[],"metronome_customer_id":null,
    "name":"Acme","personal":false,"services":{"cloud":true,"jit_provisioning":false,
    "scim":false,"siem":false,"sso":false},"stripe_customer_id":null,"type":"company",
    "updated_at":"2026-06-01T12:00:00Z"}"#;
const MEMBERSHIP: &str = r#"{"id":"mem_1","created_at":"2026-06-01T12:00:00Z",
    "organization_id":"org_1","role":"owner","updated_at":"2026-06-01T12:00:00Z",
    "user_id":"user_1"}"#;
const ADDRESS: &str = r#"{"id":"addr_1","city":"Reno","country":"US",
    "created_at":"2026-06-01T12:00:00Z","line1":"1 Main St","line2":null,
    "organization_id":"org_1","postal_code":"89501","state":"NV","tax_id":null,
    "tax_id_type":null,"updated_at":"2026-06-01T12:00:00Z"}"#;
pub(crate) const EMPTY_PAGE: &str = r#"{"items":[],"pagination":{"next_cursor":null,
    "previous_cursor":null,"total_count":0}}"#;

pub(crate) struct Endpoint {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// The body of a successful response.
    pub(crate) response_body: &'static str,
    pub(crate) call: fn(&Api) -> Result<()>,
}

impl Endpoint {
    /// Returns whether a request is retried even if it may have been processed.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.method != "POST"
    }
}

pub(crate) const ENDPOINTS: [Endpoint; 10] = [
    Endpoint {
        method: "POST",
        path: "/v1/organizations",
        response_body: ORGANIZATION,
        call: |api| api.create_organization(&OrganizationCreateParams::new("Acme")).map(drop),
    },
    Endpoint {
        method: "GET",
        path: "/v1/organizations/org_1",
        response_body: ORGANIZATION,
        call: |api| api.get_organization("org_1").map(drop),
    },
    Endpoint {
        method: "PATCH",
        path: "/v1/organizations/org_1",
        response_body: ORGANIZATION,
        call: |api| {
            let params = OrganizationUpdateParams::new().name("Acme").clear_billing_email();
            api.update_organization("org_1", &params).map(drop)
        },
    },
    Endpoint {
        method: "GET",
        path: "/v1/organizations",
        response_body: EMPTY_PAGE,
        call: |api| api.list_organizations(&ListParams::new()).try_for_each(|item| item.map(drop)),
    },
    Endpoint {
        method: "POST",
        path: "/v1/organizations/org_1/leave",
        response_body: "",
        call: |api| api.leave_organization("org_1"),
    },
    Endpoint {
        method: "GET",
        path: "/v1/organizations/org_1/memberships/mem_1",
        response_body: MEMBERSHIP,
        call: |api| api.get_organization_membership("org_1", "mem_1").map(drop),
    },
    Endpoint {
        method: "GET",
        path: "/v1/organizations/org_1/memberships",
        response_body: EMPTY_PAGE,
        call: |api| {
            let mut items = api.list_organization_memberships("org_1", &ListParams::new());
            items.try_for_each(|item| item.map(drop))
        },
    },
    Endpoint {
        method: "POST",
        path: "/v1/organizations/org_1/address",
        response_body: ADDRESS,
        call: |api| {
            let params = AddressCreateParams::new("1 Main St", "Reno", "89501", "US");
            api.create_organization_address("org_1", &params).map(drop)
        },
    },
    Endpoint {
        method: "GET",
        path: "/v1/organizations/org_1/address",
        response_body: ADDRESS,
        call: |api| api.get_organization_address("org_1").map(drop),
    },
    Endpoint {
        method: "PATCH",
        path: "/v1/organizations/org_1/address",
        response_body: ADDRESS,
        call: |api| {
            let params = AddressUpdateParams::new().line2("Suite 4").clear_state();
            api.update_organization_address("org_1", &params).map(drop)
        },
    },
];
