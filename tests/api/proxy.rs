//! Through a proxy: what it may do, and that none of it is taken for the service's doing.

#[allow(unused_imports)]
use crate::checks::message::RequestWords;
use std::ffi::OsStr;
use std::process::Command;

use nirvana_labs::ErrorKind as Kind;
use nirvana_labs::{Api, ApiBuilder, OrganizationCreateParams};

use crate::support::endpoints::ORGANIZATION;
use crate::support::server::{Connection, Refusing, Server, answer};
use crate::support::{client, kind};

const TARGET: &str = "https://api.example.test";

fn through(proxy: impl Into<String>) -> ApiBuilder {
    Api::builder().api_key("nl_test_key").base_url(TARGET).proxy(proxy).max_retries(0)
}

/// Creates an organization through a proxy that said no, and finds `why` in the error.
#[track_caller]
fn refused(proxy: impl Into<String>, why: &str) {
    fails(proxy, why, false);
}

/// Creates an organization through a proxy that broke down, and finds `why` in the error.
#[track_caller]
fn broken(proxy: impl Into<String>, why: &str) {
    fails(proxy, why, true);
}

#[track_caller]
fn fails(proxy: impl Into<String>, why: &str, retryable: bool) {
    let api = through(proxy).build().unwrap();
    let error = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap_err();
    assert_eq!(kind(&error), Kind::Proxy, "{error:?}");
    assert!(error.to_string().contains(why), "{why:?} is not in: {error}");
    assert!(!error.may_have_been_processed(), "{error:?}");
    assert_eq!(error.is_retryable(), retryable, "{error:?}");
    assert!(error.status().is_none(), "the proxy's status is not the service's");
}

#[test]
fn a_proxy_that_does_not_let_through_is_a_clear_error() {
    let playing = |script: fn(&mut Connection)| Server::new(script);
    let saying = |words: &'static str| {
        Server::new(move |connection| {
            connection.request();
            connection.send(words);
            connection.hold();
        })
    };
    let asks = saying("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    refused(asks.url(), "user name and a password (407)");
    assert_eq!(asks.requests()[0].target, "api.example.test:443");
    for words in [
        "HTTP/1.1 403 Forbidden\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\n407",
        "HTTP/1.1 302 Found\r\nLocation: http://login.example.test\r\n\r\n",
    ] {
        refused(saying(words).url(), "the proxy refused");
    }
    let chatty = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Note: 1\r\n".repeat(129));
    broken(saying(chatty.leak()).url(), "the proxy's response has too many headers");
    broken(saying("220 mail.example.test ESMTP ready\r\n\r\n").url(), "the proxy");
    broken(playing(|connection| drop(connection.request())).url(), "the proxy");
    broken(playing(|_| {}).url(), "the proxy");
    broken(
        playing(|connection| {
            connection.await_bytes();
            connection.reset();
        })
        .url(),
        "the proxy sent no valid response",
    );
    broken(
        playing(|connection| {
            connection.request();
            connection.send("HTTP/1.1 200 Conn");
        })
        .url(),
        "the proxy",
    );
}

#[test]
fn a_proxy_that_cannot_be_reached_is_a_clear_error() {
    broken(Refusing::new().url(), "could not connect to the proxy");
    broken(format!("http://{}.invalid:3128", "a".repeat(64)), "could not connect to the proxy");
}

#[test]
fn this_machine_is_reached_without_the_proxy() {
    let server = Server::answering(|_| answer(200, ORGANIZATION));
    let nobody = Refusing::new();
    for url in [server.url(), server.url().replace("127.0.0.1", "localhost")] {
        let api = client(url).proxy(nobody.url()).max_retries(0).build().unwrap();
        assert!(api.get_organization("org_1").is_ok());
    }
}

#[test]
fn plain_http_goes_through_a_tunnel_as_well() {
    let server = Server::answering(|_| answer(200, ORGANIZATION));
    let target = server.address();
    let proxy = Server::new(move |connection| {
        connection.request();
        connection.send("HTTP/1.1 200 OK\r\n\r\n");
        connection.tunnel_to(target);
    });
    let api = through(proxy.url()).base_url("http://api.example.test").allow_http(true);
    let api = api.build().unwrap();
    for _ in 0..3 {
        assert!(api.get_organization("org_1").is_ok());
    }
    assert_eq!(proxy.requests()[0].target, "api.example.test:80");
    assert_eq!(proxy.requests()[0].header("authorization"), None, "the key is not the proxy's");
    assert_eq!((proxy.connections(), server.connections()), (1, 1));
}

/// What a process says that has these variables: the environment is that of a whole process.
fn in_environment<V: AsRef<OsStr>>(variables: &[(&str, V)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "proxy::environment_child", "--nocapture"]);
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.env("NIRVANA_LABS_TEST_CHILD", "1").envs(variables.iter().map(|(n, v)| (n, v)));
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let line = text.lines().find_map(|line| line.split_once("proxy: "));
    line.unwrap_or_else(|| panic!("{text}")).1.to_owned()
}

#[test]
fn environment_child() {
    if std::env::var_os("NIRVANA_LABS_TEST_CHILD").is_none() {
        return;
    }
    let api = Api::builder().api_key("nl_test_key").base_url("http://api.invalid");
    match api.allow_http(true).max_retries(0).build() {
        Ok(api) => println!("proxy: {:?}", kind(&api.get_organization("org_1").unwrap_err())),
        Err(error) => println!("proxy: {error}"),
    }
}

#[test]
fn the_proxy_of_the_environment_is_used_or_refused_but_not_passed_over() {
    let refusing = Refusing::new().url();
    assert_eq!(in_environment::<&str>(&[]), "Dns");
    assert_eq!(in_environment(&[("HTTP_PROXY", "")]), "Dns");
    for name in ["ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"] {
        assert_eq!(in_environment(&[(name, &refusing)]), "Proxy", "{name}");
    }
    // That of another scheme is not looked at.
    assert_eq!(in_environment(&[("HTTPS_PROXY", &refusing)]), "Dns");
    let socks = ("ALL_PROXY", "socks5://127.0.0.1:1");
    assert_eq!(in_environment(&[socks, ("HTTP_PROXY", &refusing)]), "Proxy");
    assert!(in_environment(&[socks]).contains("speaks SOCKS5, which is not supported"));
    assert_eq!(in_environment(&[("HTTP_PROXY", " "), ("NO_PROXY", "")]), "Dns");
    let first = [("http_proxy", "nonsense://x"), ("HTTP_PROXY", &*refusing)];
    assert!(in_environment(&first).contains("is not a URL"));
    // Where no proxy is needed, it does not matter what it is.
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
        assert!(said.starts_with("the proxy of the environment is not a URL"), "{url}: {said}");
        assert!(!said.contains("sesame"), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn a_proxy_that_is_not_unicode_is_not_passed_over_either() {
    use std::os::unix::ffi::OsStrExt;
    let url = OsStr::from_bytes(b"http://prox\xff.test:3128");
    let said = in_environment(&[("HTTP_PROXY", url)]);
    assert!(said.starts_with("the proxy of the environment is not a URL"), "{said}");
}

#[cfg(feature = "rustls")]
mod tls {
    use super::*;
    use crate::support::endpoints::ENDPOINTS;
    use crate::support::tls::{OTHER_HOST, SELF_SIGNED};

    /// A proxy that lets everything through to `target`.
    fn tunnel(target: &Server) -> Server {
        let target = target.address();
        Server::new(move |connection| {
            connection.request();
            connection.send("HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n");
            connection.tunnel_to(target);
        })
    }

    #[test]
    fn https_goes_through_a_tunnel() {
        let server = Server::tls_answering(SELF_SIGNED, |_| answer(200, ORGANIZATION));
        let proxy = tunnel(&server);
        let url = proxy.url().replace("http://", "http://user:open%20sesame@");
        let builder = through(url).root_certificate_pem(SELF_SIGNED.pem);
        assert!(!format!("{builder:?}").contains("sesame"));
        let api = builder.build().unwrap();
        for _ in 0..5 {
            assert_eq!(api.get_organization("org_1").unwrap().id, "org_1");
        }
        assert_eq!(server.request_count(), 5);
        assert_eq!((proxy.connections(), server.connections()), (1, 1), "one tunnel is enough");
        let asked = &proxy.requests()[0];
        assert_eq!((&*asked.method, &*asked.target), ("CONNECT", "api.example.test:443"));
        assert_eq!(asked.header("authorization"), None, "the key is not the proxy's to see");
        assert!(asked.header("proxy-authorization").unwrap().starts_with("Basic "));
        assert_eq!(server.requests()[0].header("proxy-authorization"), None);
        assert_eq!(server.requests()[0].header("host"), Some("api.example.test"));
    }

    #[test]
    fn tls_that_fails_behind_a_proxy_sent_nothing() {
        let untrusted = Server::tls_answering(SELF_SIGNED, |_| answer(200, ORGANIZATION));
        let other = Server::tls_answering(OTHER_HOST, |_| answer(200, ORGANIZATION));
        let plain = Server::new(|connection| {
            connection.await_bytes();
            connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            connection.hold();
        });
        let closing = Server::new(|connection| connection.await_bytes());
        // A certificate would be refused again.
        for (server, why, attempts) in [
            (&untrusted, "self-signed", 1),
            (&other, "for another host", 1),
            (&plain, "does not speak TLS", 2),
            (&closing, "handshake failed", 2),
        ] {
            let proxy = tunnel(server);
            let mut builder = through(proxy.url()).max_retries(1);
            if why == "for another host" {
                builder = builder.root_certificate_pem(OTHER_HOST.pem);
            }
            let api = builder.build().unwrap();
            let params = OrganizationCreateParams::new("Acme");
            let error = api.create_organization(&params).unwrap_err();
            assert_eq!(kind(&error), Kind::Tls, "{why}: {error:?}");
            assert!(error.to_string().contains(why), "{why:?} is not in: {error}");
            assert!(!error.may_have_been_processed(), "{why}");
            assert_eq!((error.attempts(), server.request_count()), (attempts, 0), "{why}");
        }
    }

    #[test]
    fn an_answer_lost_behind_a_proxy_was_sent() {
        let server = Server::tls(SELF_SIGNED, |connection| drop(connection.request()));
        let proxy = tunnel(&server);
        let builder = through(proxy.url()).root_certificate_pem(SELF_SIGNED.pem);
        let api = builder.max_retries(2).build().unwrap();
        let params = OrganizationCreateParams::new("Acme");
        let error = api.create_organization(&params).unwrap_err();
        assert_eq!(kind(&error), Kind::Closed, "{error:?}");
        assert!(error.may_have_been_processed());
        assert_eq!((error.attempts(), server.request_count()), (1, 1));
    }

    #[test]
    fn a_tunnel_that_was_closed_while_idle_fails_no_call() {
        let server = Server::tls(SELF_SIGNED, |connection| {
            let request = connection.request().expect("a request");
            let known = |endpoint: &&crate::support::endpoints::Endpoint| {
                endpoint.method == request.method && endpoint.path == request.target
            };
            connection.send(answer(200, ENDPOINTS.iter().find(known).unwrap().answer));
            connection.say_goodbye();
        });
        let proxy = tunnel(&server);
        let api = through(proxy.url()).root_certificate_pem(SELF_SIGNED.pem).build().unwrap();
        for endpoint in &ENDPOINTS {
            (endpoint.call)(&api).unwrap_or_else(|error| panic!("{}: {error:?}", endpoint.path));
            // Not before the proxy has passed it on is it the next call's to notice.
            proxy.await_closed();
        }
        assert_eq!(server.request_count(), ENDPOINTS.len());
    }

    #[test]
    fn a_proxy_that_is_not_trusted_is_not_reached() {
        let proxy = Server::tls_answering(SELF_SIGNED, |_| answer(200, ""));
        refused(proxy.url(), "could not connect to the proxy");
        assert_eq!(proxy.request_count(), 0);
    }
}
