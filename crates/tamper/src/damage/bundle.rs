//! Changes to an export. The archive's headers are made to fit, as a careful forger would.

use std::{fs, path::PathBuf};

use anyhow::Result;

use super::{Damage, Done};
use crate::{archive::Archive, chance::Chance};

const BLOCK: usize = 512;
/// Parts that have several lines.
const PARTS: [&str; 4] = ["leaves.ndjson", "messages.ndjson", "events.ndjson", "view.ndjson"];

/// Where the changed export lies.
pub fn file(archive: &Archive) -> PathBuf {
    archive.dir.path().join("changed.tar")
}

/// Does it, when it is a change of an export.
pub fn apply(damage: Damage, archive: &Archive, chance: &mut Chance) -> Result<Option<Done>> {
    let octets = fs::read(&archive.exports[0])?;
    let parts = split(&octets);
    let (changed, done) = match damage {
        Damage::BundleFlipped => flip(&octets, &parts, chance),
        Damage::BundleLineDeleted | Damage::BundleLinesSwapped => lines(damage, &parts, chance),
        Damage::BundleCut => {
            let end = chance.below(octets.len());
            let names = vec!["the archive".to_owned()];
            (octets[..end].to_vec(), Done { what: format!("the export cut off at octet {end}"), names })
        }
        Damage::BundlePartExchanged => exchange(&parts, &split(&fs::read(&archive.exports[1])?), chance),
        _ => return Ok(None),
    };
    fs::write(file(archive), changed)?;
    Ok(Some(done))
}

/// One part: its name, where its content begins, and the content.
struct Part {
    name: String,
    begin: usize,
    content: Vec<u8>,
}

fn split(octets: &[u8]) -> Vec<Part> {
    let (mut parts, mut at) = (Vec::new(), 0);
    while octets.get(at).is_some_and(|&octet| octet != 0) {
        let header = &octets[at..at + BLOCK];
        let name = String::from_utf8_lossy(&header[..100]).trim_end_matches('\0').to_owned();
        let size = usize::from_str_radix(&String::from_utf8_lossy(&header[124..135]), 8).unwrap_or_default();
        let begin = at + BLOCK;
        parts.push(Part { name, begin, content: octets[begin..begin + size].to_vec() });
        at = begin + size.next_multiple_of(BLOCK);
    }
    parts
}

fn join<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in parts {
        let mut header = [0; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[108..116].copy_from_slice(b"0000000\0");
        header[116..124].copy_from_slice(b"0000000\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[136..148].copy_from_slice(b"00000000000\0");
        header[148..156].copy_from_slice(b"        ");
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|&octet| u32::from(octet)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(header);
        out.extend(content);
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    out.extend([0; 2 * BLOCK]);
    out
}

fn flip(octets: &[u8], parts: &[Part], chance: &mut Chance) -> (Vec<u8>, Done) {
    let (at, bit) = (chance.below(octets.len()), chance.below(8));
    let mut changed = octets.to_vec();
    changed[at] ^= 1 << bit;
    let inside = parts.iter().find(|part| (part.begin..part.begin + part.content.len()).contains(&at));
    let name = inside.map_or("the archive", |part| &part.name);
    // A flipped bit between the parts may also read as another name, or cut a part.
    let mut names = names(name);
    names.push("\"the archive\"".to_owned());
    (changed, Done { what: format!("bit {bit} of octet {at}, in {name}"), names })
}

fn lines(damage: Damage, parts: &[Part], chance: &mut Chance) -> (Vec<u8>, Done) {
    let name = *chance.one_of(&PARTS);
    let mut what = String::new();
    let mut changed = Vec::new();
    for part in parts {
        let mut lines: Vec<&[u8]> = part.content.split_inclusive(|&octet| octet == b'\n').collect();
        if part.name == name {
            if damage == Damage::BundleLineDeleted {
                let at = chance.below(lines.len());
                lines.remove(at);
                what = format!("{name}: line {} deleted", at + 1);
            } else {
                let (one, two) = chance.two_below(lines.len());
                lines.swap(one, two);
                what = format!("{name}: lines {} and {} exchanged", one + 1, two + 1);
            }
        }
        changed.push((part.name.as_str(), lines.concat()));
    }
    let octets = join(changed.iter().map(|(name, content)| (*name, content.as_slice())));
    (octets, Done { what, names: vec![format!("\"{name}\"")] })
}

fn exchange(parts: &[Part], others: &[Part], chance: &mut Chance) -> (Vec<u8>, Done) {
    let differs = |part: &&Part| others.iter().any(|other| other.name == part.name && other.content != part.content);
    let candidates: Vec<&Part> = parts.iter().filter(differs).collect();
    let name = chance.one_of(&candidates).name.as_str();
    let other = others.iter().find(|part| part.name == name);
    let content = |part: &Part| match other.filter(|_| part.name == name) {
        Some(other) => other.content.clone(),
        None => part.content.clone(),
    };
    let changed: Vec<_> = parts.iter().map(|part| (part.name.as_str(), content(part))).collect();
    let octets = join(changed.iter().map(|(name, content)| (*name, content.as_slice())));
    (octets, Done { what: format!("{name} of another export"), names: names(name) })
}

/// A manifest and its signature do not fit each other any more; which of the two was changed nobody can tell.
fn names(part: &str) -> Vec<String> {
    let pair = ["manifest.json", "manifest.sig"];
    let all = if pair.contains(&part) { pair.to_vec() } else { vec![part] };
    all.into_iter().map(|name| format!("\"{name}\"")).collect()
}
