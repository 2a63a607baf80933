//! What is written: Rust for the compiler, and lines for Cargo.

use std::ffi::OsString;

use crate::bake::organization::Organization;
use crate::bake::{api_key, cargo_line};

#[test]
fn the_constant_is_the_same_every_time() {
    let copy = serde_json::json!({
        "id": "org_1", "name": "Acme", "verified_domains": ["b.example", "a.example", "b.example"],
    });
    assert_eq!(
        Organization::from_json(&copy).unwrap().to_rust(),
        r#"/// The organization that this was built for.
pub const ORGANIZATION: Organization = Organization {
    id: "org_1",
    name: "Acme",
    verified_domains: &["a.example", "b.example"],
};
"#
    );
}

#[test]
fn no_name_gets_out_of_its_string() {
    for name in ["a\", ..evil() }; //", "a\nb\r\t\0", "\\", "{}", "\u{202e}\u{2028}é🦀", "'\"#"]
    {
        let copy = serde_json::json!({ "id": "org_1", "name": name, "verified_domains": [name] });
        let rust = Organization::from_json(&copy).unwrap().to_rust();
        assert_eq!(rust.lines().count(), 6, "{rust}");
        assert!(!rust.contains(['\u{202e}', '\u{2028}', '\0', '\r', '\t']), "{rust:?}");
        // Without escaped characters, two quotes each for id, name and domain are left.
        let quotes = rust.replace(r"\\", "").replace("\\\"", "").matches('"').count();
        assert_eq!(quotes, 6, "{rust}");
    }
}

#[test]
fn a_message_is_one_line_for_cargo() {
    let line = cargo_line("warning", "no\ncargo::rustc-env=A=B\r\u{1b}[31m\u{2028}x", None);
    assert_eq!(line, "cargo::warning=no cargo::rustc-env=A=B  [31m x");
}

#[test]
fn a_message_does_not_hold_the_key() {
    let line = cargo_line("error", "bad key nl_1234: nl_1234", Some("nl_1234"));
    assert_eq!(line, "cargo::error=bad key [redacted]: [redacted]");
    assert_eq!(cargo_line("warning", "a b", Some("")), "cargo::warning=a b");
    assert_eq!(cargo_line("warning", "a b", Some("a")), "cargo::warning=a b");

    let variable = |name: &str| (name == "NIRVANA_LABS_API_KEY").then(|| OsString::from("nl_1"));
    assert_eq!(api_key(variable).as_deref(), Some("nl_1"));
}
