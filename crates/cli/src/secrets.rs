//! Secrets come from files, stdin or a prompt without echo; never from flags or the environment.

use std::{
    fs,
    io::{self, IsTerminal as _, Read as _},
    path::Path,
};

use sealcast_client::InviteLink;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// Octets of a file that holds one secret.
const SECRET_OCTETS_MAX: u64 = 65_536;
const STDIN: &str = "-";

/// The password, from the file or asked for; asked for twice when it is `new`.
///
/// # Errors
/// [`Failure::Usage`] when there is neither a file nor a terminal.
pub fn password(file: Option<&Path>, new: bool) -> Result<Zeroizing<String>, Failure> {
    if let Some(file) = file {
        return one_line(file);
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::Usage("a password is needed: give --password-file".to_owned()));
    }
    let ask = |text| rpassword::prompt_password(text).map(Zeroizing::new).map_err(Failure::io("asking for the password"));
    let password = ask("Password: ")?;
    if new && *password != *ask("Again: ")? {
        return Err(Failure::Usage("the two passwords differ".to_owned()));
    }
    Ok(password)
}

/// A one-time code, asked for; none where there is no terminal.
///
/// # Errors
/// The terminal cannot be read.
pub fn code() -> Result<Option<String>, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    rpassword::prompt_password("Code of the authenticator app: ").map(Some).map_err(Failure::io("asking for the code"))
}

/// An invite link, given as itself, as `@FILE` or as `-` for stdin.
///
/// # Errors
/// [`Failure::Usage`] when it is none.
pub fn invite(text: &str) -> Result<InviteLink, Failure> {
    let link = match text.strip_prefix('@') {
        Some(file) => one_line(Path::new(file))?,
        None if text == STDIN => one_line(Path::new(STDIN))?,
        None => Zeroizing::new(text.to_owned()),
    };
    Ok(link.parse()?)
}

/// A file's only line, or stdin's.
///
/// # Errors
/// [`Failure::Usage`] when it is empty.
pub fn one_line(file: &Path) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let doing = || format!("reading {}", file.display());
    if file == Path::new(STDIN) {
        io::stdin().take(SECRET_OCTETS_MAX).read_to_string(&mut text).map_err(Failure::io(doing()))?;
    } else {
        let opened = fs::File::open(file).map_err(Failure::io(doing()))?;
        opened.take(SECRET_OCTETS_MAX).read_to_string(&mut text).map_err(Failure::io(doing()))?;
    }
    let line = text.trim_end_matches(['\r', '\n']);
    if line.is_empty() {
        return Err(Failure::Usage(format!("{} is empty", file.display())));
    }
    Ok(Zeroizing::new(line.to_owned()))
}
