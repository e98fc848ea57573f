//! References between objects, which not even an API server checks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::secrets::Fields;

/// What these objects refer to and is neither among them nor a field of these Secrets.
pub fn findings(objects: &[Value], secrets: &Fields) -> Vec<String> {
    let mut findings = Vec::new();
    let there = |kind: &str, wanted: &str| names(objects, kind).contains(wanted);
    for object in pods_of(objects) {
        let Some(pod) = pod(object) else { continue };
        let mut miss = |kind: &str, wanted: &str| findings.push(format!("{}: there is no {kind} {wanted:?}", name(object)));
        if let Some(account) = pod["serviceAccountName"].as_str().filter(|account| !there("ServiceAccount", account)) {
            miss("ServiceAccount", account);
        }
        let mut files = BTreeMap::new();
        for volume in pod["volumes"].as_array().into_iter().flatten() {
            let mut found = BTreeSet::new();
            let sources = volume["projected"]["sources"].as_array().map_or(std::slice::from_ref(volume), Vec::as_slice);
            for source in sources {
                if let Some(config) = source["configMap"]["name"].as_str() {
                    match config_map(objects, config) {
                        Some(data) => {
                            found.extend(laid(&source["configMap"], &data, |key| miss("field", &format!("{config}/{key}"))))
                        }
                        None => miss("ConfigMap", config),
                    }
                }
                let secret = source["secret"]["secretName"].as_str().or_else(|| source["secret"]["name"].as_str());
                if let Some(secret) = secret {
                    match secrets.get(secret) {
                        Some(fields) => {
                            found.extend(laid(&source["secret"], fields, |key| miss("field", &format!("{secret}/{key}"))))
                        }
                        None => miss("Secret", secret),
                    }
                }
            }
            files.insert(volume["name"].as_str().unwrap_or_default(), found);
        }
        for path in lost(objects, pod, &files) {
            miss("file", &path);
        }
        let volumes: BTreeSet<_> = [&pod["volumes"], &object["spec"]["volumeClaimTemplates"]]
            .into_iter()
            .flat_map(|list| list.as_array().map(Vec::as_slice).unwrap_or_default())
            .filter_map(|volume| volume["name"].as_str().or_else(|| volume["metadata"]["name"].as_str()))
            .collect();
        for mount in
            pod["containers"].as_array().into_iter().flatten().flat_map(|container| container["volumeMounts"].as_array()).flatten()
        {
            let mounted = mount["name"].as_str().unwrap_or_default();
            if !volumes.contains(mounted) {
                miss("volume", mounted);
            }
        }
    }
    for service in objects.iter().filter(|object| object["kind"] == "Service" && object["spec"]["selector"].is_object()) {
        let Some(chosen) = pods_of(objects).find(|object| selects(&service["spec"]["selector"], object)) else {
            findings.push(format!("{}: selects no pod", name(service)));
            continue;
        };
        let ports: BTreeSet<_> = pod(chosen).into_iter().flat_map(port_names).collect();
        for port in service["spec"]["ports"].as_array().into_iter().flatten() {
            let target = port["targetPort"].as_str().unwrap_or_default();
            if !ports.contains(target) {
                findings.push(format!("{}: no container port is named {target:?}", name(service)));
            }
        }
    }
    findings
}

/// Kind and name, as people write them.
pub fn name(object: &Value) -> String {
    format!("{}/{}", object["kind"].as_str().unwrap_or_default(), object["metadata"]["name"].as_str().unwrap_or_default())
}

/// Objects that make pods.
pub fn pods_of(objects: &[Value]) -> impl Iterator<Item = &Value> {
    objects.iter().filter(|object| pod(object).is_some())
}

/// The pod that an object makes.
pub fn pod(object: &Value) -> Option<&Value> {
    let paths = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec"];
    paths.iter().find_map(|path| object.pointer(path)).filter(|pod| pod["containers"].is_array())
}

fn names<'a>(objects: &'a [Value], kind: &str) -> BTreeSet<&'a str> {
    objects.iter().filter(|object| object["kind"] == kind).filter_map(|object| object["metadata"]["name"].as_str()).collect()
}

/// The names of the files of a config map.
fn config_map(objects: &[Value], wanted: &str) -> Option<BTreeSet<String>> {
    Some(files_of(objects, wanted)?.keys().cloned().collect())
}

/// The files of a config map.
fn files_of<'a>(objects: &'a [Value], wanted: &str) -> Option<&'a serde_json::Map<String, Value>> {
    let map = objects.iter().find(|object| object["kind"] == "ConfigMap" && object["metadata"]["name"] == wanted)?;
    map["data"].as_object()
}

/// The files that a volume's source lays: all of its fields, or the chosen ones under the names that they get.
fn laid(source: &Value, fields: &BTreeSet<String>, mut miss: impl FnMut(&str)) -> BTreeSet<String> {
    let Some(items) = source["items"].as_array() else { return fields.clone() };
    let text = |item: &Value, key: &str| item[key].as_str().unwrap_or_default().to_owned();
    items.iter().map(|item| text(item, "key")).filter(|key| !fields.contains(key)).for_each(|key| miss(&key));
    items.iter().map(|item| text(item, "path")).collect()
}

/// Paths in the containers' environment, arguments and configuration that lie in a volume of files and are none of them.
fn lost(objects: &[Value], pod: &Value, files: &BTreeMap<&str, BTreeSet<String>>) -> BTreeSet<String> {
    let mut lost = BTreeSet::new();
    for container in pod["containers"].as_array().into_iter().flatten() {
        let mut said = vec![container["env"].to_string(), container["args"].to_string()];
        let mounts = container["volumeMounts"].as_array().map(Vec::as_slice).unwrap_or_default();
        // Configuration of our own; an engine's names files of other places.
        for volume in pod["volumes"].as_array().into_iter().flatten() {
            let files = volume["configMap"]["name"].as_str().and_then(|name| files_of(objects, name));
            said.extend(files.into_iter().flat_map(|files| files.values()).map(Value::to_string));
        }
        for mount in mounts.iter().filter(|mount| mount["subPath"].is_null()) {
            let (Some(at), Some(files)) = (mount["mountPath"].as_str(), mount["name"].as_str().and_then(|name| files.get(name)))
            else {
                continue;
            };
            if files.is_empty() {
                continue;
            }
            let prefix = format!("{at}/");
            for rest in said.iter().flat_map(|text| text.split(&prefix).skip(1)) {
                let name = rest.split(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c)).next().unwrap_or_default();
                if !files.contains(name) {
                    lost.insert(format!("{prefix}{name}"));
                }
            }
        }
    }
    lost
}

fn selects(selector: &Value, object: &Value) -> bool {
    let labels = &object["spec"]["template"]["metadata"]["labels"];
    selector.as_object().is_some_and(|wanted| wanted.iter().all(|(key, value)| labels[key] == *value))
}

fn port_names(pod: &Value) -> impl Iterator<Item = &str> {
    let containers = pod["containers"].as_array().into_iter().flatten();
    containers.flat_map(|container| container["ports"].as_array().into_iter().flatten()).filter_map(|port| port["name"].as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn objects() -> Vec<Value> {
        vec![
            json!({"kind": "ServiceAccount", "metadata": {"name": "web"}}),
            json!({"kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"web.toml": "key = \"/etc/web/tls.key\""}}),
            json!({"kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"targetPort": "https"}]}}),
            json!({"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {
                "serviceAccountName": "web",
                "containers": [{"ports": [{"name": "https"}], "volumeMounts": [{"name": "config", "mountPath": "/etc/web"}],
                    "env": [{"name": "CONFIG", "value": "/etc/web/web.toml"}]}],
                "volumes": [{"name": "config", "projected": {"sources": [{"configMap": {"name": "web"}},
                    {"secret": {"name": "web-tls", "items": [{"key": "tls.key", "path": "tls.key"}]}}]}}],
            }}}}),
        ]
    }

    fn secrets() -> Fields {
        Fields::from([("web-tls".to_owned(), BTreeSet::from(["tls.key".to_owned()]))])
    }

    #[test]
    fn a_missing_object_is_found() {
        assert_eq!(findings(&objects(), &secrets()), Vec::<String>::new());
        let mut without = objects();
        without.remove(0);
        assert_eq!(findings(&without, &secrets()).len(), 1);
        let mut without = objects();
        without.remove(1);
        // The config map, and the file in it that the container names.
        assert_eq!(findings(&without, &secrets()).len(), 2);
    }

    #[test]
    fn a_wrong_name_is_found() {
        for (object, path, value) in [
            (2, "/spec/ports/0/targetPort", json!("http")),
            (2, "/spec/selector", json!({"app": "other"})),
            (3, "/spec/template/spec/containers/0/volumeMounts/0/name", json!("data")),
            (3, "/spec/template/spec/containers/0/env/0/value", json!("/etc/web/tls.pem")),
            (3, "/spec/template/spec/volumes/0/projected/sources/1/secret/items/0/key", json!("tls.pem")),
        ] {
            let mut objects = objects();
            *objects[object].pointer_mut(path).expect("a path") = value;
            assert_eq!(findings(&objects, &secrets()).len(), 1, "{path}");
        }
    }
}
