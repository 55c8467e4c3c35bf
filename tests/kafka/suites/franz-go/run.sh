#!/usr/bin/env bash
# The tests of franz-go's client, kgo, that speak with a broker. The module holds them; Go compiles them
# from its module cache. The module's version is that of tests/kafka/clients/franz-go.
# Called by scripts/kafka-suites.sh; ../README.md describes the environment.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
module=github.com/twmb/franz-go
# go ARGUMENT...
go() { "$here/../../../../scripts/kafka/go.sh" "$@"; }
cd "$here/../../clients/franz-go"

fetch() {
  if [ "$SUITE_PEER/kgo.test" -nt go.mod ]; then return; fi
  mkdir -p "$SUITE_PEER"
  go test -c -o "$SUITE_PEER/kgo.test" "$module/pkg/kgo"
}

if [ "${1:-}" = --fetch ]; then
  fetch > "$SUITE_WORK/fetch.log" 2>&1
  exit
fi
go list -m -f '{{.Version}}' "$module" > "$SUITE_WORK/version"
sources=$(go list -f '{{.Dir}}' "$module/pkg/kgo")

# The names of the tests that make a client for the broker under test; the others need none.
broker_tests() {
  awk '
    /^func Test/ { name = $2; sub(/\(.*/, "", name) }
    /^}/ { name = "" }
    name != "" && /newTestClient|adm\(\)|tmpTopic|testClientOpts|getSeedBrokers/ { print name; name = "" }
  ' "$sources"/*_test.go | sort
}

# Half a million records for each ETL test are what kgo's own runs take.
if [ "$SUITE_ALL" = yes ]; then records=500000 limit=900s; else records=10000 limit=150s; fi
broker_tests > "$SUITE_WORK/tests"
status=0
(cd "$SUITE_WORK" && KGO_SEEDS=$SUITE_BOOTSTRAP KGO_TEST_RF=1 KGO_TEST_RECORDS=$records KGO_LOG_LEVEL=none \
  "$SUITE_PEER/kgo.test" -test.v -test.timeout "$limit" \
  -test.run "^($(paste -sd '|' "$SUITE_WORK/tests"))\$") > "$SUITE_WORK/log" 2>&1 || status=$?

# Subtests are counted by themselves. A test without an outcome was cut off by another one's crash or by
# the time limit.
awk -v OFS='\t' '
  FNR == NR { wanted[$1]; next }
  $1 == "---" && $2 ~ /^(PASS|FAIL|SKIP):$/ {
    outcome = $2 == "PASS:" ? "passed" : $2 == "FAIL:" ? "failed" : "skipped"
    print $3, outcome
    delete wanted[$3]
  }
  END { for (name in wanted) print name, "failed" }
' "$SUITE_WORK/tests" "$SUITE_WORK/log" | sort >> "$SUITE_RESULTS"
echo "kgo.test ended with $status" >> "$SUITE_WORK/log"
