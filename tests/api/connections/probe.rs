//! Bytes that a server sends on an idle TLS connection: the client notices them before it uses the
//! connection again. It does not wait for more of them, and does not reply to them.

// The test of a full send buffer runs on Linux only.
#![cfg_attr(not(target_os = "linux"), allow(dead_code, unused_imports))]

use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use nirvana_labs::http::Method;
use nirvana_labs::{HttpTransport, Limits, RequestOptions, SendError, Transport};

use super::*;
use crate::checks::http_messages::{HttpRequest, HttpResponse};
use crate::support::server::listener_with_little_room;
use crate::support::tls::SELF_SIGNED;

fn trusting(server: &Server) -> nirvana_labs::ApiBuilder {
    client(server.url()).root_certificate_pem(SELF_SIGNED.pem).max_retries(0)
}

#[test]
fn part_of_a_tls_record_on_an_idle_connection_is_not_read_as_a_response() {
    // Returns how many bytes of a record with this length arrive while the connection is idle.
    type Part = fn(usize) -> usize;
    let parts: [(&str, Part); 4] = [
        ("part of the header", |_| 3),
        ("half", |length| length / 2),
        ("all but the last byte", |length| length - 1),
        ("all", |length| length),
    ];
    for (name, part) in parts {
        let (is_idle, idle) = mpsc::channel();
        let (arrived, receiver) = mpsc::channel();
        let idle = Mutex::new(idle);
        let server = Server::tls(SELF_SIGNED, move |connection| {
            if connection.number == 0 && connection.request().is_some() {
                connection.send(reply(200, ORGANIZATION));
                idle.lock().unwrap().recv().unwrap();
                let stale = reply(201, &ORGANIZATION.replace("org_1", "stale"));
                let record = connection.encrypted(stale);
                let (early, late) = record.split_at(part(record.len()));
                connection.send_raw(early);
                arrived.send(()).unwrap();
                // The rest arrives once the client has sent anything.
                if connection.read_more().is_some() {
                    connection.send_raw(late);
                }
            }
            serve(connection, |_| reply(201, ORGANIZATION));
        });
        let api = trusting(&server).build().unwrap();
        api.get_organization("org_1").unwrap();
        is_idle.send(()).unwrap();
        receiver.recv().unwrap();
        let created = api.create_organization(&OrganizationCreateParams::new("Acme")).unwrap();
        assert_eq!(created.id, "org_1", "{name}");
        let creates = server.requests().iter().filter(|seen| seen.method == "POST").count();
        assert_eq!((creates, server.connections()), (1, 2), "{name}");
    }
}

/// What a server does to an idle connection.
type Nudge = fn(&mut Connection);

/// Returns a TLS server that responds to the first request on a connection, and then to a second
/// one that it does not read. Once `is_time` is true, it runs `nudge` on these connections, reports
/// that to `nudged`, and serves new connections normally.
fn unread(is_time: &Arc<AtomicBool>, nudge: Nudge, nudged: mpsc::Sender<()>) -> Server {
    let is_time = Arc::clone(is_time);
    Server::tls_on(listener_with_little_room(), SELF_SIGNED, move |connection| {
        if is_time.load(Ordering::SeqCst) {
            return serve(connection, |_| reply(200, ORGANIZATION));
        }
        if connection.request().is_none() {
            return;
        }
        connection.send(reply(200, ORGANIZATION));
        connection.await_bytes();
        connection.send(reply(200, "null"));
        while !is_time.load(Ordering::SeqCst) && !connection.is_server_gone() {
            thread::sleep(Duration::from_millis(1));
        }
        nudge(connection);
        let _ = nudged.send(());
        while !connection.is_server_gone() {
            thread::sleep(Duration::from_millis(20));
        }
    })
}

/// Larger than any send buffer.
static BODY: LazyLock<Vec<u8>> = LazyLock::new(|| vec![b'x'; 8 << 20]);

/// Replaces the body of each POST with `size` bytes of [`BODY`].
struct Uploading {
    http: HttpTransport,
    size: usize,
}

impl Transport for Uploading {
    fn send(&self, request: HttpRequest<'_>, limits: &Limits) -> Result<HttpResponse, SendError> {
        match *request.method() {
            Method::POST => self.http.send(request.map(|_| &BODY[..self.size]), limits),
            _ => self.http.send(request, limits),
        }
    }
}

/// Uploads `size` bytes on an open connection. The server does not read them. Returns the client if
/// they all fit into the send buffer.
fn upload(server: &Server, size: usize) -> Option<Api> {
    let builder = trusting(server).wrap_transport(move |http| Uploading { http, size });
    let api = builder.build().unwrap();
    api.get_organization("org_1").unwrap();
    let hasty = api.with_options(RequestOptions::new().timeout(Duration::from_millis(250)));
    hasty.leave_organization("org_1").is_ok().then_some(api)
}

/// Returns the size of the largest upload that fits into the send buffer. After this upload, the
/// buffer has room for less than a TLS record.
fn largest_upload(server: &Server) -> usize {
    let (mut fits, mut too_large) = (0, BODY.len());
    while too_large - fits > 4 {
        let middle = fits + (too_large - fits) / 2;
        match upload(server, middle) {
            Some(_) => fits = middle,
            None => too_large = middle,
        }
    }
    fits
}

/// On other systems, the size that fits into the send buffer varies.
#[cfg(target_os = "linux")]
#[test]
fn a_probe_does_not_reply_into_a_full_send_buffer() {
    // TLS requires a reply to each of these.
    let rows: [(&str, Nudge); 2] = [
        ("a request for new keys", Connection::request_new_keys),
        ("an alert that is not encrypted", |connection| {
            connection.send_raw([21, 3, 3, 0, 2, 2, 40]);
        }),
    ];
    let measured = unread(&Arc::default(), |_| (), mpsc::channel().0);
    let size = largest_upload(&measured);
    drop(measured);
    for (name, nudge) in rows {
        let (is_time, (sender, nudged)) = (Arc::new(AtomicBool::new(false)), mpsc::channel());
        let server = unread(&is_time, nudge, sender);
        // The send buffer may have less room this time.
        let api = (0..100).find_map(|less| upload(&server, size - 1000 * less)).unwrap();
        is_time.store(true, Ordering::SeqCst);
        (0..server.connections()).for_each(|_| nudged.recv().unwrap());
        // One of these calls takes the idle connection. None of them waits.
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let started = Instant::now();
                    assert_eq!(api.get_organization("org_1").unwrap().id, "org_1", "{name}");
                    let elapsed = started.elapsed();
                    assert!(elapsed < Duration::from_secs(5), "{name}: {elapsed:?}");
                });
            }
        });
    }
}
