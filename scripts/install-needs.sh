#!/usr/bin/env bash
# Installs what the tests and the demo need beyond a Rust toolchain, from Debian's packages.
# Usage: install-needs.sh NEED...
#   mariadb         its server and client
#   tests           what the workspace's tests run: MariaDB, MySQL, openssl, kill
#   kafka           Apache Kafka: its broker, tools and Java client
#   java-client kafka-faults python-clients kafka-security kafkajs franz-go kcat
#                   what the checks with these clients run
#   kafka-suites    what builds and runs the suites, which tests/kafka/suites/*/run.sh fetch
# Does nothing when a need is there already; asks for root only when it is not. MySQL is only fetched,
# not installed; where it can't be had, that is said and no failure. The Kafka clients are fetched into
# target/peers by scripts/kafka/fetch.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
# Where Debian keeps servers; not every user looks there.
PATH=$PATH:/usr/sbin

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

refreshed=
install() {
  if ! command -v apt-get > /dev/null || { [ "$(id -u)" != 0 ] && ! command -v sudo > /dev/null; }; then
    echo "install-needs.sh: these packages of Debian are missing and can't be installed from here: $*" >&2
    exit 1
  fi
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

# program NAME PACKAGE...: installs the packages unless there is such a program; a builtin of the shell is none.
program() { type -P "$1" > /dev/null || install "${@:2}"; }
# header FILE PACKAGE
header() { [ -e "/usr/include/$1" ] || install "$2"; }

need_mariadb() {
  program mariadbd mariadb-server
  program mariadb mariadb-client
}

need_java() {
  program javac default-jdk-headless
  program mvn maven
}

need_python() { python3 -c 'import ensurepip' 2> /dev/null || install python3-venv; }

need_node() { program npm nodejs npm; }

need_go() {
  program go golang-go
  # Go checks whom it fetches from against the system's certificates, which its package does not bring.
  [ -e /etc/ssl/certs/ca-certificates.crt ] || install ca-certificates
}

# What the suites are built with.
need_builders() {
  need_python
  need_node
  need_go
  program g++ g++
  program make make
  program openssl openssl
  header openssl/ssl.h libssl-dev
  header zlib.h zlib1g-dev
  header zstd.h libzstd-dev
}

# fetch WHAT... from the clients' own registries
fetch() { scripts/kafka/fetch.sh "$@"; }

need() {
  case "$1" in
    mariadb) need_mariadb ;;
    tests)
      need_mariadb
      program openssl openssl
      program kill procps
      scripts/fetch-mysql.sh
      ;;
    kafka)
      need_java
      fetch jars
      ;;
    java-client)
      need_java
      fetch jars java
      ;;
    kafka-faults)
      need_java
      fetch faults
      ;;
    python-clients)
      need_python
      fetch python
      ;;
    kafka-security)
      need python-clients
      program openssl openssl
      ;;
    kafkajs)
      need_node
      fetch kafkajs
      ;;
    franz-go)
      need_go
      fetch franz-go
      ;;
    kcat)
      program kcat kcat
      program jq jq
      # The topic that all clients read is created by one of Apache Kafka's tools.
      need kafka
      ;;
    kafka-suites)
      need kafka
      need_builders
      ;;
    *)
      echo "install-needs.sh: unknown need '$1'" >&2
      sed -n '/^# Usage/,/^# Does/p' "$0" | sed '$d; s/^# //' >&2
      exit 2
      ;;
  esac
}

# A C compiler is needed by build scripts of dependencies (zstd, ring).
program cc gcc libc6-dev
for name in "$@"; do need "$name"; done
