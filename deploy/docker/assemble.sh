#!/bin/sh
# assemble.sh ROOT CRATES PROGRAM...: the root directory of an image from nothing: programs of /out, the libraries that they
# load, a user without rights, and a list of all parts (CycloneDX), made from `cargo tree` and from Debian's packages.
set -eu
root=$1 crates=$2
shift 2

mkdir -p "$root/usr/bin" "$root/usr/share/sealcast" "$root/etc/ssl/certs"
for program in "$@"; do
  install -m 0755 "/out/$program" "$root/usr/bin/"
done
for program in "$@"; do
  # Lines are `name => /path (address)`, and `/path (address)` for the loader.
  ldd "/out/$program" | awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^\//) print $i }'
done | sort -u > /tmp/libraries
while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done < /tmp/libraries
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'sealcast:x:65532:65532::/:/nonexistent' > "$root/etc/passwd"
echo 'sealcast:x:65532:' > "$root/etc/group"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
cp /LICENSE /NOTICE "$root/usr/share/sealcast/"

# Libraries stand in the package database below /usr as well as below /.
packages=$(while read -r library; do
  dpkg -S "$library" 2>/dev/null || dpkg -S "$(readlink -f "$library")" 2>/dev/null || dpkg -S "${library#/usr}"
done < /tmp/libraries | cut -d: -f1 | sort -u)
{
  # shellcheck disable=SC2086 # a list of names
  dpkg-query --show --showformat '${Package} ${Version} pkg:deb/debian/${Package}@${Version}\n' $packages ca-certificates
  sed -n 's/^\([A-Za-z0-9_-]*\) v\([^ ]*\).*/\1 \2 pkg:cargo\/\1@\2/p' "/out/$crates"
} | sort -u | awk '
  BEGIN { printf "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"version\":1,\"components\":[" }
  { printf "%s\n{\"type\":\"library\",\"name\":\"%s\",\"version\":\"%s\",\"purl\":\"%s\"}", (NR > 1 ? "," : ""), $1, $2, $3 }
  END { print "\n]}" }' > "$root/usr/share/sealcast/sbom.cdx.json"
