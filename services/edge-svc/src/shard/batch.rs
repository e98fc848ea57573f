//! The writes of a turn, given to the kernel with one call, where it allows io_uring.
//!
//! Each write is a `send(2)` that does not wait, so that all of them are over when the call returns: the ring never holds a
//! submission between two calls, and what it points to lives as long as it must.

#![allow(unsafe_code, reason = "a submission points to octets that the kernel reads")]

use std::{
    io::{self, ErrorKind},
    mem,
    ops::Range,
    os::fd::RawFd,
};

use io_uring::{IoUring, Probe, opcode, types::Fd};

use super::stream::Gone;

/// Writes of one call.
const WRITES_MAX: u32 = 128;
/// Octets that wait for a call; the last write may go past it.
const OCTETS_MAX: usize = 512 * 1024;

/// See the module.
pub(super) struct Batch {
    ring: IoUring,
    /// Records of all writes, one after the other.
    pub sealed: Vec<u8>,
    writes: Vec<Write>,
}

/// One stream's records on their way to the kernel.
#[derive(Debug)]
struct Write {
    stream: u32,
    socket: RawFd,
    octets: Range<usize>,
    /// How many octets the kernel took, once it has said so.
    outcome: Result<usize, Gone>,
}

/// The writes of one call, and what came of each.
#[derive(Debug)]
pub(super) struct Sent {
    sealed: Vec<u8>,
    writes: Vec<Write>,
}

impl Batch {
    /// A ring that only the calling thread may use.
    ///
    /// # Errors
    /// The kernel has no io_uring, or this process may not use it.
    pub fn new() -> io::Result<Self> {
        let ring = IoUring::builder().setup_single_issuer().setup_defer_taskrun().dontfork().build(WRITES_MAX)?;
        let mut probe = Probe::new();
        ring.submitter().register_probe(&mut probe)?;
        if !probe.is_supported(opcode::Send::CODE) {
            return Err(ErrorKind::Unsupported.into());
        }
        Ok(Self { ring, sealed: Vec::new(), writes: Vec::new() })
    }

    /// The records that `sealed` has from `start` on are for this socket of a stream.
    pub fn stage(&mut self, stream: u32, socket: RawFd, start: usize) {
        self.writes.push(Write { stream, socket, octets: start..self.sealed.len(), outcome: Err(Gone) });
    }

    /// Whether the next write belongs to the next call.
    pub fn is_full(&self) -> bool {
        self.writes.len() >= WRITES_MAX as usize || self.sealed.len() >= OCTETS_MAX
    }

    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// Gives everything to the kernel. The memory comes back with [`Self::reuse`]. After an error the ring is of no more use,
    /// and so are the connections whose writes have no outcome.
    pub fn send(&mut self) -> (Sent, io::Result<()>) {
        let mut sent = Sent { sealed: mem::take(&mut self.sealed), writes: mem::take(&mut self.writes) };
        let done = self.submit(&mut sent);
        (sent, done)
    }

    fn submit(&mut self, sent: &mut Sent) -> io::Result<()> {
        for (at, write) in sent.writes.iter().enumerate() {
            let octets = &sent.sealed[write.octets.clone()];
            let entry = opcode::Send::new(Fd(write.socket), octets.as_ptr(), octets.len() as u32)
                .flags(libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL)
                .build()
                .user_data(at as u64);
            // SAFETY: `sent.sealed` is not touched before `send` returns, and the kernel is through with a submission that does
            // not wait when it returns from the call that took it.
            unsafe { self.ring.submission().push(&entry) }.map_err(io::Error::other)?;
        }
        let mut open = sent.writes.len();
        while open > 0 {
            match self.ring.submit_and_wait(open) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            for completion in self.ring.completion() {
                open -= 1;
                if let Some(write) = sent.writes.get_mut(completion.user_data() as usize) {
                    write.outcome = outcome(completion.result());
                }
            }
        }
        Ok(())
    }

    /// Takes the memory of a call back.
    pub fn reuse(&mut self, sent: Sent) {
        (self.sealed, self.writes) = (sent.sealed, sent.writes);
        self.sealed.clear();
        self.sealed.shrink_to(OCTETS_MAX);
        self.writes.clear();
    }
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").field("writes", &self.writes.len()).finish_non_exhaustive()
    }
}

impl Sent {
    /// Each write's stream, its records, and how many octets of them the kernel took.
    pub fn outcomes(&self) -> impl Iterator<Item = (u32, &[u8], Result<usize, Gone>)> {
        self.writes.iter().map(|write| (write.stream, &self.sealed[write.octets.clone()], write.outcome))
    }
}

fn outcome(result: i32) -> Result<usize, Gone> {
    match usize::try_from(result) {
        Ok(0) => Err(Gone),
        Ok(octets) => Ok(octets),
        Err(_) => match io::Error::from_raw_os_error(-result).kind() {
            ErrorKind::WouldBlock | ErrorKind::Interrupted => Ok(0),
            _ => Err(Gone),
        },
    }
}
