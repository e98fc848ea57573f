//! References between objects, which not even an API server checks.

use std::collections::BTreeSet;

use serde_json::Value;

/// What these objects refer to and is not among them.
pub fn findings(objects: &[Value]) -> Vec<String> {
    let mut findings = Vec::new();
    // In `dev` secrets are made by a script: there an overlay without a source of secrets has none to compare with.
    let secrets = secrets(objects);
    let there = |kind: &str, wanted: &str| names(objects, kind).contains(wanted);
    for object in pods_of(objects) {
        let Some(pod) = pod(object) else { continue };
        let mut miss = |kind: &str, wanted: &str| findings.push(format!("{}: there is no {kind} {wanted:?}", name(object)));
        if let Some(account) = pod["serviceAccountName"].as_str().filter(|account| !there("ServiceAccount", account)) {
            miss("ServiceAccount", account);
        }
        let (mut configs, mut wanted) = (BTreeSet::new(), BTreeSet::new());
        sources(&pod["volumes"], &mut configs, &mut wanted);
        configs.iter().filter(|config| !there("ConfigMap", config)).for_each(|config| miss("ConfigMap", config));
        if !secrets.is_empty() {
            wanted.iter().filter(|secret| !secrets.contains(*secret)).for_each(|secret| miss("Secret", secret));
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
    object.pointer("/spec/template/spec").filter(|pod| pod["containers"].is_array())
}

fn names<'a>(objects: &'a [Value], kind: &str) -> BTreeSet<&'a str> {
    objects.iter().filter(|object| object["kind"] == kind).filter_map(|object| object["metadata"]["name"].as_str()).collect()
}

/// Secrets that are there, or that an operator will make.
fn secrets(objects: &[Value]) -> BTreeSet<&str> {
    let targets = [("ExternalSecret", "/spec/target/name"), ("Certificate", "/spec/secretName")];
    let made = targets.iter().flat_map(|(kind, path)| {
        objects.iter().filter(move |object| object["kind"] == *kind).filter_map(move |object| object.pointer(path)?.as_str())
    });
    names(objects, "Secret").into_iter().chain(made).collect()
}

/// The names of config maps and secrets in a pod's volumes, projected ones among them.
fn sources<'a>(volumes: &'a Value, configs: &mut BTreeSet<&'a str>, secrets: &mut BTreeSet<&'a str>) {
    for volume in volumes.as_array().into_iter().flatten() {
        configs.extend(volume["configMap"]["name"].as_str());
        secrets.extend(volume["secret"]["secretName"].as_str().or_else(|| volume["secret"]["name"].as_str()));
        sources(&volume["projected"]["sources"], configs, secrets);
    }
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
            json!({"kind": "ConfigMap", "metadata": {"name": "web"}}),
            json!({"kind": "Certificate", "metadata": {"name": "web"}, "spec": {"secretName": "web-tls"}}),
            json!({"kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"targetPort": "https"}]}}),
            json!({"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {
                "serviceAccountName": "web",
                "containers": [{"ports": [{"name": "https"}], "volumeMounts": [{"name": "config"}]}],
                "volumes": [{"name": "config", "projected": {"sources": [{"configMap": {"name": "web"}}, {"secret": {"name": "web-tls"}}]}}],
            }}}}),
        ]
    }

    #[test]
    fn a_missing_object_is_found() {
        assert_eq!(findings(&objects()), Vec::<String>::new());
        for gone in [0, 1] {
            let mut objects = objects();
            objects.remove(gone);
            assert_eq!(findings(&objects).len(), 1, "{gone}");
        }
    }

    #[test]
    fn a_wrong_name_is_found() {
        for (object, path, value) in [
            (2, "/spec/secretName", json!("other")),
            (3, "/spec/ports/0/targetPort", json!("http")),
            (3, "/spec/selector", json!({"app": "other"})),
            (4, "/spec/template/spec/containers/0/volumeMounts/0/name", json!("data")),
        ] {
            let mut objects = objects();
            *objects[object].pointer_mut(path).expect("a path") = value;
            assert_eq!(findings(&objects).len(), 1, "{path}");
        }
    }
}
