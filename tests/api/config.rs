//! Settings of the client: bad ones are refused before anything is sent.

use std::process::Command;
use std::time::Duration;

use nirvana_labs::{Api, ApiBuilder, Error, ErrorKind, Sandbox};

use crate::exact::{Reply, Server};
use crate::fixtures::organization;
use crate::scripted::Scripted;

const TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));
const NO_TLS: &str = "this build has no TLS for https: enable the feature rustls or native-tls";

#[track_caller]
fn refused(builder: ApiBuilder) -> String {
    let error = builder.build().unwrap_err();
    assert!(error.kind() == ErrorKind::Config, "{error:?}");
    assert_eq!((error.kind() as u32, error.attempts(), error.status()), (1, 0, None));
    error.to_string()
}

#[test]
fn keys_that_cannot_be_sent_are_refused_unseen() {
    for key in ["", " ", "nl\tkey", "nl_key\n", "\tnl_key", "nl\0key", "nl_kéy", "nl_key\u{7f}"] {
        let text = refused(Api::builder().api_key(key));
        assert!(text.contains("API key"), "{text}");
        assert!(!text.contains("nl") && !text.contains(['\n', '\0']), "{text}");
    }
    let text = refused(Api::builder().api_key("nl_key\n"));
    assert!(text.contains("at byte 6; trim it"), "{text}");
    assert!(Api::new("a\tb").unwrap_err().kind() == ErrorKind::Config);
    // The placeholder of the vendor's documentation, among others.
    let server = Server::replying([Reply::json(200, &organization())]);
    let api = Api::builder().api_key("My API Key").base_url(server.url()).build().unwrap();
    api.get_organization("org_1").unwrap();
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer My API Key"));
}

#[test]
fn a_key_is_needed_to_reach_the_network() {
    let text = refused(Api::builder());
    assert!(text.contains("no API key") && text.contains("NIRVANA_LABS_API_KEY"), "{text}");
    assert!(Api::builder().transport(Scripted::in_turn([])).build().is_ok());
}

#[test]
fn base_urls_that_cannot_be_used_are_refused() {
    for (url, why) in [
        ("", "no scheme"),
        ("api.nirvanalabs.io", "no scheme"),
        ("//api.nirvanalabs.io", "no scheme"),
        ("https://", "not a URL"),
        ("https:///v1", "not a URL"),
        ("https://a b", "at byte 9"),
        ("https://api.nirvanalabs.io\r", "white space or a control character at byte 26"),
        ("https://api.nirvanalabs.io ", "at byte 26"),
        ("https://münchen.example", "xn--"),
        ("http://127.0.0.1:1/v1", "its path is /v1"),
        ("http://127.0.0.1:1/v1/", "its path is /v1"),
        ("https://a/?x=1", "a query"),
        ("https://a?", "a query"),
        ("https://a/#x", "a fragment"),
        ("https://a#", "a fragment"),
        ("https://user:sesame@a", "user info"),
        ("https://user@a", "user info"),
        ("ftp://a", "neither https nor http"),
        ("file:///etc/passwd", "no host"),
        ("https://a:0", "port"),
        ("https://a:65536", "port"),
        ("http://example.com", "plain http"),
        ("http://10.0.0.1", "plain http"),
        ("http://localhost.example.com", "plain http"),
        ("http://127.0.0.1.example.com", "plain http"),
    ] {
        let text = refused(Api::builder().api_key("nl_key").base_url(url));
        assert!(text.starts_with("the base URL is invalid: "), "{url}: {text}");
        assert!(text.contains(why) || url == "file:///etc/passwd", "{url}: {text}");
        assert!(!text.contains("sesame"), "{text}");
    }
}

#[test]
fn base_urls_that_can_be_used_are_taken() {
    for url in [
        "https://api.nirvanalabs.io",
        "HTTPS://API.NIRVANALABS.IO/",
        "https://a.example:8443/prefix/",
        "http://localhost",
        "http://LOCALHOST:1",
        "http://127.0.0.1:1/x",
        "http://127.255.255.254",
        "http://[::1]:1",
    ] {
        let built = Api::builder().api_key("nl_key").base_url(url).build();
        match built {
            Ok(_) => {}
            Err(error) if !TLS && url.to_lowercase().starts_with("https:") => {
                assert_eq!(error.to_string(), NO_TLS);
            }
            Err(error) => panic!("{url}: {error:?}"),
        }
    }
    let far = Api::builder().api_key("nl_key").base_url("http://example.com");
    assert!(far.allow_http(true).build().is_ok());
    let text = refused(Api::builder().api_key("k").base_url("ftp://a").allow_http(true));
    assert!(text.contains("neither https nor http"), "{text}");
}

#[test]
fn a_user_agent_that_cannot_be_sent_is_refused() {
    for name in ["", "a\nb", "é", " a"] {
        let text = refused(Api::builder().api_key("nl_key").user_agent(name));
        assert!(text.contains("user agent"), "{text}");
    }
}

#[test]
fn a_proxy_that_cannot_be_used_is_refused_unseen() {
    for (url, why) in [
        ("", "not a URL"),
        ("http://user:sesame@", "not a URL"),
        ("http://user:sesame@127.0.0.1:99999", "not a URL"),
        ("http://user:sesame@127.0.0.1:8o80", "not a URL"),
        ("http://user:sesame@127.0.0.1:", "not a URL"),
        ("http://user:sesame@127.0.0.1:0", "not a URL"),
        ("socks5://user:sesame@127.0.0.1:1", "not supported"),
        // What comes after the mark would be dropped, and another host asked.
        ("http://us:sesame@ss#@127.0.0.1:1", "percent-encode"),
        ("http://u:sesame@127.0.0.1:1#x@proxy.example:3128", "percent-encode"),
        ("http://u:sesame@127.0.0.1:1/x@proxy.example:3128", "percent-encode"),
        ("http://u:sesame@127.0.0.1:1?x@proxy.example:3128", "percent-encode"),
        ("http://u:sesame@127.0.0.1:1/path", "percent-encode"),
    ] {
        let far = Api::builder().api_key("nl_key").base_url("http://example.com").allow_http(true);
        let text = refused(far.proxy(url));
        assert!(text.contains("proxy") && text.contains(why), "{url}: {text}");
        assert!(!text.contains("sesame"), "{text}");
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[test]
fn a_root_certificate_that_cannot_be_read_is_refused() {
    let mut key = String::from("-----BEGIN PRIVATE KEY-----\n");
    key += "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n";
    key += "-----END PRIVATE KEY-----\n";
    let not_base64 = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    for pem in ["", "not PEM", &key, not_base64] {
        let text = refused(Api::builder().api_key("nl_key").root_certificate_pem(pem));
        assert!(text.contains("root certificate"), "{text}");
    }
}

#[test]
fn settings_of_the_network_beside_another_transport_are_refused() {
    let builder = || Api::builder().transport(Scripted::in_turn([]));
    let text = refused(builder().proxy("http://127.0.0.1:1"));
    assert!(text.contains("proxy") && text.contains("wrap_transport"), "{text}");
    assert!(builder().no_proxy().build().is_ok());
    #[cfg(feature = "rustls")]
    refused(builder().root_certificate_pem(crate::support::tls::SELF_SIGNED.pem));
    #[cfg(feature = "platform-verifier")]
    refused(builder().platform_verifier());
}

#[test]
fn the_longest_of_limits_can_be_set() {
    let server = Server::always(Reply::json(200, &organization()));
    let api = server
        .builder()
        .timeout(Duration::MAX)
        .connect_timeout(Duration::MAX)
        .max_retry_wait(Duration::MAX)
        .max_retries(u32::MAX)
        .max_body_bytes(usize::MAX);
    api.build().unwrap().get_organization("org_1").unwrap();
}

#[test]
fn a_timeout_of_nothing_is_a_timeout() {
    let server = Server::replying([]);
    let api = server.builder().timeout(Duration::ZERO).max_retries(0).build().unwrap();
    let error = api.leave_organization("org_1").unwrap_err();
    assert!(error.is_timeout() && !error.may_have_been_processed(), "{error:?}");
    assert!(server.seen().is_empty());
}

#[test]
fn debug_shows_where_a_client_goes() {
    let api = Api::builder().base_url("https://example.com/x/").transport(Sandbox::new());
    let debug = format!("{:?}", api.build().unwrap());
    assert_eq!(debug, r#"Api { base_url: https://example.com/x, .. }"#);
}

/// The environment is the whole process's: each case is a run of [`from_env_child`].
fn from_env_with(variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "config::from_env_child", "--nocapture"]);
    for name in ["NIRVANA_LABS_API_KEY", "NIRVANA_LABS_BASE_URL"] {
        command.env_remove(name);
    }
    command.env("NIRVANA_LABS_TEST_CHILD", "1").envs(variables.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find_map(|line| line.split_once("from_env: "));
    line.unwrap().1.to_owned()
}

#[test]
fn from_env_child() {
    if std::env::var_os("NIRVANA_LABS_TEST_CHILD").is_none() {
        return;
    }
    match Api::from_env() {
        Ok(api) => {
            println!("from_env: {api:?}");
            if std::env::var("NIRVANA_LABS_BASE_URL").is_ok_and(|url| url.starts_with("http:")) {
                api.get_organization("org_1").unwrap();
            }
        }
        Err(error) => println!("from_env: {} {error}", error.kind() as u32),
    }
}

#[test]
fn from_env_reads_key_and_base_url() {
    let server = Server::always(Reply::json(200, &organization()));
    let url = server.url();
    let key = ("NIRVANA_LABS_API_KEY", "nl_key");
    assert_eq!(
        from_env_with(&[key, ("NIRVANA_LABS_BASE_URL", &url)]),
        format!("Api {{ base_url: {url}, .. }}")
    );
    server.expect("GET", "/v1/organizations/org_1", None);

    let without = format!("1 {NO_TLS}");
    let default = if TLS { "Api { base_url: https://api.nirvanalabs.io, .. }" } else { &without };
    assert_eq!(from_env_with(&[key]), default);
    assert_eq!(from_env_with(&[key, ("NIRVANA_LABS_BASE_URL", "")]), default);
}

#[test]
fn from_env_says_what_is_wrong() {
    let missing = "1 no API key: set NIRVANA_LABS_API_KEY, or call ApiBuilder::api_key";
    assert_eq!(from_env_with(&[]), missing);
    assert_eq!(from_env_with(&[("NIRVANA_LABS_API_KEY", "")]), missing);
    let text = from_env_with(&[("NIRVANA_LABS_API_KEY", "nl\tkey")]);
    assert!(
        text.starts_with("1 the API key contains an invalid character at byte 2")
            && !text.contains("key\t"),
        "{text}"
    );
    let text = from_env_with(&[
        ("NIRVANA_LABS_API_KEY", "nl_key"),
        ("NIRVANA_LABS_BASE_URL", "http://example.com"),
    ]);
    assert!(text.starts_with("1 the base URL is invalid: plain http"), "{text}");
}

#[cfg(unix)]
#[test]
fn from_env_says_where_a_variable_is_not_unicode() {
    use std::os::unix::ffi::OsStrExt;
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "config::from_env_child", "--nocapture"]);
    let not_unicode = std::ffi::OsStr::from_bytes(b"nl_\xFF");
    command.env("NIRVANA_LABS_TEST_CHILD", "1").env("NIRVANA_LABS_API_KEY", not_unicode);
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(output.contains("from_env: 1 NIRVANA_LABS_API_KEY is not Unicode"), "{output}");
}

#[test]
fn nothing_else_reads_the_environment() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "config::builder_child", "--nocapture"]);
    command.env("NIRVANA_LABS_TEST_CHILD", "1").env("NIRVANA_LABS_API_KEY", "nl_key");
    command.env("NIRVANA_LABS_BASE_URL", "https://example.com");
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(output.contains("built: true https://api.nirvanalabs.io"), "{output}");
}

#[test]
fn builder_child() {
    if std::env::var_os("NIRVANA_LABS_TEST_CHILD").is_some() {
        let keyless = Api::builder().build().is_err();
        let api = Api::builder().api_key("nl_other").transport(Sandbox::new()).build();
        let api = format!("{:?}", api.unwrap());
        let url = api.split("base_url: ").nth(1).unwrap();
        println!("built: {keyless} {url}");
    }
}
