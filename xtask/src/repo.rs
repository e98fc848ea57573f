//! Where things lie: the checkout, the build's output and the state of one running stack.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::cli::StateArgs;

/// The checkout and the directory that cargo builds into.
#[derive(Clone, Debug)]
pub struct Repo {
    pub root: PathBuf,
    pub target: PathBuf,
}

impl Repo {
    /// Finds both from where this program was built.
    pub fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent directory")?.to_owned();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        Ok(Self { root, target })
    }

    /// Tools that were downloaded, and stamps of what was built; `--fresh` keeps them.
    pub fn cache(&self) -> PathBuf {
        self.root.join(".local")
    }

    pub fn tools(&self) -> PathBuf {
        self.cache().join("bin")
    }

    pub fn frontend(&self) -> PathBuf {
        self.root.join("frontend")
    }

    pub fn deploy(&self) -> PathBuf {
        self.root.join("deploy")
    }

    /// The state that the command line means.
    pub fn state(&self, args: &StateArgs) -> Result<State> {
        let dir = args.state.as_ref().map_or_else(|| Ok(self.cache()), std::path::absolute);
        Ok(State { dir: dir.context("cannot read the current directory")? })
    }

    /// A program of ours.
    pub fn binary(&self, name: &str, release: bool) -> PathBuf {
        self.target.join(if release { "release" } else { "debug" }).join(name)
    }
}

/// The files of one stack, all below one directory.
#[derive(Clone, Debug)]
pub struct State {
    pub dir: PathBuf,
}

impl State {
    pub fn log(&self) -> PathBuf {
        self.dir.join("log")
    }

    pub fn config(&self) -> PathBuf {
        self.dir.join("config")
    }

    pub fn secrets(&self) -> PathBuf {
        self.dir.join("secrets")
    }

    pub fn pki(&self) -> PathBuf {
        self.dir.join("pki")
    }

    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// The organisation's compliance secret and the first administrator's profile: made here, never given to a server.
    pub fn org(&self) -> PathBuf {
        self.dir.join("org")
    }

    pub fn ports(&self) -> PathBuf {
        self.dir.join("ports.json")
    }

    /// What is running, for people and programs.
    pub fn record(&self) -> PathBuf {
        self.dir.join("up.json")
    }

    /// Held by the launcher as long as it lives.
    pub fn lock(&self) -> PathBuf {
        self.dir.join("lock")
    }

    pub fn launcher_pid(&self) -> PathBuf {
        self.dir.join("launcher.pid")
    }
}
