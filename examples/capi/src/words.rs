//! The crate's messages in the words of C.

use nirvana_labs::{Error, ErrorKind};

/// What the crate's messages say to Rust programmers, and what they say in C. An option has the name
/// of its Rust setter, so most messages need only the first rows.
const WORDS: [(&str, &str); 10] = [
    ("call ApiBuilder::", "set the option "),
    ("ApiBuilder::", "the option "),
    ("RequestOptions::header", "the call option headers"),
    ("RequestOptions::", "the call option "),
    ("call allow_http(true)", "set the option allow_http to true"),
    ("call no_proxy()", "set the option no_proxy to true"),
    ("or no_proxy()", "or set the option no_proxy to true"),
    ("and call read_env", "and use nirvana_client_from_env"),
    ("ListParams", "the params of the list"),
    (", or use wrap_transport", ""),
];

/// Returns the message of `error`. A server's text is not changed.
pub(crate) fn for_c(error: &Error) -> String {
    let message = error.to_string();
    match error.kind() {
        ErrorKind::Config | ErrorKind::Request => translate(&message),
        _ => message,
    }
}

fn translate(message: &str) -> String {
    WORDS.iter().fold(message.to_owned(), |message, (rust, c)| message.replace(rust, c))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use proc_macro2::{TokenStream, TokenTree};

    use super::translate;

    /// Collects the literals of the Rust files in a folder, except their tests.
    fn read(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let source = fs::read_to_string(path).unwrap();
                let code = source.split("#[cfg(test)]\nmod ").next().unwrap();
                literals(code.parse().unwrap(), found);
            }
        }
    }

    /// Collects the literals of a source, except its attributes.
    fn literals(source: TokenStream, found: &mut Vec<String>) {
        let mut is_attribute = false;
        for token in source {
            match &token {
                TokenTree::Group(group) if !is_attribute => literals(group.stream(), found),
                // A backslash at the end of a line continues a literal.
                TokenTree::Literal(literal) => {
                    found.push(literal.to_string().split("\\\n").map(str::trim_start).collect());
                }
                _ => {}
            }
            let is_sign = |sign| matches!(&token, TokenTree::Punct(it) if it.as_char() == sign);
            is_attribute = is_sign('#') || (is_attribute && is_sign('!'));
        }
    }

    /// If a new message of the crate names a Rust method, this test fails: add a row above.
    #[test]
    fn no_message_names_a_rust_method() {
        let mut found = Vec::new();
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src"), &mut found);
        assert!(found.len() > 100);
        for message in found.iter().filter(|it| it.contains(' ') || it.contains("::")) {
            let message = translate(message);
            for rust in
                ["::", "()", "(true)", "(false)", "Api ", "Params", "_transport", "read_env"]
            {
                assert!(!message.contains(rust), "{rust:?} is Rust: {message:?}");
            }
        }
    }
}
