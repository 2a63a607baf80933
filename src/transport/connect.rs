//! Opening a connection: proxy, lookup, TCP, TLS.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectProxyConnector, ConnectionDetails, Connector, Either, NextTimeout, time,
};
use ureq::{Error, Timeout};

use super::connection::{Connection, Way};
use super::records::Records;
use super::socket::Socket;
use super::tls::Tls;
use super::watch::{SLICE, Stage, TimeIsUp, Watch};
use crate::base_url;

/// Opens connections.
#[derive(Debug, Clone)]
pub(super) struct Opener {
    config: Arc<Config>,
    tls: Tls,
}

impl Opener {
    pub(super) fn new(config: Config, tls: Tls) -> Opener {
        Opener { config: Arc::new(config), tls }
    }

    /// A connection to the server of `uri`.
    pub(super) fn open(&self, uri: &Uri, watch: Watch) -> Result<Connection, Error> {
        let (opener, tunnel_watch) = (self.clone(), watch.clone());
        let details = ConnectionDetails {
            uri,
            addrs: NoLookup.empty(),
            config: &self.config,
            request_level: false,
            resolver: &NoLookup,
            now: time::Instant::now(),
            timeout: NextTimeout::default(),
            current_time: Arc::new(time::Instant::now),
            // ureq calls this for the connection to a proxy, if there is one.
            run_connector: Arc::new(move |details| {
                tunnel_watch.proxied(true);
                let proxy = opener.connect(details, &tunnel_watch)?.boxed();
                tunnel_watch.reaches(Stage::Tunnel);
                Ok(proxy)
            }),
            register_shutdown: Arc::new(|_| Ok(())),
        };
        let transport = self.connect(&details, &watch)?;
        Ok(Connection::new(transport, watch))
    }

    /// To `details.uri`: the server, or the proxy on the way to it.
    fn connect(&self, details: &ConnectionDetails, watch: &Watch) -> Result<Way, Error> {
        let way = match ConnectProxyConnector::default().connect(details, None::<()>)? {
            Some(Either::B(tunnel)) => {
                watch.proxied(false);
                Way::Wrapped(tunnel)
            }
            _ => Way::Plain(Socket::new(dial(details.uri, watch)?, watch.clone())?),
        };
        if details.needs_tls() {
            watch.reaches(Stage::Tls);
            let records = Records::new(way.boxed(), watch.clone());
            return self.tls.wrap(details, Box::new(records)).map(Way::Wrapped);
        }
        Ok(way)
    }
}

/// A lookup for those who ask before there is a connection to be opened: [`dial`] does it.
#[derive(Debug)]
struct NoLookup;

impl Resolver for NoLookup {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

fn dial(uri: &Uri, watch: &Watch) -> Result<TcpStream, Error> {
    let Some(host) = uri.host() else { return Err(Error::HostNotFound) };
    let default_port = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    let port = uri.port_u16().unwrap_or(default_port);
    let left = watch.time_left().map_err(too_late)?;
    let ends = left.and_then(|left| Instant::now().checked_add(left));

    let known = base_url::addresses(host).into_iter().map(|address| SocketAddr::new(address, port));
    let known: Vec<SocketAddr> = known.collect();
    if known.is_empty() || watch.is_cancellable() {
        return dial_on_a_thread(host.to_owned(), port, known, ends, watch);
    }
    // Nothing to look up, nobody who could cancel: connecting keeps to its time alone.
    watch.reaches(Stage::Connect);
    connect(&known, ends).map_err(|error| noted(error, watch))
}

/// A lookup has no timeout, and neither it nor a connect can be called back. So they are
/// left alone on a thread, and the caller waits no longer than it wants to.
fn dial_on_a_thread(
    host: String,
    port: u16,
    known: Vec<SocketAddr>,
    ends: Option<Instant>,
    watch: &Watch,
) -> Result<TcpStream, Error> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let theirs = watch.clone();
    let dial = move || {
        let addresses = if known.is_empty() {
            (host.as_str(), port).to_socket_addrs()?.collect()
        } else {
            known
        };
        theirs.reaches(Stage::Connect);
        match theirs.time_left() {
            Ok(_) => connect(&addresses, ends),
            // The caller has given up.
            Err(TimeIsUp) => Err(io::ErrorKind::TimedOut.into()),
        }
    };
    let name = "nirvana-labs-dial".to_owned();
    thread::Builder::new().name(name).spawn(move || drop(sender.send(dial())))?;
    loop {
        let left = watch.time_left().map_err(too_late)?;
        match receiver.recv_timeout(left.map_or(SLICE, |left| left.min(SLICE))) {
            Ok(outcome) => return outcome.map_err(|error| noted(error, watch)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(Error::ConnectionFailed),
        }
    }
}

fn too_late(_: TimeIsUp) -> Error {
    Error::Timeout(Timeout::Connect)
}

/// A connect that ran out of time is a timeout, as everywhere else.
fn noted(error: io::Error, watch: &Watch) -> Error {
    match watch.time_left() {
        Err(time_is_up) => too_late(time_is_up),
        Ok(_) => error.into(),
    }
}

/// The first of `addresses` that answers. Each but the last gets half of the time left.
fn connect(addresses: &[SocketAddr], ends: Option<Instant>) -> io::Result<TcpStream> {
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    let mut rest = addresses.iter();
    while let Some(address) = rest.next() {
        let left = ends.map(|ends| ends.saturating_duration_since(Instant::now()));
        let outcome = match left {
            None => TcpStream::connect(address),
            Some(Duration::ZERO) => return Err(io::ErrorKind::TimedOut.into()),
            Some(left) if rest.len() == 0 => TcpStream::connect_timeout(address, left),
            Some(left) => {
                let half = left.checked_div(2).unwrap_or(left).max(Duration::from_millis(1));
                TcpStream::connect_timeout(address, half)
            }
        };
        match outcome {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}
