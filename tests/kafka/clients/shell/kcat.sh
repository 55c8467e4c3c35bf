#!/usr/bin/env bash
# The checks of kcat.
# Usage: kcat.sh BOOTSTRAP RUN checks [PATTERN] | write | read WRITER...
# RUN makes the names of topics and groups new, so that a broker can be checked again and again.
# The topics of the checks are created by writing to them; kcat has no other way.
set -uo pipefail
cd "$(dirname "$0")/../../../.."
. tests/kafka/clients/shell/checks.sh

bootstrap=$1 run=$2 phase=$3
shift 3
run_prefix=$run-kcat

# A topic that was just created by asking for it is asked for again soon.
kcat_run() {
  timeout "$limit_seconds" kcat -b "$bootstrap" -q -X topic.metadata.refresh.fast.interval.ms=20 "$@"
}

# write TOPIC [OPTION...]: lines from standard input
write() { kcat_run -P -t "$@"; }

# read_all TOPIC [OPTION...]
read_all() { kcat_run -C -e -o beginning -X fetch.wait.max.ms=50 -t "$@"; }

round_trip() {
  new_name topic
  local lines
  lines=$(for i in $(seq 300); do echo "value value value value $i"; done)
  write "$name" -z "$1" -H "number=one" <<< "$lines"
  equal "$lines" "$(read_all "$name")" "values"
  equal "number=one" "$(read_all "$name" -f '%h\n' -c 1)" "headers"
}

keys_and_nulls() {
  new_name topic
  printf 'a:1\nb:\n:3\n' | write "$name" -K : -Z
  equal $'a=1/1\nb=-1/\n=3/1' "$(read_all "$name" -f '%k=%S/%s\n' | sed 's/^a=1.1/a=1\/1/; s/^=1.3/=3\/1/')" "records"
}

headers() {
  new_name topic
  echo value | write "$name" -H same=one -H same=two -H empty= -H ключ=значение
  equal "same=one,same=two,empty=,ключ=значение" "$(read_all "$name" -f '%h')" "headers"
}

acks() {
  new_name topic
  seq 50 | write "$name" -X "acks=$1"
  equal "$(seq 50)" "$(kcat_run -C -o beginning -c 50 -t "$name")" "values"
}

idempotent() {
  new_name topic
  seq 500 | write "$name" -X enable.idempotence=true -X batch.num.messages=5
  equal "$(seq 500)" "$(read_all "$name")" "values"
}

transaction() {
  new_name topic
  seq 10 | write "$name" -X "transactional.id=$name"
  equal "$(seq 10)" "$(read_all "$name" -X isolation.level=read_committed)" "values"
}

metadata() {
  new_name topic
  echo value | write "$name"
  local shown
  shown=$(kcat_run -L -t "$name")
  holds "$shown" " 1 brokers:" "brokers"
  holds "$shown" "topic \"$name\" with 1 partitions:" "topic"
  holds "$shown" "partition 0, leader " "partition"
}

from_offsets() {
  new_name topic
  seq 10 | write "$name"
  equal "$(seq 4 10)" "$(kcat_run -C -e -o 3 -t "$name")" "from offset 3"
  equal "$(seq 9 10)" "$(kcat_run -C -e -o -2 -t "$name")" "the last two"
  equal "" "$(kcat_run -C -e -o end -t "$name")" "from the end"
}

out_of_range() {
  new_name topic
  seq 10 | write "$name"
  equal "$(seq 10)" "$(kcat_run -C -e -o 1000 -X auto.offset.reset=earliest -t "$name")" "values"
}

by_time() {
  new_name topic
  echo early | write "$name"
  local between
  # Timestamps are milliseconds, and both records must not share one with the moment between.
  sleep 0.01
  between=$(date +%s%3N)
  sleep 0.01
  echo late | write "$name"
  holds "$(kcat_run -Q -t "$name:0:$between")" "offset 1" "offset by time"
  equal late "$(kcat_run -C -e -o "s@$between" -t "$name")" "from a time"
  equal early "$(kcat_run -C -e -o beginning -o "e@$between" -t "$name")" "until a time"
}

group_resumes() {
  new_name topic
  seq 10 | write "$name"
  equal "$(seq 5)" "$(kcat_run -G "$name" -X auto.offset.reset=earliest -c 5 "$name")" "first member"
  equal "$(seq 6 10)" "$(kcat_run -G "$name" -X auto.offset.reset=earliest -c 5 "$name")" "second member"
}

too_large() {
  new_name topic
  local shown
  shown=$(head -c 1100000 /dev/zero | tr '\0' x |
    timeout "$limit_seconds" kcat -b "$bootstrap" -P -t "$name" -X message.max.bytes=3000000 2>&1) || true
  holds "$shown" "Message size too large" "answer"
}

near_limit() {
  new_name topic
  head -c 1048400 /dev/zero | tr '\0' x | write "$name" -X message.max.bytes=3000000
  equal 1048400 "$(read_all "$name" | tr -d '\n' | wc -c)" "bytes"
}

unknown_topic() {
  new_name missing
  local shown
  shown=$(kcat_run -C -e -t "$name" -X allow.auto.create.topics=false 2>&1) || true
  holds "$shown" "Unknown topic or partition" "answer"
}

# A fetch that may wait for a minute is answered when a record comes.
long_poll() {
  new_name topic
  echo first | write "$name"
  kcat_run -C -o end -c 1 -X fetch.wait.max.ms=60000 -t "$name" > "$work/long-poll" &
  local reader=$! began
  # Long enough for the fetch to be waiting in the broker.
  sleep 0.7
  began=$(date +%s%3N)
  echo wake | write "$name"
  wait "$reader"
  equal wake "$(cat "$work/long-poll")" "value"
  [ $(($(date +%s%3N) - began)) -lt 5000 ] || { echo "the fetch was not answered at once"; return 1; }
}

# expected FILTER: values of the file that all clients agree on
expected() { jq -r "$1" tests/kafka/clients/expected.json; }

cross_write() {
  local topic=$run-cross-kcat i record headers=()
  scripts/kafka/tool.sh kafka-topics --bootstrap-server "$bootstrap" --create --topic "$topic" \
    --partitions "$(expected .partitions)" --replication-factor 1
  for i in $(seq 0 $(($(expected '.records | length') - 1))); do
    record=".records[$i]"
    mapfile -t headers < <(expected "$record.headers[] | \"-H\", .[0] + \"=\" + .[1]")
    expected "$record | .value * .times" | head -c -1 > "$work/value"
    write "$topic" -k "$(expected "$record.key")" -z "$(expected "$record.compression")" \
      -X topic.partitioner=murmur2_random "${headers[@]}" "$work/value"
  done
}

# Both sides as lines of JSON: kcat shows a record as an object, and its headers as a list.
cross_read() {
  local timestamp=.ts
  if [ "$1" = kcat ]; then timestamp=0; fi
  read_all "$run-cross-$1" -J -X isolation.level=read_committed |
    jq -c "[.key, .partition, .payload, (.headers // []), $timestamp]" | sort > "$work/read-$1"
  if [ "$1" != kcat ]; then timestamp=.timestamp; fi
  expected ".records[] | [.key, .partition, .value * .times, (.headers | flatten), $timestamp] | tojson" |
    sort > "$work/expected-$1"
  diff "$work/expected-$1" "$work/read-$1"
}

run_all() {
  local compression acks
  for compression in none gzip snappy lz4 zstd; do check "round-trip-$compression" round_trip "$compression"; done
  check headers headers
  check keys-and-nulls keys_and_nulls
  for acks in 0 1 all; do check "acks-$acks" acks "$acks"; done
  check idempotent-producer idempotent
  check transaction-commit transaction
  check metadata metadata
  check from-offsets from_offsets
  check reset-out-of-range out_of_range
  check seek-by-time by_time
  check group-resumes group_resumes
  check message-near-limit near_limit
  check message-too-large too_large
  check unknown-topic unknown_topic
  check long-poll long_poll
}

case "$phase" in
  checks)
    wanted=${1:-}
    run_all
    ;;
  write) check cross-write cross_write ;;
  read) for writer in "$@"; do check "cross-read-$writer" cross_read "$writer"; done ;;
  *)
    echo "kcat.sh: unknown phase $phase" >&2
    exit 2
    ;;
esac
finish
