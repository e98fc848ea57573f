#!/bin/sh
# rolling-restart.sh [SERVICE...]: replaces the containers of services one after the other, the new one healthy before an old one
# stops; compose itself would stop all of them at once. Without arguments: edge, then auth-svc, chat-svc and audit-svc.
#
# To roll to another version, build or pull it first. Settings come from the environment as for `docker compose`.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
compose() { docker compose --file "$here/compose.yaml" ${COMPOSE_PROJECT_NAME:+--project-name "$COMPOSE_PROJECT_NAME"} "$@"; }
health() { docker inspect --format '{{.State.Health.Status}}' "$1"; }

# How long a new container may take to become healthy, and the ingress to find it: seconds.
healthy_within=60
found_within=3

roll() {
  old=$(compose ps --quiet "$1")
  count=$(echo "$old" | wc -l)
  for container in $old; do
    before=$(compose ps --quiet "$1")
    compose up --detach --no-deps --no-recreate --no-build --scale "$1=$((count + 1))" "$1"
    new=$(compose ps --quiet "$1" | grep --invert-match --line-regexp --fixed-strings "$before")
    waited=0
    until [ "$(health "$new")" = healthy ]; do
      if [ "$waited" -ge "$healthy_within" ]; then
        echo "$1: $new does not become healthy; the old containers stay" >&2
        exit 1
      fi
      waited=$((waited + 1))
      sleep 1
    done
    sleep "$found_within"
    # SIGTERM: it drains, within the service's stop_grace_period.
    docker stop "$container" > /dev/null
    docker rm "$container" > /dev/null
    echo "$1: $(echo "$container" | cut -c1-12) -> $(echo "$new" | cut -c1-12)"
  done
}

[ $# -gt 0 ] || set -- edge auth-svc chat-svc audit-svc
for service in "$@"; do roll "$service"; done
