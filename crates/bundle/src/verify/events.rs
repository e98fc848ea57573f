//! Who was in the room: each event before the range with a proof of its own.

use std::io;

use sealcast_merkle::{leaf, tree};
use serde::Deserialize;

use super::{
    Bundle, Report, Sealed,
    log::{event_leaf, hashes},
};
use crate::{
    fault::Fault,
    parts::{EVENTS, EventLine},
};

#[derive(Deserialize)]
struct Body {
    room_id: sealcast_contracts::RoomId,
}

/// Checks the events whose leaves lie before the range; the others were compared with their leaves.
pub fn check(bundle: &Bundle<'_>, sealed: &Sealed, report: &mut Report) -> io::Result<()> {
    let (log, before) = (&sealed.manifest.log, report.faults.len());
    let (mut total, mut proven, mut last) = (0_u64, 0_u64, None);
    let mut lines = bundle.lines::<EventLine>(EVENTS)?;
    while let Some((number, line)) = lines.next()? {
        let line = match line {
            Ok(line) => line,
            Err(fault) => {
                report.fault(fault);
                continue;
            }
        };
        total += 1;
        let fault = |reason: &str| Fault::line(EVENTS, number, format!("the event of leaf {}: {reason}", line.leaf_index));
        if last.replace(line.leaf_index).is_some_and(|last| last >= line.leaf_index) {
            report.fault(fault("it stands out of order"));
        }
        if line.leaf_index >= log.first_leaf {
            continue;
        }
        let path = line.path.as_deref().and_then(hashes);
        let hash = leaf::hash(&event_leaf(&line));
        let holds = path.is_some_and(|path| tree::verify_inclusion(line.leaf_index, log.size, &hash, &path, &log.root.0).is_ok());
        if !holds {
            report.fault(fault("it is not in the signed log"));
        }
        if serde_json::from_str::<Body>(&line.body).is_ok_and(|body| body.room_id == sealed.manifest.room_id) {
            proven += 1;
        } else {
            report.fault(fault("it is of another room"));
        }
    }
    if total != sealed.manifest.counts.events {
        report.fault(Fault::part(EVENTS, "there are not as many events as the manifest states"));
    }
    report.step_since(before, "membership", format!("{total} events, {proven} of them before the range with proofs of their own"));
    if log.first_leaf > 0 {
        report.caveats.push(format!(
            "before leaf {} each event is proven, but not that there were no others; an export from the beginning shows that too",
            log.first_leaf
        ));
    }
    Ok(())
}
