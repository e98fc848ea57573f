#!/bin/sh
# backup.sh DIRECTORY: a consistent copy of everything that cannot be made again: the database, the streams, keys and secrets.
#
# What writes stands still while it runs, a few seconds: streams stay open, and posts are answered 503 and sent again by clients.
# The copy holds every secret of the installation but the compliance key: encrypt it before it leaves the machine.
set -eu
umask 077
[ $# -eq 1 ] || { echo "usage: backup.sh DIRECTORY" >&2; exit 64; }
mkdir -p "$1"
to=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")/.." && pwd)
compose() { docker compose --file "$here/compose.yaml" ${COMPOSE_PROJECT_NAME:+--project-name "$COMPOSE_PROJECT_NAME"} "$@"; }

writers="auth-svc chat-svc audit-svc"
# Whatever happens, the writers come back.
trap 'compose start nats $writers > /dev/null 2>&1' EXIT
trap 'exit 1' HUP INT TERM
# audit-svc first: what it has acknowledged to the stream must be in the dump.
# shellcheck disable=SC2086 # a list of names
compose stop $writers 2> /dev/null
compose exec -T postgres pg_dump --username postgres --format custom sealcast > "$to/database.dump"
compose stop nats 2> /dev/null
compose run --rm --no-deps -T --entrypoint tar init -C /out --exclude=org/compliance.key -c nats-data pki audit-keys verifier-keys witness org > "$to/volumes.tar"
compose exec -T postgres psql -X -A -t -U postgres -d sealcast -c 'select max(version) from audit._sqlx_migrations' > "$to/schema-version"
(cd "$to" && sha256sum database.dump volumes.tar schema-version > SHA256SUMS)
echo "backed up to $to"
