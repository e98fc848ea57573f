//! The texts: each is what its sender signed, shown with the message's session key.

use std::io::{self, Read as _};

use super::{Bundle, Report, Sealed};
use crate::{
    content, eml,
    fault::Fault,
    parts::{EML, MESSAGES, MessageLine, VIEW, ViewLine},
    ustar,
};

/// Checks the view, if there is one, against the messages, and the mails against the view.
pub fn check(bundle: &Bundle<'_>, sealed: &Sealed, report: &mut Report) -> io::Result<()> {
    if bundle.entry(VIEW).is_none() {
        return Ok(());
    }
    let before = report.faults.len();
    let mut messages = bundle.lines::<MessageLine>(MESSAGES)?;
    let mut view = bundle.lines::<ViewLine>(VIEW)?;
    let mut mails = bundle.entries.iter().filter(|entry| entry.name.starts_with(EML));
    let (mut opened, mut unreadable) = (0_u64, 0_u64);
    while let Some((number, line)) = view.next()? {
        let line = match line {
            Ok(line) => line,
            Err(fault) => {
                report.fault(fault);
                continue;
            }
        };
        let fault = |reason: &str| Fault::line(VIEW, number, format!("message {}: {reason}", line.id));
        let mut message = None;
        while let Some((_, Ok(next))) = messages.next()? {
            if let MessageLine::Stored(next) = next {
                message = Some(next);
                break;
            }
        }
        let Some(message) = message.filter(|message| (message.id, message.leaf_index) == (line.id, line.leaf_index)) else {
            report.fault(fault("it is not the next message of the export"));
            break;
        };
        if (line.sender, line.accepted_at) != (message.sender, message.accepted_at)
            || sealed.certificates.names.get(&line.sender) != Some(&line.username)
        {
            report.fault(fault("its sender or time is not the message's"));
        }
        match (&line.opened, &line.unreadable) {
            (Some(text), None) => {
                opened += 1;
                let sender =
                    sealed.certificates.accounts.get(&message.sender_fp).ok_or("the sender's certificate is missing".to_owned());
                let again = sender
                    .and_then(|(_, sender)| content::signed_context(&message, sender))
                    .and_then(|context| content::open(&message, &context, &text.session_key));
                match again {
                    Ok(again) if again == *text => {}
                    Ok(_) => report.fault(fault("its text is not what the sender wrote")),
                    Err(reason) => report.fault(fault(&reason)),
                }
            }
            (None, Some(_)) => unreadable += 1,
            _ => report.fault(fault("it has neither a text nor a reason, or both")),
        }
        let expected = eml::render(sealed.manifest.room_id, &line);
        match mails.next() {
            Some(entry) if entry.name == eml::name(&line) && entry.octets == expected.len() as u64 => {
                let mut octets = Vec::new();
                ustar::open(bundle.path, entry)?.read_to_end(&mut octets)?;
                if octets != expected {
                    report.fault(Fault::part(&entry.name, "it is not the mail of its message"));
                }
            }
            found => {
                let name = found.map_or(eml::name(&line), |entry| entry.name.clone());
                report.fault(Fault::part(&name, "a mail is missing, too long or out of order"));
            }
        }
    }
    if mails.next().is_some() || opened + unreadable != sealed.manifest.counts.messages {
        report.fault(Fault::part(VIEW, "there is not one text and one mail for each message"));
    }
    report.step_since(before, "texts", format!("{opened} are what their senders signed"));
    if unreadable > 0 {
        report.caveats.push(format!("{unreadable} messages have no text: the exporter could not open them"));
    }
    Ok(())
}
