//! Opening a connection: lookup, TCP, and the steps that ureq adds round it.
//!
//! ureq looks the host up on each request, before it asks its pool for a connection. Here
//! its resolver answers with nothing, and the connector looks up when it connects.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectProxyConnector, ConnectionDetails, Connector, Either, NextTimeout, Transport,
};
use ureq::{Error, Timeout};

use super::socket::Socket;
use super::watch::{self, SLICE, Stage};

/// All steps, in order.
pub(super) fn connector() -> impl Connector {
    let chain = ().chain(Begin).chain(ConnectProxyConnector::default()).chain(Dial);
    #[cfg(feature = "rustls")]
    let chain = chain.chain(ureq::unversioned::transport::RustlsConnector::default());
    #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
    let chain = chain.chain(ureq::unversioned::transport::NativeTlsConnector::default());
    chain.chain(Done)
}

/// Looks nothing up: see [`Dial`].
#[derive(Debug)]
pub(super) struct NoLookup;

impl Resolver for NoLookup {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

/// Notes that a connection is being opened.
#[derive(Debug)]
struct Begin;

impl<In: Transport> Connector<In> for Begin {
    type Out = In;

    fn connect(&self, _: &ConnectionDetails, chained: Option<In>) -> Result<Option<In>, Error> {
        watch::open_begins();
        Ok(chained)
    }
}

/// Notes that the connection stands.
#[derive(Debug)]
struct Done;

impl<In: Transport> Connector<In> for Done {
    type Out = In;

    fn connect(&self, _: &ConnectionDetails, chained: Option<In>) -> Result<Option<In>, Error> {
        watch::open_done();
        Ok(chained)
    }
}

/// Looks up the host and connects to it, unless there is a way through a proxy already.
#[derive(Debug)]
struct Dial;

impl<In: Transport> Connector<In> for Dial {
    type Out = Either<In, Socket>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let transport = match chained {
            Some(through_proxy) => Either::A(through_proxy),
            None => Either::B(Socket::new(dial(details.uri)?)?),
        };
        watch::open_reaches(Stage::Tls);
        Ok(Some(transport))
    }
}

fn dial(uri: &Uri) -> Result<TcpStream, Error> {
    let Some(host) = uri.host() else { return Err(Error::HostNotFound) };
    let default_port = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    let port = uri.port_u16().unwrap_or(default_port);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let left = watch::time_left().ok_or(Error::Timeout(Timeout::Connect))?;
    let ends = left.and_then(|left| Instant::now().checked_add(left));

    match bare.parse::<IpAddr>() {
        // Nothing to look up, nobody who could cancel: connecting keeps to its time alone.
        Ok(address) if !watch::is_cancellable() => {
            watch::open_reaches(Stage::Connect);
            connect(&[SocketAddr::new(address, port)], ends).map_err(noted)
        }
        _ => dial_on_a_thread(bare.to_owned(), port, ends),
    }
}

/// A lookup has no timeout, and neither it nor a connect can be called back. So they are
/// left alone on a thread, and the caller waits no longer than it wants to.
fn dial_on_a_thread(host: String, port: u16, ends: Option<Instant>) -> Result<TcpStream, Error> {
    let (sender, receiver) = mpsc::sync_channel(2);
    thread::Builder::new().name("nirvana-labs-dial".to_owned()).spawn(move || {
        let addresses = match (host.as_str(), port).to_socket_addrs() {
            Ok(addresses) => addresses.collect::<Vec<_>>(),
            Err(error) => {
                drop(sender.send(Step::Ended(Err(error))));
                return;
            }
        };
        // Nobody listens any more: the caller has given up.
        if sender.send(Step::Found).is_ok() {
            drop(sender.send(Step::Ended(connect(&addresses, ends))));
        }
    })?;
    loop {
        let left = watch::time_left().ok_or(Error::Timeout(Timeout::Connect))?;
        match receiver.recv_timeout(left.map_or(SLICE, |left| left.min(SLICE))) {
            Ok(Step::Found) => watch::open_reaches(Stage::Connect),
            Ok(Step::Ended(outcome)) => return outcome.map_err(noted),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(Error::ConnectionFailed),
        }
    }
}

enum Step {
    Found,
    Ended(io::Result<TcpStream>),
}

/// A connect that ran out of time is a timeout, as everywhere else.
fn noted(error: io::Error) -> Error {
    match watch::time_left() {
        None => Error::Timeout(Timeout::Connect),
        Some(_) => error.into(),
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
