//! NDJSON, one line at a time.

use std::{
    io::{self, BufRead, Read as _, Write},
    marker::PhantomData,
};

use serde::{Serialize, de::DeserializeOwned};

use crate::fault::Fault;

/// Octets of a line; the largest holds a message of 65,536 octets in base64.
const LINE_OCTETS_MAX: u64 = 256 * 1024;

/// Writes one line.
pub fn write(out: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    out.write_all(&text)
}

/// Lines with their numbers.
pub type Numbered<T> = Vec<(u64, T)>;

/// Reads a part's lines; each with its number.
pub struct Lines<R, T> {
    part: &'static str,
    reader: R,
    number: u64,
    line: PhantomData<T>,
}

impl<R: BufRead, T: DeserializeOwned> Lines<R, T> {
    pub fn new(part: &'static str, reader: R) -> Self {
        Self { part, reader, number: 0, line: PhantomData }
    }

    /// The part's name.
    pub fn part(&self) -> &'static str {
        self.part
    }

    /// The next line; a fault does not keep the following ones from being read.
    pub fn next(&mut self) -> io::Result<Option<(u64, Result<T, Fault>)>> {
        let mut text = Vec::new();
        (&mut self.reader).take(LINE_OCTETS_MAX).read_until(b'\n', &mut text)?;
        if text.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        let fault = |reason: &str| Fault::line(self.part, self.number, reason);
        if text.pop() != Some(b'\n') {
            self.reader.skip_until(b'\n')?;
            return Ok(Some((self.number, Err(fault("the line is too long, or the last one is cut off")))));
        }
        let read = serde_json::from_slice(&text).map_err(|error| fault(&format!("it is not a line of this part: {error}")));
        Ok(Some((self.number, read)))
    }

    /// All good lines and all faults.
    pub fn all(mut self) -> io::Result<(Numbered<T>, Vec<Fault>)> {
        let (mut lines, mut faults) = (Vec::new(), Vec::new());
        while let Some((number, line)) = self.next()? {
            match line {
                Ok(line) => lines.push((number, line)),
                Err(fault) => faults.push(fault),
            }
        }
        Ok((lines, faults))
    }
}
