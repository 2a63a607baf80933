//! Opening a TCP connection: the DNS lookup, and connecting to what it gave.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, Either, NextTimeout, Transport};
use ureq::{Error, Timeout};

use super::call::{self, Call, Stage, Stopped};
use super::socket::{SLICE, Socket};
use crate::base_url;

/// A timeout of nothing is an error to the standard library.
const MIN_SHARE: Duration = Duration::from_millis(1);

/// Makes no DNS lookup. ureq asks before each request; [`TcpConnector`] looks the host up when,
/// and only when, it opens a connection.
#[derive(Debug)]
pub(super) struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(
        &self,
        _: &Uri,
        config: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        // Where there is a proxy, it is the proxy's host that ureq asks for, to connect to it.
        call::with(|call| call.progress.to_proxy = config.proxy().is_some());
        Ok(self.empty())
    }
}

/// Opens a TCP connection, where there is no tunnel through a proxy.
#[derive(Debug)]
pub(super) struct TcpConnector;

impl<In: Transport> Connector<In> for TcpConnector {
    type Out = Either<In, Socket>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        tunnel: Option<In>,
    ) -> Result<Option<Either<In, Socket>>, Error> {
        let connected = match tunnel {
            Some(tunnel) => {
                call::with(|call| call.progress.to_proxy = false);
                Either::A(tunnel)
            }
            None => {
                call::with(|call| call.progress.stage = Stage::Connect);
                Either::B(Socket::new(dial(details.uri)?, details.config)?)
            }
        };
        if details.needs_tls() {
            call::with(|call| call.progress.stage = Stage::Tls);
        }
        Ok(Some(connected))
    }
}

/// Neither a DNS lookup nor a connect can be called back. So they run on a thread, and the
/// caller waits no longer than it wants to.
fn dial(uri: &Uri) -> Result<TcpStream, Error> {
    let Some(host) = uri.host().map(str::to_owned) else { return Err(Error::HostNotFound) };
    let default_port = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    let port = uri.port_u16().unwrap_or(default_port);
    let ends = time_left()?.and_then(|left| Instant::now().checked_add(left));

    let (sender, receiver) = mpsc::sync_channel(1);
    let dial = move || {
        let outcome = match look_up(&host, port) {
            Ok(addresses) => (Stage::Connect, connect(&addresses, ends)),
            Err(error) => (Stage::Dns, Err(error)),
        };
        // Nobody listens where the caller has given up.
        let _ = sender.send(outcome);
    };
    thread::Builder::new().name("nirvana-labs-dial".to_owned()).spawn(dial)?;
    loop {
        let left = time_left()?.map_or(SLICE, |left| left.min(SLICE));
        match receiver.recv_timeout(left) {
            Ok((stage, outcome)) => {
                call::with(|call| call.progress.stage = stage);
                // A connect that ran out of time is a timeout, as everywhere else.
                time_left()?;
                return Ok(outcome?);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(Error::ConnectionFailed),
        }
    }
}

fn time_left() -> Result<Option<Duration>, Error> {
    call::with(Call::time_left).map_err(|Stopped| Error::Timeout(Timeout::Connect))
}

fn look_up(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let known = base_url::addresses(host);
    if known.is_empty() {
        return Ok((host, port).to_socket_addrs()?.collect());
    }
    Ok(known.into_iter().map(|address| SocketAddr::new(address, port)).collect())
}

/// Connects to the first of `addresses` that accepts. Each gets an equal share of the time that
/// is left.
fn connect(addresses: &[SocketAddr], ends: Option<Instant>) -> io::Result<TcpStream> {
    let mut outcome = Err(io::Error::new(io::ErrorKind::NotFound, "the host has no address"));
    for (address, shares) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let left = ends.map(|ends| ends.saturating_duration_since(Instant::now()));
        outcome = match left {
            None => TcpStream::connect(address),
            Some(left) => {
                let share = u32::try_from(shares).ok().and_then(|shares| left.checked_div(shares));
                TcpStream::connect_timeout(address, share.unwrap_or(left).max(MIN_SHARE))
            }
        };
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}
