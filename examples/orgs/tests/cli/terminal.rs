//! What happens on a terminal.

use std::process::Command;

use rexpect::session::{PtySession, spawn_command};

use crate::server::{PATIENCE, Server, gate, organization, page, two_pages};
use crate::support::{PROGRAM, clean};

/// Runs a line of shell on a terminal, where `orgs` is the program.
fn terminal(line: &str, server: Option<&Server>) -> PtySession {
    let mut shell = Command::new("sh");
    clean(&mut shell).arg("-c").arg(format!("orgs() {{ \"$ORGS\" \"$@\"; }}; {line}"));
    shell.env("ORGS", PROGRAM).env("NIRVANA_LABS_API_KEY", "nl_key");
    if let Some(server) = server {
        shell.env("NIRVANA_LABS_BASE_URL", &server.url);
    }
    spawn_command(shell, Some(PATIENCE.as_millis() as u64)).unwrap()
}

/// All that a line of shell writes to a terminal.
fn written(line: &str) -> String {
    terminal(line, None).exp_eof().unwrap()
}

#[test]
fn leaving_asks() {
    for (answer, code, told) in
        [("y", 0, "left org_1"), ("n", 1, "give --yes"), ("", 1, "give --yes")]
    {
        let mut orgs = terminal("orgs --sandbox leave org_1; echo exit $?", None);
        orgs.exp_string("Leave Acme (org_1), and lose access to it? [y/N] ").unwrap();
        orgs.send_line(answer).unwrap();
        orgs.exp_string(told).unwrap();
        orgs.exp_string(&format!("exit {code}")).unwrap();
    }
    let mut orgs = terminal("orgs --sandbox leave org_1; echo exit $?", None);
    orgs.exp_string("[y/N] ").unwrap();
    orgs.send_control('d').unwrap();
    orgs.exp_string("exit 1").unwrap();

    // What it writes may go elsewhere, and the question is still seen.
    for elsewhere in ["2> /dev/null", "> /dev/null"] {
        let mut orgs =
            terminal(&format!("orgs --sandbox leave org_1 {elsewhere}; echo exit $?"), None);
        orgs.exp_string("[y/N] ").unwrap();
        orgs.send_line("n").unwrap();
        orgs.exp_string("exit 1").unwrap();
    }
    let told = written("told=$(orgs --sandbox leave org_1 2>&1); echo exit $? $told");
    assert!(told.contains("exit 2") && told.contains("give --yes"), "{told}");

    let told = written("orgs --sandbox leave org_1 --yes; orgs --sandbox leave org_1 < /dev/null");
    assert!(!told.contains("[y/N]"), "{told}");
    assert_eq!(told.matches("left org_1").count(), 2, "{told}");
}

#[test]
fn colours_obey_no_color() {
    let told = written("orgs --sandbox show org_1; orgs --sandbox show org_9");
    assert!(told.contains("\u{1b}[1mName"), "{told:?}");
    assert!(told.contains("\u{1b}[31m"), "{told:?}");
    for off in ["export NO_COLOR=1", "export TERM=dumb"] {
        let line = format!("{off}; orgs --sandbox show org_1; orgs --sandbox show org_9; orgs -h");
        let told = written(&line);
        assert!(told.contains("Name") && told.contains("error:"), "{told:?}");
        assert!(!told.contains('\u{1b}'), "{told:?}");
    }
}

#[test]
fn a_list_shows_how_far_it_is() {
    for line in ["orgs list", "orgs list --jsonl > /dev/null", "orgs list --json"] {
        let (open, gate) = gate();
        let server = two_pages(gate);
        let mut orgs = terminal(&format!("{line}; echo exit $?"), Some(&server));
        let before = orgs.exp_string("1/2").unwrap();
        assert!(before.contains("organizations"), "{before:?}");
        assert!(!before.contains("0/0"), "{before:?}");
        open.send(()).unwrap();
        orgs.exp_string("exit 0").unwrap();
    }
}

#[test]
fn no_progress_where_it_would_be_in_the_way() {
    for line in ["orgs list | cat", "orgs list 2>&1 | cat", "orgs list --jsonl", "orgs list -v"] {
        let (open, gate) = gate();
        let server = two_pages(gate);
        let mut orgs = terminal(&format!("{line}; echo exit $?"), Some(&server));
        // With the second request, the first page has been counted.
        server.wait_for_request();
        server.wait_for_request();
        open.send(()).unwrap();
        let told = orgs.exp_string("exit 0").unwrap();
        assert!(told.contains("Globex"), "{line}: {told:?}");
        assert!(!told.contains("1/2") && !told.contains("\u{1b}[2K"), "{line}: {told:?}");
    }
}

#[test]
fn a_narrow_terminal_gets_a_narrow_table() {
    let told = written("stty cols 40; NO_COLOR=1 orgs --sandbox show org_1");
    let widest = told.lines().map(|line| line.trim_end().chars().count()).max();
    assert!(widest <= Some(40), "{told}");
}

#[test]
fn ids_are_whole_on_a_narrow_terminal() {
    let ids = [1, 2].map(|n| format!("{n}2345678-9abc-def0-1234-56789abcdef0"));
    let items: Vec<_> = ids.iter().map(|id| organization(id, "Acme Research")).collect();
    let server = Server::start(move |_| page(&items, None, 2));
    let told = terminal("stty cols 40; orgs list", Some(&server)).exp_eof().unwrap();
    assert!(ids.iter().all(|id| told.contains(id.as_str())), "{told}");
}

#[test]
fn ctrl_c_ends_at_once() {
    let (_open, gate) = gate();
    let server = two_pages(gate);
    // The trap keeps the shell alive, to tell what it saw.
    let mut shell = terminal("trap : INT; orgs list; echo exit $?", Some(&server));
    server.wait_for_request();
    server.wait_for_request();
    shell.send_control('c').unwrap();
    shell.exp_string("exit 130").unwrap();
}

#[test]
fn ctrl_c_ends_the_question_too() {
    let mut shell = terminal("trap : INT; orgs --sandbox leave org_1; echo exit $?", None);
    shell.exp_string("[y/N] ").unwrap();
    shell.send_control('c').unwrap();
    shell.exp_string("exit 130").unwrap();
}
