//! Sends `orgs serve` the requests of the vendor's SDKs, byte for byte: nirvana-typescript 1.98.1
//! on Node.js 20, and nirvana-go 1.94.2. Neither sends an `Idempotency-Key`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::server::PATIENCE;
use crate::support::Served;

const TYPESCRIPT: &str = "\
LINE HTTP/1.1
host: 127.0.0.1
connection: keep-alive
Accept: ACCEPT
User-Agent: _NirvanaLabs/JS 1.98.1
X-Stainless-Retry-Count: 0
X-Stainless-Lang: js
X-Stainless-Package-Version: 1.98.1
X-Stainless-OS: Linux
X-Stainless-Arch: x64
X-Stainless-Runtime: node
X-Stainless-Runtime-Version: v20.20.2
authorization: Bearer nl_key
content-type: application/json
accept-language: *
sec-fetch-mode: cors
accept-encoding: gzip, deflate
content-length: LENGTH

BODY";

const GO: &str = "\
LINE HTTP/1.1
Host: 127.0.0.1
User-Agent: NirvanaLabs/Go 1.94.2
Content-Length: LENGTH
Accept: ACCEPT
Authorization: Bearer nl_key
Content-Type: application/json
X-Stainless-Arch: x64
X-Stainless-Lang: go
X-Stainless-Os: Linux
X-Stainless-Package-Version: 1.94.2
X-Stainless-Retry-Count: 0
X-Stainless-Runtime: go
X-Stainless-Runtime-Version: go1.24.0
Accept-Encoding: gzip

BODY";

/// Returns a request as this SDK sends it: `Content-Type` is sent with a body, and `Content-Length`
/// with a body or a POST.
fn request(sdk: &str, line: &str, body: &str) -> String {
    let is_sent = |header: &&str| match header.to_ascii_lowercase() {
        header if header.starts_with("content-type") => !body.is_empty(),
        header if header.starts_with("content-length") => {
            !body.is_empty() || line.starts_with("POST")
        }
        _ => true,
    };
    let accept = if line.ends_with("/leave") { "*/*" } else { "application/json" };
    let lines: Vec<&str> = sdk.split('\n').filter(is_sent).collect();
    let request = lines.join("\r\n").replace("LINE", line).replace("ACCEPT", accept);
    request.replace("LENGTH", &body.len().to_string()).replace("BODY", body)
}

/// A connection that stays open, as both SDKs keep it.
struct Connection<'a> {
    sdk: &'a str,
    stream: BufReader<TcpStream>,
}

impl Connection<'_> {
    /// Sends a request, and returns the body of the response, which must have this status.
    fn call(&mut self, line: &str, body: &str, status: u16) -> Value {
        let request = request(self.sdk, line, body);
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.stream.read_line(&mut head).unwrap() > 0, "{line}: {head}");
        }
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with(&format!("http/1.1 {status} ")), "{line}: {head}");
        assert!(!head.contains("connection: close") && !head.contains("content-encoding"));
        if status == 204 {
            return Value::Null;
        }
        assert!(head.contains("content-type: application/json"), "{line}: {head}");
        let length = head.split("content-length: ").nth(1).expect(&head).lines().next().unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        self.stream.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }
}

fn all_ten_operations_work(sdk: &str) {
    let served = Served::start(&[]);
    let stream = TcpStream::connect(served.url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut api = Connection { sdk, stream: BufReader::new(stream) };

    let created = api.call("POST /v1/organizations", r#"{"name":"Initech"}"#, 201);
    assert_eq!((&created["id"], &created["name"]), (&json!("org_4"), &json!("Initech")));
    assert_eq!(api.call("GET /v1/organizations/org_4", "", 200), created);
    let patch = "PATCH /v1/organizations/org_4";
    assert_eq!(api.call(patch, "{}", 200), created, "an empty update changes nothing");
    let update = r#"{"name":"Initrode","billing_email":null}"#;
    assert_eq!(api.call(patch, update, 200)["name"], "Initrode");

    let first = api.call("GET /v1/organizations?limit=2", "", 200);
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    let next = api.call(&format!("GET /v1/organizations?limit=2&cursor={cursor}"), "", 200);
    let items = first["items"].as_array().unwrap().iter().chain(next["items"].as_array().unwrap());
    let ids: Vec<&Value> = items.map(|item| &item["id"]).collect();
    assert_eq!(ids, ["org_1", "org_2", "org_3", "org_4"]);
    assert_eq!(next["pagination"]["next_cursor"], Value::Null);

    let members = api.call("GET /v1/organizations/org_1/memberships", "", 200);
    let member = api.call("GET /v1/organizations/org_1/memberships/mem_1", "", 200);
    assert_eq!(members["items"][0], member);

    let address = "/v1/organizations/org_4/address";
    let body = r#"{"line1":"1","city":"Oslo","postal_code":"0150","country":"NO","line2":"2"}"#;
    let created = api.call(&format!("POST {address}"), body, 201);
    assert_eq!(created["line2"], "2");
    assert_eq!(api.call(&format!("GET {address}"), "", 200), created);
    let patch = format!("PATCH {address}");
    assert_eq!(api.call(&patch, "{}", 200), created, "an empty update changes nothing");
    let updated = api.call(&patch, r#"{"line2":null,"city":"Bergen"}"#, 200);
    assert_eq!((&updated["line2"], &updated["city"]), (&Value::Null, &json!("Bergen")));

    api.call("POST /v1/organizations/org_1/leave", "", 204);
    api.call("GET /v1/organizations/org_1", "", 404);
}

#[test]
fn all_ten_operations_work_for_the_typescript_sdk() {
    assert!(request(TYPESCRIPT, "PATCH /", "{}").ends_with("content-length: 2\r\n\r\n{}"));
    all_ten_operations_work(TYPESCRIPT);
}

#[test]
fn all_ten_operations_work_for_the_go_sdk() {
    let leave = request(GO, "POST /leave", "");
    assert!(leave.contains("Go 1.94.2\r\nContent-Length: 0\r\nAccept: */*\r\nAuth"), "{leave}");
    all_ten_operations_work(GO);
}
