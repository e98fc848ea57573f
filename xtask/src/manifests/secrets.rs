//! What is in each Secret: docs/operations.md says it to whoever fills a store, and `secrets.sh` makes it for `dev`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::repo::Repo;

/// The heading of the table in docs/operations.md; what stands in backquotes in its second column are fields.
const TABLE: &str = "| Secret | fields |";
/// What cert-manager puts into a Secret.
const OF_CERTIFICATES: [&str; 3] = ["ca.crt", "tls.crt", "tls.key"];
/// Engines of `dev`, which no store has to hold.
const OF_ENGINES: [&str; 3] = ["nats", "postgres", "redis"];

/// Names of Secrets with the names of their fields.
pub type Fields = BTreeMap<String, BTreeSet<String>>;

/// Where secrets come from.
pub struct Sources {
    documented: Fields,
    scripted: Fields,
}

impl Sources {
    pub fn read(repo: &Repo) -> Result<Self> {
        let text = |path: &str| {
            let path = repo.root.join(path);
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let documented = documented(&text("docs/operations.md")?);
        ensure!(!documented.is_empty(), "docs/operations.md has no table of secrets");
        Ok(Self { documented, scripted: scripted(&text("k8s/overlays/dev/secrets.sh")?) })
    }

    /// Where the script and the documentation differ.
    pub fn findings(&self) -> Vec<String> {
        let made = self.scripted.iter().filter(|(name, _)| !OF_ENGINES.contains(&name.as_str()));
        made.filter(|(name, fields)| self.documented.get(*name) != Some(fields))
            .map(|(name, fields)| format!("secrets.sh: Secret {name:?} with {fields:?} is not what docs/operations.md says"))
            .collect()
    }

    /// What the Secrets of an overlay hold: those that operators make from a store and from certificates, or those of the script.
    pub fn of(&self, objects: &[Value]) -> Fields {
        let named = |kind: &'static str, path: &'static str| {
            let objects = objects.iter().filter(move |object| object["kind"] == kind);
            objects.filter_map(move |object| object.pointer(path)?.as_str()).map(str::to_owned)
        };
        let external: Fields = named("ExternalSecret", "/spec/target/name")
            .map(|name| (name.clone(), self.documented.get(&name).cloned().unwrap_or_default()))
            .collect();
        if external.is_empty() {
            return self.scripted.clone();
        }
        let certificates = named("Certificate", "/spec/secretName");
        external.into_iter().chain(certificates.map(|name| (name, OF_CERTIFICATES.map(str::to_owned).into()))).collect()
    }
}

fn documented(page: &str) -> Fields {
    let rows = page.lines().skip_while(|line| !line.starts_with(TABLE)).skip(2).take_while(|line| line.starts_with('|'));
    rows.flat_map(|row| {
        let cells: Vec<_> = row.split('|').collect();
        let quoted = |cell: usize| quoted(cells.get(cell).copied().unwrap_or_default());
        quoted(1).into_iter().map(move |name| (name, quoted(2).into_iter().collect())).collect::<Vec<_>>()
    })
    .collect()
}

fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Its lines `secret NAME "$(file FIELD PATH)"…`, continued by backslashes.
fn scripted(script: &str) -> Fields {
    let joined = script.replace("\\\n", " ");
    let calls = joined.lines().filter_map(|line| line.trim_start().strip_prefix("secret ")?.split_once(' '));
    calls
        .map(|(name, rest)| {
            let fields = rest.split("$(file ").skip(1).filter_map(|file| file.split_whitespace().next());
            (name.to_owned(), fields.map(str::to_owned).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_from_the_table_and_from_the_script() {
        let page = "text\n| Secret | fields | |\n|---|---|---|\n| `a`, `b` | `x`, `y.key` | `not this` |\n\n| other | table |\n";
        let fields = documented(page);
        assert_eq!(fields.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(fields["b"], BTreeSet::from(["x".to_owned(), "y.key".to_owned()]));
        let script = "secret() {\n}\nall() {\n  secret a \"$(file x a/x)\" \\\n    \"$(file y.key a/y)\"\n}\n";
        assert_eq!(scripted(script)["a"], fields["a"]);
    }
}
