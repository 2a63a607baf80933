//! A server that responds to each request as the test decides.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// The longest time that a test waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method, path and query: `GET /v1/organizations?limit=2`.
    pub line: String,
    pub head: String,
    pub body: Value,
}

pub enum Reply {
    Status(u16, Value),
    /// A status with an HTML page.
    Html(u16),
    /// No response: the connection is closed.
    Close,
}

pub struct Server {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    arrived: Receiver<()>,
}

impl Server {
    /// Starts a server that responds to each request with what `reply` returns.
    pub fn start(reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (tell, arrived) = channel();
        let log = Arc::clone(&requests);
        thread::spawn(move || {
            for mut stream in listener.incoming().map(Result::unwrap) {
                let Some(request) = read(&stream) else { continue };
                log.lock().unwrap().push(request.clone());
                let _ = tell.send(());
                let response = match reply(&request) {
                    Reply::Status(204, _) => response(204, "application/json", ""),
                    Reply::Status(status, body) => {
                        response(status, "application/json", &body.to_string())
                    }
                    Reply::Html(status) => response(status, "Text/HTML; charset=utf-8", "<p>Sorry"),
                    Reply::Close => continue,
                };
                // In some tests, the client has already closed the connection.
                let _ = stream.write_all(response.as_bytes());
            }
        });
        Server { url, requests, arrived }
    }

    /// Starts a server that responds to every request with this status and body.
    pub fn always(status: u16, body: Value) -> Server {
        Server::start(move |_| Reply::Status(status, body.clone()))
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns the first line of each request.
    pub fn lines(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.line).collect()
    }

    /// Waits until one more request has arrived.
    pub fn wait_for_request(&self) {
        self.arrived.recv_timeout(PATIENCE).unwrap();
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut headers = head.lines().filter_map(|line| line.split_once(": "));
    let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    let line = head.split(" HTTP/").next()?.to_owned();
    Some(Request { line, head, body })
}

pub fn response(status: u16, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
}

/// Returns a gate that holds a response back, and the sender that opens it. The gate returns
/// whether the test opened it.
pub fn gate() -> (Sender<()>, impl Fn() -> bool + Send + Sync) {
    let (open, gate) = channel::<()>();
    let gate = Mutex::new(gate);
    (open, move || gate.lock().unwrap().recv_timeout(PATIENCE).is_ok())
}

pub fn organization(id: &str, name: &str) -> Value {
    json!({
        "id": id, "billing_email": null, "created_at": "2026-06-01T12:00:00Z",
        "domains": [], "metronome_customer_id": null, "name": name, "personal": false,
        "services": {
            "cloud": true, "jit_provisioning": false, "scim": false, "siem": false, "sso": false,
        },
        "stripe_customer_id": null, "type": "company", "updated_at": "2026-06-01T12:00:00Z",
    })
}

pub fn page(items: &[Value], next_cursor: Option<&str>, total_count: u64) -> Reply {
    Reply::Status(
        200,
        json!({
            "items": items,
            "pagination": {
                "next_cursor": next_cursor, "previous_cursor": null, "total_count": total_count,
            },
        }),
    )
}

/// Starts a server with a list of two pages, with one organization each. It sends the second page
/// once `gate` is opened.
pub fn two_pages(gate: impl Fn() -> bool + Send + Sync + 'static) -> Server {
    Server::start(move |request| {
        if !request.line.contains("cursor=c2") {
            page(&[organization("org_1", "Acme")], Some("c2"), 2)
        } else if gate() {
            page(&[organization("org_2", "Globex")], None, 2)
        } else {
            Reply::Close
        }
    })
}
