#!/usr/bin/env bash
# Apache Kafka's dump tool (kafka-dump-log) reads the segment files below a broker's data directory: every
# batch, every record, the indexes against the logs, and the internal topics with the tool's own decoders.
# Called by scripts/kafka-suites.sh after the other suites have left their topics; ../README.md describes
# the environment.
set -euo pipefail
# The tool is among Apache Kafka's jars, which are there.
if [ "${1:-}" = --fetch ]; then exit; fi

# Files given to one run of the tool: its command line must stay below what the system takes.
files_max=200
# Files that a test looks at. A run of all tests looks at all.
sample=200
if [ "$SUITE_ALL" = yes ]; then sample=100000; fi

# What the tool says of a file that is not as it should be. It ends with 0 all the same. That offsets are
# not consecutive is no complaint: compaction leaves gaps.
complaints='isvalid: false|Exception|Mismatches in|mismatch in|out of order|invalid offset|Unknown|FAILED'

# dump NAME FIND_ARGUMENTS -- OPTION...: the tool over all files that are found; the outcome of the test.
dump() {
  local name=$1 find_arguments=() outcome=passed
  shift
  while [ "$1" != -- ]; do
    find_arguments+=("$1")
    shift
  done
  shift
  local list=$SUITE_WORK/$name.files log=$SUITE_WORK/$name.log
  find "$SUITE_DATA" -type f -size +0 "${find_arguments[@]}" | LC_ALL=C sort | sed "${sample}q" > "$list"
  if [ ! -s "$list" ]; then
    printf '%s\tskipped\n' "$name" >> "$SUITE_RESULTS"
    return
  fi
  split -l "$files_max" "$list" "$list."
  for part in "$list".*; do
    java -Xmx512m -cp "$SUITE_JARS/*" org.apache.kafka.tools.DumpLogSegments "$@" \
      --files "$(paste -sd , "$part")" 2>&1 || echo "FAILED with $?"
  done | read_dump > "$log" || outcome=failed
  printf '%s\t%s\n' "$name" "$outcome" >> "$SUITE_RESULTS"
}

# Passes the complaints on, and the numbers of what was read. Fails when there were complaints, and when
# the batches' headers promise other numbers of records than were printed.
read_dump() {
  awk -v complaints="$complaints" '
    /^\| offset: / { records++; next }
    $0 ~ complaints { print; bad = 1 }
    /^baseOffset: / {
      batches++
      if (match($0, / count: [0-9]+/)) promised += substr($0, RSTART + 8, RLENGTH - 8)
    }
    /passed sanity check/ { checked++ }
    END {
      printf "%d batches, %d records of %d promised, %d indexes\n", batches, records, promised, checked
      exit bad || (records > 0 && records != promised)
    }'
}

version=("$SUITE_JARS"/kafka-tools-[0-9]*.jar)
basename "${version[0]}" .jar | sed 's/^kafka-tools-//' > "$SUITE_WORK/version"

dump records -name '*.log' -path '*-[0-9]*/*' -not -path '*/__*' -- --print-data-log
dump offset-index-sanity -name '*.index' -- --index-sanity-check
dump offset-index -name '*.index' -- --verify-index-only
dump time-index-sanity -name '*.timeindex' -- --index-sanity-check
dump time-index -name '*.timeindex' -- --verify-index-only
dump consumer-offsets -name '*.log' -path '*/__consumer_offsets-*' -- --offsets-decoder
dump transaction-state -name '*.log' -path '*/__transaction_state-*' -- --transaction-log-decoder
