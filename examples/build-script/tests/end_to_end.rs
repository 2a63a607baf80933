//! Builds a copy of this package with Cargo, and runs its build script with many faults.
#![allow(missing_docs)]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use mockito::{Mock, Server};
use serde_json::json;

/// A folder in this package's target directory, where the dependencies are already built.
const TMP: &str = env!("CARGO_TARGET_TMPDIR");
const COPY: &str = r#"{ "id": "org_1", "name": "Copy", "verified_domains": [] }"#;
const KEY: &str = "nl_sentinel_5ecret";
const API_KEY: (&str, &str) = ("NIRVANA_LABS_API_KEY", KEY);
const ID: (&str, &str) = ("NIRVANA_LABS_ORGANIZATION_ID", "org_1");
const STRICT: (&str, &str) = ("NIRVANA_LABS_STRICT", "1");
const BASE_URL: &str = "NIRVANA_LABS_BASE_URL";
const WARNING: &str = "cargo::warning=used organization.json (touch it to try again): ";

/// What the script watches. It does not watch the key, because Cargo writes watched values to disk.
const WATCHED: &str = "cargo::rerun-if-changed=organization.json
cargo::rerun-if-env-changed=NIRVANA_LABS_ORGANIZATION_ID
cargo::rerun-if-env-changed=DOCS_RS
cargo::rerun-if-env-changed=NIRVANA_LABS_STRICT
cargo::rerun-if-env-changed=NIRVANA_LABS_BASE_URL";

/// Returns an organization as the API sends it, with data that must not be baked in.
fn organization(id: &str, name: &str) -> String {
    let domain = |name, verified| json!({ "id": "dom_1", "domain": name, "verified": verified });
    json!({
        "id": id, "name": name, "personal": false, "type": "company", "auth_id": "unbaked_auth",
        "billing_email": "billing@unbaked.example", "stripe_customer_id": "unbaked_cus",
        "metronome_customer_id": "unbaked_metro",
        "services": {
            "cloud": true, "jit_provisioning": false, "scim": false, "siem": false, "sso": false,
        },
        "created_at": "2026-06-01T12:00:00Z", "updated_at": "2026-06-01T12:00:00Z",
        "domains": [domain("z.example", true), domain("unbaked", false), domain("a.example", true)],
    })
    .to_string()
}

fn respond(server: &mut Server, status: usize, body: &str) -> Mock {
    let mock = server.mock("GET", "/v1/organizations/org_1");
    let mock = mock.match_header("authorization", &*format!("Bearer {KEY}"));
    mock.with_status(status).with_body(body).create()
}

#[test]
fn cargo_builds_the_package_with_and_without_a_network() {
    let package = Package::new("baked_copy");
    let (success, log, printed) = package.run(&[]);
    assert!(success && !log.contains("warning"), "{log}");
    assert!(printed.contains("name: \"Example Organization\""), "{printed}");
    let (success, log, _) = package.run(&[STRICT]);
    assert!(!success && log.contains("error: baked_copy@0.1.0: NIRVANA_LABS_STRICT is"), "{log}");

    // No character of a name can end the string literal.
    let name = "A\" + evil!(), // \\ \n\r\t\0 {} \u{202e}\u{2028} é🦀 '#\ncargo::error=x";
    let shown = format!("name: {name:?}");
    let mut server = Server::new();
    let mock = respond(&mut server, 200, &organization("org_1", name)).expect(2);
    let url = server.url();
    let variables = [API_KEY, ID, (BASE_URL, &url), STRICT];
    let (success, first_log, printed) = package.run(&variables);
    assert!(success && printed.contains(&shown), "{first_log}{printed}");
    let lines: Vec<&str> = printed.lines().map(str::trim).collect();
    assert!(lines.windows(2).any(|two| two == ["\"a.example\",", "\"z.example\","]), "{printed}");
    // This search finds text that is in the files, so it would also find the key.
    assert!(package.target_files_with("z.example").len() >= 3);
    for secret in [KEY, "unbaked"] {
        assert!(!first_log.contains(secret) && !printed.contains(secret), "{first_log}");
        assert_eq!(package.target_files_with(secret), Vec::<PathBuf>::new());
    }
    let (_, log, _) = package.run(&variables);
    assert!(log.contains("Fresh baked_copy"), "the second build must do nothing: {log}");

    // The warning names a new copy. With the new copy, the build calls the API and does not warn.
    let (_, new) =
        first_log.split_once("organization.json is out of date: replace it with ").unwrap();
    fs::copy(new.lines().next().unwrap(), package.dir.join("organization.json")).unwrap();
    let (success, log, _) = package.run(&variables);
    assert!(success && !log.contains("out of date"), "{log}");
    mock.assert();
    let (_, log, printed) = package.run(&[]);
    assert!(printed.contains(&shown), "{log}{printed}");
}

#[test]
fn a_failed_call_warns_in_one_line_and_fails_the_build_if_the_copy_must_not_be_used() {
    let rude = format!("no {KEY}\ncargo::rustc-env=A=B\r\ncargo::error=x");
    let rude = json!({ "code": "unauthorized", "message": rude }).to_string();
    let (other, echo) = (organization(KEY, "B"), organization("org_1", KEY));
    let mut server = Server::new();
    let url = server.url();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    for (url, status, body, sign) in [
        (&*url, 401, &*rude, "401 Unauthorized: no [redacted]"),
        (&url, 404, "", "404 Not Found"),
        (&url, 503, "", "503 Service Unavailable"),
        (&url, 200, "<html>Sign in", "/v1/organizations/org_1: 200"),
        (&url, 200, &other, "the response holds another organization"),
        (&url, 200, &echo, "contains the API key"),
        (&silent, 200, "", "deadline"),
        ("http://127.0.0.1:1", 200, "", "GET /v1/organizations/org_1: "),
    ] {
        server.reset();
        respond(&mut server, status, body);
        for (copy_id, strict, start) in [
            ("org_1", "", WARNING),
            ("org_1", "1", "cargo::error=NIRVANA_LABS_STRICT is set, but "),
            ("org_3", "", "cargo::error=NIRVANA_LABS_ORGANIZATION_ID is org_1, but organizat"),
        ] {
            let variables = [API_KEY, ID, (BASE_URL, url), ("NIRVANA_LABS_STRICT", strict)];
            let started = Instant::now();
            let (lines, constant) = run_script(&COPY.replace("org_1", copy_id), &variables);
            assert!(started.elapsed() < Duration::from_secs(20), "{sign}: no time limit");
            assert!(lines.len() == 6 && lines[5].starts_with(start), "{lines:#?}");
            assert!(lines[5].contains(sign) && !lines[5].contains(KEY), "{lines:#?}");
            let baked = constant.map(|constant| constant.contains("name: \"Copy\""));
            assert_eq!(baked, (start == WARNING).then_some(true), "{sign}");
        }
    }
}

#[test]
fn the_api_is_called_only_with_an_id_and_a_key() {
    let mut server = Server::new();
    let mock = respond(&mut server, 200, &organization("org_1", "Fetched")).expect(0);
    let url = (BASE_URL, &*server.url());
    let no_key = format!("{WARNING}NIRVANA_LABS_API_KEY is not set");
    for (variables, said) in [
        (&[][..], None),
        (&[API_KEY], None),
        (&[API_KEY, (ID.0, "")], None),
        (&[API_KEY, ID, ("DOCS_RS", "1")], None),
        (&[ID], Some(&*no_key)),
        (&[ID, (API_KEY.0, "")], Some(&no_key)),
    ] {
        let (lines, constant) = run_script(COPY, &[&[url], variables].concat());
        assert!(constant.unwrap().contains("name: \"Copy\""), "{variables:?}");
        assert!(lines.iter().map(String::as_str).eq(WATCHED.lines().chain(said)), "{lines:#?}");
    }
    mock.assert();
}

#[test]
fn strict_is_0_1_true_or_false() {
    const STRICT_ERROR: &str = "cargo::error=NIRVANA_LABS_STRICT is ";
    for (value, error) in [
        ("", None),
        ("0", None),
        ("false", None),
        ("1", Some("set, but NIRVANA_LABS_ORGANIZATION_ID is not set")),
        ("true", Some("set, but NIRVANA_LABS_ORGANIZATION_ID is not set")),
        ("yes", Some("\"yes\": set it to 1 or 0")),
        ("1\ncargo::error=x", Some("\"1\\ncargo::error=x\": set it to 1 or 0")),
    ] {
        let (lines, constant) = run_script(COPY, &[("NIRVANA_LABS_STRICT", value)]);
        assert_eq!(constant.is_some(), error.is_none(), "{value}");
        let error = error.map(|error| format!("{STRICT_ERROR}{error}"));
        assert!(lines.iter().map(String::as_str).eq(WATCHED.lines().chain(error.as_deref())));
    }
}

#[test]
fn invalid_settings_and_an_invalid_copy_fail_the_build() {
    let private = COPY.replace("[]", "[], \"billing_email\": \"b@a.example\"");
    for (copy, variables, why) in [
        (COPY, [ID, (API_KEY.0, "nl_sentinel_5ecret\n")], "the API key"),
        (COPY, [API_KEY, (BASE_URL, "api.example")], "the base URL"),
        (COPY, [API_KEY, (ID.0, "..\n")], "NIRVANA_LABS_ORGANIZATION_ID is .. , but"),
        ("", [ID, API_KEY], "organization.json: EOF"),
        (&private, [ID, API_KEY], "organization.json: unknown field `billing_email`"),
    ] {
        let unless_set = [ID, (BASE_URL, "http://127.0.0.1:1")];
        let (lines, constant) = run_script(copy, &[unless_set, variables].concat());
        assert!(lines.last().unwrap().starts_with(&format!("cargo::error={why}")), "{lines:#?}");
        assert!(!lines.concat().contains(KEY) && constant.is_none(), "{lines:#?}");
    }
}

struct Package {
    name: &'static str,
    dir: PathBuf,
}

impl Package {
    /// Copies the package under another name, with a time limit of 1 s.
    fn new(name: &'static str) -> Package {
        let source = Path::new(env!("CARGO_MANIFEST_DIR"));
        let client = source.join("../..").canonicalize().unwrap();
        let dir = Path::new(TMP).join(name);
        fs::create_dir_all(dir.join("src")).unwrap();
        let texts = ["Cargo.toml", "Cargo.lock", "organization.json", "build.rs"];
        for file in texts.into_iter().chain(["src/lib.rs", "src/main.rs"]) {
            let text = fs::read_to_string(source.join(file)).unwrap();
            let text = text.replace("\"../..\"", &format!("{client:?}"));
            let text = text.replace("baked-organization", name).replace("baked_organization", name);
            fs::write(dir.join(file), text.replace("from_secs(10)", "from_secs(1)")).unwrap();
        }
        Package { name, dir }
    }

    /// Runs `cargo run`. Returns whether it succeeded, Cargo's log, and the program's output.
    fn run(&self, variables: &[(&str, &str)]) -> (bool, String, String) {
        let mut cargo = Command::new(env!("CARGO"));
        // Cargo sets these variables for this test. If they change, Cargo compiles ring again.
        let told = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_", "OUT_DIR"];
        let is_told = |name: &String| told.iter().any(|start| name.starts_with(start));
        for name in env::vars().map(|(name, _)| name).filter(is_told) {
            cargo.env_remove(name);
        }
        cargo.args(["run", "--offline", "--locked", "-v"]).current_dir(&self.dir);
        cargo.env("CARGO_TARGET_DIR", Path::new(TMP).parent().unwrap());
        run(&mut cargo, variables)
    }

    /// Returns the files of this package in the target directory that contain `text`.
    fn target_files_with(&self, text: &str) -> Vec<PathBuf> {
        let mut left = vec![Path::new(TMP).with_file_name("debug")];
        let mut files = Vec::new();
        while let Some(path) = left.pop() {
            if let Ok(entries) = fs::read_dir(&path) {
                left.extend(entries.map(|entry| entry.unwrap().path()));
            } else if path.to_string_lossy().contains(self.name) {
                files.push(path);
            }
        }
        files.retain(|file| String::from_utf8_lossy(&fs::read(file).unwrap()).contains(text));
        files
    }
}

/// Runs the compiled script with `copy` as its `organization.json`. Returns the lines that it
/// prints, and the file that it writes.
fn run_script(copy: &str, variables: &[(&str, &str)]) -> (Vec<String>, Option<String>) {
    static SCRIPT: LazyLock<String> = LazyLock::new(|| {
        let (_, log, _) = Package::new("baked_script").run(&[]);
        let is_own = |it: &&str| it.contains("/baked_script-") && it.ends_with("-script-build");
        log.split('`').find(is_own).expect(&log).to_owned()
    });
    let dir = Path::new(TMP).join(thread::current().name().unwrap());
    drop(fs::remove_dir_all(&dir));
    fs::create_dir_all(dir.join("out")).unwrap();
    fs::write(dir.join("organization.json"), copy).unwrap();

    let mut script = Command::new(&*SCRIPT);
    let script = script.current_dir(&dir).env("OUT_DIR", dir.join("out"));
    let (success, log, printed) = run(script, variables);
    assert!(success && log.is_empty(), "{log}");
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 2, "the script must write only to OUT_DIR");
    let constant = fs::read_to_string(dir.join("out/organization.rs")).ok();
    (printed.lines().map(str::to_owned).collect(), constant)
}

/// Runs a command with these variables. All others that the build script reads are unset.
fn run(command: &mut Command, variables: &[(&str, &str)]) -> (bool, String, String) {
    for name in ["API_KEY", "BASE_URL", "ORGANIZATION_ID", "STRICT"] {
        command.env_remove(format!("NIRVANA_LABS_{name}"));
    }
    let output = command.env_remove("DOCS_RS").envs(variables.iter().copied()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stderr), text(output.stdout))
}
