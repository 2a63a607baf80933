//! Runs the program on a terminal.

use std::process::Command;

use rexpect::session::{PtySession, spawn_command};
use unicode_width::UnicodeWidthStr;

use crate::server::{PATIENCE, Reply, Server, gate, organization, page, two_pages};
use crate::support::{PROGRAM, clean};

/// Runs a line of shell on a terminal. In this line, `orgs` runs the program.
fn terminal(line: &str, url: &str) -> PtySession {
    let mut shell = Command::new("sh");
    clean(&mut shell).arg("-c").arg(format!("orgs() {{ \"$ORGS\" \"$@\"; }}; {line}"));
    shell.env("ORGS", PROGRAM).env("NIRVANA_LABS_API_KEY", "nl_key");
    shell.env("NIRVANA_LABS_BASE_URL", url);
    spawn_command(shell, Some(PATIENCE.as_millis() as u64)).unwrap()
}

/// Returns all that a line of shell writes to a terminal.
fn written(line: &str, url: &str) -> String {
    let written = terminal(line, url).exp_eof().unwrap();
    // rexpect returns each byte as a character.
    String::from_utf8(written.chars().map(|c| u8::try_from(c).unwrap()).collect()).unwrap()
}

#[test]
fn leave_asks_first() {
    let leave = "orgs --sandbox leave org_1; echo exit $?";
    for (reply, code, shown) in
        [("y", 0, "left org_1"), ("n", 1, "give --yes"), ("", 1, "give --yes")]
    {
        let mut orgs = terminal(leave, "");
        orgs.exp_string("Leave Acme (org_1), and lose access to it? [y/N] ").unwrap();
        orgs.send_line(reply).unwrap();
        orgs.exp_string(shown).unwrap();
        orgs.exp_string(&format!("exit {code}")).unwrap();
    }
    for (key, code) in [('d', 1), ('c', 130)] {
        // With the trap, the shell survives and shows the exit code.
        let mut orgs = terminal(&format!("trap : INT; {leave}"), "");
        orgs.exp_string("[y/N] ").unwrap();
        orgs.send_control(key).unwrap();
        orgs.exp_string(&format!("exit {code}")).unwrap();
    }
    // The question goes to the terminal even if the output goes elsewhere.
    let mut orgs = terminal("orgs --sandbox leave org_1 > /dev/null; echo exit $?", "");
    orgs.exp_string("[y/N] ").unwrap();
    orgs.send_line("y").unwrap();
    orgs.exp_string("exit 0").unwrap();
    let shown = written("shown=$(orgs --sandbox leave org_1 2>&1); echo exit $? $shown", "");
    assert!(shown.contains("exit 2") && shown.contains("give --yes"), "{shown}");
    let shown = written("orgs --sandbox leave org_1 --yes", "");
    assert!(!shown.contains("[y/N]") && shown.contains("left org_1"), "{shown}");
}

#[test]
fn no_color_and_dumb_terminals_turn_colours_off() {
    let shown = written("orgs --sandbox show org_1; orgs --sandbox show org_9", "");
    assert!(shown.contains("\u{1b}[1mName"), "{shown:?}");
    assert!(shown.contains("\u{1b}[31m"), "{shown:?}");
    for off in ["export NO_COLOR=1", "export TERM=dumb"] {
        let line = format!("{off}; orgs --sandbox show org_1; orgs --sandbox show org_9; orgs -h");
        let shown = written(&line, "");
        assert!(shown.contains("Name") && shown.contains("error:"), "{shown:?}");
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }
}

#[test]
fn a_long_list_has_a_progress_line() {
    let (open, gate) = gate();
    let server = two_pages(gate);
    let mut orgs = terminal("orgs list; echo exit $?", &server.url);
    orgs.exp_string("organizations: 1 of 2").unwrap();
    open.send(()).unwrap();
    orgs.exp_string("Globex").unwrap();
    orgs.exp_string("exit 0").unwrap();
}

#[test]
fn there_is_no_progress_line_in_pipes_and_logs() {
    for line in ["orgs list | cat", "orgs list 2>&1 | cat", "orgs list --jsonl", "orgs list -v"] {
        let server = two_pages(|| true);
        let shown = written(line, &server.url);
        assert!(shown.contains("Globex"), "{line}: {shown:?}");
        assert!(!shown.contains("1 of 2") && !shown.contains("\u{1b}[K"), "{line}: {shown:?}");
    }
}

/// Returns the lines that `orgs` writes on a terminal of this width, and asserts that they fit.
fn fitted(columns: usize, args: &str, url: &str) -> Vec<String> {
    let shown = written(&format!("export NO_COLOR=1; stty cols {columns}; orgs {args}"), url);
    // The progress line comes before the table.
    let table = shown.rsplit("\u{1b}[K\r").next().unwrap();
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    assert!(lines.iter().all(|line| line.width() <= columns), "{columns}: {shown}");
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
    // COLUMNS overrides the width of the terminal.
    let narrow = "orgs --sandbox list --limit 9; COLUMNS=20 orgs --sandbox list";
    assert_eq!(fitted(80, &format!("-V; {narrow}"), "")[1], "org_1  Acme");
    for args in ["show org_1", "address show org_1", "member org_1 mem_2", "members org_1"] {
        for columns in [30, 40, 80] {
            fitted(columns, &format!("--sandbox {args}"), "");
        }
    }
}

#[test]
fn ids_are_complete_on_a_narrow_terminal() {
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
fn show_wraps_long_values() {
    let long = "a name of many words ".repeat(5);
    let long = long.trim_end();
    let word = "x".repeat(100);
    for (name, expected) in
        [(long, [&long[..77], &long[78..]]), (&word, [&word[..78], &word[78..]])]
    {
        let server = Server::always(200, organization("o", name));
        let shown = fitted(80, "show o", &server.url);
        let at = shown.iter().position(|line| line == "Name").unwrap();
        assert_eq!(shown[at + 1..at + 3], expected.map(|line| format!("  {line}")));
    }
}

#[test]
fn emoji_are_measured_and_cut_as_a_whole() {
    for emoji in ["\u{2764}\u{fe0f}", "1\u{fe0f}\u{20e3}", "👨\u{200d}👩\u{200d}👧\u{200d}👦"]
    {
        let (name, short) = (emoji.repeat(20), emoji.repeat(3));
        let items = [organization("org_1", &name), organization("org_2", &short)];
        let shown = organization("o", &name);
        let server = Server::start(move |request| match request.line.as_str() {
            "GET /v1/organizations" => page(&items, None, 2),
            _ => Reply::Status(200, shown.clone()),
        });
        let rows = [
            "ID     NAME         TYPE     BILLING EM…".to_owned(),
            format!("org_1  {}…  company  -", emoji.repeat(5)),
            format!("org_2  {}       company  -", emoji.repeat(3)),
        ];
        assert_eq!(fitted(40, "list", &server.url), rows);
        let shown = fitted(30, "show o", &server.url);
        let lines = [14, 6].map(|count| format!("  {}", emoji.repeat(count)));
        assert!(shown.windows(2).any(|pair| pair == lines), "{shown:?}");
    }
}

#[test]
fn ctrl_c_ends_at_once_and_erases_the_progress_line() {
    let (_open, gate) = gate();
    let server = two_pages(gate);
    let mut shell = terminal("trap : INT; orgs list; echo exit $?", &server.url);
    shell.exp_string("organizations: 1 of 2").unwrap();
    server.wait_for_request();
    server.wait_for_request();
    shell.send_control('c').unwrap();
    // This terminal does not echo `^C`. Others echo it over the line before the line is erased.
    assert_eq!(shell.exp_eof().unwrap(), "\r\r\u{1b}[Kexit 130\r\n");

    let mut shell = terminal("trap : INT; orgs serve --port 0; echo exit $?", "");
    shell.exp_string("until Ctrl-C").unwrap();
    shell.send_control('c').unwrap();
    shell.exp_string("exit 130").unwrap();
}
