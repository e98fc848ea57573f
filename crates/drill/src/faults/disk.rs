//! Disks that are full, and disks as a power cut leaves them.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{
    faults::{process::Frozen, tool},
    site::{Disk, Site},
};

/// As the launcher mounts them: nothing is written back before somebody asks for it.
const MOUNT_OPTIONS: &str = "loop,commit=600";
/// How long a killed process may hold on to its disk.
const RELEASED_WITHIN: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);
const FILLING_OCTETS: usize = 1024 * 1024;

/// Cuts the power of NATS and Postgres: what they had not synced is gone. Returns when the launcher may start them again.
pub async fn cut_power(site: &Site) -> Result<()> {
    let disks = [&site.disks()?.nats, &site.disks()?.postgres];
    // It would start them again between the cut and the return of the disks.
    let launcher = Frozen::launcher(site)?;
    let (nats, postgres) = (Frozen::new(site, "nats")?, Frozen::new(site, "postgres")?);
    for disk in disks {
        let (image, cut) = (text(&disk.image)?, text(&cut_of(disk))?);
        // The file behind the mount: what its file system still holds in memory is not in it.
        tool("cp", &["--sparse=always", &image, &cut])?;
    }
    nats.kill();
    postgres.kill();
    for disk in disks {
        let (image, mounted_at) = (text(&disk.image)?, text(&disk.mounted_at)?);
        let begun = Instant::now();
        while let Err(error) = tool("umount", &[&mounted_at]) {
            ensure!(begun.elapsed() < RELEASED_WITHIN, "{error:#}");
            tokio::time::sleep(POLL).await;
        }
        fs::rename(cut_of(disk), &disk.image).context("putting the disk back")?;
        tool("mount", &["-o", MOUNT_OPTIONS, &image, &mounted_at])?;
    }
    drop(launcher);
    Ok(())
}

fn cut_of(disk: &Disk) -> PathBuf {
    disk.image.with_extension("cut")
}

fn text(path: &std::path::Path) -> Result<String> {
    path.to_str().map(str::to_owned).context("a path that is text")
}

/// No octet is free as long as this lives.
pub struct Filled(PathBuf);

impl Filled {
    pub fn new(disk: &Disk) -> Result<Self> {
        let filler = Self(disk.mounted_at.join("filler"));
        let mut file = File::create(&filler.0).context("filling the disk")?;
        // Large pieces first, then single octets until nothing goes in any more.
        let piece = vec![0; FILLING_OCTETS];
        for length in [FILLING_OCTETS, 4_096, 1] {
            let piece = piece.get(..length).unwrap_or_default();
            let full = loop {
                if let Err(error) = file.write_all(piece) {
                    break error;
                }
            };
            ensure!(full.kind() == ErrorKind::StorageFull, "filling the disk: {full}");
        }
        Ok(filler)
    }
}

impl Drop for Filled {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
