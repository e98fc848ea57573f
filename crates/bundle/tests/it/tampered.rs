//! A stranger with the file: whatever octet is changed, the check fails and says where.

use std::fs;

use crate::log::{Export, Log};

/// Every so many octets one is flipped; a prime, so that all columns of a line are hit.
const STRIDE: usize = 211;

#[test]
fn whatever_octet_is_changed_is_found_and_its_part_is_named() {
    let log = Log::new(6);
    let export = Export::whole(&log);
    export.write();
    let whole = fs::read(export.file()).unwrap();
    for at in (0..whole.len()).step_by(STRIDE) {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        fs::write(export.file(), &changed).unwrap();
        let report = export.verify();
        assert!(!report.verified, "octet {at} of {}", whole.len());
        let part = part_at(&whole, at);
        // A manifest and its signature do not fit each other any more: which of the two was changed nobody can tell.
        let sealed = |part: &str| part.starts_with("manifest.");
        let same = |name: &str| name == part || name == "the archive" || (sealed(name) && sealed(&part));
        let named = report.faults.iter().any(|fault| same(&fault.part));
        assert!(named, "octet {at} lies in {part}\n{report}");
    }
}

#[test]
fn a_line_that_is_swapped_deleted_or_doubled_is_named() {
    let log = Log::new(8);
    let export = Export::whole(&log);
    export.write();
    let whole = fs::read(export.file()).unwrap();
    for part in ["leaves.ndjson", "messages.ndjson", "events.ndjson", "view.ndjson", "certificates.ndjson"] {
        let changes: [fn(&mut Vec<Vec<u8>>); 3] =
            [|lines| lines.swap(1, 2), |lines| drop(lines.remove(1)), |lines| lines.insert(1, lines[1].clone())];
        for change in changes {
            fs::write(export.file(), rewrite(&whole, part, change)).unwrap();
            let report = export.verify();
            assert!(!report.verified && report.faults.iter().any(|fault| fault.part == part), "{part}\n{report}");
        }
    }
}

#[test]
fn a_file_that_is_cut_or_no_bundle_is_refused() {
    let log = Log::new(4);
    let export = Export::whole(&log);
    export.write();
    let whole = fs::read(export.file()).unwrap();
    for octets in [&whole[..0], &whole[..whole.len() / 2], &whole[..whole.len() - 1], b"not an archive"] {
        fs::write(export.file(), octets).unwrap();
        let report = export.verify();
        assert!(!report.verified && !report.faults.is_empty());
    }
}

/// Name, header and content of each part.
fn parts(octets: &[u8]) -> Vec<(String, usize, usize)> {
    let (mut parts, mut at) = (Vec::new(), 0);
    while octets[at] != 0 {
        let name = String::from_utf8(octets[at..at + 100].iter().copied().take_while(|&octet| octet != 0).collect()).unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&octets[at + 124..at + 135]).unwrap(), 8).unwrap();
        parts.push((name, at + 512, size));
        at += 512 + size.next_multiple_of(512);
    }
    parts
}

fn part_at(octets: &[u8], at: usize) -> String {
    let inside = |(_, begin, size): &&(String, usize, usize)| (*begin..*begin + *size).contains(&at);
    parts(octets).iter().find(inside).map_or("the archive".to_owned(), |(name, ..)| name.clone())
}

/// The archive with other lines in one part, its header made to fit.
fn rewrite(octets: &[u8], part: &str, change: fn(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, begin, size) in parts(octets) {
        let mut content = octets[begin..begin + size].to_vec();
        if name == part {
            let mut lines: Vec<Vec<u8>> = content.split_inclusive(|&octet| octet == b'\n').map(<[u8]>::to_vec).collect();
            change(&mut lines);
            content = lines.concat();
        }
        let mut header = octets[begin - 512..begin].to_vec();
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[148..156].copy_from_slice(b"        ");
        let sum: u32 = header.iter().map(|&octet| u32::from(octet)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(header);
        out.extend(&content);
        out.extend(vec![0; content.len().next_multiple_of(512) - content.len()]);
    }
    out.extend([0; 1024]);
    out
}
