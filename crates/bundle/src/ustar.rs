//! ustar (POSIX.1-1988), in the one form that we write: regular files, no owner, no time. Any other form is refused, so that
//! nothing can hide between the parts.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek as _, SeekFrom, Take, Write},
    path::Path,
};

use crate::fault::Fault;

const BLOCK: usize = 512;
/// Two empty blocks end an archive.
const END_BLOCKS: u64 = 2;
/// Octets of a name.
const NAME_MAX: usize = 100;
/// Octets of the largest part: eleven octal digits.
const SIZE_MAX: u64 = 0o777_7777_7777;
/// Parts of an archive; views have one a message.
const ENTRIES_MAX: usize = 10_000_000;

/// Where a part lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub offset: u64,
    pub octets: u64,
}

/// Writes one part.
pub fn append(out: &mut impl Write, name: &str, octets: u64, content: impl Read) -> io::Result<()> {
    out.write_all(&header(name, octets).ok_or_else(|| io::Error::other(format!("`{name}` does not fit a ustar header")))?)?;
    let copied = io::copy(&mut content.take(octets), out)?;
    if copied != octets {
        return Err(io::Error::other(format!("`{name}` is shorter than it was")));
    }
    out.write_all(&vec![0; padding(octets)])
}

/// Ends the archive.
pub fn end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[0; BLOCK * END_BLOCKS as usize])
}

/// Finds all parts. The outer error is the file's, the inner one the archive's.
pub fn index(path: &Path) -> io::Result<Result<Vec<Entry>, Fault>> {
    let file = File::open(path)?;
    let total = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let (mut entries, mut offset) = (Vec::new(), 0_u64);
    let fault = |offset: u64, reason: &str| Ok(Err(Fault::part("the archive", format!("at octet {offset}: {reason}"))));
    loop {
        if total - offset < BLOCK as u64 * END_BLOCKS {
            return fault(offset, "it ends too early");
        }
        let mut block = [0; BLOCK];
        reader.read_exact(&mut block)?;
        if block == [0; BLOCK] {
            let mut last = [0; BLOCK];
            reader.read_exact(&mut last)?;
            if last != [0; BLOCK] || offset + BLOCK as u64 * END_BLOCKS != total {
                return fault(offset, "something stands behind its end");
            }
            return Ok(Ok(entries));
        }
        let Some((name, octets)) = read_header(&block) else { return fault(offset, "this is not a header of an export") };
        let begin = offset + BLOCK as u64;
        let padded = octets + padding(octets) as u64;
        if begin + padded > total || entries.len() == ENTRIES_MAX {
            return fault(offset, &format!("`{name}` is cut off"));
        }
        reader.seek_relative(octets as i64)?;
        let mut filler = vec![0; padding(octets)];
        reader.read_exact(&mut filler)?;
        if filler.iter().any(|&octet| octet != 0) {
            return fault(begin + octets, &format!("something stands behind `{name}`"));
        }
        entries.push(Entry { name, offset: begin, octets });
        offset = begin + padded;
    }
}

/// Reads one part.
pub fn open(path: &Path, entry: &Entry) -> io::Result<BufReader<Take<File>>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(entry.offset))?;
    Ok(BufReader::new(file.take(entry.octets)))
}

fn padding(octets: u64) -> usize {
    (BLOCK - (octets % BLOCK as u64) as usize) % BLOCK
}

/// The header of a part; `None` when its name or size does not fit.
fn header(name: &str, octets: u64) -> Option<[u8; BLOCK]> {
    if name.is_empty() || name.len() > NAME_MAX || octets > SIZE_MAX || !name.bytes().all(|octet| octet.is_ascii_graphic()) {
        return None;
    }
    let mut block = [0; BLOCK];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..108].copy_from_slice(b"0000644\0");
    block[108..116].copy_from_slice(b"0000000\0");
    block[116..124].copy_from_slice(b"0000000\0");
    block[124..136].copy_from_slice(format!("{octets:011o}\0").as_bytes());
    block[136..148].copy_from_slice(b"00000000000\0");
    block[148..156].copy_from_slice(b"        ");
    block[156] = b'0';
    block[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = block.iter().map(|&octet| u32::from(octet)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Some(block)
}

/// Name and size; only of a header that we would write.
fn read_header(block: &[u8; BLOCK]) -> Option<(String, u64)> {
    let name = block[..NAME_MAX].split(|&octet| octet == 0).next()?;
    let name = std::str::from_utf8(name).ok()?.to_owned();
    let octets = u64::from_str_radix(std::str::from_utf8(&block[124..135]).ok()?, 8).ok()?;
    (header(&name, octets)? == *block).then_some((name, octets))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn archive() -> Vec<u8> {
        let mut out = Vec::new();
        append(&mut out, "a.txt", 3, &b"abc"[..]).unwrap();
        append(&mut out, "empty", 0, &b""[..]).unwrap();
        append(&mut out, "b/c.txt", 512, &[7; 512][..]).unwrap();
        end(&mut out).unwrap();
        out
    }

    fn index_of(octets: &[u8]) -> Result<Vec<Entry>, Fault> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(octets).unwrap();
        index(file.path()).unwrap()
    }

    #[test]
    fn what_is_written_is_found() {
        let names: Vec<_> = index_of(&archive()).unwrap().into_iter().map(|entry| (entry.name, entry.octets)).collect();
        assert_eq!(names, [("a.txt".to_owned(), 3), ("empty".to_owned(), 0), ("b/c.txt".to_owned(), 512)]);
    }

    #[test]
    fn every_octet_outside_the_content_counts() {
        let whole = archive();
        let content = |at: usize| (512..515).contains(&at) || (2048..2560).contains(&at);
        for at in (0..whole.len()).filter(|&at| !content(at)) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            // A name is content of its own: whoever reads the parts compares names.
            let renamed = index_of(&changed).is_ok_and(|entries| entries != index_of(&whole).unwrap());
            assert!(renamed || index_of(&changed).is_err(), "octet {at}");
        }
        for cut in [0, 1, 511, 600, whole.len() - 512, whole.len() - 1] {
            assert!(index_of(&whole[..cut]).is_err(), "{cut}");
        }
        assert!(index_of(&[whole.clone(), vec![0; 512]].concat()).is_err());
    }
}
