//! Checks arbitrary bodies of 2xx responses, for every endpoint. A body is decoded if, and only if,
//! it is a `serde_json::Value` that matches the API schema. The model then has the same data. An
//! error names its place in the body.
//!
//! Input: a letter for the endpoint, `a` to `k`, then the body.

use nirvana_labs::http::Method;
use nirvana_labs::{
    AddressCreateParams, AddressUpdateParams, Api, Error, ErrorKind, ListParams, Organization,
    OrganizationAddress, OrganizationCreateParams, OrganizationMembership,
    OrganizationUpdateParams, Page,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::http_messages::{HttpMessage, WithBody, response};
use super::schema::{
    ADDRESS, Field, MEMBERSHIP, MEMBERSHIP_PAGE, ORGANIZATION, ORGANIZATION_PAGE, Unrepeated, fits,
    same,
};
use super::wire::{Wire, assert_one_line};

/// The byte order mark, which is skipped if a body starts with it.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

thread_local! {
    static CLIENT: (Api, Wire) = {
        let wire = Wire::default();
        let api = Api::builder().max_retries(0).transport(wire.clone()).build().unwrap();
        (api, wire)
    };
}

pub fn check(data: &[u8]) {
    let Some((endpoint, body)) = data.split_first() else { return };
    CLIENT.with(|(api, wire)| {
        wire.answer(response(200).with_header("x-request-id", "req_1").with_body(body));
        let all = ListParams::new();
        match endpoint.wrapping_sub(b'a') % 11 {
            0 => {
                let params = OrganizationCreateParams::new("Acme");
                judge(api.create_organization(&params), body, ORGANIZATION);
            }
            1 => judge(api.get_organization("o"), body, ORGANIZATION),
            2 => {
                let params = OrganizationUpdateParams::new();
                judge(api.update_organization("o", &params), body, ORGANIZATION);
            }
            3 => {
                let page = api.list_organizations(&all).into_pages().next().unwrap();
                judge::<Page<Organization>>(page, body, ORGANIZATION_PAGE);
            }
            4 => {
                // Any body is accepted except an HTML page, which starts with `<`.
                let json = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
                let is_page = json.trim_ascii_start().starts_with(b"<");
                assert_eq!(api.leave_organization("o").is_err(), is_page);
            }
            5 => judge::<OrganizationMembership>(
                api.get_organization_membership("o", "m"),
                body,
                MEMBERSHIP,
            ),
            6 => {
                let page =
                    api.list_organization_memberships("o", &all).into_pages().next().unwrap();
                judge::<Page<OrganizationMembership>>(page, body, MEMBERSHIP_PAGE);
            }
            7 => {
                let params = AddressCreateParams::new("1 Main St", "City", "1", "US");
                judge(api.create_organization_address("o", &params), body, ADDRESS);
            }
            8 => judge::<OrganizationAddress>(api.get_organization_address("o"), body, ADDRESS),
            9 => {
                let params = AddressUpdateParams::new();
                judge(api.update_organization_address("o", &params), body, ADDRESS);
            }
            _ => values(api, body),
        }
        assert_eq!(wire.take().len(), 1);
    });
}

fn judge<T: DeserializeOwned + Serialize>(
    outcome: Result<T, Error>,
    body: &[u8],
    fields: &[Field],
) {
    let text = std::str::from_utf8(body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body));
    let value: Option<Value> = text.ok().and_then(|text| serde_json::from_str(text).ok());
    match outcome {
        Ok(model) => {
            // Unknown fields are kept as values, so a body that can be decoded is always a `Value`.
            let sent = value.unwrap();
            assert!(fits(&sent, fields), "decoded although it does not match the schema: {sent}");
            let written = serde_json::to_value(&model).unwrap();
            assert!(same(&written, &sent, fields), "{sent} was decoded as {written}");
        }
        Err(error) if error.kind() == ErrorKind::Decode => {
            assert_points_into(&error, body);
            if value.is_some_and(|sent| fits(&sent, fields)) {
                assert!(
                    serde_json::from_str::<Unrepeated>(text.unwrap()).is_err(),
                    "the body matches the schema: {error:?}"
                );
            }
            if let Ok(text) = text {
                assert_field::<T>(&error, text);
            }
            assert_eq!((error.kind() as u32, error.status(), error.attempts()), (5, Some(200), 1));
            assert!(error.may_have_been_processed() && !error.is_retryable());
            assert_one_line(&error.to_string());
            assert!(error.to_string().len() < 4 * 1024, "{error}");
        }
        Err(error) => panic!("{error:?}"),
    }
}

fn assert_points_into(error: &Error, body: &[u8]) {
    assert_eq!(error.request_id(), Some("req_1"));
    assert!(body.starts_with(error.body()), "{error:?}");
    assert_eq!(error.body().is_empty(), body.is_empty(), "{error:?}");
    let display = error.to_string();
    let (_, rest) = display.split_once(" with an invalid body: ").unwrap();
    let (reason, _) = rest.rsplit_once(" [request id ").unwrap();
    assert!(!reason.is_empty(), "{error:?}");
    if let Some((line, column)) = place(reason) {
        let json = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        let line = json.split(|byte| *byte == b'\n').nth(line - 1);
        assert!(line.is_some_and(|line| column <= line.len()), "{error:?}");
    }
}

/// Returns the line and the column that a reason ends with, if there are any.
fn place(reason: &str) -> Option<(usize, usize)> {
    let (_, place) = reason.rsplit_once(" at line ")?;
    let (line, column) = place.split_once(" column ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// Asserts that the error names the field at which an independent decoder fails.
fn assert_field<T: DeserializeOwned>(error: &Error, text: &str) {
    let deserializer = &mut serde_json::Deserializer::from_str(text);
    let Err(fault) = serde_path_to_error::deserialize::<_, T>(deserializer) else { return };
    if !fault.inner().is_data() || text.is_empty() {
        return;
    }
    let reason = fault.inner().to_string();
    let named = ["missing field `", "duplicate field `"]
        .iter()
        .find_map(|start| reason.strip_prefix(start)?.split('`').next());
    let path = Some(fault.path().to_string()).filter(|path| path != ".");
    let steps: Vec<&str> = path.as_deref().into_iter().chain(named).collect();
    assert_eq!(error.field(), Some(&*steps.join(".")), "{error:?}");
}

/// Checks bodies that are decoded as a `Value`. An empty body is `null`.
fn values(api: &Api, body: &[u8]) {
    let outcome = api.request(Method::GET, ["v1", "x"]).send::<Value>();
    let json = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let json: &[u8] = if json.is_empty() { b"null" } else { json };
    let expected = std::str::from_utf8(json).ok().and_then(|text| serde_json::from_str(text).ok());
    match outcome {
        Ok(response) => assert_eq!(Some(response.into_body()), expected),
        Err(error) if error.kind() == ErrorKind::Decode => {
            assert_eq!(expected, None);
            assert_points_into(&error, body);
            assert_one_line(&error.to_string());
        }
        Err(error) => panic!("{error:?}"),
    }
}
