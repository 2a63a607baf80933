//! Compares `include/nirvana_labs.h` with the declarations that cbindgen reads from the source.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

use nirvana_labs::ErrorKind::{self, *};

/// The source files, in the order of the header.
const SOURCES: [&str; 9] =
    ["code", "error", "text", "client", "cancel", "endpoints", "list", "request", "sandbox"];

#[rustfmt::skip]
const KINDS: [ErrorKind; 18] = [
    Config, Request, Cancelled, Deadline, Decode, PaginationCycle, Status, Dns, Connect,
    ConnectTimeout, Tls, Proxy, Timeout, Closed, Truncated, Protocol, TooLarge, Other,
];

/// Returns the codes that a header defines, and then its declarations without white space.
fn items(header: &str, kinds: &[ErrorKind]) -> Vec<String> {
    let mut parts = header.split("/*");
    let first = parts.next().unwrap().to_owned();
    let code = first + &parts.map(|part| part.split_once("*/").unwrap().1).collect::<String>();
    let lines = code.lines().map(|line| line.split("//").next().unwrap());
    let (directives, code): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with('#'));
    let defines = directives.iter().filter_map(|line| line.strip_prefix("#define NIRVANA_"));
    let defines = defines.map(|define| define.trim().to_lowercase());
    let mut defines: Vec<String> = defines.filter(|define| define.contains(' ')).collect();
    defines.extend(kinds.iter().map(definition));
    defines.sort();
    let code = code.join("").replace(char::is_whitespace, "");
    defines.extend(code.split(';').map(str::to_owned));
    defines
}

/// Returns the definition of a kind as in [`items`]: `TooLarge` is `too_large 29`.
fn definition(kind: &ErrorKind) -> String {
    let mut name = String::new();
    for letter in format!("{kind:?}").chars() {
        name.push_str(if letter.is_uppercase() && !name.is_empty() { "_" } else { "" });
        name.push(letter.to_ascii_lowercase());
    }
    format!("{name} {}", *kind as u32)
}

#[test]
fn the_header_matches_the_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for name in SOURCES {
        builder = builder.with_src(root.join(format!("src/{name}.rs")));
    }
    let mut generated = Vec::new();
    builder.generate().unwrap().write(&mut generated);
    let source = items(&String::from_utf8(generated).unwrap(), &KINDS);
    let header = fs::read_to_string(root.join("include/nirvana_labs.h")).unwrap();
    let header = items(&header, &[]);
    assert_eq!(header.iter().zip(&source).find(|(header, source)| header != source), None);
    assert_eq!(header.len(), source.len());
}
