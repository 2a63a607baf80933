//! Opens a TCP connection: makes the DNS lookup, and lets the addresses race (Happy Eyeballs).

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, Either, NextTimeout, Transport as UreqTransport,
};

use super::current;
use super::socket::{SLICE, Socket};
use crate::base_url;
use crate::kind::ErrorKind;
use crate::options::NEXT_ADDRESS_AFTER;

/// The most addresses that are tried. Each takes a thread.
const MAX_ADDRESSES: usize = 6;

/// A connector that notes the stage at which opening a connection failed.
#[derive(Debug)]
pub(super) struct Stage<C>(pub(super) ErrorKind, pub(super) C);

impl<In: UreqTransport, C: Connector<In>> Connector<In> for Stage<C> {
    type Out = C::Out;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<C::Out>, Error> {
        self.1.connect(details, chained).inspect_err(|_| current::note_failure(self.0))
    }
}

/// A resolver that makes no DNS lookup. ureq asks it before each request, even if a connection is
/// open. [`TcpConnector`] makes the lookup when it opens a connection.
#[derive(Debug)]
pub(super) struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

/// A connector that opens a TCP connection, unless there is a tunnel through a proxy already.
#[derive(Debug)]
pub(super) struct TcpConnector;

impl<In: UreqTransport> Connector<In> for TcpConnector {
    type Out = Either<In, Socket>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        tunnel: Option<In>,
    ) -> Result<Option<Either<In, Socket>>, Error> {
        Ok(Some(match tunnel {
            Some(tunnel) => Either::A(tunnel),
            None => Either::B(Socket::new(dial(details.uri)?, details.config)?),
        }))
    }
}

fn dial(uri: &Uri) -> Result<TcpStream, Error> {
    let Some(host) = uri.host().map(str::to_owned) else { return Err(Error::HostNotFound) };
    let port = port(uri);
    let known = base_url::addresses(&host);
    if known.is_empty() {
        return race(look_up(host, port)?);
    }
    race(known.into_iter().map(|address| SocketAddr::new(address, port)).collect())
}

fn port(uri: &Uri) -> u16 {
    let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    uri.port_u16().unwrap_or(default)
}

fn look_up(host: String, port: u16) -> Result<Vec<SocketAddr>, Error> {
    let (sender, outcomes) = mpsc::channel();
    spawn(&sender, move || (host, port).to_socket_addrs().map(Vec::from_iter))?;
    let outcome = receive(&outcomes, Duration::MAX)?.ok_or(Error::HostNotFound)?;
    Ok(outcome.inspect_err(|_| current::note_failure(ErrorKind::Dns))?)
}

/// Connects to the first of `addresses` that accepts (RFC 8305, section 5). The next address is
/// tried if the previous one fails or takes long. Connections that open too late are closed.
fn race(addresses: Vec<SocketAddr>) -> Result<TcpStream, Error> {
    let (sender, outcomes) = mpsc::channel();
    let mut untried = alternate_families(addresses).into_iter().take(MAX_ADDRESSES);
    let mut pending = 0_usize;
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    loop {
        let left = current::time_left()?;
        let mut patience = Duration::MAX;
        if let Some(address) = untried.next() {
            spawn(&sender, move || match left {
                Some(left) => TcpStream::connect_timeout(&address, left),
                None => TcpStream::connect(address),
            })?;
            pending = pending.saturating_add(1);
            patience = NEXT_ADDRESS_AFTER;
        }
        if pending == 0 {
            return Err(failure.into());
        }
        match receive(&outcomes, patience)? {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) => {
                failure = error;
                pending = pending.saturating_sub(1);
            }
            None => {}
        }
    }
}

/// Returns the addresses with IPv4 and IPv6 alternating, because one of the two may not work.
fn alternate_families(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let starts_with_ipv4 = addresses.first().is_some_and(SocketAddr::is_ipv4);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv4() == starts_with_ipv4);
    let longer = first.len().max(second.len());
    (0..longer).flat_map(|n| [first.get(n), second.get(n)]).flatten().copied().collect()
}

/// Runs `work` on its own thread, because a DNS lookup and a connect cannot be interrupted.
fn spawn<T: Send + 'static>(
    sender: &Sender<T>,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<()> {
    let sender = sender.clone();
    let run = move || {
        // The receiver is gone if the caller timed out or another address won.
        let _ = sender.send(work());
    };
    thread::Builder::new().name("nirvana-labs-dial".to_owned()).spawn(run)?;
    Ok(())
}

/// Waits until a thread sends a value. Returns `None` after `longest`, and fails if the time of the
/// attempt is over.
fn receive<T>(receiver: &Receiver<T>, longest: Duration) -> Result<Option<T>, Error> {
    let ends = Instant::now().checked_add(longest);
    loop {
        let left = ends.map(|ends| ends.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return Ok(None);
        }
        let wait = current::time_left()?.into_iter().chain(left).fold(SLICE, Duration::min);
        match receiver.recv_timeout(wait) {
            Ok(sent) => return Ok(Some(sent)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(Error::ConnectionFailed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_port_depends_on_the_scheme() {
        for (uri, expected) in [
            ("https://example.com/v1", 443),
            ("http://example.com/v1", 80),
            ("https://example.com:8443/v1", 8443),
            ("http://[::1]:8080/v1", 8080),
        ] {
            assert_eq!(port(&uri.parse().unwrap()), expected, "{uri}");
        }
    }

    #[test]
    fn address_families_alternate() {
        let addresses = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|address| format!("{address}:443").parse().unwrap()).collect()
        };
        for (given, expected) in [
            (&[][..], &[][..]),
            (&["1.0.0.1", "1.0.0.2"], &["1.0.0.1", "1.0.0.2"]),
            (&["[::1]", "[::2]", "[::3]", "1.0.0.1"], &["[::1]", "1.0.0.1", "[::2]", "[::3]"]),
            (&["1.0.0.1", "[::1]", "[::2]", "[::3]"], &["1.0.0.1", "[::1]", "[::2]", "[::3]"]),
            (&["1.0.0.1", "1.0.0.2", "[::1]"], &["1.0.0.1", "[::1]", "1.0.0.2"]),
        ] {
            assert_eq!(alternate_families(addresses(given)), addresses(expected));
        }
    }
}
