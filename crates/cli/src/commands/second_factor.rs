//! One-time codes beside the password.

use sealcast_contracts::auth::SecondFactor;

use crate::{args::SecondFactorAction, failure::Failure, output::Output, secrets, workplace::Workplace};

pub async fn run(action: Option<SecondFactorAction>, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let session = workplace.session().await?;
    match action.unwrap_or(SecondFactorAction::Status) {
        SecondFactorAction::Status => show(session.second_factor().await?, output),
        SecondFactorAction::Add => {
            let kdf = workplace.profile.load()?.kdf;
            let password = secrets::password(workplace.password_file(), false)?;
            let new = session.begin_second_factor(&password, &kdf).await?;
            let text = || format!("add this to an authenticator app:\n  {}\nor type the key\n  {}", new.uri, new.secret);
            output.line(text, &new)?;
            match secrets::code()? {
                Some(code) => show(session.confirm_second_factor(&code).await?, output),
                None => {
                    output.note("not in force yet: `sealcast second-factor confirm CODE` with the first code of the app");
                    Ok(())
                }
            }
        }
        SecondFactorAction::Confirm { code } => show(session.confirm_second_factor(&code).await?, output),
        SecondFactorAction::Remove { code } => {
            let kdf = workplace.profile.load()?.kdf;
            let password = secrets::password(workplace.password_file(), false)?;
            show(session.remove_second_factor(&password, &kdf, &code).await?, output)
        }
    }
}

fn show(factor: SecondFactor, output: &Output) -> Result<(), Failure> {
    let text = || {
        let state = if factor.active { "on: a login needs a code" } else { "off" };
        let rule = match factor {
            SecondFactor { required: true, used: false, .. } => "\nyour role counts only in a session with a code",
            _ => "",
        };
        format!("second factor {state}{rule}")
    };
    output.line(text, &factor)
}
