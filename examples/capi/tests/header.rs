//! The header is what the source says. After a change of the source, write it anew with
//! `UPDATE_HEADER=1 cargo test --test header`.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;
use std::{env, fs};

/// In the order in which the header has what is in them.
const SOURCES: [&str; 8] =
    ["code", "error", "text", "client", "cancel", "endpoints", "list", "request"];

fn generated(root: &Path) -> String {
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for name in SOURCES.iter().chain(&["sandbox"]) {
        builder = builder.with_src(root.join(format!("src/{name}.rs")));
    }
    let mut header = Vec::new();
    builder.generate().unwrap().write(&mut header);
    // cbindgen takes the renamed pointers for plain names, which a space follows.
    let header = String::from_utf8(header).unwrap();
    header.replace("const char * ", "const char *").replace("** ", "**")
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
