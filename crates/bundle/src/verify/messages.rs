//! The messages' signatures, and what their senders saw of the log.

use std::{collections::BTreeMap, io};

use sealcast_contracts::context::SeenCheckpoint;

use super::{Bundle, Report, Sealed};
use crate::{
    content,
    fault::Fault,
    parts::{MESSAGES, MessageLine},
};

/// By log size: what senders signed to have seen, and in which line.
pub type SeenBySenders = BTreeMap<u64, Vec<(SeenCheckpoint, u64)>>;

/// Verifies every message by itself.
pub fn check(bundle: &Bundle<'_>, sealed: &Sealed, report: &mut Report) -> io::Result<SeenBySenders> {
    let (before, mut seen) = (report.faults.len(), SeenBySenders::new());
    let (mut stored, mut shredded) = (0_u64, 0_u64);
    let mut lines = bundle.lines::<MessageLine>(MESSAGES)?;
    while let Some((number, line)) = lines.next()? {
        let message = match line {
            Ok(MessageLine::Stored(message)) => message,
            Ok(MessageLine::Shredded(_)) => {
                shredded += 1;
                continue;
            }
            Err(fault) => {
                report.fault(fault);
                continue;
            }
        };
        stored += 1;
        let Some((user_id, certificate)) = sealed.certificates.accounts.get(&message.sender_fp) else {
            report.fault(Fault::line(MESSAGES, number, format!("message {}: its sender's certificate is missing", message.id)));
            continue;
        };
        if *user_id != message.sender {
            report.fault(Fault::line(MESSAGES, number, format!("message {}: the certificate is another account's", message.id)));
        }
        match content::signed_context(&message, certificate) {
            Ok(context) => seen.entry(context.cp.size).or_default().push((context.cp, number)),
            Err(reason) => report.fault(Fault::line(MESSAGES, number, format!("message {}: {reason}", message.id))),
        }
    }
    let counts = &sealed.manifest.counts;
    if (stored, shredded) != (counts.messages, counts.shredded) {
        report.fault(Fault::part(MESSAGES, "there are not as many messages as the manifest states"));
    }
    report.step_since(before, "messages", format!("{stored} carry their senders' signatures"));
    if shredded > 0 {
        let text =
            "messages are given without content; that retention destroyed it is the exporter's word, the log's events say whether";
        report.caveats.push(format!("{shredded} {text}"));
    }
    Ok(seen)
}
