//! The outermost layer of a connection: the few places where ureq would reuse or believe one
//! that it should not.

use std::io::{self, ErrorKind};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use super::call::{self, Stage};

/// How many reads may find something on an idle connection that is no response: TLS reads on
/// for as long as there are records of that kind, and no limit of a call holds there.
const IDLE_READS: u32 = 16;

/// Wraps what the connectors before it made, and notes that the connection is open.
#[derive(Debug)]
pub(super) struct ConnectionConnector;

impl<In: Transport> Connector<In> for ConnectionConnector {
    type Out = Connection<In>;

    fn connect(
        &self,
        _: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Connection<In>>, Error> {
        let is_outermost = call::with(|call| {
            let to_proxy = call.progress.to_proxy;
            call.progress.stage = if to_proxy { Stage::Tunnel } else { Stage::Open };
            !to_proxy
        });
        let reusable = Arc::default();
        Ok(chained.map(|inner| Connection { inner, is_outermost, used: false, reusable }))
    }
}

#[derive(Debug)]
pub(super) struct Connection<T> {
    inner: T,
    /// It leads to the server, and is not the connection to a proxy beneath.
    is_outermost: bool,
    /// A request went over it since it was last asked whether it is open.
    used: bool,
    /// The last response left no doubt about where it ends.
    reusable: Arc<AtomicBool>,
}

impl<T: Transport> Connection<T> {
    /// Whether the server has neither closed the connection nor sent anything since.
    ///
    /// Under TLS a quiet socket is not the whole answer: a close_notify may have come with the
    /// last response. So all layers are asked to read, and must find nothing.
    fn is_idle(&mut self) -> bool {
        call::with(|call| call.nonblocking_reads = Some(IDLE_READS));
        let outcome = self.inner.await_input(NextTimeout::default());
        call::with(|call| call.nonblocking_reads = None);
        matches!(outcome, Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock)
    }
}

impl<T: Transport> Transport for Connection<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.used = true;
        self.reusable.store(false, Ordering::Release);
        let outcome = self.inner.transmit_output(amount, timeout);
        call::with(|call| call.reusable = Some(Arc::clone(&self.reusable)));
        outcome
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if self.inner.buffers().input_append_buf().is_empty() {
            // Without room to read, there would seem to be an end.
            let bytes = self.inner.buffers().input().len();
            return Err(Error::LargeResponseHeader(bytes, bytes));
        }
        let some = self.inner.await_input(timeout).map_err(not_an_end)?;
        call::with(|call| call.progress.received |= some && self.is_outermost);
        Ok(some)
    }

    /// ureq asks twice: when a response was read, and before the next request. The second time
    /// is the one that counts.
    fn is_open(&mut self) -> bool {
        mem::take(&mut self.used) || (self.reusable.load(Ordering::Acquire) && self.is_idle())
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// ureq takes a reset for the end of a body that has no length; it is none.
fn not_an_end(error: Error) -> Error {
    use ErrorKind::{ConnectionAborted, ConnectionReset, UnexpectedEof};
    match error {
        Error::Io(error)
            if matches!(error.kind(), ConnectionAborted | ConnectionReset | UnexpectedEof) =>
        {
            io::Error::other(error).into()
        }
        error => error,
    }
}
