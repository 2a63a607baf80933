//! The whole: Cargo builds a copy of this package, and runs it.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::bake::WATCHED_VARIABLES;
use crate::package::{Built, NAME, Package};
use crate::server::Server;

const KEY: &str = "nl_sentinel_5ecret";
/// Nobody listens there.
const REFUSED: &str = "http://127.0.0.1:1";
const COMMITTED: &str = "Example Organization";
const NONE: [std::path::PathBuf; 0] = [];

fn answer(name: &str) -> String {
    json!({
        "id": "org_example", "billing_email": "billing@private.example",
        "created_at": "2026-06-01T12:00:00Z", "metronome_customer_id": "metro_private",
        "domains": [
            { "id": "dom_1", "domain": "acme.example", "verified": true },
            { "id": "dom_2", "domain": "unproven.example", "verified": false },
        ],
        "name": name, "personal": false, "stripe_customer_id": "cus_private", "type": "company",
        "services": {
            "cloud": true, "jit_provisioning": false, "scim": false, "siem": false, "sso": false,
        },
        "updated_at": "2026-06-01T12:00:00Z",
    })
    .to_string()
}

fn run(package: &Package, base_url: &str) -> Built {
    package.run(&[
        ("NIRVANA_LABS_API_KEY", KEY),
        ("NIRVANA_LABS_ORGANIZATION_ID", "org_example"),
        ("NIRVANA_LABS_BASE_URL", base_url),
    ])
}

/// The build went well, with `name` in it and the warnings that hold `warnings`. Whatever
/// happened, the key is nowhere, and the source tree is as it was.
fn assert_built(package: &Package, built: &Built, name: &str, warnings: &[&str]) {
    assert!(built.success, "{}", built.log);
    assert!(built.printed.contains(&format!("name: {name:?}")), "{}", built.printed);
    let watched = WATCHED_VARIABLES.map(|name| format!("cargo::rerun-if-env-changed={name}"));
    let mut expected = vec!["cargo::rerun-if-changed=organization.json".to_owned()];
    expected.extend(watched);
    let (instructions, said) = built.script.split_at(expected.len());
    assert_eq!(instructions, expected);
    assert_eq!(said.len(), warnings.len(), "{said:#?}");
    for (said, warning) in said.iter().zip(warnings) {
        let said = said.strip_prefix("cargo::warning=").unwrap();
        assert!(said.contains(warning), "{said}");
        let shown = format!("warning: {NAME}@0.1.0: {said}");
        assert!(built.log.lines().any(|line| line == shown), "{}", built.log);
    }
    assert_no_key(package, built);
    assert_eq!(package.source_files().len(), 8, "{:#?}", package.source_files());
    assert!(package.read("organization.json").contains(COMMITTED));
}

fn assert_no_key(package: &Package, built: &Built) {
    assert!(!built.log.contains(KEY), "{}", built.log);
    assert!(!built.script.concat().contains(KEY), "{:#?}", built.script);
    assert!(!built.printed.contains(KEY), "{}", built.printed);
    assert_eq!(package.target_files_with(KEY), NONE);
}

#[test]
fn a_build_with_network_bakes_what_the_service_says_once() {
    let server = Server::answering("200 OK", &answer("Acme"));
    let package = Package::new();
    let built = run(&package, &server.url());
    assert_built(&package, &built, "Acme", &["organization.json is out of date"]);
    assert!(built.printed.contains("acme.example"), "{}", built.printed);
    assert_eq!(server.requests().len(), 1);
    assert!(server.requests()[0].contains(&format!("Bearer {KEY}")));
    // So a search of the output can find something, and what is private is not there.
    assert!(package.target_files_with("acme.example").len() >= 3);
    for private in ["unproven.example", "private.example", "cus_private", "metro_private"] {
        assert_eq!(package.target_files_with(private), NONE);
    }

    // Nothing has changed: nothing is asked, and nothing compiled.
    let again = run(&package, &server.url());
    assert!(again.log.contains(&format!("Fresh {NAME}")), "{}", again.log);
    assert_eq!(again.printed, built.printed);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_refused_connection_leaves_the_committed_copy() {
    let package = Package::new();
    let built = run(&package, REFUSED);
    assert_built(&package, &built, COMMITTED, &["baked the last good copy of org_example: GET"]);
}

#[test]
fn a_server_that_goes_silent_leaves_what_it_said_before() {
    let package = Package::new();
    let server = Server::answering_once(&answer("Acme"));
    assert!(run(&package, &server.url()).success);

    // The same address: a copy is good for the server that it came from.
    package.write("organization.json", &package.read("organization.json"));
    let started = Instant::now();
    let built = run(&package, &server.url());
    assert!(started.elapsed() < Duration::from_secs(45), "as long as a timeout without deadline");
    assert_built(&package, &built, "Acme", &["baked the last good copy of org_example: GET"]);
    assert!(server.requests().len() >= 2);
}

#[test]
fn without_a_key_or_on_docs_rs_nothing_is_asked() {
    let server = Server::answering("200 OK", &answer("Acme"));
    let package = Package::new();
    assert_built(&package, &package.run(&[]), COMMITTED, &[]);

    let url = server.url();
    let id = ("NIRVANA_LABS_ORGANIZATION_ID", "org_example");
    let base_url = ("NIRVANA_LABS_BASE_URL", &*url);
    let built = package.run(&[id, base_url]);
    assert_built(&package, &built, COMMITTED, &["NIRVANA_LABS_API_KEY is not"]);

    let built = package.run(&[id, base_url, ("NIRVANA_LABS_API_KEY", KEY), ("DOCS_RS", "1")]);
    assert_built(&package, &built, COMMITTED, &[]);
    assert!(server.requests().is_empty());

    // `DOCS_RS` is watched: without it the service is asked.
    assert!(run(&package, &url).printed.contains("Acme"));
}

#[test]
fn a_server_that_says_the_key_back_and_more_changes_nothing() {
    let package = Package::new();
    let message = format!("key {KEY} is bad\ncargo::rustc-env=INJECTED=1\ncargo::error=injected");
    let body = json!({ "code": "unauthorized", "message": message }).to_string();
    let server = Server::answering("401 Unauthorized", &body);
    let built = run(&package, &server.url());
    assert_built(&package, &built, COMMITTED, &["401 Unauthorized: key [redacted] is bad"]);

    let server = Server::answering("200 OK", &answer(&format!("of {KEY}")));
    let built = run(&package, &server.url());
    assert_built(&package, &built, COMMITTED, &["sent the API key back"]);
}

#[test]
fn a_name_is_data_whatever_is_in_it() {
    let name = "A\" + evil!(), // \\ \n\r\t\0 {} \u{202e}\u{2028} é🦀 '#";
    let server = Server::answering("200 OK", &answer(name));
    let package = Package::new();
    let built = run(&package, &server.url());
    assert_built(&package, &built, name, &["out of date"]);
}

#[test]
fn a_wrong_configuration_fails_the_build_and_says_why() {
    let package = Package::new();
    let built = run(&package, "api.nirvanalabs.io");
    assert!(!built.success);
    assert!(
        built.log.contains("-copy@0.1.0: the base URL is unusable: it has no"),
        "{}",
        built.log
    );

    let key = format!("{KEY}\n");
    let id = ("NIRVANA_LABS_ORGANIZATION_ID", "org_example");
    let built = package.run(&[id, ("NIRVANA_LABS_API_KEY", &key)]);
    assert!(!built.success);
    assert!(built.log.contains("-copy@0.1.0: the API key has a character"), "{}", built.log);
    assert_no_key(&package, &built);
}
