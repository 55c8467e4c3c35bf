#!/usr/bin/env bash
# Runs ksqlDB's published tests and holds the numbers of passing cases against the ratchet files:
# the query tests against tests/ksqldb-cases.ratchet, the REST tests against
# tests/ksqldb-rest-cases.ratchet. The cases are not part of this project; they are read where
# TIDEMILL_KSQLDB_CASES and TIDEMILL_KSQLDB_REST_CASES point to, by default ../shared/spec/qtt and
# ../shared/spec/rqtt.
# Usage: ksqldb-cases.sh [--raise]
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-}
built=no
failed=no

# check NAME VARIABLE DIRECTORY RATCHET_FILE REPORT
check() {
  local name=$1 variable=$2 cases=$3 ratchet_file=$4 report=$5 passed total ratchet
  if [ ! -d "$cases" ]; then
    echo "==== SKIPPED: $name are not at $cases (set $variable) ====" >&2
    return
  fi
  if [ "$built" = no ]; then
    cargo build --quiet --bin tidemill
    mkdir -p target
    built=yes
  fi
  # A failing case is no error here: the ratchet decides.
  target/debug/tidemill test --json "$cases" > "$report" || true
  passed=$(grep -c '"outcome":"passed"' "$report" || true)
  total=$(wc -l < "$report")
  ratchet=$(tr -d '[:space:]' < "$ratchet_file")
  if [ "$mode" = --raise ] && [ "$passed" -gt "$ratchet" ]; then
    echo "$passed" > "$ratchet_file"
    ratchet=$passed
  fi
  echo "$name: $passed of $total passed; ratchet $ratchet"
  if [ "$passed" -lt "$ratchet" ]; then
    echo "fewer of $name pass than before; see $report" >&2
    failed=yes
  fi
}

check "ksqlDB's query tests" TIDEMILL_KSQLDB_CASES \
  "${TIDEMILL_KSQLDB_CASES:-../shared/spec/qtt}" \
  tests/ksqldb-cases.ratchet target/ksqldb-cases.jsonl
check "ksqlDB's REST tests" TIDEMILL_KSQLDB_REST_CASES \
  "${TIDEMILL_KSQLDB_REST_CASES:-../shared/spec/rqtt}" \
  tests/ksqldb-rest-cases.ratchet target/ksqldb-rest-cases.jsonl

if [ "$failed" = yes ]; then exit 1; fi
