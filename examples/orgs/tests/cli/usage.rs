//! The help, and the error line of each invalid usage.

use crate::support::{orgs, outcome, run, sandbox};

#[test]
fn every_command_has_help_that_fits_80_columns() {
    for command in [
        "",
        "list",
        "show",
        "create",
        "update",
        "leave",
        "members",
        "member",
        "address",
        "address show",
        "address create",
        "address update",
        "serve",
        "completions",
    ] {
        let help = run(&format!("{command} --help")).ok();
        assert!(help.contains(format!("Usage: orgs {command}").trim_end()), "{help}");
        // `serve` and `completions` use no global options.
        let count = if ["serve", "completions"].contains(&command) { 0 } else { 1 };
        assert_eq!(help.matches("Global options:").count(), count, "{help}");
        assert_eq!(help.matches("--base-url <URL>").count(), count, "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    }
    let help = run("--help").ok();
    for text in ["130  Ended by Ctrl-C", "4    Not signed in", "org_1  Acme", "NO_COLOR"] {
        assert!(help.contains(text), "no {text} in {help}");
    }
}

#[test]
fn without_a_command_the_help_is_shown() {
    for args in [&[][..], &["address"]] {
        let nothing = outcome(&mut orgs(args));
        assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(2), ""));
        assert!(nothing.stderr.contains("Usage: orgs"), "{nothing:?}");
    }
}

#[test]
fn invalid_usage_has_one_line_that_names_the_help() {
    for (line, expected) in [
        ("frob", "unrecognized subcommand 'frob'; see `orgs --help`"),
        ("show", "not provided: <ORGANIZATION>; see `orgs show --help`"),
        ("show org_1 --jsno", "'--json'; see `orgs show --help`"),
        ("list --limit 0", "not a number from 1 to 4294967295; see `orgs list --help`"),
        ("list --limit -1", "not a number from 1"),
        ("list --limit all", "not a number from 1"),
        ("list --timeout 5", "write 20s, 500ms or 2m, for example; see `orgs list --help`"),
        ("list --deadline 0s", "greater than 0"),
        ("--json list --jsonl", "give one of them"),
        ("list --json --jsonl", "give one of them"),
        ("--base-url http://localhost list", "--sandbox has no server; leave --base-url out"),
        ("update org_1", "there is nothing to change; see `orgs update --help`"),
        ("update org_1 --billing-email a@b.example --clear-billing-email", "cannot be used with"),
        ("address update org_1", "there is nothing to change; see `orgs address update --help`"),
        ("address update org_1 --country USA", "two letters"),
        ("address create org_2 --city Oslo", "--postal-code <TEXT>"),
        ("show .", "`orgs list` shows the ids"),
        ("list --allow-http", "--sandbox has no server; leave --allow-http out"),
        ("list --ca-cert ca.pem", "--sandbox has no server; leave --ca-cert out"),
        ("address set org_1", "unrecognized subcommand 'set'"),
    ] {
        let error = sandbox(line).failed(2);
        assert!(error.contains(expected), "{line}: {error}");
    }
    for (line, expected) in [
        ("serve --port 65536", "65536"),
        ("serve --port 0 --seed-key a --seed-key a", "the same key twice"),
        ("completions tcsh", "possible values: bash"),
    ] {
        let error = run(line).failed(2);
        assert!(error.contains(expected), "{line}: {error}");
    }
}

#[test]
fn serve_and_completions_refuse_options_that_they_do_not_use() {
    // The port is in use, so that `serve` cannot serve forever if it ignores an option.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let serve = format!("serve --port {}", taken.local_addr().unwrap().port());
    let options = "--json --jsonl --sandbox --base-url=http://a --allow-http --ca-cert=a \
                   --timeout=1s --deadline=1s --retries=1 --verbose";
    for option in options.split(' ') {
        for command in [&serve, "completions bash"] {
            let name = command.split(' ').next().unwrap();
            let flag = option.split('=').next().unwrap();
            for line in [format!("{option} {command}"), format!("{command} {option}")] {
                let expected = format!("`orgs {name}` does not use {flag}; leave it out");
                assert_eq!(run(&line).failed(2), expected, "{line}");
            }
        }
    }
}

#[test]
fn a_tip_names_the_whole_argument_or_is_left_out() {
    let error = sandbox("create --Acme").failed(2);
    assert!(error.contains("tip: to pass '--Acme' as a value, use '-- --Acme'"), "{error}");
    for line in ["create -Acme", "create --Acme=x", "create -vx"] {
        let error = sandbox(line).failed(2);
        assert!(!error.contains("tip") && error.contains("see `orgs create --help`"), "{error}");
    }
    let error = sandbox("list --limt=1").failed(2);
    assert!(error.contains("tip: a similar argument exists: '--limit'"), "{error}");
    assert!(sandbox("create -- -Acme --json").failed(2).contains("'--json'"));
}

#[test]
#[cfg(unix)]
fn an_argument_that_is_not_utf_8_is_invalid_usage() {
    use std::os::unix::ffi::OsStrExt;

    let invalid = std::ffi::OsStr::from_bytes(b"org_\xFF");
    for (args, help) in [
        (&[][..], "orgs --help"),
        (&["show"], "orgs show --help"),
        (&["list", "--base-url"], "orgs list --help"),
        (&["completions"], "orgs completions --help"),
        (&["address", "show"], "orgs address show --help"),
    ] {
        let error = outcome(orgs(args).arg(invalid)).failed(2);
        assert!(error.ends_with(&format!("see `{help}`")), "{args:?}: {error}");
    }
}

#[test]
fn an_empty_value_is_refused() {
    for (args, expected) in [
        (&["update", "org_1", "--billing-email", ""][..], "use --clear-billing-email"),
        (&["update", "org_1", "--billing-email="], "use --clear-billing-email"),
        (&["update", "org_1", "--name", " "], "is a variable not set?"),
        (&["create", ""], "is a variable not set?"),
        (&["leave", "", "--yes"], "is a variable not set?"),
        (&["address", "update", "org_1", "--line2="], "use --clear-line2 of"),
        (&["address", "update", "org_1", "--state="], "use --clear-state of"),
        (&["address", "update", "org_1", "--tax-id="], "use --clear-tax-id of"),
        (&["address", "update", "org_1", "--tax-id-type="], "use --clear-tax-id-type of"),
    ] {
        let error = outcome(orgs(args).arg("--sandbox")).failed(2);
        assert!(error.contains(expected), "{args:?}: {error}");
    }
}

#[test]
fn completions_contain_the_commands_and_options() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        // `completions` needs no key and no network.
        let script = run(&format!("completions {shell}")).ok();
        for word in ["members", "clear-billing-email", "sandbox"] {
            assert!(script.contains(word), "no {word} for {shell}");
        }
    }
}

#[test]
fn the_completions_command_completes_shell_names() {
    let shells = "bash elvish fish powershell zsh";
    assert!(run("completions bash").ok().contains(&format!("--help {shells}\"")));
    let script = run("completions fish").ok();
    let condition = "complete -c orgs -n \"__fish_orgs_using_subcommand completions\"";
    assert!(script.contains(&format!("{condition} -a \"{shells}\"")), "{script}");
    // The rest of the script uses the same condition.
    assert!(script.matches(condition).count() > 1, "{script}");
    assert!(script.lines().any(|line| line == "complete -c orgs -f"), "completes files: {script}");
}
