#!/bin/sh
# backup.sh NAME: a consistent copy on Kubernetes: a Backup of Postgres (CloudNativePG, as in examples/postgres.yaml) and a snapshot of
# each volume of NATS, all with this name. SNAPSHOT_CLASS names the VolumeSnapshotClass.
#
# What writes stands still while it runs: streams stay open, and posts are answered 503 and sent again by clients. Keys and secrets are not
# in it: the store that they come from has a backup of its own.
set -eu
[ $# -eq 1 ] || { echo "usage: backup.sh NAME" >&2; exit 64; }
name=$1
services=${SEALCAST_NAMESPACE:-sealcast}
database=${POSTGRES_NAMESPACE:-postgres}
class=${SNAPSHOT_CLASS:-snapshots}
# audit-svc first: what it has acknowledged to the streams must be in the copy of the database.
writers="audit-svc auth-svc chat-svc"

stood=
for writer in $writers; do
  count=$(kubectl get deployment "$writer" --namespace "$services" --output 'jsonpath={.spec.replicas}')
  # A second run after one that was cut off finds them standing still.
  [ "$count" -gt 0 ] || count=2
  stood="$stood $writer=$count"
done
resume() {
  for writer in $stood; do
    kubectl scale deployment "${writer%=*}" --namespace "$services" --replicas "${writer#*=}" > /dev/null || echo "scale it by hand: $writer" >&2
  done
}
# Whatever happens, the writers come back.
trap resume EXIT
trap 'exit 1' HUP INT TERM
for writer in $writers; do
  kubectl scale deployment "$writer" --namespace "$services" --replicas 0 > /dev/null
  waited=0
  while [ -n "$(kubectl get pod --namespace "$services" --selector "app.kubernetes.io/name=$writer" --output name)" ]; do
    [ "$waited" -lt 120 ] || { echo "$writer does not stop" >&2; exit 1; }
    waited=$((waited + 1))
    sleep 1
  done
done

kubectl create --filename - <<EOF
apiVersion: postgresql.cnpg.io/v1
kind: Backup
metadata: { name: "$name", namespace: "$database" }
spec: { method: volumeSnapshot, cluster: { name: sealcast } }
EOF
waited=0
while :; do
  # An API server that does not answer for a moment is no finished backup.
  phase=$(kubectl get backup.postgresql.cnpg.io "$name" --namespace "$database" --output 'jsonpath={.status.phase}') || phase=
  [ "$phase" != completed ] || break
  # Nothing is gained by waiting for one that has failed, with the writers standing still.
  [ "$phase" != failed ] && [ "$waited" -lt 1800 ] || { echo "the backup of Postgres is ${phase:-not begun}" >&2; exit 1; }
  waited=$((waited + 1))
  sleep 1
done

for claim in $(kubectl get persistentvolumeclaim --namespace "$services" --selector app.kubernetes.io/name=nats --output 'jsonpath={.items[*].metadata.name}'); do
  kubectl create --filename - <<EOF
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshot
metadata: { name: "$name-$claim", namespace: "$services", labels: { sealcast/backup: "$name" } }
spec: { volumeSnapshotClassName: "$class", source: { persistentVolumeClaimName: "$claim" } }
EOF
done
kubectl wait volumesnapshot --namespace "$services" --selector "sealcast/backup=$name" --for='jsonpath={.status.readyToUse}=true' --timeout=30m
echo "backed up as $name"
