//! HTTP/2 frames that a server must answer although nobody asked for anything: PING, SETTINGS, PRIORITY and unknown ones.
//!
//! h2 bounds resets, empty frames and continuations by itself; these it answers as often as they come.

use std::time::{Duration, Instant};

/// What the client sends before its first frame.
const PREFACE_OCTETS: usize = 24;
const HEADER_OCTETS: usize = 9;
/// Such frames at once, and how long until there may be one more.
const BURST: u32 = 200;
const REFILL_EVERY: Duration = Duration::from_millis(50);
const DATA: u8 = 0x0;
const HEADERS: u8 = 0x1;
const RST_STREAM: u8 = 0x3;
const GOAWAY: u8 = 0x7;
const WINDOW_UPDATE: u8 = 0x8;
const CONTINUATION: u8 = 0x9;

/// Counts them as they go by.
#[derive(Debug)]
pub(super) struct ControlFrames {
    /// Octets until the next frame's header.
    skip: usize,
    header: [u8; HEADER_OCTETS],
    known: usize,
    left: u32,
    refilled_at: Instant,
}

impl ControlFrames {
    pub fn new(now: Instant) -> Self {
        Self { skip: PREFACE_OCTETS, header: [0; HEADER_OCTETS], known: 0, left: BURST, refilled_at: now }
    }

    /// Takes the next octets of the connection. Whether it may go on.
    pub fn pass(&mut self, mut octets: &[u8], now: Instant) -> bool {
        while !octets.is_empty() {
            let skipped = self.skip.min(octets.len());
            self.skip -= skipped;
            octets = &octets[skipped..];
            let wanted = (HEADER_OCTETS - self.known).min(octets.len());
            let (part, rest) = octets.split_at(wanted);
            self.header[self.known..self.known + wanted].copy_from_slice(part);
            self.known += wanted;
            octets = rest;
            if self.known == HEADER_OCTETS {
                self.known = 0;
                let [a, b, c, kind, ..] = self.header;
                self.skip = u32::from_be_bytes([0, a, b, c]) as usize;
                if !self.allow(kind, now) {
                    return false;
                }
            }
        }
        true
    }

    fn allow(&mut self, kind: u8, now: Instant) -> bool {
        if matches!(kind, DATA | HEADERS | RST_STREAM | GOAWAY | WINDOW_UPDATE | CONTINUATION) {
            return true;
        }
        let refilled = now.duration_since(self.refilled_at).as_millis() / REFILL_EVERY.as_millis();
        let refilled = u32::try_from(refilled).unwrap_or(u32::MAX);
        if refilled > 0 {
            self.left = self.left.saturating_add(refilled).min(BURST);
            self.refilled_at = now;
        }
        let allowed = self.left > 0;
        self.left = self.left.saturating_sub(1);
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: u8 = 0x6;

    fn frame(kind: u8, payload: usize) -> Vec<u8> {
        let mut frame = (payload as u32).to_be_bytes()[1..].to_vec();
        frame.extend([kind, 0, 0, 0, 0, 0]);
        frame.resize(HEADER_OCTETS + payload, 0);
        frame
    }

    #[test]
    fn a_flood_ends_and_requests_do_not_count() {
        let now = Instant::now();
        let mut frames = ControlFrames::new(now);
        assert!(frames.pass(&[0; PREFACE_OCTETS], now));
        for _ in 0..10 * BURST {
            assert!(frames.pass(&[frame(HEADERS, 30), frame(DATA, 300), frame(WINDOW_UPDATE, 4)].concat(), now));
        }
        let pings = frame(PING, 8).repeat(BURST as usize);
        // However the octets are cut.
        for piece in pings.chunks(7) {
            assert!(frames.pass(piece, now));
        }
        assert!(!frames.pass(&frame(PING, 8), now));
    }

    #[test]
    fn a_ping_now_and_then_is_welcome() {
        let mut now = Instant::now();
        let mut frames = ControlFrames::new(now);
        assert!(frames.pass(&[0; PREFACE_OCTETS], now));
        for _ in 0..10 * BURST {
            now += REFILL_EVERY;
            assert!(frames.pass(&frame(PING, 8), now));
        }
    }
}
