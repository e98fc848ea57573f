//! Makes new inputs from known ones. It is blind: it knows nothing of the code that reads them.

/// Values that parsers like to be wrong about.
const EDGES: [u64; 10] = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX];
/// Texts that mean something to one parser or another.
const WORDS: [&[u8]; 16] = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b"\0",
    b": ",
    b"data:",
    b"id: ",
    b"Host: a\r\n",
    b"Content-Length: 1\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"=",
    b"\"",
    b"\xef\xbb\xbf",
    b"-",
    b"18446744073709551616",
];
const CHANGES_MAX: u64 = 5;

/// A small generator of random numbers (xorshift64*), repeatable by its seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Any number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or_default()
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

/// A new input of at most `max` octets, from two of the corpus.
pub fn mutate(corpus: &[Vec<u8>], max: usize, random: &mut Random) -> Vec<u8> {
    let mut octets = corpus[random.below(corpus.len())].clone();
    let other = &corpus[random.below(corpus.len())];
    for _ in 0..=random.next() % CHANGES_MAX {
        change(&mut octets, other, random);
    }
    octets.truncate(max);
    octets
}

fn change(octets: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(octets.len() + 1);
    let end = at + random.below(octets.len() - at + 1);
    match random.next() % 9 {
        0 if at < octets.len() => octets[at] ^= 1 << random.below(8),
        1 if at < octets.len() => octets[at] = random.next().to_be_bytes()[7],
        2 => drop(octets.drain(at..end)),
        3 => octets.truncate(at),
        4 => {
            let again = octets[at..end].to_vec();
            octets.splice(at..at, again);
        }
        5 => {
            let value = EDGES[random.below(EDGES.len())].to_be_bytes();
            let width = [1, 2, 4, 8][random.below(4)];
            let end = (at + width).min(octets.len());
            octets.splice(at..end, value[8 - width..].iter().copied());
        }
        6 => drop(octets.splice(at..at, WORDS[random.below(WORDS.len())].iter().copied())),
        7 => {
            let from = random.below(other.len() + 1);
            let to = from + random.below(other.len() - from + 1);
            octets.splice(at..at, other[from..to].iter().copied());
        }
        _ => {
            let from = random.below(other.len() + 1);
            octets.truncate(at);
            octets.extend_from_slice(&other[from..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_inputs_again_and_many_different_ones() {
        let corpus = [b"GET / HTTP/1.1\r\n\r\n".to_vec(), b"id: 1-2\ndata: x\n\n".to_vec()];
        let made = |seed| {
            let mut random = Random::new(seed);
            (0..200).map(|_| mutate(&corpus, 64, &mut random)).collect::<Vec<_>>()
        };
        assert_eq!(made(7), made(7));
        assert_ne!(made(7), made(8));
        let mut different = made(7);
        different.sort();
        different.dedup();
        assert!(different.len() > 100, "{} of 200", different.len());
        assert!(different.iter().all(|octets| octets.len() <= 64));
    }
}
