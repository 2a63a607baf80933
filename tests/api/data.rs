//! Models keep everything that the server sends, and serialize to the same JSON.

use nirvana_labs::{
    Error, ErrorKind, ListParams, MembershipRole, Organization, OrganizationAddress,
    OrganizationDomain, OrganizationMembership, OrganizationServices, OrganizationType, Page,
    Pagination,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, from_value, json, to_value};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use crate::fixtures::{address, domain, membership, organization, page, pagination, services};
use crate::scripted::Scripted;

fn read<T: DeserializeOwned>(json: &Value) -> T {
    from_value(json.clone()).unwrap()
}

/// Checks that a `T` serializes to the JSON that it was read from. The fields of `nullable` may be
/// null or missing.
#[track_caller]
fn round_trip<T: DeserializeOwned + Serialize>(full: &Value, nullable: &[&str]) {
    assert_eq!(to_value(read::<T>(full)).unwrap(), *full);
    for name in nullable {
        let mut json = full.clone();
        json[name] = Value::Null;
        assert_eq!(to_value(read::<T>(&json)).unwrap(), json, "{name} is null");
        // A later server may omit the field. This means the same as null.
        let mut absent = json.clone();
        absent.as_object_mut().unwrap().remove(*name);
        assert_eq!(to_value(read::<T>(&absent)).unwrap(), json, "{name} is missing");
    }
}

const NULLABLE: [&str; 3] = ["billing_email", "metronome_customer_id", "stripe_customer_id"];

#[test]
fn every_field_of_every_schema_survives_a_round_trip() {
    round_trip::<Organization>(&organization(), &NULLABLE);
    round_trip::<OrganizationDomain>(&domain(), &[]);
    round_trip::<OrganizationServices>(&services(), &[]);
    round_trip::<OrganizationMembership>(&membership(), &[]);
    round_trip::<OrganizationAddress>(&address(), &["line2", "state", "tax_id", "tax_id_type"]);
    round_trip::<Pagination>(&pagination(), &["next_cursor", "previous_cursor"]);
    round_trip::<Page<Organization>>(&page(vec![organization()], Some("c"), 9), &[]);
    round_trip::<Page<OrganizationMembership>>(&page(vec![membership()], None, 1), &[]);
    round_trip::<Page<Value>>(&page(vec![], None, 0), &[]);
}

#[test]
fn each_field_is_read_from_its_own_name() {
    let org: Organization = read(&organization());
    assert_eq!(org.id, "org_1");
    assert_eq!(org.billing_email.as_deref(), Some("billing@acme.io"));
    assert_eq!(org.created_at.unix_timestamp_nanos() % 1_000_000_000, 123_456_000);
    assert_eq!((org.domains[0].id.as_str(), org.domains[0].domain.as_str()), ("dom_1", "acme.io"));
    assert!(org.domains[0].verified && !org.domains[1].verified);
    assert_eq!(org.metronome_customer_id.as_deref(), Some("met_1"));
    assert_eq!(org.name, "Acme — \"Ünïcode\" 🚀");
    assert!(!org.personal);
    let services = org.services;
    assert!(services.cloud && services.scim && services.sso);
    assert!(!services.jit_provisioning && !services.siem);
    assert_eq!(org.stripe_customer_id.as_deref(), Some("cus_1"));
    assert_eq!(org.organization_type, OrganizationType::Company);
    assert_eq!(org.updated_at.offset(), UtcOffset::from_hms(2, 0, 0).unwrap());
    assert_eq!(org.auth_id.as_deref(), Some("auth_1"));

    let membership: OrganizationMembership = read(&membership());
    assert_eq!(membership.id, "mem_1");
    assert_eq!(membership.organization_id, "org_1");
    assert_eq!(membership.role, MembershipRole::Owner);
    assert_eq!(membership.user_id, "user_1");
    assert_eq!((membership.updated_at - membership.created_at).whole_seconds(), 1);

    let address: OrganizationAddress = read(&address());
    assert_eq!(address.id, "addr_1");
    assert_eq!((address.city.as_str(), address.country.as_str()), ("San Francisco", "US"));
    assert_eq!(
        (address.line1.as_str(), address.line2.as_deref()),
        ("123 Main St", Some("Suite 4"))
    );
    assert_eq!((address.postal_code.as_str(), address.state.as_deref()), ("94105", Some("CA")));
    assert_eq!(address.organization_id, "org_1");
    assert_eq!(address.tax_id.as_deref(), Some("12-3456789"));
    assert_eq!(address.tax_id_type.as_deref(), Some("us_ein"));
    assert_eq!(address.created_at, address.updated_at);

    let pagination: Pagination = read(&pagination());
    assert_eq!(pagination.next_cursor.as_deref(), Some("c_2"));
    assert_eq!(pagination.previous_cursor.as_deref(), Some("c_0"));
    assert_eq!(pagination.total_count, 7);
}

#[test]
fn auth_id_is_not_written_if_there_is_none() {
    let mut without = organization();
    without.as_object_mut().unwrap().remove("auth_id");
    assert_eq!(to_value(read::<Organization>(&without)).unwrap(), without);
    let mut null = without.clone();
    null["auth_id"] = Value::Null;
    assert_eq!(to_value(read::<Organization>(&null)).unwrap(), without);
}

#[test]
fn unknown_values_and_fields_are_accepted() {
    let mut json = organization();
    json["type"] = json!("co-op");
    json["added_later"] = json!({"deep": [1, {"id": null}]});
    json["services"]["quantum"] = json!("maybe");
    json["domains"][0]["dnssec"] = json!(null);
    let org: Organization = read(&json);
    assert_eq!(org.organization_type, OrganizationType::Other("co-op".to_owned()));
    assert_eq!(to_value(&org).unwrap()["type"], "co-op");
    // Unknown values and fields are serialized again.
    assert_eq!(to_value(&org).unwrap(), json);

    let mut json = membership();
    json["role"] = json!("billing_admin");
    let membership: OrganizationMembership = read(&json);
    assert_eq!(membership.role.as_str(), "billing_admin");
    assert_eq!(to_value(&membership).unwrap(), json);
}

/// Checks that unknown fields of a `T` are read, compared, shown and serialized.
#[track_caller]
fn keeps_unknown_fields<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(
    known: &Value,
    extra_fields: impl Fn(&mut T) -> &mut Map<String, Value>,
) {
    let mut json = known.clone();
    for (name, value) in [
        ("added_later", json!({"deep": [1, -2.5, u64::MAX, {"id": null}]})),
        ("", json!("")),
        ("Id", json!(true)),
        ("extra_fields", json!({"extra_fields": []})),
        ("ключ \"🔑\"\n", json!(null)),
    ] {
        json[name] = value;
    }
    let mut model: T = read(&json);
    // The same from text, in which the names are escaped.
    assert_eq!(serde_json::from_str::<T>(&json.to_string()).unwrap(), model);
    assert_eq!(to_value(&model).unwrap(), json);
    let mut plain: T = read(known);
    assert!(extra_fields(&mut plain).is_empty());
    assert_ne!(plain, model);
    assert!(format!("{model:?}").contains("added_later"), "{model:?}");
    let unknown = extra_fields(&mut model);
    assert_eq!(unknown.len(), 5);
    assert_eq!(unknown["extra_fields"], json["extra_fields"]);
}

#[test]
fn unknown_fields_are_kept_in_every_model() {
    keeps_unknown_fields::<Organization>(&organization(), |it| &mut it.extra_fields);
    keeps_unknown_fields::<OrganizationDomain>(&domain(), |it| &mut it.extra_fields);
    keeps_unknown_fields::<OrganizationServices>(&services(), |it| &mut it.extra_fields);
    keeps_unknown_fields::<OrganizationMembership>(&membership(), |it| &mut it.extra_fields);
    keeps_unknown_fields::<OrganizationAddress>(&address(), |it| &mut it.extra_fields);
    keeps_unknown_fields::<Pagination>(&pagination(), |it| &mut it.extra_fields);
    let page = page(vec![organization()], None, 1);
    keeps_unknown_fields::<Page<Organization>>(&page, |it| &mut it.extra_fields);
}

#[test]
fn a_null_list_is_read_as_empty() {
    let mut json = organization();
    json["domains"] = Value::Null;
    let org: Organization = read(&json);
    assert_eq!(org.domains, []);
    assert_eq!(to_value(&org).unwrap()["domains"], json!([]));

    let body = json!({"items": null, "pagination": pagination()});
    let page: Page<Organization> = read(&body);
    assert_eq!(page.items, []);
    let mut body = body;
    body["pagination"]["next_cursor"] = Value::Null;
    let api = Scripted::body(body.to_string()).api();
    assert_eq!(api.list_organizations(&ListParams::new()).count(), 0);
}

#[test]
fn a_page_with_one_unknown_value_is_read() {
    let mut odd = organization();
    odd["type"] = json!("");
    let body = page(vec![organization(), odd, organization()], None, 3).to_string();
    let api = Scripted::body(body).api();
    let items = api.list_organizations(&ListParams::new());
    let types: Vec<String> =
        items.map(|item| item.unwrap().organization_type.to_string()).collect();
    assert_eq!(types, ["company", "", "company"]);
}

#[test]
fn open_enums_know_their_names() {
    for (value, name) in
        [(OrganizationType::Personal, "personal"), (OrganizationType::Company, "company")]
    {
        assert_eq!((value.as_str(), OrganizationType::from(name)), (name, value.clone()));
        assert_eq!(to_value(&value).unwrap(), name);
    }
    for (value, name) in [(MembershipRole::Owner, "owner"), (MembershipRole::Member, "member")] {
        assert_eq!((value.as_str(), MembershipRole::from(name)), (name, value.clone()));
        assert_eq!(to_value(&value).unwrap(), name);
    }
    // Names are case-sensitive.
    assert_eq!(MembershipRole::from("Owner"), MembershipRole::Other("Owner".to_owned()));
    assert_eq!(format!("[{:>7}]", MembershipRole::Owner), "[  owner]");
}

#[test]
fn timestamps_are_read_in_all_forms_of_rfc_3339() {
    for (text, same) in [
        ("2026-06-01T12:00:00Z", "2026-06-01T12:00:00Z"),
        ("2026-06-01T12:00:00.000Z", "2026-06-01T12:00:00Z"),
        ("2026-06-01T12:00:00.123456789Z", "2026-06-01T12:00:00.123456789Z"),
        ("2026-06-01T14:30:00+02:30", "2026-06-01T12:00:00Z"),
        ("2026-06-01T12:00:00+00:00", "2026-06-01T12:00:00Z"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
    ] {
        let mut json = membership();
        json["created_at"] = json!(text);
        let read: OrganizationMembership = read(&json);
        assert_eq!(read.created_at, OffsetDateTime::parse(same, &Rfc3339).unwrap(), "{text}");
    }
}

#[test]
fn a_body_may_have_line_breaks_and_escapes() {
    let body = serde_json::to_string_pretty(&organization()).unwrap().replace("Acme", "\\u0041cme");
    let org = Scripted::body(format!("\r\n\t{body}\n\n")).api().get_organization("org_1").unwrap();
    assert_eq!(org, read(&organization()));
}

/// Reads a page with `number` as its total count, and returns the count.
fn total_count(number: &str) -> Result<i64, Error> {
    let body = format!(
        r#"{{"items":[],"pagination":{{"next_cursor":null,"previous_cursor":null,
        "total_count":{number}}}}}"#
    );
    let mut pages = Scripted::body(body).api().list_organizations(&ListParams::new()).into_pages();
    pages.next().unwrap().map(|page| page.pagination.total_count)
}

#[test]
fn total_count_is_read_in_any_spelling_of_an_integer() {
    for (number, total) in [
        ("7", 7),
        ("-1", -1),
        ("1.0", 1),
        ("-0", 0),
        ("-0.0", 0),
        ("1e3", 1000),
        ("1E+3", 1000),
        ("2.5e1", 25),
        ("10e-1", 1),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
        ("-9.223372036854775808e18", i64::MIN),
        // The largest float that fits into an `i64`.
        ("9223372036854774784.0", 9_223_372_036_854_774_784),
    ] {
        assert_eq!(total_count(number).unwrap(), total, "{number}");
    }
}

#[test]
fn total_count_must_be_a_64_bit_integer() {
    for number in [
        "1.5",
        "-0.5",
        "1e-3",
        "1e300",
        "-1e300",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "9223372036854775808.0",
        "-9223372036854777856.0",
    ] {
        let error = total_count(number).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{number}: {error:?}");
        assert_eq!(error.field(), Some("pagination.total_count"), "{number}: {error}");
        assert!(error.to_string().contains("expected a 64-bit integer"), "{error}");
    }
    for number in ["1e400", "\"1\"", "null", "true", "[1]", "{}", "01", "+1", ".5", "1."] {
        let error = total_count(number).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{number}: {error:?}");
    }
}

#[test]
fn an_unknown_number_beyond_64_bits_is_kept_as_a_float() {
    let mut json = membership();
    json["marker"] = json!(true);
    for (number, kept) in [
        ("18446744073709551615", json!(u64::MAX)),
        ("-9223372036854775808", json!(i64::MIN)),
        ("18446744073709551616", json!(18_446_744_073_709_551_616.0)),
        ("1e5", json!(100_000.0)),
        ("0.1", json!(0.1)),
    ] {
        let text = json.to_string().replace("\"marker\":true", &format!("\"marker\":{number}"));
        let membership: OrganizationMembership = serde_json::from_str(&text).unwrap();
        assert_eq!(membership.extra_fields["marker"], kept, "{number}");
    }
}
