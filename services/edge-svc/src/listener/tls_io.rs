use std::{
    io::{Error, ErrorKind, Result},
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use sealcast_records::Endpoint;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Sleep,
};

use super::{
    Place,
    framing::{Framing, Pass},
    socket, strict,
    turn::Turn,
};
use crate::shard::{self, Handover};

/// How long, and how much, a client may go on sending after its last answer.
const LINGER_MAX: Duration = Duration::from_secs(2);
const LINGER_READS: usize = 64;
const RECEIVE_OCTETS: usize = 16 * 1024;
/// Records that may wait for the kernel before a writer waits.
const UNSENT_OCTETS_MAX: usize = 64 * 1024;

/// A connection that a shard has handed over, for hyper.
pub struct TlsIo {
    tcp: TcpStream,
    tls: Endpoint,
    /// Decrypted, and not read yet.
    data: Vec<u8>,
    taken: usize,
    /// Encrypted, and not sent yet.
    unsent: Vec<u8>,
    sent: usize,
    closed: bool,
    lingering: Option<Pin<Box<Sleep>>>,
    turn: Arc<Turn>,
    framing: Framing,
    address: IpAddr,
    place: Place,
}

impl TlsIo {
    /// A request's head may take this long from its first octet.
    pub fn new(handover: Handover, turn: Arc<Turn>, head_within: Duration) -> Result<Self> {
        let Handover { tcp, tls, data, unsent, address, place } = handover;
        socket::tune_for_requests(&tcp);
        let tcp = TcpStream::from_std(tcp)?;
        let mut framing = Framing::new(tls.alpn() == Some(b"h2"), head_within);
        framing.note(&data)?;
        Ok(Self { tcp, tls, data, taken: 0, unsent, sent: 0, closed: false, lingering: None, turn, framing, address, place })
    }

    /// Back to a shard, with the request that was not given to hyper.
    pub fn into_handover(mut self, send_buffer_octets: usize) -> Result<Handover> {
        socket::set_send_buffer(&self.tcp, send_buffer_octets);
        self.data.drain(..self.taken);
        self.unsent.drain(..self.sent);
        let Self { tcp, tls, data, unsent, address, place, .. } = self;
        Ok(Handover { tcp: tcp.into_std()?, tls, data, unsent, address, place })
    }

    /// Reads on for a while after the last answer: closing with unread octets would reset the connection, and the client might
    /// never see why its request was refused.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let mut octets = [0; RECEIVE_OCTETS];
        for _ in 0..LINGER_READS {
            let mut buffer = ReadBuf::new(&mut octets);
            match Pin::new(&mut self.tcp).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => {
                    let over = self.lingering.as_mut().map(|lingering| lingering.as_mut().poll(cx));
                    return if over.is_none_or(|over| over.is_pending()) { Poll::Pending } else { Poll::Ready(Ok(())) };
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        while self.sent < self.unsent.len() {
            match ready!(Pin::new(&mut self.tcp).poll_write(cx, &self.unsent[self.sent..]))? {
                0 => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                sent => self.sent += sent,
            }
        }
        self.unsent.clear();
        self.sent = 0;
        Poll::Ready(Ok(()))
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize>> {
        let mut octets = [0; RECEIVE_OCTETS];
        let mut buffer = ReadBuf::new(&mut octets);
        ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut buffer))?;
        let known = self.data.len();
        let received = self.tls.receive(buffer.filled(), &mut self.data, &mut self.unsent);
        // What TLS has to say goes out when it can; nobody waits for it.
        if let Poll::Ready(Err(error)) = self.poll_send(cx) {
            return Poll::Ready(Err(error));
        }
        received.map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
        self.framing.note(&self.data[known..])?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Waits for more of a request that has begun.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if self.tls.is_closed_by_peer() {
            return Poll::Ready(Err(ErrorKind::UnexpectedEof.into()));
        }
        match self.poll_receive(cx) {
            Poll::Ready(Ok(0)) => Poll::Ready(Err(ErrorKind::UnexpectedEof.into())),
            Poll::Ready(received) => Poll::Ready(received.map(drop)),
            Poll::Pending => match self.framing.wait(cx) {
                Ok(()) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            },
        }
    }
}

impl AsyncRead for TlsIo {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let this = &mut *self;
        loop {
            if this.framing.is_over() {
                // The answer ends the connection; what the client still sends is read after it.
                return Poll::Pending;
            }
            while this.taken == this.data.len() {
                this.data.clear();
                this.taken = 0;
                if this.tls.is_closed_by_peer() {
                    return Poll::Ready(Ok(()));
                }
                if ready!(this.poll_receive(cx))? == 0 {
                    return Poll::Ready(Err(ErrorKind::UnexpectedEof.into()));
                }
            }
            if this.turn.is_between() && this.framing.begins_request() {
                match shard::asks_for_stream(&this.data[this.taken..]) {
                    Some(true) => {
                        this.turn.claim();
                        return Poll::Pending;
                    }
                    Some(false) => this.turn.begin(),
                    None => {
                        ready!(this.poll_more(cx))?;
                        continue;
                    }
                }
            }
            match this.framing.pass(&this.data[this.taken..]) {
                Pass::More => ready!(this.poll_more(cx))?,
                Pass::Refused(refused) => {
                    this.turn.refuse(refused);
                    this.data = strict::STAND_IN.to_vec();
                    this.taken = 0;
                }
                Pass::Octets(len) => {
                    let len = len.min(buffer.remaining());
                    buffer.put_slice(&this.data[this.taken..this.taken + len]);
                    this.taken += len;
                    this.framing.passed(len);
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl AsyncWrite for TlsIo {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<Result<usize>> {
        let this = &mut *self;
        if this.unsent.len() - this.sent >= UNSENT_OCTETS_MAX {
            ready!(this.poll_send(cx))?;
        }
        let len = octets.len().min(UNSENT_OCTETS_MAX);
        this.tls.send(&octets[..len], &mut this.unsent).map_err(|error| Error::new(ErrorKind::BrokenPipe, error))?;
        match this.poll_send(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(len)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_send(cx))?;
        self.turn.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let this = &mut *self;
        if !this.closed {
            this.closed = true;
            this.tls.close(&mut this.unsent);
        }
        ready!(this.poll_send(cx))?;
        if this.lingering.is_none() {
            ready!(Pin::new(&mut this.tcp).poll_shutdown(cx))?;
            this.lingering = Some(Box::pin(tokio::time::sleep(LINGER_MAX)));
        }
        this.poll_linger(cx)
    }
}
