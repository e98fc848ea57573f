//! `cargo xtask sbom`: what the programs are made of, as CycloneDX 1.6. The front end's own list is made by npm with its build.

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};

use crate::{artefacts, repo::Repo, run, say};

/// Where it goes.
#[derive(Clone, Debug, Args)]
pub struct SbomArgs {
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "target/sealcast.cdx.json")]
    pub output: PathBuf,
}

pub fn write(repo: &Repo, args: &SbomArgs) -> Result<()> {
    let metadata = run::captured(artefacts::cargo(repo).args(["metadata", "--format-version", "1", "--locked"]))?;
    let lock = fs::read_to_string(repo.root.join("Cargo.lock")).context("reading Cargo.lock")?;
    let bom = describe(&serde_json::from_str(&metadata)?, &checksums(&lock))?;
    let path = repo.root.join(&args.output);
    fs::write(&path, serde_json::to_vec_pretty(&bom)?).with_context(|| format!("writing {}", path.display()))?;
    let count = bom["components"].as_array().map_or(0, Vec::len);
    say::line(format_args!("{count} components in {}", path.display()));
    Ok(())
}

/// The bill of materials: every package of the dependency graph, and who needs whom.
fn describe(metadata: &Value, checksums: &BTreeMap<String, String>) -> Result<Value> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    let names: BTreeMap<&str, String> =
        packages.iter().filter_map(|package| Some((package["id"].as_str()?, purl(package)))).collect();
    let mut components: Vec<Value> = packages.iter().map(|package| component(package, checksums)).collect();
    components.sort_by_key(|component| component["bom-ref"].to_string());
    let nodes = metadata["resolve"]["nodes"].as_array().context("cargo metadata resolves")?;
    let mut dependencies: Vec<Value> = nodes.iter().filter_map(|node| dependency(node, &names)).collect();
    dependencies.sort_by_key(|dependency| dependency["ref"].to_string());
    Ok(json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {"type": "application", "name": "sealcast", "version": env!("CARGO_PKG_VERSION")}},
        "components": components, "dependencies": dependencies,
    }))
}

fn component(package: &Value, checksums: &BTreeMap<String, String>) -> Value {
    let purl = purl(package);
    let mut component = json!({
        "type": "library", "bom-ref": purl, "purl": purl, "name": package["name"], "version": package["version"],
    });
    if let Some(license) = package["license"].as_str() {
        // The old form of an expression, still found in the registry.
        component["licenses"] = json!([{"expression": license.replace('/', " OR ")}]);
    }
    if let Some(checksum) = checksums.get(&purl) {
        component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
    }
    component
}

fn dependency(node: &Value, names: &BTreeMap<&str, String>) -> Option<Value> {
    let name = names.get(node["id"].as_str()?)?;
    let needs = node["dependencies"].as_array()?.iter().filter_map(|id| names.get(id.as_str()?)).collect::<Vec<_>>();
    Some(json!({"ref": name, "dependsOn": needs}))
}

fn purl(package: &Value) -> String {
    let text = |field: &str| package[field].as_str().unwrap_or_default().to_owned();
    format!("pkg:cargo/{}@{}", text("name"), text("version"))
}

/// The registry's checksums, by package.
fn checksums(lock: &str) -> BTreeMap<String, String> {
    let field = |entry: &str, name: &str| {
        entry.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(" = \"")?.strip_suffix('"')?.to_owned()))
    };
    let entries = lock.split("[[package]]").skip(1);
    entries
        .filter_map(|entry| {
            Some((format!("pkg:cargo/{}@{}", field(entry, "name")?, field(entry, "version")?), field(entry, "checksum")?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_comes_with_its_license_its_checksum_and_its_needs() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry\"\nchecksum = \"ab12\"\n\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n";
        let metadata = json!({
            "packages": [
                {"id": "1", "name": "a", "version": "1.0.0", "license": "MIT/Apache-2.0"},
                {"id": "2", "name": "b", "version": "2.0.0", "license": null}
            ],
            "resolve": {"nodes": [{"id": "2", "dependencies": ["1"]}, {"id": "1", "dependencies": []}]}
        });
        let bom = describe(&metadata, &checksums(lock)).unwrap();
        assert_eq!(bom["components"][0]["hashes"][0]["content"], "ab12");
        assert_eq!(bom["components"][0]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(bom["components"][1].get("hashes"), None);
        assert_eq!(bom["dependencies"][1], json!({"ref": "pkg:cargo/b@2.0.0", "dependsOn": ["pkg:cargo/a@1.0.0"]}));
    }
}
