//! `from_env` reads the environment, and nothing else does.

use std::process::Command;

use nirvana_labs::{Api, Sandbox};

use super::{NO_TLS, TLS};
use crate::exact::{Reply, Server};
use crate::fixtures::organization;

/// Runs [`from_env_child`] in a new process with these variables, and returns its result.
fn from_env_with(variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "config::environment::from_env_child", "--nocapture"]);
    for name in ["NIRVANA_LABS_API_KEY", "NIRVANA_LABS_BASE_URL"] {
        command.env_remove(name);
    }
    command.env("NIRVANA_LABS_TEST_CHILD", "1").envs(variables.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find_map(|line| line.split_once("from_env: "));
    line.unwrap().1.to_owned()
}

#[test]
fn from_env_child() {
    if std::env::var_os("NIRVANA_LABS_TEST_CHILD").is_none() {
        return;
    }
    match Api::from_env() {
        Ok(api) => {
            println!("from_env: {api:?}");
            if std::env::var("NIRVANA_LABS_BASE_URL").is_ok_and(|url| url.starts_with("http:")) {
                api.get_organization("org_1").unwrap();
            }
        }
        Err(error) => println!("from_env: {} {error}", error.kind() as u32),
    }
}

#[test]
fn from_env_reads_key_and_base_url() {
    let server = Server::always(Reply::json(200, &organization()));
    let url = server.url();
    let key = ("NIRVANA_LABS_API_KEY", "nl_key");
    assert_eq!(
        from_env_with(&[key, ("NIRVANA_LABS_BASE_URL", &url)]),
        format!("Api {{ base_url: {url}, .. }}")
    );
    server.expect("GET", "/v1/organizations/org_1", None);

    let without = format!("1 {NO_TLS}");
    let default = if TLS { "Api { base_url: https://api.nirvanalabs.io, .. }" } else { &without };
    assert_eq!(from_env_with(&[key]), default);
    assert_eq!(from_env_with(&[key, ("NIRVANA_LABS_BASE_URL", "")]), default);
}

#[test]
fn from_env_says_what_is_wrong() {
    let missing = "1 no API key: set NIRVANA_LABS_API_KEY";
    assert_eq!(from_env_with(&[]), missing);
    assert_eq!(from_env_with(&[("NIRVANA_LABS_API_KEY", "")]), missing);
    let text = from_env_with(&[("NIRVANA_LABS_API_KEY", "nl\tkey")]);
    assert!(
        text.starts_with("1 the API key contains an invalid character at byte 2")
            && !text.contains("key\t"),
        "{text}"
    );
    let text = from_env_with(&[
        ("NIRVANA_LABS_API_KEY", "nl_key"),
        ("NIRVANA_LABS_BASE_URL", "http://example.com"),
    ]);
    assert!(text.starts_with("1 the base URL is invalid: plain http"), "{text}");
}

#[cfg(unix)]
#[test]
fn from_env_says_if_a_variable_is_not_unicode() {
    use std::os::unix::ffi::OsStrExt;
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "config::environment::from_env_child", "--nocapture"]);
    let not_unicode = std::ffi::OsStr::from_bytes(b"nl_\xFF");
    command.env("NIRVANA_LABS_TEST_CHILD", "1").env("NIRVANA_LABS_API_KEY", not_unicode);
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(output.contains("from_env: 1 NIRVANA_LABS_API_KEY is not Unicode"), "{output}");
}

#[test]
fn nothing_else_reads_the_environment() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "config::environment::builder_child", "--nocapture"]);
    command.env("NIRVANA_LABS_TEST_CHILD", "1").env("NIRVANA_LABS_API_KEY", "nl_key");
    command.env("NIRVANA_LABS_BASE_URL", "https://example.com");
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(output.contains("built: true https://api.nirvanalabs.io"), "{output}");
}

#[test]
fn builder_child() {
    if std::env::var_os("NIRVANA_LABS_TEST_CHILD").is_some() {
        let keyless = Api::builder().build().is_err();
        let api = Api::builder().api_key("nl_other").transport(Sandbox::new()).build();
        let api = format!("{:?}", api.unwrap());
        let url = api.split("base_url: ").nth(1).unwrap();
        println!("built: {keyless} {url}");
    }
}
