//! Which of the octets that a client sent hyper may have (ADR 0010).

use std::{
    io::{Error, ErrorKind, Result},
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use sealcast_http::head::{self, Head};
use tokio::time::Sleep;

use super::{
    control_frames::ControlFrames,
    strict::{self, Refused},
};

/// See the module.
#[derive(Debug)]
pub(super) enum Framing {
    /// HTTP/2: all of them, as long as the client does not flood.
    Frames(ControlFrames),
    /// HTTP/1.1: heads that are whole and unambiguous, and their bodies.
    Requests(Requests),
}

/// Where an HTTP/1.1 connection is.
#[derive(Debug)]
pub(super) struct Requests {
    /// Octets of what is passing: a head and its body.
    passing: u64,
    /// Octets of the next head that are known to be not all of it.
    looked: usize,
    patience: Duration,
    /// When the next head must be complete, if it has begun.
    due: Option<Pin<Box<Sleep>>>,
    over: bool,
}

/// What may happen now.
#[derive(Debug)]
pub(super) enum Pass {
    /// More octets are needed.
    More,
    /// So many of them may pass.
    Octets(usize),
    /// None: the request is refused, and nothing behind it is read.
    Refused(Refused),
}

impl Framing {
    pub fn new(is_h2: bool, head_within: Duration) -> Self {
        if is_h2 {
            return Self::Frames(ControlFrames::new(Instant::now()));
        }
        Self::Requests(Requests { passing: 0, looked: 0, patience: head_within, due: None, over: false })
    }

    /// Looks at octets that came just now.
    ///
    /// # Errors
    /// The client floods.
    pub fn note(&mut self, octets: &[u8]) -> Result<()> {
        let Self::Frames(frames) = self else { return Ok(()) };
        if frames.pass(octets, Instant::now()) {
            return Ok(());
        }
        metrics::counter!("edge_floods_total").increment(1);
        Err(Error::new(ErrorKind::InvalidData, "too many control frames"))
    }

    /// Whether the next octets begin a request.
    pub fn begins_request(&self) -> bool {
        matches!(self, Self::Requests(requests) if requests.passing == 0 && !requests.over)
    }

    /// Whether the connection ends with the answer that is on its way.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Requests(requests) if requests.passing == 0 && requests.over)
    }

    /// Decides about octets that have not passed.
    pub fn pass(&mut self, octets: &[u8]) -> Pass {
        match self {
            Self::Frames(_) => Pass::Octets(octets.len()),
            Self::Requests(requests) => requests.pass(octets),
        }
    }

    /// So many have passed.
    pub fn passed(&mut self, len: usize) {
        if let Self::Requests(requests) = self {
            requests.passing -= len as u64;
        }
    }

    /// A head has begun, and nothing came. Whether there is still time.
    ///
    /// # Errors
    /// It is not complete in time.
    pub fn wait(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let Self::Requests(requests) = self else { return Ok(()) };
        let patience = requests.patience;
        let due = requests.due.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        match due.as_mut().poll(cx) {
            Poll::Pending => Ok(()),
            Poll::Ready(()) => Err(ErrorKind::TimedOut.into()),
        }
    }
}

impl Requests {
    fn pass(&mut self, octets: &[u8]) -> Pass {
        if self.passing == 0 {
            match head::read(octets, self.looked) {
                Head::Incomplete => {
                    self.looked = octets.len();
                    return Pass::More;
                }
                Head::Complete { octets, body } => self.passing = octets as u64 + body,
                Head::Refused(refused) => {
                    self.over = true;
                    self.passing = strict::STAND_IN.len() as u64;
                    return Pass::Refused(refused);
                }
            }
            (self.looked, self.due) = (0, None);
        }
        let len = usize::try_from(self.passing).unwrap_or(usize::MAX);
        Pass::Octets(len.min(octets.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What passes, until more is needed or nothing may.
    fn passing(framing: &mut Framing, octets: &[u8]) -> (Vec<u8>, Pass) {
        let mut passed = Vec::new();
        loop {
            match framing.pass(&octets[passed.len()..]) {
                Pass::Octets(len) if passed.len() + len < octets.len() => {
                    passed.extend_from_slice(&octets[passed.len()..passed.len() + len]);
                    framing.passed(len);
                }
                end => return (passed, end),
            }
        }
    }

    #[test]
    fn a_request_behind_a_body_is_looked_at_as_well() {
        let good = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nG\nT /";
        let odd = "GET / HTTP/1.1\r\n\r\n";
        let mut framing = Framing::new(false, Duration::from_secs(1));
        let (passed, end) = passing(&mut framing, format!("{good}{good}{odd}").as_bytes());
        assert_eq!(passed.len(), 2 * good.len());
        assert!(matches!(end, Pass::Refused(_)), "{end:?}");
    }

    #[test]
    fn a_head_passes_whole() {
        let mut framing = Framing::new(false, Duration::from_secs(1));
        assert!(matches!(framing.pass(b"GET / HTTP/1.1\r\nHost: a\r\n"), Pass::More));
        assert!(framing.begins_request());
        let whole = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        assert!(matches!(framing.pass(whole), Pass::Octets(len) if len == whole.len()));
    }
}
