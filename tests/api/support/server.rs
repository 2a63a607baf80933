//! A raw server for exact faults, over plain TCP or TLS. It runs a script for each connection, on a
//! separate thread, and counts connections and requests.

// Only the TLS tests use some of these items.
#![cfg_attr(not(feature = "rustls"), allow(dead_code))]

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

pub(crate) use super::message::{Request, reply, reply_bytes, reply_with};
pub(crate) use super::ports::{Refusing, Unanswering};

/// The longest time that a script waits, so that a test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Record {
    stop: AtomicBool,
    connections: AtomicUsize,
    open: Mutex<usize>,
    closed: Condvar,
    requests: Mutex<Vec<Request>>,
}

/// A stream of bytes: a socket, or TLS over a socket.
pub(crate) trait Stream: Read + Write + Send {
    /// Sends a `close_notify` alert over TLS. Does nothing over plain TCP.
    fn say_goodbye(&mut self) {}

    /// Returns `bytes` as they would go over the network, without sending them.
    fn encrypted(&mut self, bytes: &[u8]) -> Vec<u8> {
        bytes.to_vec()
    }

    /// Requests a key update over TLS, to which the client has to reply. Does nothing over plain
    /// TCP.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    fn request_new_keys(&mut self) {}
}

impl Stream for TcpStream {}

/// The server's side of a connection.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    socket: TcpStream,
    unread: Vec<u8>,
    record: Arc<Record>,
    /// The number of this connection, counted from 0.
    pub(crate) number: usize,
}

impl Connection {
    /// Reads the next request and its body. Returns `None` if the client has closed the connection.
    pub(crate) fn request(&mut self) -> Option<Request> {
        let head_end = loop {
            if let Some(at) = self.unread.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
            self.read_more()?;
        };
        let head: Vec<u8> = self.unread.drain(..head_end).collect();
        let head = String::from_utf8(head).expect("a head in ASCII");
        let mut lines = head.lines();
        let mut words = lines.next().expect("a request line").split(' ').map(str::to_owned);
        let (method, target) = (words.next().expect("a method"), words.next().expect("a target"));
        assert_eq!((words.next().as_deref(), words.next()), (Some("HTTP/1.1"), None));
        let headers: Vec<(String, String)> = lines
            .take_while(|line| !line.is_empty())
            .map(|line| line.split_once(": ").expect("a header"))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut request = Request { method, target, headers, body: String::new() };
        assert_eq!(request.header("transfer-encoding"), None, "a body has a Content-Length");
        let length = request.header("content-length").map_or(0, |n| n.parse().expect("a length"));
        while self.unread.len() < length {
            self.read_more()?;
        }
        let body = self.unread.drain(..length).collect();
        request.body = String::from_utf8(body).expect("a body in UTF-8");
        self.record.requests.lock().unwrap().push(request.clone());
        Some(request)
    }

    /// Reads once. Returns `None` if the client has closed the connection.
    pub(crate) fn read_more(&mut self) -> Option<()> {
        let mut piece = [0; 4096];
        let amount = self.stream.read(&mut piece).ok().filter(|amount| *amount > 0)?;
        self.unread.extend_from_slice(&piece[..amount]);
        Some(())
    }

    /// Sends `bytes`. Returns `None` if the client is gone.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> Option<()> {
        self.stream.write_all(bytes.as_ref()).and_then(|()| self.stream.flush()).ok()
    }

    /// Sends `bytes` one at a time, with a pause after each. Returns `None` if the client is gone.
    pub(crate) fn trickle(&mut self, bytes: impl AsRef<[u8]>, pause: Duration) -> Option<()> {
        for byte in bytes.as_ref() {
            self.send([*byte])?;
            thread::sleep(pause);
        }
        Some(())
    }

    /// Returns `bytes` as they would go over the network, without sending them.
    pub(crate) fn encrypted(&mut self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        self.stream.encrypted(bytes.as_ref())
    }

    /// Sends `bytes` without encrypting them. Returns `None` if the client is gone.
    pub(crate) fn send_raw(&mut self, bytes: impl AsRef<[u8]>) -> Option<()> {
        self.socket.write_all(bytes.as_ref()).ok()
    }

    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    pub(crate) fn request_new_keys(&mut self) {
        self.stream.request_new_keys();
    }

    /// Sends nothing until the client has closed the connection.
    pub(crate) fn hold(&mut self) {
        while self.read_more().is_some() {}
    }

    /// Waits for the client's first bytes, and leaves them unread.
    pub(crate) fn await_bytes(&mut self) {
        let _ = self.socket.peek(&mut [0]);
    }

    /// Makes the connection end with a reset once the script is over.
    pub(crate) fn reset(&mut self) {
        SockRef::from(&self.socket).set_linger(Some(Duration::ZERO)).expect("a socket option");
    }

    /// Returns whether the test has dropped the server.
    pub(crate) fn is_server_gone(&self) -> bool {
        self.record.stop.load(Ordering::SeqCst)
    }

    /// Sends a `close_notify` alert over TLS, and leaves the socket open.
    pub(crate) fn say_goodbye(&mut self) {
        self.stream.say_goodbye();
    }

    /// Connects the client to `target`, as a proxy does.
    pub(crate) fn tunnel_to(&mut self, target: SocketAddr) {
        let upstream = TcpStream::connect(target).expect("a connection to the target");
        let (mut from_client, mut to_server) =
            (self.socket.try_clone().expect("a clone"), upstream.try_clone().expect("a clone"));
        // The thread is not joined: under Wine, the shutdown below does not end a blocked read.
        thread::spawn(move || {
            let _ = std::io::copy(&mut from_client, &mut to_server);
            let _ = to_server.shutdown(Shutdown::Write);
        });
        let _ = std::io::copy(&mut &upstream, &mut self.socket);
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

type Script = dyn Fn(&mut Connection) + Send + Sync;
type Wrap = dyn Fn(TcpStream) -> Box<dyn Stream> + Send + Sync;

/// A server that stops accepting connections when it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    record: Arc<Record>,
}

impl Server {
    /// Starts a server that runs `script` on each connection, and then closes the connection.
    pub(crate) fn new(script: impl Fn(&mut Connection) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        Server::over(listener, "http", |socket| Box::new(socket), script)
    }

    /// Starts a server that answers every request with the result of `answer`, and keeps its
    /// connections open.
    pub(crate) fn answering<A: AsRef<[u8]>>(
        answer: impl Fn(&Request) -> A + Send + Sync + 'static,
    ) -> Server {
        Server::new(move |connection| serve(connection, &answer))
    }

    /// Starts a server that sends these responses in order, over any connections. A request after
    /// the last one gets no response.
    pub(crate) fn replying<A: AsRef<[u8]> + Send + 'static>(
        responses: impl IntoIterator<Item = A>,
    ) -> Server {
        let responses = Mutex::new(responses.into_iter().collect::<VecDeque<_>>());
        Server::answering(move |_| responses.lock().unwrap().pop_front().expect("a response"))
    }

    /// Starts a server that answers the first request on each connection with these bytes, and then
    /// closes the connection.
    pub(crate) fn closing(response: impl Into<Vec<u8>>) -> Server {
        let response = response.into();
        Server::new(move |connection| {
            if connection.request().is_some() {
                connection.send(&response);
            }
        })
    }

    /// Starts a server that reads nothing and has small receive buffers. The receiver gets the time
    /// of the first bytes of each connection. Connections stay open until the server is dropped.
    pub(crate) fn deaf() -> (Server, mpsc::Receiver<Instant>) {
        let (first_bytes, receiver) = mpsc::channel();
        let script = move |connection: &mut Connection| {
            connection.await_bytes();
            let _ = first_bytes.send(Instant::now());
            while !connection.is_server_gone() {
                thread::sleep(Duration::from_millis(20));
            }
        };
        let listener = listener_with_little_room();
        (Server::over(listener, "http", |socket| Box::new(socket), script), receiver)
    }

    pub(crate) fn over(
        listener: TcpListener,
        scheme: &'static str,
        wrap: impl Fn(TcpStream) -> Box<dyn Stream> + Send + Sync + 'static,
        script: impl Fn(&mut Connection) + Send + Sync + 'static,
    ) -> Server {
        let address = listener.local_addr().expect("an address");
        let record = Arc::new(Record::default());
        let (wrap, script): (Arc<Wrap>, Arc<Script>) = (Arc::new(wrap), Arc::new(script));
        let accepting = Arc::clone(&record);
        thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                if accepting.stop.load(Ordering::SeqCst) {
                    return;
                }
                let number = accepting.connections.fetch_add(1, Ordering::SeqCst);
                *accepting.open.lock().unwrap() += 1;
                let (wrap, script) = (Arc::clone(&wrap), Arc::clone(&script));
                let record = Arc::clone(&accepting);
                thread::spawn(move || {
                    socket.set_nodelay(true).expect("a socket option");
                    socket.set_read_timeout(Some(PATIENCE)).expect("a socket option");
                    let stream = wrap(socket.try_clone().expect("a clone"));
                    let unread = Vec::new();
                    let mut connection =
                        Connection { stream, socket, unread, record: Arc::clone(&record), number };
                    script(&mut connection);
                    drop(connection);
                    *record.open.lock().unwrap() -= 1;
                    record.closed.notify_all();
                });
            }
        });
        Server { address, scheme, record }
    }

    /// Returns the base URL of this server.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns how many connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.record.connections.load(Ordering::SeqCst)
    }

    /// Returns the requests that were read, in order.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.record.requests.lock().unwrap().clone()
    }

    /// Returns how many requests were read.
    pub(crate) fn request_count(&self) -> usize {
        self.record.requests.lock().unwrap().len()
    }

    /// Waits until all connections accepted so far are closed on this side.
    #[track_caller]
    pub(crate) fn await_closed(&self) {
        let open = self.record.open.lock().unwrap();
        let (open, _) =
            self.record.closed.wait_timeout_while(open, PATIENCE, |open| *open > 0).unwrap();
        assert_eq!(*open, 0, "connections are still open");
    }

    /// Waits until `count` requests were read.
    #[track_caller]
    pub(crate) fn await_requests(&self, count: usize) {
        let ends = Instant::now() + PATIENCE;
        while self.request_count() < count {
            assert!(Instant::now() < ends, "fewer than {count} requests came");
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.record.stop.store(true, Ordering::SeqCst);
        // Wakes the accepting thread.
        let _ = TcpStream::connect(self.address);
    }
}

/// Returns a listener whose connections have small receive buffers.
pub(crate) fn listener_with_little_room() -> TcpListener {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a socket option");
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a port");
    socket.listen(64).expect("to listen");
    socket.into()
}

/// Answers requests until the client is gone.
pub(crate) fn serve<A: AsRef<[u8]>>(connection: &mut Connection, answer: impl Fn(&Request) -> A) {
    while let Some(request) = connection.request() {
        if connection.send(answer(&request)).is_none() {
            return;
        }
    }
}
