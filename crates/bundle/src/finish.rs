//! Making the file out of what was collected.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufReader, BufWriter, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use sealcast_contracts::{Base64, EventId, Fingerprint, UserId, audit::StoredMessage};
use sealcast_pgp::certificate::Certificate;
use time::OffsetDateTime;

use crate::{
    content,
    digest::measure,
    draft::Draft,
    eml,
    fault::BundleError,
    lines::{self, Lines},
    manifest::{Counts, ExporterRecord, FORMAT, LogRecord, Manifest, PartRecord},
    parts::{
        CERTIFICATES, CHECKPOINT, CertificateLine, EVENTS, LEAVES, LISTED, MANIFEST, MESSAGES, MessageLine, OpenedText, RANGE,
        README, README_TEXT, RangePart, SIGNATURE, VIEW, ViewLine,
    },
    ustar,
};

/// What holds the parts that are made last.
const NEW: &str = "bundle.new";

/// Gives the session key of a message, or why there is none.
pub type Disclosure<'a> = dyn Fn(&StoredMessage) -> Result<Base64, String> + 'a;

/// Who exports.
#[derive(Clone, Debug)]
pub struct Exporter {
    pub user_id: UserId,
    pub username: String,
    pub fingerprint: Fingerprint,
}

/// What is needed besides what was collected.
pub struct Finish<'a> {
    pub exporter: Exporter,
    pub made_at: OffsetDateTime,
    /// Of every sender, of the exporter, and the compliance certificates up to the one in force, which comes last.
    pub certificates: Vec<CertificateLine>,
    pub compliance: Option<Fingerprint>,
    /// Opens the messages for the views.
    pub disclosure: Option<&'a Disclosure<'a>>,
}

impl Draft {
    /// The certificates that the messages' signatures name.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn senders(&self) -> Result<Vec<Fingerprint>, BundleError> {
        let mut found = BTreeMap::new();
        self.each_message(|message| {
            found.insert(message.sender_fp, ());
            Ok(())
        })?;
        Ok(found.into_keys().collect())
    }

    /// The ids of all messages, in order.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn ids(&self) -> Result<Vec<EventId>, BundleError> {
        let mut ids = Vec::new();
        self.each_message(|message| {
            ids.push(message.id);
            Ok(())
        })?;
        Ok(ids)
    }

    /// Writes the file and removes the folder. `sign` makes the exporter's signature over the manifest.
    ///
    /// # Errors
    /// The parts cannot be read, the file cannot be written or signing fails.
    pub fn finish(
        self,
        out: &Path,
        finish: &Finish<'_>,
        sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, String>,
    ) -> Result<Manifest, BundleError> {
        self.write_small_parts(finish)?;
        if let Some(disclosure) = finish.disclosure {
            self.write_view(finish, disclosure)?;
        }
        let manifest = self.manifest(finish)?;
        let mut octets = serde_json::to_vec_pretty(&manifest)?;
        octets.push(b'\n');
        let sig = sign(&octets).map_err(BundleError::Sign)?;
        self.write_archive(out, &manifest, (&octets, &sig))?;
        fs::remove_dir_all(&self.dir).map_err(BundleError::at("removing", &self.dir))?;
        Ok(manifest)
    }

    fn write_small_parts(&self, finish: &Finish<'_>) -> Result<(), BundleError> {
        let range = &self.state().range;
        let part = RangePart { frontier: range.frontier.clone(), consistency: range.consistency.clone() };
        let mut certificates = Vec::new();
        for line in &finish.certificates {
            lines::write(&mut certificates, line).map_err(BundleError::at("encoding", Path::new(CERTIFICATES)))?;
        }
        // What witnesses say of it stands below the log's own signature.
        let note: String = [range.checkpoint.note.as_str()]
            .into_iter()
            .chain(range.checkpoint.cosignatures.iter().flat_map(|cosignature| [cosignature.line.trim_end(), "\n"]))
            .collect();
        let range_text = serde_json::to_string(&part)? + "\n";
        let texts = [
            (README, README_TEXT.as_bytes()),
            (CHECKPOINT, note.as_bytes()),
            (RANGE, range_text.as_bytes()),
            (CERTIFICATES, certificates.as_slice()),
        ];
        for (name, text) in texts {
            let path = self.path(name);
            fs::write(&path, text).map_err(BundleError::at("writing", &path))?;
        }
        Ok(())
    }

    fn write_view(&self, finish: &Finish<'_>, disclosure: &Disclosure<'_>) -> Result<(), BundleError> {
        let path = self.path(VIEW);
        let mut names = BTreeMap::new();
        let mut certificates = BTreeMap::new();
        for line in &finish.certificates {
            if let CertificateLine::Account { user_id, username, certificate } = line {
                names.insert(*user_id, username.clone());
                if let Ok(certificate) = Certificate::parse_sender(certificate.as_slice(), username, finish.made_at) {
                    certificates.insert(certificate.key.fingerprint, certificate);
                }
            }
        }
        let file = File::options().create(true).truncate(true).write(true).mode(0o600).open(&path);
        let mut out = BufWriter::new(file.map_err(BundleError::at("making", &path))?);
        self.each_message(|message| {
            let opened = disclose(message, certificates.get(&message.sender_fp), disclosure);
            let (opened, unreadable) = opened.map_or_else(|reason| (None, Some(reason)), |opened| (Some(opened), None));
            let (id, leaf_index, accepted_at, sender) = (message.id, message.leaf_index, message.accepted_at, message.sender);
            let username = names.get(&sender).cloned().unwrap_or_default();
            let line = ViewLine { id, leaf_index, accepted_at, sender, username, opened, unreadable };
            lines::write(&mut out, &line).map_err(BundleError::at("writing", &path))
        })?;
        out.flush().map_err(BundleError::at("writing", &path))
    }

    fn manifest(&self, finish: &Finish<'_>) -> Result<Manifest, BundleError> {
        let mut parts = Vec::new();
        for name in self.listed(finish) {
            let path = self.path(name);
            let measured = File::open(&path).and_then(measure).map_err(BundleError::at("reading", &path))?;
            parts.push(PartRecord {
                name: name.to_owned(),
                octets: measured.octets,
                lines: measured.lines,
                sha256: measured.sha256,
            });
        }
        let lines = |name: &str| parts.iter().find(|part| part.name == name).map_or(0, |part| part.lines);
        let mut stored = 0;
        self.each_message(|_| {
            stored += 1;
            Ok(())
        })?;
        let counts = Counts {
            leaves: lines(LEAVES),
            messages: stored,
            shredded: lines(MESSAGES) - stored,
            events: lines(EVENTS),
            views: lines(VIEW),
        };
        let (query, range) = (&self.state().query, &self.state().range);
        let root = range.checkpoint.root.as_slice().try_into().map(Fingerprint);
        Ok(Manifest {
            format: FORMAT.to_owned(),
            made_at: finish.made_at,
            exporter: ExporterRecord {
                user_id: finish.exporter.user_id,
                username: finish.exporter.username.clone(),
                fingerprint: finish.exporter.fingerprint,
            },
            case: query.case.clone(),
            room_id: range.room_id,
            from: range.since,
            to: range.until,
            log: LogRecord {
                vkey: range.checkpoint.vkey.clone(),
                first_leaf: range.from,
                end_leaf: range.to,
                size: range.checkpoint.size,
                root: root.map_err(|_| BundleError::Server("the checkpoint's root is not 32 octets".to_owned()))?,
            },
            compliance: finish.compliance,
            counts,
            parts,
        })
    }

    fn write_archive(&self, out: &Path, manifest: &Manifest, (octets, sig): (&[u8], &[u8])) -> Result<(), BundleError> {
        let draft = self.path(NEW);
        let file = File::options().create(true).truncate(true).write(true).mode(0o600).open(&draft);
        let mut archive = BufWriter::new(file.map_err(BundleError::at("making", &draft))?);
        let mut write = || {
            ustar::append(&mut archive, MANIFEST, octets.len() as u64, octets)?;
            ustar::append(&mut archive, SIGNATURE, sig.len() as u64, sig)?;
            for part in &manifest.parts {
                ustar::append(&mut archive, &part.name, part.octets, File::open(self.path(&part.name))?)?;
            }
            if manifest.parts.iter().any(|part| part.name == VIEW) {
                let mut view = Lines::<_, ViewLine>::new(VIEW, BufReader::new(File::open(self.path(VIEW))?));
                while let Some((_, line)) = view.next()? {
                    let Ok(line) = line else { continue };
                    let mail = eml::render(manifest.room_id, &line);
                    ustar::append(&mut archive, &eml::name(&line), mail.len() as u64, mail.as_slice())?;
                }
            }
            ustar::end(&mut archive)?;
            archive.flush()?;
            archive.get_ref().sync_all()?;
            fs::rename(&draft, out)
        };
        write().map_err(BundleError::at("writing", out))
    }

    fn listed(&self, finish: &Finish<'_>) -> impl Iterator<Item = &'static str> {
        let with_view = finish.disclosure.is_some();
        LISTED.into_iter().filter(move |name| *name != VIEW || with_view)
    }

    fn each_message(&self, mut work: impl FnMut(&StoredMessage) -> Result<(), BundleError>) -> Result<(), BundleError> {
        let path = self.path(MESSAGES);
        let file = File::open(&path).map_err(BundleError::at("reading", &path))?;
        let mut messages = Lines::<_, MessageLine>::new(MESSAGES, BufReader::new(file));
        while let Some((_, line)) = messages.next().map_err(BundleError::at("reading", &path))? {
            match line {
                Ok(MessageLine::Stored(message)) => work(&message)?,
                Ok(MessageLine::Shredded(_)) => {}
                Err(fault) => return Err(BundleError::Server(fault.to_string())),
            }
        }
        Ok(())
    }
}

/// The text of a message, in the form in which a verifier can check it.
fn disclose(message: &StoredMessage, sender: Option<&Certificate>, disclosure: &Disclosure<'_>) -> Result<OpenedText, String> {
    let sender = sender.ok_or("the sender's certificate is missing or broken")?;
    let context = content::signed_context(message, sender)?;
    content::open(message, &context, &disclosure(message)?)
}
