#!/usr/bin/env bash
# Installs what the tests and the demo need beyond a Rust toolchain, from Debian's packages.
# Usage: install-needs.sh NEED...   (needs: mariadb, mysql)
# Does nothing when a need is there already; asks for root only when it is not. MySQL is only fetched,
# not installed; where it can't be had, that is said and no failure.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

refreshed=
install() {
  if [ -z "$refreshed" ]; then
    echo "tidemill: refreshing the package lists" >&2
    as_root apt-get update -qq
    refreshed=1
  fi
  echo "tidemill: installing $*" >&2
  # The packages are used as programs only: no service is to be started by their installation.
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -y -qq --no-install-recommends "$@" >&2
}

# A C compiler is needed by build scripts of dependencies (zstd, ring).
command -v cc >/dev/null || install gcc libc6-dev

for need in "$@"; do
  case "$need" in
    mariadb)
      command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || install mariadb-server
      command -v mariadb >/dev/null || install mariadb-client
      ;;
    mysql)
      # The tests speak with it through MariaDB's client.
      command -v mariadb >/dev/null || install mariadb-client
      scripts/fetch-mysql.sh
      ;;
    *)
      echo "install-needs.sh: unknown need '$need'; known: mariadb, mysql" >&2
      exit 2
      ;;
  esac
done
