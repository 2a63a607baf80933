//! The tour runs through, and shows what it says it shows.

#[allow(unused_imports)]
use crate::checks::message::{RequestWords, ResponseWords, reply};
use nirvana_labs::http::Method;
use nirvana_labs::{Api, Sandbox};

use crate::scripted::Scripted;

#[allow(dead_code)]
#[path = "../../examples/tour.rs"]
mod example;

/// The lines that a tour prints, and how many errors it did not expect.
fn printed(tour: impl FnOnce(&mut Vec<u8>) -> std::io::Result<u32>) -> (Vec<String>, u32) {
    let mut text = Vec::new();
    let errors = tour(&mut text).unwrap();
    (String::from_utf8(text).unwrap().lines().map(str::to_owned).collect(), errors)
}

fn endpoints(sandbox: &Sandbox) -> usize {
    let mut endpoints: Vec<String> = sandbox
        .requests()
        .iter()
        .map(|request| {
            let is_name = |segment: &&String| !segment.contains('_');
            let segments = request.segments();
            let names: Vec<&str> = segments.iter().filter(is_name).map(String::as_str).collect();
            format!("{} {} {}", request.method(), names.join("/"), segments.len())
        })
        .collect();
    endpoints.sort();
    endpoints.dedup();
    endpoints.len()
}

#[test]
fn on_the_sandbox_all_goes_well() {
    let (lines, errors) = printed(|out| example::on_sandbox(out));
    let text = lines.join("\n");
    assert_eq!(errors, 0, "{text}");
    for name in [
        "create_organization",
        "get_organization",
        "update_organization",
        "list_organizations",
        "leave_organization",
        "get_organization_membership",
        "list_organization_memberships",
        "create_organization_address",
        "get_organization_address",
        "update_organization_address",
    ] {
        let call = format!("  {name} ");
        assert!(lines.iter().any(|line| line.starts_with(&call)), "{name} in\n{text}");
    }
    for detail in ["Acme Ltd, company, acme.example", "page 2: Acme Ltd (1 of 3)", "404, as it"] {
        assert!(text.contains(detail), "{detail} in\n{text}");
    }
    let retry = lines.iter().find(|line| line.contains("a 503 on the way")).unwrap();
    assert!(retry.contains("503, again in 0.") && retry.ends_with("; 200"), "{retry}");
    assert!(text.ends_with("left org_3"), "{text}");
    assert!(lines.iter().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn on_a_server_it_only_reads_unless_told_to_write() {
    let sandbox = Sandbox::new();
    sandbox.add_organization("Acme");
    let api = Api::builder().transport(sandbox.clone()).build().unwrap();
    let (lines, errors) = printed(|out| example::on_server(&api, false, out));
    assert_eq!(errors, 0, "{lines:#?}");
    assert!(sandbox.requests().iter().all(|request| request.method() == Method::GET));
    assert!(lines.iter().any(|line| line.contains("none yet")), "{lines:#?}");
    assert_eq!(endpoints(&sandbox), 5);

    let (lines, errors) = printed(|out| example::on_server(&api, true, out));
    assert_eq!(errors, 0, "{lines:#?}");
    assert_eq!(endpoints(&sandbox), 10);
    // Alone in the organization that it made, it may not leave.
    assert!(lines.last().unwrap().contains("not allowed: "), "{lines:#?}");
    assert_eq!(api.list_organizations(&Default::default()).count(), 2);
}

#[test]
fn an_account_without_organizations_ends_the_tour_early() {
    let api = Api::builder().transport(Sandbox::new()).build().unwrap();
    let (lines, errors) = printed(|out| example::on_server(&api, false, out));
    assert_eq!(errors, 0);
    assert!(lines.iter().any(|line| line.contains("no organizations")), "{lines:#?}");
}

#[test]
fn an_unexpected_error_is_said_and_counted() {
    let sandbox = Sandbox::with_api_key("nl_good");
    let api = Api::builder().api_key("nl_bad").transport(sandbox).build().unwrap();
    let (lines, errors) = printed(|out| example::on_server(&api, false, out));
    assert_eq!(errors, 2);
    assert!(lines.iter().any(|line| line.contains("stopped: ") && line.contains("401")));
}

#[test]
fn a_list_that_goes_round_in_circles_is_said_but_no_alarm() {
    let server = Scripted::new(|request| {
        let pagination = r#"{"next_cursor": "again", "previous_cursor": null, "total_count": 0}"#;
        Ok(match request.path() {
            "/v1/organizations" => {
                reply(200).with_body(format!(r#"{{"items": [], "pagination": {pagination}}}"#))
            }
            _ => reply(404),
        })
    });
    let (lines, errors) = printed(|out| example::on_server(&server.api(), false, out));
    assert_eq!(errors, 0, "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("pagination cycle")), "{lines:#?}");
    assert!(lines.last().unwrap().contains("404, as it should be"), "{lines:#?}");
}
