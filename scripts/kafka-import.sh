#!/usr/bin/env bash
# Fills an Apache Kafka with topics of all kinds (every codec, transactions, compacted, cut, one with an open
# transaction), stops it, imports its files by `tidemill import-log`, and compares what a client sees of
# them in either broker.
#
# Usage: kafka-import.sh
#   The binary is target/release/tidemill, or TIDEMILL_BIN.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tidemill.sh
jars=target/peers/kafka/jars

scripts/install-needs.sh kafka
work=$(mktemp -d "${TMPDIR:-/tmp}/tidemill-kafka-import-XXXXXX")
clean_up() {
  scripts/kafka/apache-kafka.sh stop "$work/kafka" || true
  tidemill_stop
  rm -rf "$work"
}
trap clean_up EXIT

check() {
  java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
    -cp "$work/classes:$jars/*" ImportCheck "$@"
}

start_kafka() {
  KAFKA_HEAP_MB=512 scripts/kafka/apache-kafka.sh start "$work/kafka" "$port" log.cleaner.backoff.ms=100 \
    log.cleaner.min.cleanable.ratio=0.01 log.retention.check.interval.ms=500
}

mkdir -p "$work/classes"
javac -d "$work/classes" -cp "$jars/*" tests/kafka/import/ImportCheck.java
port=$(free_port)
start_kafka
check write "127.0.0.1:$port"
# After a restart its leader epochs are higher.
scripts/kafka/apache-kafka.sh stop "$work/kafka"
start_kafka
check print "127.0.0.1:$port" > "$work/before"
scripts/kafka/apache-kafka.sh stop "$work/kafka"
mapfile -t partitions < <(find "$work/kafka/data" -mindepth 1 -maxdepth 1 -type d -not -name '__*' | sort)
"$tidemill_binary" import-log --data "$work/data" --from "${partitions[@]}"
tidemill_configure "$work" <<< "kafka.listeners=PLAINTEXT://127.0.0.1:$port"
tidemill_start "$work"
check print "127.0.0.1:$port" > "$work/after"
if ! diff "$work/before" "$work/after" > "$work/difference"; then
  echo "kafka-import.sh: a client sees something else after the import:" >&2
  head -n 20 "$work/difference" >&2
  exit 1
fi
check use "127.0.0.1:$port" > "$work/used"
if ! grep -qx 'the last one' "$work/used"; then
  echo "kafka-import.sh: the imported topics can't be used" >&2
  exit 1
fi
echo "$(grep -c ' CreateTime ' "$work/after") records are the same before and after the import"
