#!/bin/sh
# Makes the secrets of the dev overlay and gives them to the cluster that kubectl talks to; with --print, writes them to stdout.
# Certificates and passwords come from the same script as those of docker compose; the audit keys from audit-svc itself, in its image.
# Needs kubectl, openssl and docker (or SEALCAST_AUDIT_SVC, a program audit-svc to use instead of its image).
#
# Once: other passwords and keys than the volumes were made with open nothing. For a new beginning delete the namespace first.
set -eu
umask 077
root=$(cd "$(dirname "$0")/../../.." && pwd)
if [ "${1:-}" != --print ] && kubectl get secret audit-keks --namespace sealcast > /dev/null 2>&1; then
  echo "there are secrets already: kubectl delete namespace sealcast removes them, and everything that they open" >&2
  exit 1
fi
made=$(mktemp -d)
keys=
trap 'rm -rf "$made"; [ -z "$keys" ] || docker rm --force --volumes "$keys" > /dev/null' EXIT
trap 'exit 1' HUP INT TERM
for volume in pki auth chat audit edge owners org nats-config nats-data redis-config postgres-config ingress-config audit-keys; do
  mkdir "$made/$volume"
done
ETC="$root/deploy" OUT="$made" sh "$root/deploy/compose/init.sh" >&2
if [ -n "${SEALCAST_AUDIT_SVC:-}" ]; then
  "$SEALCAST_AUDIT_SVC" keygen --kek "$made/audit-keys/kek/1.key" --log-key "$made/audit-keys/log.key" >&2
else
  # A volume, not a mount of this folder: the engine may be on another machine.
  keys=$(docker create --user 0:0 --volume /run/keys "${AUDIT_IMAGE:-sealcast/audit-svc:dev}" keygen --kek /run/keys/kek/1.key --log-key /run/keys/log.key)
  docker start --attach "$keys" >&2
  docker cp "$keys:/run/keys/." "$made/audit-keys" > /dev/null
fi

secret() {
  name=$1
  shift
  kubectl create secret generic "$name" --namespace sealcast --dry-run=client --output yaml "$@"
  echo ---
}
file() { echo "--from-file=$1=$made/$2"; }
all() {
  secret audit-keks "$(file 1.key audit-keys/kek/1.key)"
  secret audit-log-key "$(file log.key audit-keys/log.key)"
  secret engines-ca "$(file ca.pem pki/ca.pem)"
  secret auth-svc "$(file nats auth/nats)" "$(file redis auth/redis)" "$(file postgres auth/postgres)" \
    "$(file bootstrap-token auth/bootstrap-token)" "$(file prelogin-key auth/prelogin-key)"
  secret chat-svc "$(file nats chat/nats)" "$(file redis chat/redis)" "$(file postgres chat/postgres)"
  secret audit-svc "$(file nats audit/nats)" "$(file postgres audit/postgres)"
  secret edge-svc "$(file nats edge/nats)" "$(file redis edge/redis)"
  secret edge-tls "$(file tls.crt edge/server.pem)" "$(file tls.key edge/server.key)"
  secret auth-owner "$(file postgres owners/auth)"
  secret chat-owner "$(file postgres owners/chat)" "$(file provisioner owners/provisioner)"
  secret audit-owner "$(file postgres owners/audit)"
  secret nats "$(file passwords.conf nats-config/passwords.conf)" "$(file server.pem nats-config/server.pem)" "$(file server.key nats-config/server.key)"
  secret redis "$(file users.acl redis-config/users.acl)" "$(file ops redis-config/ops)" "$(file ca.pem redis-config/ca.pem)" \
    "$(file server.pem redis-config/server.pem)" "$(file server.key redis-config/server.key)"
  secret postgres "$(file passwords.sql postgres-config/passwords.sql)" "$(file superuser postgres-config/superuser)" \
    "$(file server.pem postgres-config/server.pem)" "$(file server.key postgres-config/server.key)"
}
if [ "${1:-}" = --print ]; then
  all
else
  kubectl apply --filename "$root/k8s/base/namespace.yaml"
  # Not `apply`: nothing that is there is replaced, and no annotation holds the values once more.
  all | kubectl create --filename -
fi
