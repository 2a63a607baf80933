//! The proxy that environment variables set.

use std::ffi::OsStr;
use std::process::Command;

use nirvana_labs::Api;

use crate::support::kind;
use crate::support::server::{Refusing, Server};

/// Makes a call in a child process that has these variables, and returns the outcome. The threads
/// of one process share their environment.
fn in_environment<V: AsRef<OsStr>>(variables: &[(&str, V)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "proxy::environment::environment_child", "--nocapture"]);
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command
        .env_remove("REQUEST_METHOD")
        .env("NIRVANA_LABS_TEST_CHILD", "1")
        .envs(variables.iter().map(|(n, v)| (n, v)));
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let line = text.lines().find_map(|line| line.split_once("proxy: "));
    line.unwrap_or_else(|| panic!("{text}")).1.to_owned()
}

#[test]
fn environment_child() {
    if std::env::var_os("NIRVANA_LABS_TEST_CHILD").is_none() {
        return;
    }
    let scheme = std::env::var("NIRVANA_LABS_TEST_SCHEME").unwrap_or("http".to_owned());
    let api = Api::builder().api_key("nl_test_key").base_url(format!("{scheme}://api.invalid"));
    match api.allow_http(true).max_retries(0).build() {
        Ok(api) => println!("proxy: {:?}", kind(&api.get_organization("org_1").unwrap_err())),
        Err(error) => println!("proxy: {error}"),
    }
}

#[test]
fn the_proxy_of_the_environment_is_used_or_refused_but_not_ignored() {
    let refusing = Refusing::new().url();
    assert_eq!(in_environment::<&str>(&[]), "Dns");
    assert_eq!(in_environment(&[("HTTP_PROXY", "")]), "Dns");
    for name in ["ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"] {
        assert_eq!(in_environment(&[(name, &refusing)]), "Proxy", "{name}");
    }
    // The variable for another scheme is ignored.
    assert_eq!(in_environment(&[("HTTPS_PROXY", &refusing)]), "Dns");
    let socks = ("ALL_PROXY", "socks5://127.0.0.1:1");
    assert_eq!(in_environment(&[socks, ("HTTP_PROXY", &refusing)]), "Proxy");
    assert!(in_environment(&[socks]).contains("speaks SOCKS5, which is not supported"));
    assert_eq!(in_environment(&[("HTTP_PROXY", " "), ("NO_PROXY", "")]), "Dns");
    // On Windows, variable names are case-insensitive: the two names are one variable.
    if !cfg!(windows) {
        let first = [("http_proxy", "nonsense://x"), ("HTTP_PROXY", &*refusing)];
        assert!(in_environment(&first).contains("is not a URL"));
    }
    // An unsupported proxy is not an error if the host needs no proxy.
    assert_eq!(in_environment(&[socks, ("NO_PROXY", "api.invalid")]), "Dns");
    for (list, outcome) in [
        ("localhost, api.invalid", "Dns"),
        ("invalid", "Proxy"),
        (".invalid", "Dns"),
        ("*.invalid", "Dns"),
        ("*", "Dns"),
        ("valid,pi.invalid", "Proxy"),
    ] {
        let said = in_environment(&[("HTTP_PROXY", &*refusing), ("NO_PROXY", list)]);
        assert_eq!(said, outcome, "{list}");
    }
    for url in [
        "htps://user:sesame@proxy.test:3128",
        "http://proxy.test:31 28",
        "http://[proxy.test:3128",
        "http://user:sesame@proxy.test:99999",
    ] {
        let said = in_environment(&[("HTTP_PROXY", url)]);
        assert!(said.starts_with("the proxy from the environment is not a URL"), "{url}: {said}");
        assert!(!said.contains("sesame"), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn a_proxy_that_is_not_unicode_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let url = OsStr::from_bytes(b"http://prox\xff.test:3128");
    let said = in_environment(&[("HTTP_PROXY", url)]);
    assert!(said.starts_with("the proxy from the environment is not a URL"), "{said}");
}

/// Returns a proxy that counts connections, and its URL.
fn listening() -> (Server, String) {
    let proxy = Server::new(|connection| drop(connection.request()));
    let url = proxy.url();
    (proxy, url)
}

#[test]
fn http_proxy_is_ignored_in_a_cgi_program() {
    // Anyone who sends a request with the header `Proxy` sets this variable ("httpoxy").
    let (proxy, url) = listening();
    for method in ["GET", "POST", ""] {
        let cgi = ("REQUEST_METHOD", method);
        assert_eq!(in_environment(&[cgi, ("HTTP_PROXY", &url)]), "Dns", "{method:?}");
        assert_eq!(in_environment(&[("NO_PROXY", "x.test"), cgi, ("HTTP_PROXY", &url)]), "Dns");
        // An invalid value is ignored too.
        assert_eq!(in_environment(&[cgi, ("HTTP_PROXY", "nonsense://x")]), "Dns");
    }
    assert_eq!(proxy.connections(), 0);
    // Outside a CGI program, the variable is used.
    assert_eq!(in_environment(&[("HTTP_PROXY", &url)]), "Proxy");
    assert_eq!(proxy.connections(), 1);
}

#[test]
fn other_proxy_variables_are_used_in_a_cgi_program() {
    let (proxy, url) = listening();
    let cgi = ("REQUEST_METHOD", "GET");
    assert_eq!(in_environment(&[cgi, ("ALL_PROXY", &url)]), "Proxy");
    // On Windows, variable names are case-insensitive.
    let lower = if cfg!(windows) { "Dns" } else { "Proxy" };
    assert_eq!(in_environment(&[cgi, ("http_proxy", &url)]), lower);
    assert_eq!(in_environment(&[cgi, ("HTTP_PROXY", "x://"), ("ALL_PROXY", &url)]), "Proxy");
    // No request header sets these variables.
    let https = ("NIRVANA_LABS_TEST_SCHEME", "https");
    for name in ["HTTPS_PROXY", "https_proxy"] {
        assert_eq!(in_environment(&[cgi, https, (name, &url)]), "Proxy", "{name}");
    }
    assert_eq!(proxy.connections(), if cfg!(windows) { 4 } else { 5 });
}
