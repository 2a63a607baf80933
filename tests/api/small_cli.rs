//! The example `small_cli` prints what it did, and its errors are one line.

use std::process::ExitCode;

use nirvana_labs::{Organization, Sandbox};

#[allow(dead_code)]
#[path = "../../examples/small_cli.rs"]
mod example;

/// Runs the tool on `sandbox`. Returns what it prints, or its error.
fn run(sandbox: &Sandbox, args: &[&str]) -> Result<String, String> {
    let mut out = Vec::new();
    let code =
        example::run(args, Ok(sandbox.api()), &mut out).map_err(|error| error.to_string())?;
    assert_eq!(code, ExitCode::SUCCESS);
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn list_prints_one_line_per_organization() {
    let sandbox = Sandbox::new();
    assert_eq!(run(&sandbox, &["list"]).unwrap(), "");
    sandbox.add_organization("Acme");
    sandbox.add_organization("\u{1b}[2J\n");
    let printed = run(&sandbox, &["list"]).unwrap();
    assert_eq!(printed, "org_1\t\"Acme\"\norg_2\t\"\\u{1b}[2J\\n\"\n");
}

#[test]
fn show_prints_every_field_as_json() {
    let sandbox = Sandbox::new();
    let acme = sandbox.add_organization("Acme");
    let printed = run(&sandbox, &["show", "org_1"]).unwrap();
    assert_eq!(serde_json::from_str::<Organization>(&printed).unwrap(), acme);
}

#[test]
fn create_prints_the_new_id() {
    let sandbox = Sandbox::new();
    assert_eq!(run(&sandbox, &["create", "Acme"]).unwrap(), "org_1\n");
    assert_eq!(sandbox.api().get_organization("org_1").unwrap().name, "Acme");
}

#[test]
fn errors_are_one_line() {
    let sandbox = Sandbox::new();
    let error = run(&sandbox, &["show", "org_7"]).unwrap_err();
    assert!(error.starts_with("GET /v1/organizations/org_7: 404"), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn wrong_arguments_are_reported_before_a_missing_key() {
    let no_key = || nirvana_labs::Api::builder().build();
    for args in [&[][..], &["--help"], &["list", "x"], &["show"], &["create"], &["delete", "x"]] {
        let code = example::run(args, no_key(), &mut Vec::new()).unwrap();
        assert_eq!(code, ExitCode::from(2), "{args:?}");
    }
    let error = example::run(&["list"], no_key(), &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("NIRVANA_LABS_API_KEY"), "{error}");
}
