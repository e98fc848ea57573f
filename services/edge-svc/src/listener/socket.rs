use std::{
    net::{SocketAddr, TcpListener},
    os::fd::AsFd,
    time::Duration,
};

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

const BACKLOG: i32 = 4_096;
/// Octets that the peer does not acknowledge for this long end the connection.
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(20);
const KEEPALIVE_AFTER: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// What the kernel holds for a connection that is no stream.
const REQUEST_BUFFER_OCTETS: usize = 256 * 1024;

/// Listens beside others on the same port: the kernel spreads new connections over them. `send_buffer_octets` bounds what it
/// holds for one slow reader; accepted sockets inherit it.
pub fn listen(address: SocketAddr, send_buffer_octets: usize) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.set_send_buffer_size(send_buffer_octets)?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_AFTER).with_interval(KEEPALIVE_INTERVAL);
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_keepalive(&keepalive)?;
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED_MAX))?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// For a connection that is no stream.
pub fn tune_for_requests(socket: &impl AsFd) {
    set_send_buffer(socket, REQUEST_BUFFER_OCTETS);
}

/// Bounds what the kernel holds for a connection. An option that the system refuses makes large answers slower, not wrong.
pub fn set_send_buffer(socket: &impl AsFd, octets: usize) {
    if let Err(error) = SockRef::from(socket).set_send_buffer_size(octets) {
        tracing::debug!(%error, "tuning a socket");
    }
}
