#!/usr/bin/env bash
# Gets a MySQL server for the tests: Debian sid's mysql-server-core and the libraries it needs, unpacked
# into target/peers/mysql. Nothing is installed and no setting of the machine changes: apt works in a
# root of its own below that folder, on the Debian mirror that the machine's own apt uses.
#
# Usage: fetch-mysql.sh [FOLDER]
#
# Afterwards FOLDER/mysqld runs the server with its own loader and libraries. Where MySQL can't be had,
# FOLDER/unavailable says why, and the tests that want it say so and pass; a next run tries again.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-target/peers/mysql}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

if [ -x "$folder/mysqld" ]; then exit 0; fi

unavailable() {
  echo "$1" > "$folder/unavailable"
  {
    echo "tidemill: ==== MySQL can't be had: $1"
    echo "tidemill: ==== the tests against MySQL will be SKIPPED (details: $folder/fetch.log)"
  } >&2
  exit 0
}

# The mirror, as apt understands its own configuration: the repository of the release that runs here.
debian_mirror() {
  local release
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  apt-get update --print-uris 2>> "$folder/fetch.log" |
    sed -n -E "s#^'([^']*)/dists/(${release:-sid}|stable|testing|unstable|sid)/[^']*'.*#\1#p" | sed -n 1p
}

# An apt root: the machine's way to the network, but own sources, lists, cache, and no package installed.
prepare_root() {
  rm -rf "$folder/apt" "$folder/root"
  mkdir -p "$folder/apt/lists/partial" "$folder/apt/archives/partial" "$folder/root" \
    "$folder/apt/etc/apt.conf.d" "$folder/apt/etc/preferences.d"
  : > "$folder/apt/status"
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg signed=
  if [ -e "$keyring" ]; then signed="[signed-by=$keyring] "; fi
  echo "deb $signed$1 sid main" > "$folder/apt/etc/sources.list"
  apt-config dump --no-empty |
    grep -E '^(Acquire::|Dir::Etc::(netrc|trusted)|Dir::Bin::)' > "$folder/apt/apt.conf"
  cat >> "$folder/apt/apt.conf" <<CONF
Dir "$folder/apt";
Dir::State "$folder/apt";
Dir::State::lists "lists";
Dir::State::status "$folder/apt/status";
Dir::Cache "$folder/apt";
Dir::Cache::archives "archives";
Dir::Log "$folder/apt";
Dir::Etc "$folder/apt/etc";
Dir::Etc::netrc "/etc/apt/auth.conf";
Dir::Etc::netrcparts "/etc/apt/auth.conf.d";
Dir::Etc::trusted "/etc/apt/trusted.gpg";
Dir::Etc::trustedparts "/etc/apt/trusted.gpg.d";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
APT::Install-Recommends "false";
APT::Sandbox::User "";
CONF
}

own_apt() { APT_CONFIG="$folder/apt/apt.conf" apt-get -q -y "$@" >> "$folder/fetch.log" 2>&1; }

# The launcher finds everything beside itself, so that the folder may be moved.
write_launcher() {
  cat > "$1" <<'LAUNCHER'
#!/bin/sh
# Runs the server below this folder with its own loader and libraries.
root=$(cd "$(dirname "$0")" && pwd)/root
for loader in "$root"/usr/lib64/ld-linux-* "$root"/usr/lib/ld-linux-* "$root"/usr/lib/*/ld-linux-*; do
  if [ -e "$loader" ]; then break; fi
done
libraries=
for library in "$root"/usr/lib/*-linux-gnu* "$root"/usr/lib/mysql/private; do
  libraries=$libraries${libraries:+:}$library
done
exec "$loader" --library-path "$libraries" "$root/usr/sbin/mysqld" "$@"
LAUNCHER
  chmod +x "$1"
}

: > "$folder/fetch.log"
for program in apt-get apt-config dpkg-deb; do
  command -v "$program" > /dev/null || unavailable "this is no Debian-like machine: $program is missing"
done
mirror=$(debian_mirror) || true
[ -n "$mirror" ] || unavailable "apt has no source for the running release, so its mirror is not known"

echo "tidemill: fetching MySQL from Debian sid into $folder (60 MB)" >&2
prepare_root "$mirror"
own_apt -o APT::Update::Error-Mode=any update || unavailable "the package lists of Debian sid can't be read from the machine's mirror"
own_apt --download-only install mysql-server-core ||
  unavailable "mysql-server-core can't be downloaded from Debian sid"
for package in "$folder"/apt/archives/*.deb; do
  dpkg-deb -x "$package" "$folder/root" >> "$folder/fetch.log" 2>&1 ||
    unavailable "$(basename "$package") can't be unpacked"
done
# Only what the tests run is kept; the launcher comes last and under its name at once, so that an
# interrupted run is begun anew.
rm -rf "$folder/apt"
write_launcher "$folder/launcher"
version=$("$folder/launcher" --no-defaults --version 2>> "$folder/fetch.log") ||
  unavailable "the unpacked server does not run here"
mv "$folder/launcher" "$folder/mysqld"
rm -f "$folder/unavailable"
echo "tidemill: ${version#*/root/usr/sbin/}" >&2
