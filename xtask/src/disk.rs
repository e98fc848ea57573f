//! Small disks in files: each can be filled, and copied at a moment as the power would leave it.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{files, install, run};

/// The kernel writes nothing back before it is asked to: a power cut loses what was not synced.
const MOUNT_OPTIONS: &str = "loop,commit=600";

/// A file system in a file.
#[derive(Debug)]
pub struct Disk {
    pub image: PathBuf,
    pub mounted_at: PathBuf,
}

impl Disk {
    /// Makes an empty one and mounts it. It goes with the mounts of this process ([`crate::process::leave_mounts`]).
    pub fn make(image: PathBuf, mounted_at: PathBuf, octets: u64) -> Result<Self> {
        files::remove(&image)?;
        for dir in [image.parent(), Some(mounted_at.as_path())].into_iter().flatten() {
            fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        }
        let file = File::create(&image).with_context(|| format!("cannot make {}", image.display()))?;
        file.set_len(octets)?;
        run::captured(Command::new(program("mkfs.ext4")?).args(["-q", "-F"]).arg(&image))?;
        run::captured(Command::new(program("mount")?).args(["-o", MOUNT_OPTIONS]).arg(&image).arg(&mounted_at))?;
        Ok(Self { image, mounted_at })
    }
}

fn program(name: &str) -> Result<PathBuf> {
    install::find(name).with_context(|| format!("{name} is missing"))
}

impl AsRef<Path> for Disk {
    fn as_ref(&self) -> &Path {
        &self.mounted_at
    }
}
