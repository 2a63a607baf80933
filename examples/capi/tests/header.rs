//! The header is what the source says. After a change of the source, write it anew with
//! `UPDATE_HEADER=1 cargo test --test header`.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;
use std::{env, fs};

/// In the order in which the header has what is in them.
const SOURCES: [&str; 12] = [
    "code",
    "error",
    "text",
    "version",
    "client_options",
    "client",
    "cancel",
    "call_options",
    "organization",
    "membership",
    "address",
    "list",
];

fn generated(root: &Path) -> String {
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for name in SOURCES.iter().chain(&["sandbox"]) {
        builder = builder.with_src(root.join(format!("src/{name}.rs")));
    }
    let mut header = Vec::new();
    builder.generate().unwrap().write(&mut header);
    // cbindgen takes the renamed pointers for plain names, which a space follows.
    String::from_utf8(header).unwrap().replace("const char * ", "const char *")
}

#[test]
fn the_header_is_in_step_with_the_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("include/nirvana_labs.h");
    let generated = generated(root);
    if env::var_os("UPDATE_HEADER").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "include/nirvana_labs.h is out of step; run UPDATE_HEADER=1 cargo test --test header"
    );
}

/// The table of codes in README.md has each code, under its number.
#[test]
fn the_readme_has_every_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let header = generated(root);
    let define = |line: &str| {
        let (name, number) = line.strip_prefix("#define ")?.split_once(' ')?;
        Some(format!("| {number} | `{name}` |"))
    };
    let rows: Vec<String> = header.lines().filter_map(define).collect();
    assert!(rows.len() > 20, "{rows:?}");
    for row in rows {
        assert!(readme.contains(&row), "README.md has no row {row}");
    }
}
