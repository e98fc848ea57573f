#!/bin/sh
# restore.sh DIRECTORY: lays what backup.sh kept into an empty installation, starts it, and lets audit-svc recompute the whole log.
set -eu
[ $# -eq 1 ] || { echo "usage: restore.sh DIRECTORY" >&2; exit 64; }
from=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")/.." && pwd)
compose() { docker compose --file "$here/compose.yaml" ${COMPOSE_PROJECT_NAME:+--project-name "$COMPOSE_PROJECT_NAME"} "$@"; }

(cd "$from" && sha256sum --quiet --check SHA256SUMS)
if [ -n "$(compose run --rm --no-deps -T --entrypoint ls init /out/pki 2> /dev/null)" ]; then
  echo "there is an installation already: docker compose down --volumes removes it" >&2
  exit 1
fi
# The secrets first, so that `init` keeps them instead of making new ones.
compose run --rm --no-deps -T --entrypoint tar init -C /out -x < "$from/volumes.tar"
compose up --detach --wait postgres 2> /dev/null
compose up roles 2> /dev/null > /dev/null
compose exec -T postgres pg_restore --username postgres --dbname sealcast --clean --if-exists --exit-on-error < "$from/database.dump"
compose up --detach --wait ingress 2> /dev/null
compose run --rm --no-deps -T audit-svc verify
echo "restored and verified"
