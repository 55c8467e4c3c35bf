#!/usr/bin/env bash
# Fills an Apache Kafka with topics of all kinds (every codec, transactions, compacted, cut, one with an open
# transaction), stops it, imports its files by `tidemill import-log`, and compares what a client sees of
# them in either broker.
#
# Usage: kafka-import.sh
#   The binary is target/release/tidemill, or TIDEMILL_BIN.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${TIDEMILL_BIN:-target/release/tidemill}
jars=target/peers/kafka/jars

scripts/install-needs.sh kafka
work=$(mktemp -d "${TMPDIR:-/tmp}/tidemill-kafka-import-XXXXXX")
server_pid=
clean_up() {
  scripts/kafka/apache-kafka.sh stop "$work/kafka" || true
  if [ -n "$server_pid" ]; then
    kill -9 "$server_pid" 2> /dev/null || true
    wait "$server_pid" 2> /dev/null || true
  fi
  rm -rf "$work"
}
trap clean_up EXIT

free_port() {
  local port=$1
  while (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do port=$((port + 1)); done
  echo "$port"
}

check() {
  java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
    -cp "$work/classes:$jars/*" ImportCheck "$@"
}

start_kafka() {
  KAFKA_HEAP_MB=512 scripts/kafka/apache-kafka.sh start "$work/kafka" "$port" log.cleaner.backoff.ms=100 \
    log.cleaner.min.cleanable.ratio=0.01 log.retention.check.interval.ms=500
}

start_tidemill() {
  local tries=0
  cat > "$work/server.properties" << PROPERTIES
listeners=http://127.0.0.1:$(free_port $((port + 10)))
schema.registry.listeners=
connect.rest.listeners=
kafka.listeners=PLAINTEXT://127.0.0.1:$port
PROPERTIES
  "$binary" server --data "$work/data" --config "$work/server.properties" > "$work/server.log" 2>&1 &
  server_pid=$!
  until grep -q '^Tidemill is ready' "$work/server.log"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 500 ] || ! kill -0 "$server_pid" 2> /dev/null; then
      tail -n 20 "$work/server.log" >&2
      exit 1
    fi
    sleep 0.02
  done
}

mkdir -p "$work/classes"
javac -d "$work/classes" -cp "$jars/*" tests/kafka/import/ImportCheck.java
port=$(free_port $((10000 + RANDOM % 9000)))
start_kafka
check write "127.0.0.1:$port"
# After a restart its leader epochs are higher.
scripts/kafka/apache-kafka.sh stop "$work/kafka"
start_kafka
check print "127.0.0.1:$port" > "$work/before"
scripts/kafka/apache-kafka.sh stop "$work/kafka"
mapfile -t partitions < <(find "$work/kafka/data" -mindepth 1 -maxdepth 1 -type d -not -name '__*' | sort)
"$binary" import-log --data "$work/data" --from "${partitions[@]}"
start_tidemill
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
