#!/bin/sh
# Makes what a first start needs and keeps what is there: the development authority, certificates, passwords, and the engines'
# configuration in the volumes that they read. Each volume below /out holds what one container may read, and no more.
set -eu
umask 077
# Elsewhere than in a container, such as for k8s/overlays/dev/secrets.sh: other folders, and nobody to give files to.
etc=${ETC:-/etc/sealcast} out=${OUT:-/out}
services=65532 engine=999 proxy=99
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
# once FILE: a random secret, made when there is none.
once() { [ -s "$1" ] || random > "$1"; }
lasts() { [ -s "$1" ] && openssl x509 -noout -checkend 1209600 -in "$1" > /dev/null; }
key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2> /dev/null; }

pki=$out/pki
if ! lasts "$pki/ca.pem"; then
  echo "making the development authority"
  rm -f "$pki"/*
  key "$pki/ca.key"
  openssl req -x509 -new -sha256 -days 825 -key "$pki/ca.key" -out "$pki/ca.pem" \
    -subj '/O=Sealcast development/CN=Sealcast development CA' \
    -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign,cRLSign'
fi

# pair NAME NAMES: a server certificate for these names, made anew when it is about to end.
pair() {
  lasts "$pki/$1.pem" && return
  echo "issuing the certificate of $1"
  key "$pki/$1.key"
  printf '%s\n' 'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature' 'extendedKeyUsage=serverAuth' \
    "subjectAltName=$2" > "$work/extensions"
  openssl req -new -subj "/O=Sealcast development/CN=$1" -key "$pki/$1.key" -out "$work/request"
  openssl x509 -req -sha256 -days 365 -in "$work/request" -CA "$pki/ca.pem" -CAkey "$pki/ca.key" -CAcreateserial \
    -extfile "$work/extensions" -out "$pki/$1.pem" 2> /dev/null
}
pair edge "DNS:localhost,IP:127.0.0.1,DNS:edge,DNS:${SEALCAST_HOST:-localhost}"
pair nats DNS:nats
pair redis DNS:redis
pair postgres DNS:postgres

passwords=$pki/passwords
mkdir -p "$passwords"
for user in provisioner edge-svc chat-svc auth-svc audit-svc; do
  # The letter keeps nats-server from reading a number.
  [ -s "$passwords/nats-$user" ] || printf 'n%s' "$(random)" > "$passwords/nats-$user"
done
for user in edge-svc chat-svc auth-svc audit-svc ops; do once "$passwords/redis-$user"; done
for role in auth_owner auth_svc chat_owner chat_svc audit_owner audit_svc superuser; do once "$passwords/postgres-$role"; done
for name in bootstrap-token prelogin-key; do once "$passwords/$name"; done

give_to() { [ -n "${OUT:-}" ] || chown "$@"; }

# give VOLUME OWNER NAME=SOURCE...: lays copies into a volume, each replaced in one step.
give() {
  volume=$out/$1 owner=$2
  shift 2
  for laid in "$@"; do
    cp "${laid#*=}" "$volume/.draft"
    chmod 0400 "$volume/.draft"
    mv "$volume/.draft" "$volume/${laid%%=*}"
  done
  give_to -R "$owner:$owner" "$volume"
  chmod 0700 "$volume"
}

give auth $services ca.pem="$pki/ca.pem" nats="$passwords/nats-auth-svc" redis="$passwords/redis-auth-svc" \
  postgres="$passwords/postgres-auth_svc" bootstrap-token="$passwords/bootstrap-token" prelogin-key="$passwords/prelogin-key"
give chat $services ca.pem="$pki/ca.pem" nats="$passwords/nats-chat-svc" redis="$passwords/redis-chat-svc" postgres="$passwords/postgres-chat_svc"
give audit $services ca.pem="$pki/ca.pem" nats="$passwords/nats-audit-svc" postgres="$passwords/postgres-audit_svc"
give edge $services ca.pem="$pki/ca.pem" nats="$passwords/nats-edge-svc" redis="$passwords/redis-edge-svc" \
  server.pem="$pki/edge.pem" server.key="$pki/edge.key"
give owners $services ca.pem="$pki/ca.pem" auth="$passwords/postgres-auth_owner" chat="$passwords/postgres-chat_owner" \
  audit="$passwords/postgres-audit_owner" provisioner="$passwords/nats-provisioner"
once "$out/org/admin.password"
give org $services ca.pem="$pki/ca.pem" bootstrap-token="$passwords/bootstrap-token"

for user in provisioner edge-svc chat-svc auth-svc audit-svc; do
  variable=$(echo "${user%-svc}" | tr '[:lower:]' '[:upper:]')
  echo "${variable}_PASSWORD: \"$(cat "$passwords/nats-$user")\""
done > "$work/passwords.conf"
give nats-config $services nats.conf="$etc/nats/nats.conf" passwords.conf="$work/passwords.conf" server.pem="$pki/nats.pem" server.key="$pki/nats.key"
give_to $services:$services "$out/nats-data"

grep '^user ' "$etc/redis/users.acl" > "$work/users.acl"
for user in edge-svc chat-svc auth-svc audit-svc ops; do
  digest=$(sha256sum < "$passwords/redis-$user")
  sed -i "s/@$user@/${digest%% *}/" "$work/users.acl"
done
give redis-config $engine redis.conf="$etc/redis/redis.conf" users.acl="$work/users.acl" ops="$passwords/redis-ops" \
  server.pem="$pki/redis.pem" server.key="$pki/redis.key" ca.pem="$pki/ca.pem"

{
  # The log of statements is no place for them.
  echo "set log_statement = 'none';"
  for role in auth_owner auth_svc chat_owner chat_svc audit_owner audit_svc; do
    echo "alter role $role password '$(cat "$passwords/postgres-$role")';"
  done
} > "$work/passwords.sql"
give postgres-config $engine postgresql.conf="$etc/compose/postgresql.conf" sealcast.conf="$etc/postgres/sealcast.conf" \
  pg_hba.conf="$etc/compose/pg_hba.conf" roles.sql="$etc/postgres/roles.sql" passwords.sql="$work/passwords.sql" \
  superuser="$passwords/postgres-superuser" server.pem="$pki/postgres.pem" server.key="$pki/postgres.key"

give ingress-config $proxy 1-haproxy.cfg="$etc/haproxy/haproxy.cfg" 2-compose.cfg="$etc/haproxy/compose.cfg"

if [ -d "$out/observability" ]; then
  # Grafana looks for a folder of each kind.
  grafana=$out/observability/grafana
  install -d -m 0755 "$out/observability" "$grafana" "$grafana/datasources" "$grafana/dashboards" "$grafana/plugins" "$grafana/alerting"
  # The same rules and dashboards as on Kubernetes: there they stand two levels deeper.
  sed -n '/^  groups:/,$s/^  //p' "$etc/observability/kubernetes/rules.yaml" > "$work/rules.yml"
  install -m 0444 "$etc"/observability/*.yml "$work/rules.yml" "$out/observability/"
  install -m 0444 "$etc/observability/grafana/datasources.yml" "$grafana/datasources/"
  install -m 0444 "$etc/observability/grafana/dashboards.yml" "$etc"/observability/kubernetes/dashboards/*.json "$grafana/dashboards/"
fi
for volume in audit-keys witness verifier-keys; do
  [ -d "$out/$volume" ] || continue
  give_to $services:$services "$out/$volume"
  chmod 0700 "$out/$volume"
done
echo "certificates, secrets and configuration are in place"
