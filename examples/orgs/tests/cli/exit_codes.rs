//! The exit code and the line on standard error of each way to fail.

use serde_json::json;

use crate::server::{Reply, Server, gate, organization, page};
use crate::support::{orgs, orgs_at, outcome, sandbox};

#[test]
fn without_a_key_nothing_is_sent() {
    let server = Server::always(200, json!({}));
    for key in [None, Some(""), Some("two words")] {
        let mut command = orgs_at(&server, &["list"]);
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
fn what_the_api_says_no_to() {
    for (status, args, code, told) in [
        (401, &["list"][..], 4, "check the key in NIRVANA_LABS_API_KEY"),
        (403, &["update", "o", "--name", "n"], 1, "ask an owner"),
        (404, &["show", "o"], 1, "`orgs list`"),
        (404, &["member", "o", "m"], 1, "`orgs members o`"),
        (404, &["address", "show", "o"], 1, "`orgs address create o`"),
        (404, &["list"], 1, "check --base-url"),
        (
            409,
            &["address", "create", "o", "--city=c", "--line1=l", "--postal-code=p", "--country=US"],
            1,
            "`orgs address set o`",
        ),
        (422, &["create", "n"], 1, "change what the message names"),
        (301, &["list"], 1, "as --base-url"),
        (500, &["show", "o"], 1, "try again in a while"),
        (500, &["create", "n"], 1, "look at `orgs list` before you try again"),
        (500, &["leave", "o"], 1, "look at `orgs list` before you try again"),
    ] {
        let server = Server::always(status, json!({ "message": "the server's\nown words" }));
        let error = outcome(orgs_at(&server, args).arg("--retries=0")).failed(code);
        assert!(error.contains("the server's own words"), "{args:?}: {error}");
        assert!(error.contains(&status.to_string()) && error.contains(told), "{args:?}: {error}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn no_answer() {
    // Nobody listens on port 1.
    let refused = outcome(
        orgs(&["list", "--retries", "0", "--base-url", "http://127.0.0.1:1"])
            .env("NIRVANA_LABS_API_KEY", "nl_key"),
    );
    let error = refused.failed(3);
    assert!(error.contains("check the network, or the address in --base-url"), "{error}");

    let server = Server::start(|_| Reply::Close);
    let error = outcome(&mut orgs_at(&server, &["show", "o", "--retries=0"])).failed(3);
    assert!(error.contains("try again in a while"), "{error}");

    // A create whose answer is lost is neither repeated nor called undone.
    let server = Server::start(|_| Reply::Close);
    let error = outcome(&mut orgs_at(&server, &["create", "Acme"])).failed(3);
    assert!(error.contains("may have been done all the same: look at `orgs list`"), "{error}");
    assert_eq!(server.lines(), ["POST /v1/organizations"]);
}

#[test]
fn an_answer_that_cannot_be_used() {
    let server = Server::always(200, json!({ "id": 7 }));
    let error = outcome(&mut orgs_at(&server, &["show", "o"])).failed(3);
    assert!(error.contains("check --base-url"), "{error}");
}

#[test]
fn time_runs_out() {
    for (flag, told) in [("--timeout=100ms", "--timeout"), ("--deadline=100ms", "--deadline")] {
        let (_open, gate) = gate();
        let server = Server::start(move |_| {
            gate();
            Reply::Close
        });
        let error = outcome(&mut orgs_at(&server, &["list", "--retries=0", flag])).failed(3);
        assert!(error.contains(&format!("give it longer with {told}")), "{error}");
    }
}

#[test]
fn an_unusable_base_url_is_bad_usage() {
    for url in ["nonsense", "ftp://example.com", "http://example.com"] {
        let mut command = orgs(&["list", "--base-url", url]);
        let error = outcome(command.env("NIRVANA_LABS_API_KEY", "nl_key")).failed(2);
        assert!(error.contains("the base URL is unusable"), "{error}");
    }
}

#[test]
#[cfg(unix)]
fn variables_that_are_not_unicode_are_not_passed_over() {
    use std::os::unix::ffi::OsStrExt;

    let not_unicode = std::ffi::OsStr::from_bytes(b"http://127.0.0.1:1/\xFF");
    for (name, code) in [("NIRVANA_LABS_API_KEY", 4), ("NIRVANA_LABS_BASE_URL", 2)] {
        let server = Server::always(200, json!({}));
        let error = outcome(orgs_at(&server, &["list"]).env(name, not_unicode)).failed(code);
        assert!(error.contains(&format!("{name} is not Unicode")), "{error}");
        assert!(server.requests().is_empty());
    }
}

#[test]
fn the_base_url_flag_comes_before_the_variable() {
    let server = Server::start(|_| page(&[], None, 0));
    let mut command = orgs(&["list", "--json", "--base-url", &server.url]);
    command.env("NIRVANA_LABS_API_KEY", "nl_key").env("NIRVANA_LABS_BASE_URL", "nonsense");
    assert_eq!(outcome(&mut command).json()["items"], json!([]));
    assert!(server.requests()[0].head.contains("Bearer nl_key"));
}

#[test]
fn verbose_tells_of_each_attempt_and_never_of_the_key() {
    let failed = std::sync::atomic::AtomicBool::new(false);
    let server = Server::start(move |_| {
        if failed.swap(true, std::sync::atomic::Ordering::Relaxed) {
            Reply::Status(200, organization("o", "Acme"))
        } else {
            Reply::Status(503, json!({}))
        }
    });
    let shown = outcome(&mut orgs_at(&server, &["show", "o", "-v"]));
    assert_eq!(shown.code, Some(0));
    let attempts: Vec<&str> = shown.stderr.lines().collect();
    assert_eq!(attempts.len(), 2, "{shown:?}");
    assert!(attempts[0].starts_with("GET /v1/organizations/o: 503"), "{shown:?}");
    assert!(attempts[1].starts_with("GET /v1/organizations/o: 200"), "{shown:?}");
    assert!(!shown.stderr.contains("nl_key"));
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written() {
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    let error = outcome(orgs(&["--sandbox", "list"]).stdout(full())).failed(5);
    assert!(error.contains("cannot write the output"), "{error}");
    let error = outcome(orgs(&["--sandbox", "create", "Acme"]).stdout(full())).failed(5);
    assert!(error.contains("the change itself is made"), "{error}");
}

#[test]
fn the_sandbox_says_no_too() {
    assert!(sandbox("show org_9").failed(1).contains("404"));
    assert!(sandbox("leave org_3").failed(1).contains("`orgs members org_3`"));
}
