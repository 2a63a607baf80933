//! Messages of the crate in words of C.

use nirvana_labs::Error;

/// What the crate's messages say to Rust programmers, and what they say in C. An option has the
/// name of its setter, so most need no more than the first two rows.
const WORDS: [(&str, &str); 9] = [
    ("ApiBuilder::", "the option "),
    ("RequestOptions::", "the option "),
    ("call allow_http(true)", "set the option allow_http to true"),
    ("call no_proxy()", "set the option no_proxy to true"),
    ("or no_proxy()", "or set the option no_proxy to true"),
    ("call api_key", "set the option api_key"),
    ("Api::from_env", "nirvana_client_from_env"),
    ("ListParams", "the params of the list"),
    (", or use wrap_transport", ""),
];

/// The message of `error`. Only the crate's own words are changed, never a server's.
pub(crate) fn for_c(error: &Error) -> String {
    let message = error.to_string();
    match error {
        Error::Config(_) | Error::Request(_) => translate(&message),
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

    use super::translate;

    /// The string literals of the crate, but for those of its tests: all that it can say.
    fn literals(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                literals(&path, found);
                continue;
            }
            let source = fs::read_to_string(path).unwrap();
            let source = source.split("#[cfg(test)]").next().unwrap();
            let is_code = |line: &&str| {
                !["//", "#[serde", "#[allow"].iter().any(|it| line.trim().starts_with(it))
            };
            let code = source.lines().filter(is_code);
            let code = code.collect::<Vec<_>>().join("\n").replace("\\\"", "").replace("'\"'", "");
            // A literal goes on after a backslash at the end of a line.
            let code: String = code.split("\\\n").map(str::trim_start).collect();
            found.extend(code.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }

    /// A new message that names a Rust method fails here: give it a row above.
    #[test]
    fn no_message_names_a_rust_method() {
        let crate_source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src");
        let mut found = Vec::new();
        literals(&crate_source, &mut found);
        let setters = fs::read_to_string(crate_source.join("builder.rs")).unwrap();
        let setters =
            setters.split("pub fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
        let is_option = |name: &&str| include_str!("options.rs").contains(&format!(" {name}: "));
        let methods: Vec<&str> =
            setters.filter(|name| name.contains('_') && !is_option(name)).collect();
        assert!(found.len() > 100 && methods.contains(&"wrap_transport"), "{methods:?}");
        for message in found.iter().filter(|it| it.contains(' ') || it.contains("::")) {
            let message = translate(message).replace("nirvana_client_from_env", "");
            for rust in ["::", "()", "(true)", "(false)", "Api ", "Params"].iter().chain(&methods) {
                assert!(!message.contains(rust), "{rust:?} is Rust: {message:?}");
            }
        }
    }
}
