//! What the README shows is what happens.

use std::process::Command;

use crate::support::{PROGRAM, clean, outcome};

#[test]
fn the_examples_of_the_readme() {
    let mut run = 0;
    // That of the example before, which the README calls CURSOR.
    let mut cursor = String::new();
    for block in include_str!("../../README.md").split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for example in block.strip_prefix("$ ").unwrap().split("\n$ ") {
            let (line, shown) = example.split_once('\n').unwrap_or((example, ""));
            let written = shell(&line.replace("CURSOR", &cursor));
            if let Some((_, next)) = written.split_once("--cursor=") {
                cursor = next.trim_end().to_owned();
                assert!(!cursor.is_empty());
                assert_eq!(written.replace(&cursor, "CURSOR").trim_end(), shown.trim_end());
            } else {
                assert_eq!(written.trim_end(), shown.trim_end(), "{line}");
            }
            run += 1;
        }
    }
    assert!(run >= 9, "only {run} examples were found");
}

/// What a line of shell writes, to wherever.
fn shell(line: &str) -> String {
    let mut shell = Command::new("sh");
    let script = format!("exec 2>&1; orgs() {{ \"$ORGS\" \"$@\"; }}; {line}");
    outcome(clean(&mut shell).arg("-c").arg(script).env("ORGS", PROGRAM)).stdout
}
