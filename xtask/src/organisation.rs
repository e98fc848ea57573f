//! The demo organisation: made with the same command as a real one, then filled by seed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{
    cli::SeedArgs,
    files,
    record::Account,
    repo::{Repo, State},
    run, say, secrets,
};

const ADMIN: &str = "admin";
/// The first invite link lasts as long as the development certificates.
const INVITE_DAYS: &str = "365";
const INVITE_USES: &str = "100000";

/// What there is to know of an organisation that was set up.
#[derive(Clone, Debug)]
pub struct Organisation {
    pub invite: String,
    pub admin: Account,
}

/// Sets the organisation up when it is not.
pub fn open(repo: &Repo, state: &State, url: &str, ca: &Path, bootstrap_token: &Path, release: bool) -> Result<Organisation> {
    files::private_dir(&state.org())?;
    let password = password_file(state)?;
    let kept = link_file(state);
    if !kept.is_file() {
        say::line("setting up the organisation");
        let mut init = Command::new(repo.binary("sealcast", release));
        init.args(["org", "init", "--json", "--server", url, "--username", ADMIN]).args([
            "--invite-days",
            INVITE_DAYS,
            "--invite-uses",
            INVITE_USES,
        ]);
        for (flag, path) in [
            ("--ca", ca),
            ("--bootstrap-token-file", bootstrap_token),
            ("--password-file", &password),
            ("--compliance-out", &compliance_key(state)),
            ("--profile", &state.org().join(ADMIN)),
        ] {
            init.arg(flag).arg(path);
        }
        let said = run::captured(&mut init).context("cannot set up the organisation")?;
        #[derive(Deserialize)]
        struct Said {
            invite: String,
        }
        let Said { invite } = serde_json::from_str(said.trim()).with_context(|| format!("sealcast org init said: {said}"))?;
        files::write_private(&kept, invite)?;
    }
    let invite = fs::read_to_string(&kept)?;
    // The stack may have moved to another port since.
    let secret = invite.trim().split_once('#').context("the kept invite link has no secret")?.1;
    let invite = format!("{url}/join#{secret}");
    files::write_private(&kept, &invite)?;
    let admin = Account { username: ADMIN.to_owned(), password: secrets::read(&password)?, role: "admin".to_owned() };
    Ok(Organisation { invite, admin })
}

/// The organisation's compliance secret: of a demo organisation, so it lies here; a real one keeps it offline.
pub fn compliance_key(state: &State) -> PathBuf {
    state.org().join("compliance.key")
}

fn password_file(state: &State) -> Result<PathBuf> {
    let path = state.org().join("admin.password");
    if !path.is_file() {
        files::write_private(&path, secrets::hex(&secrets::random::<12>()?))?;
    }
    Ok(path)
}

/// Fills the organisation with demo accounts and messages; the accounts, the administrator among them.
pub fn seed(repo: &Repo, state: &State, url: &str, ca: &Path, seed: &SeedArgs, release: bool) -> Result<Vec<Account>> {
    let out = state.org().join("seeded.json");
    let mut command = Command::new(repo.binary("sealcast-seed", release));
    command.args(["--url", url, "--invite", &format!("@{}", link_file(state).display())]);
    for (flag, path) in [
        ("--ca", ca),
        ("--admin-profile", &state.org().join(ADMIN)),
        ("--admin-password-file", &password_file(state)?),
        ("--out", &out),
    ] {
        command.arg(flag).arg(path);
    }
    for (flag, count) in [("--users", seed.users), ("--messages", seed.messages)] {
        if let Some(count) = count {
            command.args([flag, &count.to_string()]);
        }
    }
    run::logged(&mut command, &state.log().join("seed.log")).context("cannot seed")?;
    #[derive(Deserialize)]
    struct Seeded {
        accounts: Vec<Account>,
    }
    let seeded: Seeded = serde_json::from_slice(&fs::read(&out)?).context("what seed wrote is not understood")?;
    Ok(seeded.accounts)
}

fn link_file(state: &State) -> PathBuf {
    state.org().join("invite")
}
