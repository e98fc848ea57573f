//! What streams received, against what was sent.

use std::{fs::File, os::unix::fs::FileExt as _};

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// The longest latency that is told apart, microseconds.
const LATENCY_MAX_US: u64 = 300_000_000;
const DIGITS: u8 = 3;

/// One measured load: message numbers `base..base + count`, dealt out to the rooms in turn.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Load {
    pub base: u64,
    pub count: u64,
    pub rooms: u64,
}

impl Load {
    /// The messages of one room.
    pub fn of_room(&self, room: u64) -> u64 {
        (self.count + self.rooms - 1).saturating_sub(room) / self.rooms
    }
}

/// What one stream has of a load.
#[derive(Debug, Default)]
pub struct Received {
    last: u64,
    /// One bit for each message of the room.
    bits: Box<[u64]>,
}

impl Received {
    fn has(&self, at: u64) -> bool {
        self.bits.get((at / 64) as usize).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    fn set(&mut self, at: u64) {
        if let Some(word) = self.bits.get_mut((at / 64) as usize) {
            *word |= 1 << (at % 64);
        }
    }
}

/// The sum over a process's streams.
#[derive(Debug)]
pub struct Tally {
    load: Load,
    times: Times,
    latency: Histogram<u64>,
    pub deliveries: u64,
    duplicated: u64,
    out_of_order: u64,
    misdelivered: u64,
    first_ns: u64,
    last_ns: u64,
}

/// The sum, for other processes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Counted {
    pub deliveries: u64,
    pub missing: u64,
    pub duplicated: u64,
    pub out_of_order: u64,
    /// Messages of rooms that the stream is not in.
    pub misdelivered: u64,
    /// First and last receipt; 0 without any.
    pub first_ns: u64,
    pub last_ns: u64,
    /// Microseconds and how often, ascending.
    pub latency_us: Vec<(u64, u64)>,
}

impl Tally {
    /// Begins to count.
    ///
    /// # Errors
    /// None in practice: the histogram's bounds are fixed.
    pub fn new(load: Load, times: File) -> Result<Self> {
        Ok(Self {
            load,
            times: Times { file: times, known: vec![0; usize::try_from(load.count)?], base: load.base },
            latency: Histogram::new_with_bounds(1, LATENCY_MAX_US, DIGITS)?,
            deliveries: 0,
            duplicated: 0,
            out_of_order: 0,
            misdelivered: 0,
            first_ns: 0,
            last_ns: 0,
        })
    }

    /// Prepares a stream of a room.
    pub fn expect(&self, room: u64) -> Received {
        let words = self.load.of_room(room).div_ceil(64);
        Received { last: 0, bits: vec![0; words as usize].into() }
    }

    /// Counts one message that a stream of `room` received at `now_ns`. Order is that of the sequences if there are any.
    ///
    /// # Errors
    /// The times cannot be read.
    pub fn note(&mut self, received: &mut Received, room: u64, (number, seq): (u64, Option<u64>), now_ns: u64) -> Result<()> {
        let Some(nth) = number.checked_sub(self.load.base).filter(|nth| *nth < self.load.count) else { return Ok(()) };
        if nth % self.load.rooms != room {
            self.misdelivered += 1;
            return Ok(());
        }
        let (at, key) = (nth / self.load.rooms, seq.unwrap_or(number + 1));
        if received.has(at) {
            self.duplicated += 1;
            return Ok(());
        }
        received.set(at);
        if key < received.last {
            self.out_of_order += 1;
        }
        received.last = received.last.max(key);
        self.deliveries += 1;
        self.last_ns = now_ns;
        if self.first_ns == 0 {
            self.first_ns = now_ns;
        }
        let due_ns = self.times.of(number)?;
        self.latency.saturating_record((now_ns.saturating_sub(due_ns) / 1_000).max(1));
        Ok(())
    }

    /// The sum. `missing` is what the streams lack of what was accepted.
    pub fn counted(&self, missing: u64) -> Counted {
        Counted {
            deliveries: self.deliveries,
            missing,
            duplicated: self.duplicated,
            out_of_order: self.out_of_order,
            misdelivered: self.misdelivered,
            first_ns: self.first_ns,
            last_ns: self.last_ns,
            latency_us: self.latency.iter_recorded().map(|at| (at.value_iterated_to(), at.count_at_value())).collect(),
        }
    }

    /// Accepted messages that a stream of `room` lacks; `lost` are the numbers that no server accepted.
    pub fn missing(&self, received: &Received, room: u64, lost: &[u64]) -> u64 {
        let of_room = |number: &&u64| number.wrapping_sub(self.load.base) % self.load.rooms == room;
        let is_lost = |at: u64| lost.iter().filter(of_room).any(|number| (number - self.load.base) / self.load.rooms == at);
        (0..self.load.of_room(room)).filter(|at| !received.has(*at) && !is_lost(*at)).count() as u64
    }
}

/// When messages were posted: a file of 64-bit nanoseconds, one for each number, which the poster writes.
#[derive(Debug)]
struct Times {
    file: File,
    known: Vec<u64>,
    base: u64,
}

impl Times {
    fn of(&mut self, number: u64) -> Result<u64> {
        let known = &mut self.known[(number - self.base) as usize];
        if *known == 0 {
            let mut octets = [0; 8];
            self.file.read_exact_at(&mut octets, number * 8).context("reading when a message was posted")?;
            *known = u64::from_le_bytes(octets);
        }
        Ok(*known)
    }
}

impl Counted {
    /// Adds another process's sum.
    pub fn add(&mut self, other: &Self) {
        self.deliveries += other.deliveries;
        self.missing += other.missing;
        self.duplicated += other.duplicated;
        self.out_of_order += other.out_of_order;
        self.misdelivered += other.misdelivered;
        self.first_ns = [self.first_ns, other.first_ns].into_iter().filter(|ns| *ns > 0).min().unwrap_or(0);
        self.last_ns = self.last_ns.max(other.last_ns);
        self.latency_us.extend_from_slice(&other.latency_us);
        self.latency_us.sort_unstable();
    }

    /// A quantile of the latency, milliseconds; `None` when nothing was delivered.
    pub fn latency_ms(&self, quantile: f64) -> Option<f64> {
        let total: u64 = self.latency_us.iter().map(|(_, count)| count).sum();
        let wanted = ((quantile * total as f64).ceil() as u64).max(1);
        let mut seen = 0;
        let found = self.latency_us.iter().find(|(_, count)| {
            seen += count;
            seen >= wanted
        });
        found.map(|(us, _)| *us as f64 / 1e3)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn times(posted: &[u64]) -> File {
        let path = std::env::temp_dir().join(format!("sealcast-bench-{}-{:p}", std::process::id(), posted));
        let mut file = File::options().create(true).read(true).write(true).truncate(true).open(&path).unwrap();
        posted.iter().for_each(|ns| file.write_all(&ns.to_le_bytes()).unwrap());
        std::fs::remove_file(path).unwrap();
        file
    }

    #[test]
    fn what_is_lost_doubled_or_misplaced_is_counted() {
        // Messages 2..7 in two rooms: room 0 gets 2, 4, 6 and room 1 gets 3, 5.
        let load = Load { base: 2, count: 5, rooms: 2 };
        assert_eq!((load.of_room(0), load.of_room(1)), (3, 2));
        let mut tally = Tally::new(load, times(&[1_000_000; 7])).unwrap();
        let mut stream = tally.expect(0);
        for (number, seq) in [(0, Some(1)), (2, Some(5)), (3, Some(6)), (6, Some(9)), (6, Some(9)), (4, Some(8))] {
            tally.note(&mut stream, 0, (number, seq), 3_000_000).unwrap();
        }
        let silent = tally.expect(1);
        assert_eq!(tally.missing(&stream, 0, &[]), 0);
        assert_eq!(tally.missing(&silent, 1, &[5]), 1);
        let mut sum = tally.counted(1);
        assert_eq!((sum.deliveries, sum.duplicated, sum.out_of_order, sum.misdelivered), (3, 1, 1, 1));
        assert_eq!(sum.latency_ms(0.5), Some(2.0));
        sum.add(&Counted { deliveries: 1, latency_us: vec![(1, 1)], ..Counted::default() });
        assert_eq!(
            (sum.deliveries, sum.first_ns, sum.latency_ms(0.25), sum.latency_ms(1.0)),
            (4, 3_000_000, Some(0.001), Some(2.0))
        );
    }

    #[test]
    fn without_deliveries_there_is_no_latency() {
        assert_eq!(Counted::default().latency_ms(0.99), None);
    }
}
