//! The exit code and the error line of each failure.

use serde_json::json;

use crate::server::{Reply, Server, gate, organization, page};
use crate::support::{PROGRAM, clean, orgs, orgs_at, outcome};

#[test]
fn nothing_is_sent_without_a_valid_key() {
    let server = Server::always(200, json!({}));
    for key in [None, Some(""), Some("two\nwords")] {
        let mut command = orgs_at(&server.url, &["list"]);
        match key {
            Some(key) => command.env("NIRVANA_LABS_API_KEY", key),
            None => command.env_remove("NIRVANA_LABS_API_KEY"),
        };
        let error = outcome(&mut command).failed(4);
        assert!(error.contains("set NIRVANA_LABS_API_KEY"), "{error}");
        assert!(!error.contains("words"), "{error}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn each_status_has_an_exit_code_and_a_next_step() {
    for (status, args, code, next) in [
        (401, "list", 4, "check the key in NIRVANA_LABS_API_KEY"),
        (403, "update o --name n", 1, "ask an owner"),
        (404, "show o", 1, "`orgs list`"),
        (404, "member o m", 1, "`orgs members o`"),
        (404, "address show o", 1, "`orgs address create o`"),
        (404, "list", 1, "check --base-url"),
        (
            409,
            "address create o --city=c --line1=l --postal-code=p --country=US",
            1,
            "`orgs address update o`",
        ),
        (409, "leave o --yes", 1, "`orgs members o`"),
        (422, "create n", 1, "change what the message names"),
        (301, "list", 1, "with --base-url"),
        (500, "show o", 1, "try again later"),
        (500, "create n", 1, "look at `orgs list` before you try again"),
        (500, "leave o --yes", 1, "look at `orgs list` before you try again"),
        (501, "show o", 1, "a retry will not help"),
        (501, "create n", 1, "a retry will not help"),
        (505, "show o", 1, "a retry will not help"),
    ] {
        let server = Server::always(status, json!({ "message": "the server's\nown words" }));
        let args: Vec<&str> = args.split(' ').collect();
        let error = outcome(orgs_at(&server.url, &args).arg("--retries=0")).failed(code);
        assert!(error.contains("the server's own words"), "{args:?}: {error}");
        assert!(error.contains(&status.to_string()) && error.contains(next), "{args:?}: {error}");
        assert_eq!(server.requests().len(), 1);
    }
    // Without a message, there is no next step.
    let server = Server::always(418, json!({}));
    let error = outcome(&mut orgs_at(&server.url, &["list"])).failed(1);
    assert!(error.contains("418") && !error.contains(';'), "{error}");
}

#[test]
fn an_html_page_is_not_a_response_of_the_api() {
    for (status, args, code, next) in [
        (502, "list", 3, "try again later"),
        (502, "create Acme", 3, "look at `orgs list` before you try again"),
        (403, "list", 3, "not a response of the API; check --base-url"),
        (302, "list", 3, "with --base-url"),
        (401, "list", 4, "check the key in NIRVANA_LABS_API_KEY"),
    ] {
        let server = Server::start(move |_| Reply::Html(status));
        let args: Vec<&str> = args.split(' ').collect();
        let error = outcome(orgs_at(&server.url, &args).arg("--retries=0")).failed(code);
        assert!(error.contains(&status.to_string()) && error.ends_with(next), "{error}");
    }
}

#[test]
fn a_missing_or_invalid_response_has_exit_code_3() {
    // Nothing listens on port 1.
    let refused = outcome(&mut orgs_at("http://127.0.0.1:1", &["list", "--retries", "0"]));
    let error = refused.failed(3);
    assert!(error.contains("check the network, and --base-url"), "{error}");
    assert_eq!(error.to_lowercase().matches("refused").count(), 1, "{error}");

    let server = Server::start(|_| Reply::Close);
    let error = outcome(&mut orgs_at(&server.url, &["show", "o", "--retries=0"])).failed(3);
    assert!(error.contains("try again later"), "{error}");

    let server = Server::always(200, json!({ "id": 7 }));
    let error = outcome(&mut orgs_at(&server.url, &["show", "o"])).failed(3);
    assert!(error.contains("check --base-url"), "{error}");
}

#[test]
fn a_create_without_a_response_is_not_retried() {
    let server = Server::start(|_| Reply::Close);
    let error = outcome(&mut orgs_at(&server.url, &["create", "Acme"])).failed(3);
    assert!(error.contains("it may have been done: look at `orgs list`"), "{error}");
    assert_eq!(server.lines(), ["POST /v1/organizations"]);
}

#[test]
fn a_timeout_names_its_flag() {
    for flag in ["--timeout=100ms", "--deadline=100ms"] {
        let (_open, gate) = gate();
        let server = Server::start(move |_| {
            gate();
            Reply::Close
        });
        let error = outcome(&mut orgs_at(&server.url, &["list", "--retries=0", flag])).failed(3);
        let flag = flag.split('=').next().unwrap();
        assert!(error.contains(&format!("allow more time with {flag}")), "{error}");
    }
}

#[test]
fn an_invalid_base_url_error_names_the_flag_or_variable() {
    for (url, why) in [
        ("nonsense", "set --base-url to https://host"),
        ("ftp://example.com", "neither https nor http; set --base-url to https://host"),
        ("http://x/?a=b", "a query (?…); set --base-url to https://host"),
        ("http://192.0.2.1", "write https, or give --allow-http if you mean it"),
        ("https://münchen.example", "xn--…"),
    ] {
        let error = outcome(&mut orgs_at("", &["list", "--base-url", url])).failed(2);
        assert!(error.contains("the base URL is invalid") && error.contains(why), "{error}");
        assert!(!error.contains("::") && !error.contains("(true)"), "{error}");
    }
    let error = outcome(&mut orgs_at("https://a/#b", &["list"])).failed(2);
    assert!(error.contains("set NIRVANA_LABS_BASE_URL to https://host"), "{error}");
    // With the flag, plain http is allowed. No server has this address.
    let allowed = ["list", "--allow-http", "--timeout=1ms", "--retries=0"];
    outcome(&mut orgs_at("http://192.0.2.1", &allowed)).failed(3);
}

#[test]
fn an_invalid_proxy_is_refused_only_if_it_is_needed() {
    let server = Server::start(|_| page(&[], None, 0));
    let mut list = orgs_at(&server.url, &["list", "--json"]);
    // A server on the same machine needs no proxy.
    outcome(list.env("ALL_PROXY", "socks5://127.0.0.1:1080")).json();
    for proxy in ["socks5://127.0.0.1:1080", "http://user:p@ss#@127.0.0.1:1080"] {
        let mut list = orgs_at("https://192.0.2.1", &["list"]);
        let error = outcome(list.env("ALL_PROXY", proxy)).failed(2);
        assert!(error.contains("HTTPS_PROXY") && error.contains("NO_PROXY"), "{error}");
        assert!(!error.contains("no_proxy()") && !error.contains("ss#"), "{error}");
        list.env("NO_PROXY", "192.0.2.1").args(["--timeout=1ms", "--retries=0"]);
        outcome(&mut list).failed(3);
    }
}

#[test]
fn a_407_from_a_proxy_is_reported_once_with_the_variable_to_check() {
    let proxy = Server::always(407, json!({}));
    let mut list = orgs_at("https://192.0.2.1", &["list"]);
    let error = outcome(list.env("HTTPS_PROXY", &proxy.url)).failed(3);
    assert_eq!(error.matches("407").count(), 1, "{error}");
    let (what, next) = error.split_once("; ").unwrap();
    assert_eq!(what.matches(": ").count(), 1, "{error}");
    assert!(next.starts_with("check HTTPS_PROXY") && !next.contains(';'), "{error}");
    assert_eq!(proxy.lines(), ["CONNECT 192.0.2.1:443"]);
}

#[test]
fn a_cursor_that_is_too_long_is_named() {
    let cursor = format!("--cursor={}", "c".repeat(9000));
    for args in [&["list", &cursor][..], &["members", "o", &cursor]] {
        let error = outcome(&mut orgs_at("http://127.0.0.1:1", args)).failed(2);
        assert!(error.contains("check --cursor"), "{error}");
        assert!(!error.contains("orgs list"), "{error}");
    }
}

#[test]
#[cfg(unix)]
fn leave_requires_yes_if_there_is_no_terminal() {
    let server = Server::always(204, json!(null));
    for shell in ["\"$0\" leave o </dev/null", "\"$0\" leave o <&-", "echo y | \"$0\" leave o"] {
        let mut command = std::process::Command::new("sh");
        clean(&mut command).args(["-c", shell, PROGRAM]);
        command.env("NIRVANA_LABS_API_KEY", "nl_key").env("NIRVANA_LABS_BASE_URL", &server.url);
        let error = outcome(&mut command).failed(2);
        assert!(error.contains("give --yes"), "{error}");
    }
    assert!(server.requests().is_empty());
    assert_eq!(outcome(&mut orgs_at(&server.url, &["leave", "o", "--yes"])).ok(), "left o\n");
}

#[test]
#[cfg(unix)]
fn a_variable_that_is_not_unicode_is_an_error() {
    use std::os::unix::ffi::OsStrExt;

    let not_unicode = std::ffi::OsStr::from_bytes(b"http://127.0.0.1:1/\xFF");
    for (name, code) in [("NIRVANA_LABS_API_KEY", 4), ("NIRVANA_LABS_BASE_URL", 2)] {
        let server = Server::always(200, json!({}));
        let error = outcome(orgs_at(&server.url, &["list"]).env(name, not_unicode)).failed(code);
        assert!(error.contains(&format!("{name} is not Unicode")), "{error}");
        assert!(server.requests().is_empty());
    }
}

#[test]
fn the_base_url_flag_overrides_the_variable() {
    let server = Server::start(|_| page(&[], None, 0));
    let mut command = orgs_at("nonsense", &["list", "--json", "--base-url", &server.url]);
    assert_eq!(outcome(&mut command).json()["items"], json!([]));
    assert!(server.requests()[0].head.contains("Bearer nl_key"));
}

#[test]
fn verbose_reports_each_attempt_without_the_key() {
    let failed = std::sync::atomic::AtomicBool::new(false);
    let server = Server::start(move |_| {
        if failed.swap(true, std::sync::atomic::Ordering::Relaxed) {
            Reply::Status(200, organization("o", "Acme"))
        } else {
            Reply::Status(503, json!({}))
        }
    });
    let shown = outcome(&mut orgs_at(&server.url, &["show", "o", "-v"]));
    assert_eq!(shown.code, Some(0));
    let attempts: Vec<&str> = shown.stderr.lines().collect();
    assert_eq!(attempts.len(), 2, "{shown:?}");
    assert!(attempts[0].starts_with("GET /v1/organizations/o: 503"), "{shown:?}");
    assert!(attempts[1].starts_with("GET /v1/organizations/o: 200"), "{shown:?}");
    assert!(!shown.stderr.contains("nl_key"));
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_has_exit_code_5() {
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    for args in [&["--sandbox", "list"][..], &["serve", "--port=0"]] {
        let error = outcome(orgs(args).stdout(full())).failed(5);
        assert!(error.contains("cannot write the output"), "{error}");
    }
    let error = outcome(orgs(&["--sandbox", "create", "Acme"]).stdout(full())).failed(5);
    assert!(error.contains("the change itself was made"), "{error}");
}
