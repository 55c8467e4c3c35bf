#!/usr/bin/env bash
# One node of Apache Kafka (KRaft) on loopback: the reference of the client checks and the yardstick of
# the benchmark.
#
# Usage: apache-kafka.sh start DIRECTORY PORT [PROPERTY=VALUE...]
#        apache-kafka.sh stop DIRECTORY
#
# `start` formats DIRECTORY when it is new, and returns once the broker answers. Its controller listens on
# PORT + 1. The properties are added to, or replace, the ones below. KAFKA_HEAP_MB bounds the heap
# (default and most: 1024). DIRECTORY/pid, DIRECTORY/server.properties and DIRECTORY/server.log tell more.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/../processes.sh"

heap_mb=${KAFKA_HEAP_MB:-1024}
if [ "$heap_mb" -gt 1024 ]; then heap_mb=1024; fi

# kafka_java MAIN_CLASS [ARGUMENT...]
kafka_java() {
  exec java -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$root/target/peers/kafka/jars/*" "$@"
}

write_properties() {
  local directory=$1 port=$2
  shift 2
  # A later line replaces an earlier one of the same name.
  cat > "$directory/server.properties" << PROPERTIES
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:$((port + 1))
log.dirs=$directory/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=10
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=10
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
PROPERTIES
  for property in "$@"; do echo "$property" >> "$directory/server.properties"; done
}

format() {
  # Any identifier of 16 bytes will do: this cluster has one node and no past.
  (kafka_java -XX:TieredStopAtLevel=1 kafka.tools.StorageTool format --ignore-formatted \
    --cluster-id "MkU3OEVBNTcwNTJENDM2Qg" --config "$1/server.properties") > "$1/format.log" 2>&1 ||
    { cat "$1/format.log" >&2; return 1; }
}

is_running() { [ -f "$1/pid" ] && kill -0 "$(cat "$1/pid")" 2> /dev/null; }

start() {
  local directory port=$2
  mkdir -p "$1"
  directory=$(cd "$1" && pwd)
  shift 2
  if is_running "$directory"; then
    echo "apache-kafka.sh: a broker runs in $directory already" >&2
    return 1
  fi
  write_properties "$directory" "$port" "$@"
  if [ ! -f "$directory/data/meta.properties" ]; then format "$directory"; fi
  (kafka_java "-Xms${heap_mb}m" "-Xmx${heap_mb}m" -XX:+UseG1GC kafka.Kafka "$directory/server.properties") \
    > "$directory/server.log" 2>&1 < /dev/null &
  echo $! > "$directory/pid"
  await_process "$!" "$directory/server.log" 60 listens "$port"
}

stop() {
  if ! is_running "$1"; then return; fi
  end_process "$(cat "$1/pid")"
  rm -f "$1/pid"
}

case "${1:-} $#" in
  "start "[3-9] | "start "[1-9][0-9])
    "$here/fetch.sh" jars
    start "${@:2}"
    ;;
  "stop 2") stop "$2" ;;
  *)
    sed -n '/^# Usage/,/^set /p' "$0" | sed '$d; s/^# \{0,1\}//' >&2
    exit 2
    ;;
esac
