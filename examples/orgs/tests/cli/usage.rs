//! What can be typed, and what comes of what cannot.

use crate::support::{orgs, outcome, sandbox};

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
        let help = sandbox(&format!("{command} --help")).ok();
        assert!(help.contains(format!("Usage: orgs {command}").trim_end()), "{help}");
        assert_eq!(help.matches("Global options:").count(), 1, "{help}");
        assert_eq!(help.matches("--base-url <URL>").count(), 1, "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    }
    let help = sandbox("--help").ok();
    for promise in ["130  Ended by Ctrl-C", "4    Not signed in", "org_1  Acme", "NO_COLOR"] {
        assert!(help.contains(promise), "{promise} in {help}");
    }
}

#[test]
fn no_command_shows_what_there_is() {
    for args in [&[][..], &["address"]] {
        let nothing = outcome(&mut orgs(args));
        assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(2), ""));
        assert!(nothing.stderr.contains("Usage: orgs"), "{nothing:?}");
    }
}

#[test]
fn bad_usage_is_told_in_one_line_with_the_help_to_read() {
    for (line, told) in [
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
        ("--base-url http://localhost list", "leave --base-url out"),
        ("update org_1", "--clear-billing-email"),
        ("update org_1 --billing-email a@b.example --clear-billing-email", "cannot be used with"),
        ("address update org_1", "nothing to change"),
        ("address update org_1", "see `orgs address update --help`"),
        ("address update org_1 --country USA", "two letters"),
        ("address create org_2 --city Oslo", "--postal-code <TEXT>"),
        ("show .", "`orgs list` lists the ids"),
        ("serve --port 65536", "65536"),
        ("serve --port 0 --seed-key a --seed-key a", "a key twice"),
        ("address set org_1", "unrecognized subcommand 'set'"),
        ("completions tcsh", "possible values: bash"),
    ] {
        let error = sandbox(line).failed(2);
        assert!(error.contains(told), "{line}: {error}");
    }
}

#[test]
fn an_empty_value_never_clears() {
    for (args, told) in [
        (&["update", "org_1", "--billing-email", ""][..], "use --clear-billing-email"),
        (&["update", "org_1", "--billing-email="], "use --clear-billing-email"),
        (&["update", "org_1", "--name", " "], "was a variable not set?"),
        (&["create", ""], "was a variable not set?"),
        (&["leave", "", "--yes"], "was a variable not set?"),
        (&["address", "update", "org_1", "--line2="], "use --clear-line2 of"),
        (&["address", "update", "org_1", "--state="], "use --clear-state of"),
        (&["address", "update", "org_1", "--tax-id="], "use --clear-tax-id of"),
        (&["address", "update", "org_1", "--tax-id-type="], "use --clear-tax-id-type of"),
    ] {
        let error = outcome(orgs(args).arg("--sandbox")).failed(2);
        assert!(error.contains(told), "{args:?}: {error}");
    }
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = sandbox(&format!("completions {shell}")).ok();
        for word in ["members", "clear-billing-email", "sandbox"] {
            assert!(script.contains(word), "{word} for {shell}");
        }
    }
    // No key is needed for them, nor a network.
    assert!(outcome(&mut orgs(&["completions", "bash"])).ok().contains("_orgs()"));
}
