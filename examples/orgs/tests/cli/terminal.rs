//! What happens on a terminal.

use std::process::Command;

use rexpect::session::{PtySession, spawn_command};
use unicode_width::UnicodeWidthStr;

use crate::server::{PATIENCE, Reply, Server, gate, organization, page, two_pages};
use crate::support::{PROGRAM, clean};

/// Runs a line of shell on a terminal, where `orgs` is the program.
fn terminal(line: &str, url: &str) -> PtySession {
    let mut shell = Command::new("sh");
    clean(&mut shell).arg("-c").arg(format!("orgs() {{ \"$ORGS\" \"$@\"; }}; {line}"));
    shell.env("ORGS", PROGRAM).env("NIRVANA_LABS_API_KEY", "nl_key");
    shell.env("NIRVANA_LABS_BASE_URL", url);
    spawn_command(shell, Some(PATIENCE.as_millis() as u64)).unwrap()
}

/// All that a line of shell writes to a terminal.
fn written(line: &str, url: &str) -> String {
    let told = terminal(line, url).exp_eof().unwrap();
    // Its characters are the bytes.
    String::from_utf8(told.chars().map(|c| u8::try_from(c).unwrap()).collect()).unwrap()
}

#[test]
fn leaving_asks() {
    let leave = "orgs --sandbox leave org_1; echo exit $?";
    for (reply, code, told) in
        [("y", 0, "left org_1"), ("n", 1, "give --yes"), ("", 1, "give --yes")]
    {
        let mut orgs = terminal(leave, "");
        orgs.exp_string("Leave Acme (org_1), and lose access to it? [y/N] ").unwrap();
        orgs.send_line(reply).unwrap();
        orgs.exp_string(told).unwrap();
        orgs.exp_string(&format!("exit {code}")).unwrap();
    }
    for (key, code) in [('d', 1), ('c', 130)] {
        // The trap keeps the shell alive, to tell what it saw.
        let mut orgs = terminal(&format!("trap : INT; {leave}"), "");
        orgs.exp_string("[y/N] ").unwrap();
        orgs.send_control(key).unwrap();
        orgs.exp_string(&format!("exit {code}")).unwrap();
    }
    // Only the question goes to the terminal; what the command writes may go elsewhere.
    let mut orgs = terminal("orgs --sandbox leave org_1 > /dev/null; echo exit $?", "");
    orgs.exp_string("[y/N] ").unwrap();
    orgs.send_line("y").unwrap();
    orgs.exp_string("exit 0").unwrap();
    let told = written("told=$(orgs --sandbox leave org_1 2>&1); echo exit $? $told", "");
    assert!(told.contains("exit 2") && told.contains("give --yes"), "{told}");
    let told = written("orgs --sandbox leave org_1 --yes", "");
    assert!(!told.contains("[y/N]") && told.contains("left org_1"), "{told}");
}

#[test]
fn colours_obey_no_color() {
    let told = written("orgs --sandbox show org_1; orgs --sandbox show org_9", "");
    assert!(told.contains("\u{1b}[1mName"), "{told:?}");
    assert!(told.contains("\u{1b}[31m"), "{told:?}");
    for off in ["export NO_COLOR=1", "export TERM=dumb"] {
        let line = format!("{off}; orgs --sandbox show org_1; orgs --sandbox show org_9; orgs -h");
        let told = written(&line, "");
        assert!(told.contains("Name") && told.contains("error:"), "{told:?}");
        assert!(!told.contains('\u{1b}'), "{told:?}");
    }
}

#[test]
fn a_list_shows_how_far_it_is() {
    let (open, gate) = gate();
    let server = two_pages(gate);
    let mut orgs = terminal("orgs list; echo exit $?", &server.url);
    orgs.exp_string("organizations: 1 of 2").unwrap();
    open.send(()).unwrap();
    orgs.exp_string("Globex").unwrap();
    orgs.exp_string("exit 0").unwrap();
}

#[test]
fn no_progress_where_it_would_be_in_the_way() {
    for line in ["orgs list | cat", "orgs list 2>&1 | cat", "orgs list --jsonl", "orgs list -v"] {
        let server = two_pages(|| true);
        let told = written(line, &server.url);
        assert!(told.contains("Globex"), "{line}: {told:?}");
        assert!(!told.contains("1 of 2") && !told.contains("\u{1b}[K"), "{line}: {told:?}");
    }
}

/// What `args` show on a terminal of `columns`, line by line, checked to fit.
fn fitted(columns: usize, args: &str, url: &str) -> Vec<String> {
    let told = written(&format!("export NO_COLOR=1; stty cols {columns}; orgs {args}"), url);
    // What shows how far a list is comes before it, on the same line.
    let table = told.rsplit("\u{1b}[K\r").next().unwrap();
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    assert!(lines.iter().all(|line| line.width() <= columns), "{columns}: {told}");
    lines
}

#[test]
fn tables_fit_the_terminal() {
    let list = "--sandbox list";
    assert_eq!(
        fitted(50, list, ""),
        [
            "ID     NAME    TYPE      BILLING EMAIL  CREATED",
            "org_1  Acme    company   billing@acme…  2026-06-01",
            "org_2  Globex  company   -              2026-06-11",
            "org_3  Robin   personal  -              2026-06-11",
        ]
    );
    assert_eq!(fitted(40, list, "")[1], "org_1  Acme    company   billing@acme.e…");
    assert_eq!(fitted(20, list, "")[1], "org_1  Acme");
    assert_eq!(fitted(4, list, "")[1], "org…");
    // COLUMNS comes before what the terminal says.
    let narrow = "orgs --sandbox list --limit 9; COLUMNS=20 orgs --sandbox list";
    assert_eq!(fitted(80, &format!("-V; {narrow}"), "")[1], "org_1  Acme");
    for args in ["show org_1", "address show org_1", "member org_1 mem_2", "members org_1"] {
        for columns in [30, 40, 80] {
            fitted(columns, &format!("--sandbox {args}"), "");
        }
    }
}

#[test]
fn ids_are_whole_on_a_narrow_terminal() {
    let id = "12345678-9abc-def0-1234-56789abcdef0";
    let wide = "一二三四五六七八九十";
    let server = Server::start(move |request| {
        if request.line.ends_with("organizations") {
            page(&[organization(id, wide)], None, 1)
        } else {
            Reply::Status(200, organization(id, wide))
        }
    });
    assert_eq!(fitted(40, "list", &server.url)[1], id);
    assert_eq!(fitted(60, "list", &server.url)[1], format!("{id}  一二三四五六…  company"));
    let all = format!("{id}  一二三四…  company  -           2026-06-01");
    assert_eq!(fitted(80, "list", &server.url)[1], all);
    let shown = fitted(40, "show x", &server.url);
    assert_eq!(shown[..2], ["Id".to_owned(), format!("  {id}")]);
}

#[test]
fn ctrl_c_ends_at_once() {
    let (_open, gate) = gate();
    let server = two_pages(gate);
    let mut shell = terminal("trap : INT; orgs list; echo exit $?", &server.url);
    server.wait_for_request();
    server.wait_for_request();
    shell.send_control('c').unwrap();
    shell.exp_string("exit 130").unwrap();

    let mut shell = terminal("trap : INT; orgs serve --port 0; echo exit $?", "");
    shell.exp_string("until Ctrl-C").unwrap();
    shell.send_control('c').unwrap();
    shell.exp_string("exit 130").unwrap();
}
