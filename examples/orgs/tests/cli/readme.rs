//! Runs the examples of the README.

use std::process::Command;

use crate::support::{PROGRAM, Served, clean, outcome};

/// The URL of the server in the README.
const URL: &str = "http://127.0.0.1:4010";

#[test]
fn the_examples_of_the_readme_show_the_real_output() {
    let served = Served::start(&[]);
    let mut run = 0;
    // The exports of earlier examples, and the cursor that the README calls CURSOR.
    let (mut exports, mut cursor) = (String::new(), String::new());
    for block in include_str!("../../README.md").split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for example in block.strip_prefix("$ ").unwrap().split("\n$ ") {
            let (line, shown) = example.split_once('\n').unwrap_or((example, ""));
            run += 1;
            let line = line.replace(URL, &served.url).replace("CURSOR", &cursor);
            if line.starts_with("export ") {
                exports.push_str(&format!("{line}; "));
                continue;
            }
            let mut written = shell(&format!("{exports}{line}")).replace(&served.url, URL);
            if let Some((_, next)) = written.split_once("--cursor=") {
                cursor = next.trim_end().to_owned();
                written = written.replace(&cursor, "CURSOR");
            }
            assert_eq!(undated(&written).trim_end(), undated(shown).trim_end(), "{line}");
        }
    }
    assert!(run >= 15, "only {run} examples were found");
}

/// Runs a line of shell. Returns what it writes to standard output and standard error.
fn shell(line: &str) -> String {
    let mut shell = Command::new("sh");
    let script = format!("exec 2>&1; orgs() {{ \"$ORGS\" \"$@\"; }}; {line}");
    outcome(clean(&mut shell).arg("-c").arg(script).env("ORGS", PROGRAM)).stdout
}

/// Replaces each date with `DAY`, except the dates in the sandbox's data.
fn undated(text: &str) -> String {
    let words = text.split_inclusive([' ', '\n', '"']);
    let is_day = |word: &str| word.len() >= 10 && word.starts_with("20") && &word[4..5] == "-";
    let undated = |word: &str| match is_day(word) && !word.starts_with("2026-06-") {
        true => format!("DAY{}", &word[10..]),
        false => word.to_owned(),
    };
    words.map(undated).collect()
}
