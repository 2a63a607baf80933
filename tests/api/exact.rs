//! A server that keeps every request to the byte, and gives scripted answers.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use nirvana_labs::{Api, ApiBuilder};
use serde_json::Value;

pub const KEY: &str = "nl_key";

/// A request as it was on the wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// In the order sent, names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The decoded pairs of the query.
    pub fn query(&self) -> Vec<(String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap();
                (percent_decoded(name), percent_decoded(value))
            })
            .collect()
    }
}

/// By RFC 3986: a plus is a plus.
pub fn percent_decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            plain => plain,
        });
    }
    String::from_utf8(decoded).unwrap()
}

/// An answer, ready to be written.
#[derive(Debug, Clone)]
pub struct Reply(pub Vec<u8>);

impl Reply {
    /// With this status line's number, these headers, and this body and its length.
    pub fn new(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
        let body = body.as_ref();
        let mut bytes = format!("HTTP/1.1 {status} Whatever\r\n").into_bytes();
        for (name, value) in headers {
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        if status != 204 {
            bytes.extend(format!("content-length: {}\r\n", body.len()).bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(body);
        Reply(bytes)
    }

    pub fn json(status: u16, body: &Value) -> Reply {
        Reply::new(status, &[("content-type", "application/json")], body.to_string())
    }
}

/// Serves until the test ends; its connections end with their clients.
pub struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Answers as `answer` says.
    pub fn answering(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Server {
        Server::start(answer, false)
    }

    fn start(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static, closes: bool) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let answer = Arc::new(answer);
        let connections = Arc::new(AtomicUsize::new(0));
        let accepted = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming() {
                accepted.fetch_add(1, Ordering::SeqCst);
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || {
                    let stream = stream.unwrap();
                    let mut reader = BufReader::new(stream.try_clone().unwrap());
                    while let Some(request) = read(&mut reader) {
                        let reply = answer(&request);
                        log.lock().unwrap().push(request);
                        // A client may have its reasons not to read it all.
                        if (&stream).write_all(&reply.0).is_err() || closes {
                            break;
                        }
                    }
                });
            }
        });
        Server { address, seen, connections }
    }

    /// Gives these answers in turn, and 599 once they have run out.
    pub fn replying(replies: impl IntoIterator<Item = Reply>) -> Server {
        Server::start(in_turn(replies.into_iter().collect()), false)
    }

    /// The same, but closes the connection after each.
    pub fn closing(replies: impl IntoIterator<Item = Reply>) -> Server {
        Server::start(in_turn(replies.into_iter().collect()), true)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn builder(&self) -> ApiBuilder {
        Api::builder().api_key(KEY).base_url(self.url())
    }

    pub fn api(&self) -> Api {
        self.builder().build().unwrap()
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many connections were opened.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Fails unless there was one request, and it was this one to the byte: no other header,
    /// query parameter or body.
    #[track_caller]
    pub fn expect(&self, method: &str, target: &str, body: Option<&str>) {
        self.expect_with(method, target, body, &[]);
    }

    /// As [`expect`](Server::expect), with further headers.
    #[track_caller]
    pub fn expect_with(
        &self,
        method: &str,
        target: &str,
        body: Option<&str>,
        more: &[(&str, &str)],
    ) {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "requests: {seen:#?}");
        let host = self.address.to_string();
        let length = body.map_or(0, str::len).to_string();
        let mut expected = BTreeMap::from([
            ("host", host.as_str()),
            ("authorization", "Bearer nl_key"),
            ("accept", "application/json"),
            ("user-agent", concat!("nirvana-labs-rust/", env!("CARGO_PKG_VERSION"))),
        ]);
        if cfg!(feature = "gzip") {
            expected.insert("accept-encoding", "gzip");
        }
        if method != "GET" {
            expected.insert("content-length", &length);
        }
        if body.is_some() {
            expected.insert("content-type", "application/json");
        }
        expected.extend(more.iter().copied());
        let mut headers = seen[0].headers.clone();
        headers.sort();
        let expected: Vec<(String, String)> =
            expected.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        assert_eq!(headers, expected);
        assert_eq!(seen[0].method, method);
        assert_eq!(seen[0].target, target);
        assert_eq!(seen[0].body, body.unwrap_or_default());
    }
}

fn in_turn(replies: VecDeque<Reply>) -> impl Fn(&Seen) -> Reply + Send + Sync {
    let replies = Mutex::new(replies);
    move |_| {
        let next = replies.lock().unwrap().pop_front();
        next.unwrap_or_else(|| Reply::new(599, &[], "no such answer"))
    }
}

/// The next request, to its end.
fn read(reader: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut words = line.trim_end_matches("\r\n").split(' ');
    let (method, target) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    assert_eq!(words.next(), Some("HTTP/1.1"));
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.strip_suffix("\r\n").unwrap();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ").unwrap();
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Seen { method, target, headers, body: String::from_utf8(body).unwrap() })
}
