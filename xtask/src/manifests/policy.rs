//! The restricted pod standard, and what we ask of our pods beyond it.

use serde_json::{Value, json};

use super::references::{name, pod, pods_of};

/// What is wrong with the pods of these objects.
pub fn findings(objects: &[Value]) -> Vec<String> {
    let mut findings = Vec::new();
    for object in pods_of(objects) {
        let Some(pod) = pod(object) else { continue };
        let mut miss = |rule: &str, holds: bool| {
            if !holds {
                findings.push(format!("{}: {rule}", name(object)));
            }
        };
        let security = &pod["securityContext"];
        miss("runAsNonRoot must be true", security["runAsNonRoot"] == true);
        miss("seccompProfile must be RuntimeDefault", security["seccompProfile"]["type"] == "RuntimeDefault");
        miss("no host namespace", ["hostNetwork", "hostPID", "hostIPC"].iter().all(|key| pod[key].is_null()));
        miss("no token of its service account", pod["automountServiceAccountToken"] == false);
        miss("no service links in its environment", pod["enableServiceLinks"] == false);
        miss("a service account of its own", pod["serviceAccountName"].is_string());
        let volumes = pod["volumes"].as_array().map(Vec::as_slice).unwrap_or_default();
        miss("no host path", volumes.iter().all(|volume| volume["hostPath"].is_null()));
        for container in pod["containers"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let security = &container["securityContext"];
            miss("allowPrivilegeEscalation must be false", security["allowPrivilegeEscalation"] == false);
            miss("readOnlyRootFilesystem must be true", security["readOnlyRootFilesystem"] == true);
            miss("all capabilities must be dropped", security["capabilities"] == json!({"drop": ["ALL"]}));
            let resources = &container["resources"];
            let memory = &resources["limits"]["memory"];
            miss("memory requested and limited alike", memory.is_string() && *memory == resources["requests"]["memory"]);
            let image = container["image"].as_str().unwrap_or_default();
            miss("an image with a version", image.contains(':') && !image.ends_with(":latest"));
            if object["kind"] != "Job" && object["kind"] != "CronJob" {
                let probes = ["readinessProbe", "livenessProbe"];
                miss("readiness and liveness probes", probes.iter().all(|probe| container[probe].is_object()));
            }
        }
        if object["kind"] == "Job" {
            let image = pod["containers"][0]["image"].as_str().unwrap_or_default();
            miss("the release in its name: a job cannot be changed", carries_release(object_name(object), image));
        }
        if object["kind"] == "Deployment" {
            let same = |other: &&Value| {
                other["kind"] == "PodDisruptionBudget" && name(other).ends_with(&format!("/{}", object_name(object)))
            };
            miss("a disruption budget", objects.iter().any(|other| same(&other)));
            miss("a spread over nodes", pod["topologySpreadConstraints"].is_array());
            miss("no pod less during a rollout", object["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0);
        }
    }
    findings
}

/// Whether a job's name ends with its image's tag, or with it and what tells two forms of the job within a release apart; `dev` stands for whatever was built last, and a digest for no release.
fn carries_release(name: &str, image: &str) -> bool {
    let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
    let release: String = tag.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    image.contains('@') || tag == "dev" || name.ends_with(&format!("-{release}")) || name.contains(&format!("-{release}-"))
}

fn object_name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Value {
        json!({"kind": "Job", "metadata": {"name": "tidy-1-2"}, "spec": {"template": {"spec": {
            "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
            "automountServiceAccountToken": false, "enableServiceLinks": false, "serviceAccountName": "tidy",
            "containers": [{"image": "registry:5000/tidy:1.2", "resources": {"requests": {"memory": "1Mi"}, "limits": {"memory": "1Mi"}},
                "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}}}],
        }}}})
    }

    #[test]
    fn each_fault_is_found() {
        assert_eq!(findings(&[job()]), Vec::<String>::new());
        let faults = [
            ("/securityContext/runAsNonRoot", json!(false)),
            ("/securityContext/seccompProfile", json!({})),
            ("/automountServiceAccountToken", json!(true)),
            ("/containers/0/image", json!("tidy:1.3")),
            ("/metadata/name", json!("tidy")),
            ("/containers/0/securityContext/readOnlyRootFilesystem", json!(false)),
            ("/containers/0/securityContext/capabilities", json!({"drop": ["ALL"], "add": ["SYS_ADMIN"]})),
            ("/containers/0/resources/limits", json!({})),
        ];
        for (path, value) in faults {
            let mut job = job();
            let path = if path.starts_with("/metadata") { path.to_owned() } else { format!("/spec/template/spec{path}") };
            *job.pointer_mut(&path).expect("a path of the job") = value;
            assert_eq!(findings(&[job]).len(), 1, "{path}");
        }
        let mut again = job();
        again["metadata"]["name"] = json!("tidy-1-2-b");
        assert_eq!(findings(&[again]), Vec::<String>::new());
        let mut floating = job();
        *floating.pointer_mut("/spec/template/spec/containers/0/image").expect("its image") = json!("tidy:latest");
        assert!(findings(&[floating]).iter().any(|finding| finding.contains("an image with a version")));
    }
}
