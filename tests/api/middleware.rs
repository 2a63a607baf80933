//! Custom transports: wrappers of `HttpTransport`, and replacements for it.

mod guard;

use std::collections::BTreeMap;
use std::error::Error as _;
use std::io;
use std::sync::{Arc, Mutex};

use nirvana_labs::http::{HeaderValue, Method};
use nirvana_labs::{
    Api, ErrorKind as Kind, HttpTransport, Limits, OrganizationCreateParams, SendError, Transport,
};
use serde_json::json;

use crate::checks::http_messages::{
    HttpMessage, HttpRequest, HttpResponse, WithBody, request, response,
};
use crate::exact::{Reply, Server};
use crate::fixtures::organization;
use crate::scripted::Scripted;
use crate::support::message::reply;
use crate::support::server;

/// A recorded request and its response.
#[derive(Clone, Debug, PartialEq)]
struct Exchange {
    method: String,
    url: String,
    /// The request headers that are not sensitive.
    headers: BTreeMap<String, Vec<u8>>,
    body: Option<Vec<u8>>,
    status: u16,
    response_headers: Vec<(String, Vec<u8>)>,
    response_body: Vec<u8>,
}

fn sensitive(value: &str) -> HeaderValue {
    let mut value = HeaderValue::try_from(value).unwrap();
    value.set_sensitive(true);
    value
}

type Tape = Arc<Mutex<Vec<Exchange>>>;

/// Adds a header to each request, and records the request and its response.
struct Recording<T> {
    inner: T,
    tape: Tape,
}

impl<T: Transport> Transport for Recording<T> {
    fn send(
        &self,
        mut request: HttpRequest<'_>,
        limits: &Limits,
    ) -> Result<HttpResponse, SendError> {
        request.headers_mut().insert("x-trace", sensitive("trace-1"));
        let headers = request.headers().iter().filter(|(_, value)| !value.is_sensitive());
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
        let (method, url) = (request.method().as_str().to_owned(), request.uri().to_string());
        let body = Some(request.body().to_vec()).filter(|body| !body.is_empty());
        let response = self.inner.send(request, limits)?;
        let owned = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
        self.tape.lock().unwrap().push(Exchange {
            method,
            url,
            headers,
            body,
            status: response.status().as_u16(),
            response_headers: owned.collect(),
            response_body: response.body().to_vec(),
        });
        Ok(response)
    }
}

/// Returns recorded responses, and does not use the network.
struct Replaying(Vec<Exchange>);

impl Transport for Replaying {
    fn send(&self, request: HttpRequest<'_>, _: &Limits) -> Result<HttpResponse, SendError> {
        let is_this = |exchange: &&Exchange| {
            exchange.method == request.method().as_str()
                && exchange.url == request.uri().to_string()
                && exchange.body.as_deref().unwrap_or_default() == *request.body()
        };
        let Some(exchange) = self.0.iter().find(is_this) else {
            return Err(SendError::not_sent(Kind::Other, "no such request was recorded"));
        };
        let response = response(exchange.status).with_body(&*exchange.response_body);
        Ok(exchange.response_headers.iter().fold(response, |response, (name, value)| {
            response.with_header(name, str::from_utf8(value).unwrap())
        }))
    }
}

fn recording(tape: &Tape) -> impl FnOnce(HttpTransport) -> Recording<HttpTransport> + use<> {
    let tape = Arc::clone(tape);
    |inner| Recording { inner, tape }
}

#[test]
fn the_header_that_a_wrapper_adds_is_sent() {
    let server = Server::always(Reply::json(200, &organization()));
    let api = server.builder().wrap_transport(recording(&Tape::default())).build().unwrap();
    api.get_organization("org_1").unwrap();
    server.expect_with("GET", "/v1/organizations/org_1", None, &[("x-trace", "trace-1")]);
}

#[test]
fn an_exchange_is_recorded_without_secrets_and_replayed_offline() {
    let server = Server::replying([
        Reply::new(201, &[("x-request-id", "req_1")], organization().to_string()),
        Reply::json(404, &json!({"message": "no such organization"})),
    ]);
    let tape = Tape::default();
    let builder = server.builder().header("x-team", "secret").user_agent("tool/1.0");
    let online = builder.wrap_transport(recording(&tape)).build().unwrap();
    let params = OrganizationCreateParams::new("Acme");
    let created = online.create_organization(&params).unwrap();
    let missing = online.get_organization("org_2").unwrap_err();

    let tape = tape.lock().unwrap().clone();
    let pair = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let [create, get] = &*tape else { panic!("{tape:?}") };
    // `HttpTransport` adds `Host` and `Accept-Encoding` after the wrapper.
    let mut common = BTreeMap::from([pair("accept", "application/json")]);
    assert_eq!((&*create.method, &*get.method), ("POST", "GET"));
    assert_eq!(create.url, format!("{}/v1/organizations", server.url()));
    assert_eq!(get.url, format!("{}/v1/organizations/org_2", server.url()));
    // The API key and the headers from the caller and the wrapper are sensitive: none is recorded.
    assert_eq!(get.headers, common);
    common.extend([pair("content-type", "application/json")]);
    assert_eq!(create.headers, common);
    assert_eq!(create.body.as_deref(), Some(&br#"{"name":"Acme"}"#[..]));
    assert_eq!(get.body, None);
    assert_eq!((create.status, get.status), (201, 404));
    assert!(create.response_headers.contains(&pair("x-request-id", "req_1")));
    assert_eq!(create.response_body, organization().to_string().as_bytes());

    let url = server.url();
    drop(server);
    let offline = Api::builder().base_url(url).transport(Replaying(tape)).build().unwrap();
    assert_eq!(offline.create_organization(&params).unwrap(), created);
    let again = offline.get_organization("org_2").unwrap_err();
    assert_eq!(again.to_string(), missing.to_string());
    assert_eq!(again.message(), Some("no such organization"));
    let raw = offline.request(Method::POST, ["v1", "organizations"]).json(&params);
    assert_eq!(raw.send::<serde_json::Value>().unwrap().header("x-request-id"), Some("req_1"));
    let unknown = offline.get_organization("org_3").unwrap_err();
    assert!(unknown.to_string().contains("no such request was recorded"), "{unknown}");
}

#[test]
fn a_wrapper_is_tested_without_client_and_network() {
    let inner = Scripted::new(|request| {
        assert_eq!(request.header("x-trace"), Some("trace-1"));
        Ok(response(418).with_header("x-note", "short").with_body("and stout"))
    });
    let tape = Tape::default();
    let wrapper = Recording { inner, tape: Arc::clone(&tape) };
    let put = request(Method::PUT, "https://example.com/a/b?c=d%20e");
    let limits = Limits::default();
    assert_eq!((limits.time_left(), limits.max_body_bytes), (None, 10 * 1024 * 1024));
    assert!(!limits.cancel_token.is_cancelled());

    let response = wrapper.send(put.map(|_| &b"{}"[..]), &limits).unwrap();
    assert_eq!((response.status().as_u16(), &response.body()[..]), (418, &b"and stout"[..]));
    assert_eq!(response.clone().header("X-Note"), Some("short"));
    let exchange = Exchange {
        method: "PUT".to_owned(),
        url: "https://example.com/a/b?c=d%20e".to_owned(),
        headers: BTreeMap::new(),
        body: Some(b"{}".to_vec()),
        status: 418,
        response_headers: vec![("x-note".to_owned(), b"short".to_vec())],
        response_body: b"and stout".to_vec(),
    };
    assert_eq!(*tape.lock().unwrap(), [exchange]);

    let broken = Scripted::new(|_| Err(SendError::maybe_sent(Kind::Closed, "gone")));
    let wrapper = Recording { inner: broken, tape: Arc::clone(&tape) };
    let get = request(Method::GET, "https://example.com");
    assert_eq!(wrapper.send(get, &limits).unwrap_err().kind(), Kind::Closed);
    assert_eq!(tape.lock().unwrap().len(), 1, "a request without a response is not recorded");
}

#[test]
fn a_send_error_has_the_stage_and_whether_it_was_sent() {
    let source = || io::Error::from(io::ErrorKind::ConnectionReset);
    for kind in [Kind::Dns, Kind::Connect, Kind::Tls, Kind::Proxy, Kind::Closed, Kind::Other] {
        let not_sent = SendError::not_sent(kind, "no luck");
        assert_eq!((not_sent.kind(), not_sent.may_have_been_sent()), (kind, false));
        assert!(not_sent.source().is_none());
        let sent = SendError::maybe_sent(kind, format!("no {}", "luck")).with_source(source());
        assert_eq!((sent.kind(), sent.may_have_been_sent()), (kind, true));
        assert_eq!((sent.to_string(), not_sent.to_string()), ("no luck".into(), "no luck".into()));
        let beneath = sent.source().unwrap().downcast_ref::<io::Error>().unwrap();
        assert_eq!(beneath.kind(), io::ErrorKind::ConnectionReset);
    }
}

#[test]
fn debug_hides_sensitive_headers() {
    let transport = Scripted::new(move |request| {
        assert!(!format!("{request:?}").contains("secret"));
        let shown = |name: &str| format!("{:?}", request.headers()[name]);
        assert_eq!(
            (shown("authorization"), shown("x-team")),
            ("Sensitive".into(), "Sensitive".into())
        );
        assert_eq!(shown("accept"), "\"application/json\"");
        Ok(response(204))
    });
    let builder = transport.builder().api_key("secret-key").header("x-team", "secret-team");
    builder.build().unwrap().leave_organization("org_1").unwrap();
}

#[test]
fn a_wrapper_may_change_the_body_and_the_key() {
    struct Other(HttpTransport);
    impl Transport for Other {
        fn send(
            &self,
            mut request: HttpRequest<'_>,
            limits: &Limits,
        ) -> Result<HttpResponse, SendError> {
            request.headers_mut().insert("authorization", sensitive("Bearer other"));
            self.0.send(request.map(|_| &br#"{"name":"Other, Inc."}"#[..]), limits)
        }
    }
    let server = Server::replying([Reply::json(201, &organization())]);
    let api = server.builder().wrap_transport(Other).build().unwrap();
    api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap();
    let (body, more) = (r#"{"name":"Other, Inc."}"#, [("authorization", "Bearer other")]);
    server.expect_with("POST", "/v1/organizations", Some(body), &more);
}

#[test]
fn a_wrapper_may_send_to_another_server_first() {
    /// Fetches a token for each request, and adds the token to the request.
    struct Tokens {
        http: HttpTransport,
        url: String,
    }
    impl Transport for Tokens {
        fn send(
            &self,
            to_api: HttpRequest<'_>,
            limits: &Limits,
        ) -> Result<HttpResponse, SendError> {
            let token = self.http.send(request(Method::POST, &self.url), limits)?;
            let token = String::from_utf8_lossy(token.body()).into_owned();
            self.http.send(to_api.with_header("x-token", &token), limits)
        }
    }
    let tokens = server::Server::answering(|_| reply(200, "token-1"));
    let server = Server::always(Reply::json(200, &organization()));
    let url = format!("{}/token", tokens.url());
    let builder = server.builder().wrap_transport(|http| Tokens { http, url });
    builder.build().unwrap().get_organization("org_1").unwrap();
    server.expect_with("GET", "/v1/organizations/org_1", None, &[("x-token", "token-1")]);
    let asked = &tokens.requests()[0];
    assert_eq!((&*asked.method, &*asked.target), ("POST", "/token"));
    assert_eq!(asked.header("host"), Some(&*tokens.address().to_string()));
    assert_eq!(asked.header("authorization"), None, "only the API may get the key");
}

#[test]
fn the_wrapped_transport_uses_the_proxy_of_the_builder() {
    let target = server::Server::answering(|_| reply(200, &organization().to_string()));
    let address = target.address();
    let proxy = server::Server::new(move |connection| {
        connection.request();
        connection.send("HTTP/1.1 200 OK\r\n\r\n");
        connection.tunnel_to(address);
    });
    let tape = Tape::default();
    let builder = Api::builder().api_key("nl_key").base_url("http://api.example.test");
    let builder = builder.allow_http(true).proxy(proxy.url()).wrap_transport(recording(&tape));
    builder.build().unwrap().get_organization("org_1").unwrap();
    assert_eq!(proxy.requests()[0].target, "api.example.test:80");
    assert_eq!(target.requests()[0].header("x-trace"), Some("trace-1"));
    assert_eq!(tape.lock().unwrap()[0].status, 200);
}

#[cfg(feature = "rustls")]
#[test]
fn the_wrapped_transport_uses_the_roots_of_the_builder() {
    use crate::support::client;
    use crate::support::tls::SELF_SIGNED;

    let server =
        server::Server::tls_answering(SELF_SIGNED, |_| reply(200, &organization().to_string()));
    let wrapped =
        || client(server.url()).max_retries(0).wrap_transport(recording(&Tape::default()));
    let trusting = wrapped().root_certificate_pem(SELF_SIGNED.pem).build().unwrap();
    trusting.get_organization("org_1").unwrap();
    assert_eq!(server.requests()[0].header("x-trace"), Some("trace-1"));
    let error = wrapped().build().unwrap().get_organization("org_1").unwrap_err();
    assert_eq!(crate::support::kind(&error), Kind::Tls, "{error:?}");
    assert!(wrapped().root_certificate_pem("not PEM").build().is_err());
}

#[test]
fn an_invalid_setting_is_refused_before_the_transport_is_wrapped() {
    let wrapped = Arc::new(Mutex::new(0));
    let count = Arc::clone(&wrapped);
    let builder = Api::builder().api_key("nl_key").base_url("http://example.com").allow_http(true);
    let builder = builder.proxy("socks5://127.0.0.1:1").wrap_transport(move |http| {
        *count.lock().unwrap() += 1;
        http
    });
    assert!(builder.build().is_err_and(|error| error.kind() == Kind::Config));
    // `HttpTransport` needs an API key, wrapped or not.
    let keyless = Api::builder().base_url("http://127.0.0.1:1").wrap_transport(|http| http);
    assert!(keyless.build().unwrap_err().to_string().contains("no API key"));
    assert_eq!(*wrapped.lock().unwrap(), 0);
}
