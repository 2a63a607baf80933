//! Tests `orgs serve` over raw connections and with the other commands.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Instant;

use serde_json::Value;

use crate::server::PATIENCE;
use crate::support::{Served, orgs, orgs_at, outcome};

fn connect(served: &Served) -> TcpStream {
    let stream = TcpStream::connect(served.url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends these bytes, and returns all that the server sends before it closes the connection.
fn raw(served: &Served, request: &[u8]) -> String {
    let mut stream = connect(served);
    stream.write_all(request).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

/// Sends a request with this first line, these headers and this body. Returns the response.
fn response(served: &Served, line: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    let head = format!("{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}");
    raw(served, format!("{head}Content-Length: {length}\r\n\r\n{body}").as_bytes())
}

fn status(response: &str) -> u16 {
    response.strip_prefix("HTTP/1.1 ").expect(response)[..3].parse().unwrap()
}

fn body(response: &str) -> &str {
    response.split_once("\r\n\r\n").expect(response).1
}

#[test]
fn all_commands_share_the_state_of_the_server() {
    let served = Served::start(&[]);
    let created = outcome(&mut orgs_at(&served.url, &["create", "Initech", "--json"])).json();
    let listed = outcome(&mut orgs_at(&served.url, &["list", "--json"])).json();
    assert_eq!(listed["items"][3], created);
    let address = "address create org_4 --line1 1 --city Oslo --postal-code 0150 --country NO";
    let address: Vec<&str> = address.split(' ').collect();
    outcome(&mut orgs_at(&served.url, &address)).ok();
    let again = outcome(&mut orgs_at(&served.url, &address)).failed(1);
    assert!(again.contains("409"), "{again}");
    let left = outcome(&mut orgs_at(&served.url, &["leave", "org_3", "--yes"])).failed(1);
    assert!(left.contains("`orgs members org_3`"), "{left}");
    // The server's clock runs.
    let organization = outcome(&mut orgs_at(&served.url, &["show", "org_4", "--json"])).json();
    let updated = ["update", "org_4", "--name=I", "--json"];
    let updated = outcome(&mut orgs_at(&served.url, &updated)).json();
    assert!(updated["updated_at"].as_str() > organization["updated_at"].as_str());
}

#[test]
fn any_key_is_accepted_unless_keys_are_seeded() {
    let served = Served::start(&[]);
    assert_eq!(served.keys, "accepting any API key, or none, for user_1");
    for headers in ["", "Authorization: Bearer x\r\n", "Authorization: Basic é\r\n"] {
        assert_eq!(status(&response(&served, "GET /v1/organizations", headers, "")), 200);
    }

    let served = Served::start(&["--seed-key", "nl_first", "--seed-key=My API Key"]);
    assert_eq!(served.keys, "accepting the API keys nl_first (user_1), My API Key (user_2)");
    let list = |headers: &str| response(&served, "GET /v1/organizations", headers, "");
    for (key, organizations) in [("nl_first", 3), ("My API Key", 2)] {
        let response = list(&format!("Authorization: Bearer {key}\r\n"));
        let page: Value = serde_json::from_str(body(&response)).unwrap();
        assert_eq!(page["items"].as_array().unwrap().len(), organizations, "{key}: {page}");
    }
    for header in ["", "Bearer nl_other", "Bearer", "Bearer ", "nl_first", "Basic nl_first", "é"] {
        let header = format!("Authorization: {header}\r\n");
        let header = if header == "Authorization: \r\n" { "" } else { &header };
        assert_eq!(status(&list(header)), 401, "{header}");
    }
    let log = served.log();
    assert!(!log.contains("nl_") && !log.contains("My API"), "{log}");
}

#[test]
fn every_request_is_answered_and_logged() {
    let served = Served::start(&[]);
    let organization = "{\"name\": \"Acme\"}";
    let mut logged = Vec::new();
    for (line, sent, expected) in [
        ("GET /v1/organizations/org_1?key=nl_key", "", 200),
        ("POST /v1/organizations", organization, 201),
        ("POST /v1/organizations", "{\"name\"", 400),
        ("POST /v1/organizations", "\u{0}\u{1}", 400),
        ("POST /v1/organizations", "", 400),
        ("POST /v1/organizations", "{\"name\": 7}", 422),
        ("PATCH /v1/organizations/org_1", "{\"frob\": 7}", 422),
        ("GET /v1/frob", "", 404),
        ("GET /", "", 404),
        ("OPTIONS /v1/organizations", "", 405),
        ("HEAD /v1/organizations", "", 405),
        ("DELETE /v1/organizations/org_1", "", 405),
        ("BREW /v1/organizations", "", 405),
        // The sandbox accepts only paths.
        ("OPTIONS *", "", 400),
    ] {
        let response = response(&served, line, "", sent);
        assert_eq!(status(&response), expected, "{line}: {response}");
        if line.starts_with("HEAD") {
            assert_eq!(body(&response), "");
        } else {
            serde_json::from_str::<Value>(body(&response)).unwrap();
        }
        logged.push(format!("{} {expected} ", line.split('?').next().unwrap()));
    }
    let log = served.log();
    assert_eq!(log.lines().count(), logged.len(), "{log}");
    for (line, start) in log.lines().zip(logged) {
        assert!(line.starts_with(&start) && line.ends_with('s'), "{start}: {log}");
    }
}

#[test]
fn malformed_requests_get_400_and_large_bodies_413() {
    let served = Served::start(&[]);
    let post = "POST /v1/organizations HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    for request in [
        "nonsense\r\n\r\n",
        "GET /v1/a b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://[::1 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /v1/<> HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a.example:443 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        &format!("{post}Content-Length: x\r\n\r\n"),
        &format!("{post}Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
    ] {
        assert_eq!(status(&raw(&served, request.as_bytes())), 400, "{request}");
    }
    let chunks = "8\r\n{\"name\":\r\n4\r\n\"A\"}\r\n0\r\n\r\n";
    let chunked =
        raw(&served, format!("{post}Transfer-Encoding: chunked\r\n\r\n{chunks}").as_bytes());
    assert_eq!(status(&chunked), 201);
    let large = format!("{{\"name\": \"{}\"}}", "a".repeat(2 << 20));
    assert_eq!(status(&response(&served, "POST /v1/organizations", "", &large)), 413);
}

#[test]
fn a_hundred_connections_can_be_open() {
    let served = Served::start(&[]);
    // Each client sends two requests at once, and keeps its connection open.
    let clients: Vec<TcpStream> = (0..100).map(|_| connect(&served)).collect();
    let request = "GET /v1/organizations/org_1 HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2);
    let threads = clients.iter().map(|mut client| {
        client.write_all(request.as_bytes()).unwrap();
        let mut client = client.try_clone().unwrap();
        thread::spawn(move || {
            let (mut got, mut buffer) = (String::new(), [0; 4096]);
            while got.matches("\"name\":\"Acme\"").count() < 2 {
                let read = client.read(&mut buffer).unwrap();
                assert!(read > 0, "{got}");
                got.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
            }
        })
    });
    for thread in threads.collect::<Vec<_>>() {
        thread.join().unwrap();
    }
}

#[test]
fn a_port_in_use_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let error = outcome(&mut orgs(&["serve", "--port", &port])).failed(2);
    assert!(error.contains(&port) && error.contains("give another --port"), "{error}");
}

#[test]
fn a_closed_pipe_does_not_end_the_server() {
    // The pipes have no reader from the start, so each write fails.
    let closed = || std::io::pipe().unwrap().1;
    let start = |port: u16| {
        let mut command = orgs(&["serve", "--port", &port.to_string()]);
        command.stdout(closed()).stderr(closed()).spawn().unwrap()
    };
    let free_port = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (mut port, started) = (free_port(), Instant::now());
    let mut child = start(port);
    let mut stream = loop {
        assert!(started.elapsed() < PATIENCE);
        match (TcpStream::connect(("127.0.0.1", port)), child.try_wait().unwrap()) {
            (Ok(stream), None) => break stream,
            (Err(_), None) => thread::yield_now(),
            // Another program took the port in the meantime.
            (_, Some(status)) if status.code() == Some(2) => {
                port = free_port();
                child = start(port);
            }
            (_, Some(status)) => panic!("the server ended: {status}"),
        }
    };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // The log of the first request cannot be written either.
    let get = "GET /v1/organizations/org_1 HTTP/1.1\r\nHost: a\r\n";
    stream.write_all(format!("{get}\r\n{get}Connection: close\r\n\r\n").as_bytes()).unwrap();
    let mut responses = String::new();
    stream.read_to_string(&mut responses).unwrap();
    assert_eq!(responses.matches("HTTP/1.1 200").count(), 2, "{responses}");
    child.kill().unwrap();
    child.wait().unwrap();
}
