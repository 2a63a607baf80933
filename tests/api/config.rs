//! Client settings: invalid ones are refused before anything is sent.

mod base_urls;
mod environment;

use std::time::Duration;

use nirvana_labs::{Api, ApiBuilder, ErrorKind, RequestOptions, Sandbox};

use crate::exact::{Reply, Server};
use crate::fixtures::organization;
use crate::scripted::Scripted;

const TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));
const NO_TLS: &str = "this build has no TLS for https: enable the feature rustls or native-tls";

#[track_caller]
fn refused(builder: ApiBuilder) -> String {
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
    assert_eq!((error.kind() as u32, error.attempts(), error.status()), (1, 0, None));
    error.to_string()
}

#[test]
fn keys_that_cannot_be_sent_are_refused_and_not_shown() {
    for key in ["", " ", "nl\tkey", "nl_key\n", "\tnl_key", "nl\0key", "nl_kéy", "nl_key\u{7f}"] {
        let text = refused(Api::builder().api_key(key));
        assert!(text.contains("API key"), "{text}");
        assert!(!text.contains("nl") && !text.contains(['\n', '\0']), "{text}");
    }
    let text = refused(Api::builder().api_key("nl_key\n"));
    assert!(text.contains("at byte 6; trim it"), "{text}");
    assert_eq!(Api::new("a\tb").unwrap_err().kind(), ErrorKind::Config);
    // A key may have spaces, as the placeholder in the vendor's documentation does.
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
fn a_user_agent_that_cannot_be_sent_is_refused() {
    for name in ["", "a\nb", "é", " a"] {
        let text = refused(Api::builder().api_key("nl_key").user_agent(name));
        assert!(text.contains("user agent"), "{text}");
    }
}

#[test]
fn a_proxy_that_cannot_be_used_is_refused_and_not_shown() {
    for (url, why) in [
        ("", "not a URL"),
        ("http://user:sesame@", "not a URL"),
        ("http://user:sesame@127.0.0.1:99999", "not a URL"),
        ("http://user:sesame@127.0.0.1:8o80", "not a URL"),
        ("http://user:sesame@127.0.0.1:", "not a URL"),
        ("http://user:sesame@127.0.0.1:0", "not a URL"),
        ("socks5://user:sesame@127.0.0.1:1", "not supported"),
        // The rest after `#`, `/` or `?` would be ignored, and another proxy would be used.
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
    let far = Api::builder().api_key("nl_key").base_url("http://example.com").allow_http(true);
    let built = far.proxy("https://user:sesame@proxy.example:3129").build();
    if TLS {
        built.unwrap();
    } else {
        let text = built.unwrap_err().to_string();
        assert!(text.contains("this build has no TLS") && !text.contains("sesame"), "{text}");
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
fn network_settings_are_refused_with_another_transport() {
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
fn the_longest_durations_can_be_set() {
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
fn timeouts_of_zero_are_refused() {
    let builder = || Api::builder().api_key("nl_key");
    for (builder, what) in [
        (builder().timeout(Duration::ZERO), "timeout"),
        (builder().connect_timeout(Duration::ZERO), "connect timeout"),
        (builder().total_timeout(Duration::ZERO), "total timeout"),
    ] {
        assert_eq!(refused(builder), format!("the {what} must be greater than 0"));
    }
    // An invalid timeout in the options of a call is refused when the call is made.
    let transport = Scripted::in_turn([]);
    for (options, what) in [
        (RequestOptions::new().timeout(Duration::ZERO), "timeout"),
        (RequestOptions::new().total_timeout(Duration::ZERO), "total timeout"),
    ] {
        let error = transport.api().with_options(options).get_organization("org_1").unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Config, 0), "{error:?}");
        assert_eq!(error.to_string(), format!("the {what} must be greater than 0"));
    }
    assert_eq!(transport.count(), 0);
    // The shortest timeout is valid, and passes at once.
    let server = Server::replying([]);
    let api = server.builder().timeout(Duration::from_nanos(1)).max_retries(0).build().unwrap();
    let error = api.leave_organization("org_1").unwrap_err();
    assert!(error.is_timeout() && !error.may_have_been_processed(), "{error:?}");
    assert!(server.seen().is_empty());
}

#[test]
fn debug_of_a_client_and_of_a_builder_shows_settings_but_no_key() {
    let api = Api::builder().base_url("https://example.com/x/").transport(Sandbox::new());
    let debug = format!("{:?}", api.build().unwrap());
    assert_eq!(debug, r#"Api { base_url: https://example.com/x, .. }"#);
    let base_url = "http://localhost/nl_secret_key";
    let api = Api::builder().api_key("nl_secret_key").base_url(base_url).build().unwrap();
    assert_eq!(format!("{api:?}"), "Api { base_url: http://localhost/[redacted], .. }");
    let debug = format!("{:?}", Api::builder().api_key("nl_secret_key").max_retries(7));
    assert!(debug.starts_with("ApiBuilder") && debug.contains("max_retries: Some(7)"), "{debug}");
    assert!(!debug.contains("nl_secret_key"), "{debug}");
}
