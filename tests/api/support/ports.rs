//! Local ports that accept no connection.

use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// A local port that is in use, but refuses connections because nothing listens on it.
pub(crate) struct Refusing(Socket);

impl Refusing {
    pub(crate) fn new() -> Refusing {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a port");
        Refusing(socket)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", address_of(&self.0))
    }

    pub(crate) fn port(&self) -> u16 {
        address_of(&self.0).port()
    }
}

/// A local port with a full queue: a connection is neither accepted nor refused.
pub(crate) struct Unanswering {
    listener: Socket,
    _queue: Vec<Socket>,
}

impl Unanswering {
    pub(crate) fn new() -> Unanswering {
        let Refusing(listener) = Refusing::new();
        listener.listen(0).expect("to listen");
        let address = listener.local_addr().expect("an address");
        let mut queue = Vec::new();
        loop {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
            let full = socket.connect_timeout(&address, Duration::from_millis(200)).is_err();
            queue.push(socket);
            if full {
                return Unanswering { listener, _queue: queue };
            }
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", address_of(&self.listener))
    }

    pub(crate) fn port(&self) -> u16 {
        address_of(&self.listener).port()
    }
}

fn address_of(socket: &Socket) -> SocketAddr {
    socket.local_addr().expect("an address").as_socket().expect("an IP address")
}
