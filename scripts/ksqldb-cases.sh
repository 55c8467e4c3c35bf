#!/usr/bin/env bash
# Runs ksqlDB's published query tests and holds the number of passing cases against the ratchet file
# (tests/ksqldb-cases.ratchet). The cases are not part of this project; they are read where
# TIDEMILL_KSQLDB_CASES points to, by default ../shared/spec/qtt.
# Usage: ksqldb-cases.sh [--raise]
set -euo pipefail
cd "$(dirname "$0")/.."

cases=${TIDEMILL_KSQLDB_CASES:-../shared/spec/qtt}
ratchet_file=tests/ksqldb-cases.ratchet
report=target/ksqldb-cases.jsonl

if [ ! -d "$cases" ]; then
  echo "==== SKIPPED: ksqlDB's query tests are not at $cases (set TIDEMILL_KSQLDB_CASES) ====" >&2
  exit 0
fi

cargo build --quiet --bin tidemill
mkdir -p target
# A failing case is no error here: the ratchet decides.
target/debug/tidemill test --json "$cases" > "$report" || true
passed=$(grep -c '"outcome":"passed"' "$report" || true)
total=$(wc -l < "$report")
ratchet=$(tr -d '[:space:]' < "$ratchet_file")

if [ "${1:-}" = --raise ]; then
  if [ "$passed" -gt "$ratchet" ]; then echo "$passed" > "$ratchet_file"; fi
  echo "ksqlDB cases: $passed of $total passed; ratchet $(cat "$ratchet_file")"
  exit 0
fi

echo "ksqlDB cases: $passed of $total passed; ratchet $ratchet"
if [ "$passed" -lt "$ratchet" ]; then
  echo "fewer ksqlDB cases pass than before; see $report" >&2
  exit 1
fi
