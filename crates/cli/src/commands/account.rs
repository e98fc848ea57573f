//! Registering, logging in and out.

use sealcast_client::{Entered, Registration, Session, passwords, trust::Trust};
use serde_json::json;

use crate::{
    args::{Login, Register},
    failure::Failure,
    output::{Output, time_text},
    secrets,
    workplace::{Workplace, server},
};

pub async fn register(args: &Register, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    if workplace.profile.exists() {
        let dir = workplace.profile.dir().display().to_string();
        return Err(Failure::Usage(format!("{dir} holds an account already: give another --profile")));
    }
    let (server, ca) = server(&args.address)?;
    let invite = args.invite.as_deref().map(secrets::invite).transpose()?;
    let password = secrets::password(workplace.password_file(), true)?;
    passwords::check(&password, &args.username).map_err(|weak| Failure::Usage(weak.to_string()))?;
    let spinner = output.spinner("making keys");
    let registration =
        Registration { username: &args.username, password: &password, invite: invite.as_ref(), bootstrap_token: None };
    let entered = server.register(registration).await;
    spinner.finish_and_clear();
    let entered = entered?;
    // Kept before anything else can fail: the account exists now.
    workplace.keep_entered(&entered, ca.as_deref())?;
    let recovery_key = entered.recovery_key.as_ref().map(ToString::to_string);
    let room = match &invite {
        Some(link) => Some(entered.client.redeem(link).await),
        None => None,
    };
    let joined = room.as_ref().and_then(|room| room.as_ref().ok()).map(|room| room.name.clone());
    let info = entered.client.session().info();
    let object = json!({
        "username": info.username, "user_id": info.user_id, "fingerprint": info.fingerprint, "role": info.role,
        "room": joined, "recovery_key": recovery_key,
    });
    let text = || {
        let key = recovery_key.as_deref().unwrap_or_default();
        format!("registered as {}\nrecovery key, shown only now; write it down:\n  {key}", info.username)
    };
    output.line(text, &object)?;
    if invite.is_none() {
        note_first_contact(&entered, output);
    }
    workplace.keep(&entered.client)?;
    room.transpose()?;
    Ok(())
}

pub async fn log_in(args: &Login, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let (server, ca) = server(&args.address)?;
    // The pins of an earlier login of the same account go on holding.
    let trust = match workplace.profile.exists() {
        true => {
            let stored = workplace.profile.load()?;
            if stored.username != args.username.to_lowercase() || stored.server != server.url().as_str() {
                let dir = workplace.profile.dir().display().to_string();
                return Err(Failure::Usage(format!("{dir} holds another account: give another --profile")));
            }
            server.remember(&stored);
            Some(stored.trust)
        }
        false => None,
    };
    let password = secrets::password(workplace.password_file(), false)?;
    let first = trust.is_none();
    let spinner = output.spinner("unlocking the key");
    let trust = trust.unwrap_or_else(Trust::default);
    let mut entered = server.log_in_with(&args.username, &password, args.code.as_deref(), trust.clone()).await;
    spinner.finish_and_clear();
    if entered.as_ref().is_err_and(|error| error.is_refusal("second-factor-required"))
        && let Some(code) = secrets::code()?
    {
        entered = server.log_in_with(&args.username, &password, Some(&code), trust).await;
    }
    let entered = entered?;
    workplace.keep_entered(&entered, ca.as_deref())?;
    if first {
        note_first_contact(&entered, output);
    }
    let info = entered.client.session().info();
    let object = json!({
        "username": info.username, "user_id": info.user_id, "fingerprint": info.fingerprint, "role": info.role,
        "session_id": info.session_id, "expires_at": time_text(info.expires_at),
    });
    output.line(|| format!("logged in as {} until {}", info.username, time_text(info.expires_at)), &object)
}

pub async fn log_out(workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let stored = workplace.profile.load()?;
    match Session::resume(&stored)?.log_out().await {
        // It has ended already, which is what was wanted.
        Err(error) if error.is_refusal("session-invalid") => {}
        outcome => outcome?,
    }
    workplace.profile.update(|stored| stored.token = None)?;
    output.line(|| format!("logged out {}", stored.username), &json!({"username": stored.username, "logged_out": true}))
}

fn note_first_contact(entered: &Entered, output: &Output) {
    if let Some(fingerprint) = entered.client.trust().compliance {
        output.note(&format!("first contact: from now on the compliance certificate must be {fingerprint}"));
    }
}
