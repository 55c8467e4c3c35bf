#!/usr/bin/env bash
# kafka-python's integration tests. The source distribution of the client holds them; they run from
# there, with external_broker.py in the place of their own broker.
# Called by scripts/kafka-suites.sh; ../README.md describes the environment.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
client=$here/../../clients/python/requirements.txt
pinned=$(grep '^kafka-python==' "$client")
source=$SUITE_PEER/kafka_python-${pinned#*==}

fetch() {
  if [ "$SUITE_PEER/stamp" -nt "$client" ] && [ "$SUITE_PEER/stamp" -nt "$here/requirements.txt" ]; then return; fi
  rm -rf "$SUITE_PEER"
  mkdir -p "$SUITE_PEER"
  python3 -m venv "$SUITE_PEER/venv"
  "$SUITE_PEER/venv/bin/pip" install --quiet --requirement "$client" --requirement "$here/requirements.txt"
  "$SUITE_PEER/venv/bin/pip" download --quiet --no-deps --no-binary :all: --dest "$SUITE_PEER" "$pinned"
  tar xzf "$SUITE_PEER"/kafka_python-*.tar.gz -C "$SUITE_PEER"
  # The distribution leaves this file out too; without it `test` is Python's own package of that name.
  touch "$source/test/__init__.py" "$SUITE_PEER/stamp"
}

if [ "${1:-}" = --fetch ]; then
  fetch > "$SUITE_WORK/fetch.log" 2>&1
  exit
fi
echo "${pinned#*==}" > "$SUITE_WORK/version"
cd "$source"
# The tests insist on a folder with Apache Kafka, of which they use nothing once a broker is given.
mkdir -p "$SUITE_WORK/no-kafka"
KAFKA_VERSION=$SUITE_KAFKA_VERSION KAFKA_ROOT=$SUITE_WORK/no-kafka PYTHONPATH=.:$here \
  "$SUITE_PEER/venv/bin/python" -m pytest -q -p external_broker -p no:cacheprovider -o log_level=INFO \
  --timeout=60 --timeout-method=signal --tb=short test/integration > "$SUITE_WORK/log" 2>&1 ||
  [ -s "$SUITE_RESULTS" ]
