#!/usr/bin/env bash
# Installs what the tests and the demo need beyond a Rust toolchain, from Debian's packages.
# Usage: install-needs.sh NEED...   (needs: mariadb, mysql, kafka, kcat, python-clients, kafkajs, franz-go,
# kafka-suites)
# Does nothing when a need is there already; asks for root only when it is not. MySQL is only fetched,
# not installed; where it can't be had, that is said and no failure. The Kafka clients are fetched into
# target/peers by scripts/kafka/fetch.sh.
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
    kafka)
      command -v javac >/dev/null || install default-jdk-headless
      command -v mvn >/dev/null || install maven
      scripts/kafka/fetch.sh jars java
      ;;
    kcat)
      command -v kcat >/dev/null || install kcat
      command -v jq >/dev/null || install jq
      ;;
    python-clients)
      python3 -c 'import ensurepip' 2>/dev/null || install python3-venv
      scripts/kafka/fetch.sh python
      ;;
    kafkajs)
      command -v npm >/dev/null || install nodejs npm
      scripts/kafka/fetch.sh kafkajs
      ;;
    franz-go)
      command -v go >/dev/null || install golang-go
      scripts/kafka/fetch.sh franz-go
      ;;
    kafka-suites)
      # What builds and runs the suites; they are fetched by tests/kafka/suites/*/run.sh.
      python3 -c 'import ensurepip' 2>/dev/null || install python3-venv
      command -v npm >/dev/null || install nodejs npm
      command -v go >/dev/null || install golang-go
      command -v g++ >/dev/null || install g++
      command -v make >/dev/null || install make
      command -v openssl >/dev/null || install openssl
      [ -e /usr/include/openssl/ssl.h ] || install libssl-dev
      [ -e /usr/include/zlib.h ] || install zlib1g-dev
      ;;
    *)
      echo "install-needs.sh: unknown need '$need'; known: mariadb, mysql, kafka, kcat, python-clients," \
        "kafkajs, franz-go, kafka-suites" >&2
      exit 2
      ;;
  esac
done
