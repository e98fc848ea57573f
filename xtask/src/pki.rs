//! The development authority and the certificates that it gives out.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{files, repo::State, run};

const CA_DAYS: &str = "825";
const SERVER_DAYS: &str = "365";
/// A certificate that ends sooner is made anew, seconds: 14 days.
const RENEW_BEFORE_S: &str = "1209600";

/// A certificate with its key.
#[derive(Clone, Debug)]
pub struct Pair {
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// The authority's certificate and the pairs that it signed.
#[derive(Clone, Debug)]
pub struct Pki {
    pub ca: PathBuf,
    dir: PathBuf,
}

/// Who gets a certificate as a server; all of them listen on this machine only.
pub const SERVERS: [&str; 4] = ["edge-svc", "nats", "redis", "postgres"];

impl Pki {
    /// Opens the authority, making what is missing or about to end.
    pub fn open(state: &State) -> Result<Self> {
        let dir = state.pki();
        files::private_dir(&dir)?;
        let pki = Self { ca: dir.join("ca.pem"), dir };
        if !lasts(&pki.ca) {
            pki.make_authority()?;
            for server in SERVERS {
                files::remove(&pki.pair(server).cert)?;
            }
        }
        for server in SERVERS {
            if !lasts(&pki.pair(server).cert) {
                pki.issue(server)?;
            }
        }
        Ok(pki)
    }

    pub fn pair(&self, name: &str) -> Pair {
        Pair { cert: self.dir.join(format!("{name}.pem")), key: self.dir.join(format!("{name}.key")) }
    }

    /// Base64 SHA-256 of the edge's public key, which Chromium can be told to trust.
    pub fn edge_spki(&self) -> Result<String> {
        let script = "openssl x509 -in \"$1\" -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl base64";
        let said = run::captured(Command::new("sh").args(["-c", script, "sh"]).arg(self.pair("edge-svc").cert))?;
        Ok(said.trim().to_owned())
    }

    fn make_authority(&self) -> Result<()> {
        let key = self.dir.join("ca.key");
        make_key(&key)?;
        run::captured(
            openssl(&[
                "req",
                "-x509",
                "-new",
                "-sha256",
                "-days",
                CA_DAYS,
                "-subj",
                "/O=Sealcast development/CN=Sealcast development CA",
            ])
            .args(["-addext", "basicConstraints=critical,CA:TRUE,pathlen:0", "-addext", "keyUsage=critical,keyCertSign,cRLSign"])
            .arg("-key")
            .arg(key)
            .arg("-out")
            .arg(&self.ca),
        )?;
        Ok(())
    }

    fn issue(&self, name: &str) -> Result<()> {
        let pair = self.pair(name);
        make_key(&pair.key)?;
        let (request, extensions) = (self.dir.join("request.pem"), self.dir.join("extensions.cnf"));
        run::captured(
            openssl(&["req", "-new", "-subj", &format!("/O=Sealcast development/CN={name}")])
                .arg("-key")
                .arg(&pair.key)
                .arg("-out")
                .arg(&request),
        )?;
        fs::write(
            &extensions,
            "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n\
             subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n",
        )?;
        run::captured(
            openssl(&["x509", "-req", "-sha256", "-days", SERVER_DAYS, "-CAcreateserial"])
                .arg("-in")
                .arg(&request)
                .arg("-CA")
                .arg(&self.ca)
                .arg("-CAkey")
                .arg(self.dir.join("ca.key"))
                .arg("-extfile")
                .arg(&extensions)
                .arg("-out")
                .arg(&pair.cert),
        )
        .with_context(|| format!("cannot make the certificate of {name}"))?;
        files::remove(&request)?;
        files::remove(&extensions)
    }
}

fn make_key(path: &Path) -> Result<()> {
    let pem = run::captured(&mut openssl(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]))?;
    files::write_private(path, pem)
}

fn lasts(cert: &Path) -> bool {
    cert.is_file() && run::captured(openssl(&["x509", "-noout", "-checkend", RENEW_BEFORE_S, "-in"]).arg(cert)).is_ok()
}

fn openssl(args: &[&str]) -> Command {
    let mut command = Command::new("openssl");
    command.args(args);
    command
}
