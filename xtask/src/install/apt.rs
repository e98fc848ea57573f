//! Debian packages.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::{install, process, run, say};

/// Something that a Debian package brings.
#[derive(Clone, Copy, Debug)]
pub enum Need {
    /// A program, and the package that has it.
    Program(&'static str, &'static str),
    /// A package without a program.
    Package(&'static str),
    /// A Postgres server, whose programs are not on the PATH.
    Postgres(&'static str),
}

impl Need {
    fn is_met(self) -> bool {
        match self {
            Self::Program(program, _) => install::find(program).is_some(),
            Self::Package(package) => Command::new("dpkg-query")
                .args(["-W", "-f", "${Status}", package])
                .output()
                .is_ok_and(|said| said.stdout == b"install ok installed"),
            Self::Postgres(_) => install::postgres_dir().is_some(),
        }
    }

    fn package(self) -> &'static str {
        match self {
            Self::Program(_, package) | Self::Package(package) | Self::Postgres(package) => package,
        }
    }
}

/// Installs the packages of the needs that are not met; says which.
pub fn install(cache: &Path, needs: impl Iterator<Item = Need>) -> Result<()> {
    let missing: Vec<_> = needs.filter(|need| !need.is_met()).map(Need::package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if install::find("apt-get").is_none() {
        bail!("these are missing, and there is no apt-get to install them: {names}");
    }
    fs::create_dir_all(cache).with_context(|| format!("cannot make {}", cache.display()))?;
    let log = cache.join("install.log");
    say::step(&format!("installing with apt-get: {names}"), || {
        run::logged(apt_get()?.arg("update"), &log)?;
        run::logged(apt_get()?.args(["install", "-y", "--no-install-recommends"]).args(&missing), &log)
    })
}

fn apt_get() -> Result<Command> {
    let mut command = if process::is_root() {
        Command::new("apt-get")
    } else if install::find("sudo").is_some() {
        let mut sudo = Command::new("sudo");
        sudo.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        sudo
    } else {
        bail!("packages are missing, and neither root nor sudo is at hand to install them");
    };
    command.env("DEBIAN_FRONTEND", "noninteractive").args(["-q", "-o", "DPkg::Lock::Timeout=120"]);
    Ok(command)
}
