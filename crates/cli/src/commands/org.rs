//! Setting up an organisation. Each step looks first whether it was done, so a run that broke off is continued by the next.

use std::{fs, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

use sealcast_client::{Client, ComplianceKey, InviteTerms, NewRoom, Registration, Rotation, Server, trust::Trust};
use sealcast_contracts::{
    Base64, RoomId,
    chat::{Admission, Organisation, RoomKind},
};
use serde_json::json;
use time::Duration;

use crate::{
    args::{OrgInit, RotateCompliance},
    failure::Failure,
    output::{Output, time_text},
    secrets,
    workplace::{Workplace, server},
};

/// The profile's file that keeps the first invite link, for later runs.
const INVITE: &str = "invite";

pub async fn init(args: &OrgInit, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let (server, ca) = server(&args.address)?;
    let before = server.info().await?.organisation;
    let certificate = compliance_certificate(args, &before)?;
    let admin = enter(args, workplace, &server, ca.as_deref(), output).await?;
    let client = &admin.client;
    match (&before.compliance, &certificate) {
        (None, Some(certificate)) => client.publish_compliance_certificate(certificate).await?,
        (Some(published), Some(certificate))
            if published.certificate != *certificate
                && before.compliance_succession.iter().all(|step| step.certificate != *certificate) =>
        {
            return Err(Failure::Usage("the organisation has another compliance certificate".to_owned()));
        }
        _ => {}
    }
    let lobby = match before.lobby {
        Some(lobby) => lobby,
        None => create_lobby(client, &args.lobby_name).await?,
    };
    let kept = workplace.profile.read_secret(INVITE)?;
    let created = before.compliance.is_none() || before.lobby.is_none() || kept.is_none();
    let invite = match kept {
        Some(invite) => invite.trim().to_owned(),
        None => {
            let terms = InviteTerms { lifetime: Duration::days(args.invite_days.into()), uses_max: args.invite_uses };
            let (link, _) = client.create_invite(lobby, terms).await?;
            let link = link.to_string();
            workplace.profile.write_secret(INVITE, link.as_bytes())?;
            link
        }
    };
    workplace.keep(client)?;
    report(args, &admin, lobby, &invite, created, output)
}

/// Publishes what `sealcast compliance rotate` wrote.
pub async fn rotate_compliance(args: &RotateCompliance, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let file = args.statement.display();
    let text = fs::read(&args.statement).map_err(Failure::io(format!("reading {file}")))?;
    let named: Rotation = serde_json::from_slice(&text)
        .map_err(|_| Failure::Usage(format!("{file} is not a statement of `sealcast compliance rotate`")))?;
    let session = workplace.session().await?;
    named.check(&session.server().info().await?.organisation)?;
    session.rotate_compliance(&named).await?;
    let at = time_text(named.rotation.effective_at);
    let object = json!({"status": "published", "old": named.old, "fingerprint": named.fingerprint, "effective_at": at});
    let text = || {
        format!(
            "from {at} on messages are encrypted to {}\nkeep {} until retention has destroyed what it opens",
            named.fingerprint, named.old
        )
    };
    output.line(text, &object)
}

struct Admin {
    client: Client,
    recovery_key: Option<String>,
}

/// Logs the admin in, or registers it with the bootstrap token.
async fn enter(
    args: &OrgInit,
    workplace: &Workplace,
    server: &Server,
    ca: Option<&str>,
    output: &Output,
) -> Result<Admin, Failure> {
    let password = secrets::password(workplace.password_file(), !workplace.profile.exists())?;
    let token = secrets::one_line(&args.bootstrap_token_file)?;
    let spinner = output.spinner("making keys");
    let registration = Registration { username: &args.username, password: &password, invite: None, bootstrap_token: Some(&token) };
    let entered = if workplace.profile.exists() {
        let stored = workplace.profile.load()?;
        server.remember(&stored);
        server.log_in(&args.username, &password, stored.trust).await
    } else {
        match server.register(registration).await {
            // An earlier run made the account and could not keep its profile.
            Err(error) if error.is_refusal("username-taken") || error.is_refusal("bootstrap-refused") => {
                server.log_in(&args.username, &password, Trust::default()).await
            }
            other => other,
        }
    };
    spinner.finish_and_clear();
    let entered = entered?;
    workplace.keep_entered(&entered, ca)?;
    Ok(Admin { recovery_key: entered.recovery_key.as_ref().map(ToString::to_string), client: entered.client })
}

/// The certificate that was made offline, or the one of the key in the file; a new key is made only for an organisation that has none.
fn compliance_certificate(args: &OrgInit, organisation: &Organisation) -> Result<Option<Base64>, Failure> {
    if let Some(file) = &args.compliance_certificate {
        return Ok(Some(Base64(fs::read(file).map_err(Failure::io(format!("reading {}", file.display())))?)));
    }
    let Some(file) = &args.compliance_out else { return Ok(None) };
    if file.exists() {
        let octets = fs::read(file).map_err(Failure::io(format!("reading {}", file.display())))?;
        return Ok(Some(ComplianceKey::from_octets(&octets)?.certificate()?));
    }
    if organisation.compliance.is_some() {
        return Ok(None);
    }
    let key = ComplianceKey::generate(&args.compliance_name)?;
    write_private(file, &key.to_octets()?)?;
    Ok(Some(key.certificate()?))
}

async fn create_lobby(client: &Client, name: &str) -> Result<RoomId, Failure> {
    let room = NewRoom { room_id: RoomId::generate(), name, kind: RoomKind::Lobby, admission: Admission::Invite };
    Ok(client.create_room(room).await?.room_id)
}

fn report(args: &OrgInit, admin: &Admin, lobby: RoomId, invite: &str, created: bool, output: &Output) -> Result<(), Failure> {
    let fingerprint = admin.client.trust().compliance;
    let status = if created { "created" } else { "exists" };
    let info = admin.client.session().info();
    let object = json!({
        "status": status, "server": args.address.server.as_str(), "admin": info.username, "compliance_fingerprint": fingerprint,
        "compliance_key": args.compliance_out, "lobby": lobby, "invite": invite, "recovery_key": admin.recovery_key,
    });
    let text = || {
        let fingerprint = fingerprint.map(|fingerprint| fingerprint.to_string()).unwrap_or_default();
        let mut text = format!("organisation {status}\n  admin        {}\n  compliance   {fingerprint}\n", info.username);
        if let Some(file) = &args.compliance_out {
            text += &format!("  its key      {} (keep it offline)\n", file.display());
        }
        text += &format!("  lobby        {lobby}\n  invite link  {invite}");
        if let Some(key) = &admin.recovery_key {
            text += &format!("\n  recovery key of {}, shown only now: {key}", info.username);
        }
        text
    };
    output.line(text, &object)
}

/// A file that only its owner reads, and that was not there before.
pub fn write_private(file: &Path, octets: &[u8]) -> Result<(), Failure> {
    let write = || {
        let mut file = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(file)?;
        file.write_all(octets)?;
        file.sync_all()
    };
    write().map_err(Failure::io(format!("writing {}", file.display())))
}
