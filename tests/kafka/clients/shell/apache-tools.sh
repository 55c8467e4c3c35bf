#!/usr/bin/env bash
# The checks of Apache Kafka's own command-line tools. Each starts a JVM, so a check does much with few calls.
# Usage: apache-tools.sh BOOTSTRAP RUN checks [PATTERN]
set -uo pipefail
cd "$(dirname "$0")/../../../.."
. tests/kafka/clients/shell/checks.sh

bootstrap=$1 run=$2
run_prefix=$run-tools
wanted=${4:-}

# tool NAME [ARGUMENT...]
tool() {
  local tool=$1
  shift
  timeout "$limit_seconds" scripts/kafka/tool.sh "$tool" --bootstrap-server "$bootstrap" "$@"
}

# new_topic PARTITIONS [OPTION...]: sets `name`
new_topic() {
  new_name topic
  tool kafka-topics --create --topic "$name" --partitions "$1" --replication-factor 1 "${@:2}" > /dev/null
}

# The first call leaves an archive of loaded classes, which halves the start of those that follow.
warm_up() {
  if [ ! -f target/peers/kafka/tools.jsa ]; then
    KAFKA_TOOL_OPTIONS="-XX:ArchiveClassesAtExit=$PWD/target/peers/kafka/tools.jsa -Xlog:cds=off -Xlog:cds+dynamic=off" \
      tool kafka-topics --list > /dev/null 2>&1 || true
  fi
}

write() { tool kafka-console-producer --topic "$1" "${@:2}"; }

topics() {
  local shown
  new_topic 3 --config retention.ms=7000
  shown=$(tool kafka-topics --describe --topic "$name")
  holds "$shown" "PartitionCount: 3" "description"
  holds "$shown" "ReplicationFactor: 1" "description"
  holds "$shown" "retention.ms=7000" "description"
  tool kafka-topics --alter --topic "$name" --partitions 5
  holds "$(tool kafka-topics --describe --topic "$name")" "PartitionCount: 5" "description after growing"
  tool kafka-topics --delete --topic "$name"
  shown=$(tool kafka-topics --list)
  if [[ $shown == *"$name"* ]]; then
    echo "the topic is listed after it was deleted"
    return 1
  fi
}

topic_exists() {
  local shown
  new_topic 1
  shown=$(tool kafka-topics --create --topic "$name" 2>&1) && return 1
  holds "$shown" "already exists" "answer"
}

configs() {
  local entity
  new_topic 1
  entity=(--entity-type topics --entity-name "$name")
  tool kafka-configs --alter "${entity[@]}" --add-config max.message.bytes=2000,retention.ms=9000
  tool kafka-configs --alter "${entity[@]}" --delete-config retention.ms
  local shown
  shown=$(tool kafka-configs --describe "${entity[@]}")
  holds "$shown" "max.message.bytes=2000" "own configuration"
  if [[ $shown == *retention.ms* ]]; then
    echo "retention.ms is still there: $shown"
    return 1
  fi
  holds "$(tool kafka-configs --describe --all "${entity[@]}")" "segment.bytes=1073741824" "all configuration"
}

broker_configs() {
  local node
  node=$(tool kafka-broker-api-versions | sed -n -E 's/.*\(id: ([0-9]+) rack.*/\1/p' | sed -n 1p)
  holds "$(tool kafka-configs --describe --all --entity-type brokers --entity-name "$node")" "num.partitions=" "configuration"
}

console() {
  new_topic 1
  printf 'h1:one\tkey\tvalue\nh1:two\tother\tmore\n' |
    write "$name" --reader-property parse.key=true --reader-property parse.headers=true --compression-codec zstd
  equal $'h1:one|key|value\nh1:two|other|more' "$(tool kafka-console-consumer --topic "$name" --from-beginning \
    --max-messages 2 --formatter-property print.key=true --formatter-property print.headers=true \
    --formatter-property key.separator='|' --formatter-property headers.separator=, 2> /dev/null | tr '\t' '|')" "records"
}

get_offsets() {
  new_topic 2
  seq 10 | write "$name"
  local total
  total=$(tool kafka-get-offsets --topic "$name" --time latest | awk -F: '{ total += $3 } END { print total }')
  equal 10 "$total" "records by latest offsets"
  equal "$name:0:0 $name:1:0" "$(tool kafka-get-offsets --topic "$name" --time earliest | sort | xargs)" "earliest"
}

consumer_groups() {
  local shown
  new_topic 1
  seq 10 | write "$name"
  tool kafka-console-consumer --topic "$name" --group "$name" --from-beginning --max-messages 10 > /dev/null 2>&1
  holds "$(tool kafka-consumer-groups --list)" "$name" "list"
  shown=$(tool kafka-consumer-groups --describe --group "$name" | awk 'NF && $1 != "GROUP" { print $4, $5, $6 }')
  holds "$shown" "10 10 0" "current offset, end and lag"
  tool kafka-consumer-groups --group "$name" --topic "$name" --reset-offsets --to-offset 4 --execute > /dev/null
  shown=$(tool kafka-consumer-groups --describe --group "$name" | awk 'NF && $1 != "GROUP" { print $4, $5, $6 }')
  holds "$shown" "4 10 6" "after the reset"
  tool kafka-consumer-groups --delete-offsets --group "$name" --topic "$name"
  holds "$(tool kafka-consumer-groups --delete --group "$name")" "was successful" "deletion"
}

groups_state() {
  new_topic 1
  seq 10 | write "$name"
  tool kafka-console-consumer --topic "$name" --group "$name" --from-beginning --max-messages 10 \
    --command-property group.protocol=consumer > /dev/null 2>&1
  holds "$(tool kafka-consumer-groups --describe --state --group "$name")" "Empty" "state"
  holds "$(tool kafka-groups --list)" "$name" "list of groups"
}

delete_records() {
  new_topic 1
  seq 10 | write "$name"
  echo "{\"version\": 1, \"partitions\": [{\"topic\": \"$name\", \"partition\": 0, \"offset\": 6}]}" > "$work/offsets.json"
  holds "$(tool kafka-delete-records --offset-json-file "$work/offsets.json")" "low_watermark: 6" "answer"
  equal "$(seq 7 10)" "$(tool kafka-console-consumer --topic "$name" --from-beginning --max-messages 4 2> /dev/null)" "values"
}

transactions() {
  new_topic 1
  tool kafka-producer-perf-test --topic "$name" --num-records 50 --record-size 10 --throughput -1 \
    --transactional-id "$name" --transaction-duration-ms 20 > /dev/null
  holds "$(tool kafka-transactions list)" "$name" "list"
  holds "$(tool kafka-transactions describe --transactional-id "$name")" "CompleteCommit" "description"
  holds "$(tool kafka-transactions describe-producers --topic "$name" --partition 0)" "LastSequence" "producers"
  holds "$(tool kafka-transactions find-hanging --broker-id 1 2>&1 || true)" "Topic" "hanging transactions"
}

log_dirs() {
  new_topic 1
  seq 10 | write "$name"
  holds "$(tool kafka-log-dirs --describe --topic-list "$name")" "\"partition\":\"$name-0\",\"size\":" "answer"
}

api_versions() {
  local shown
  shown=$(tool kafka-broker-api-versions)
  for api in "Produce(0): " "Fetch(1): " "ConsumerGroupHeartbeat(68): "; do holds "$shown" "$api" "versions"; done
}

cluster_id() {
  local shown
  shown=$(timeout "$limit_seconds" scripts/kafka/tool.sh kafka-cluster cluster-id --bootstrap-server "$bootstrap")
  holds "$shown" "Cluster ID: " "answer"
}

features() { holds "$(tool kafka-features describe)" "transaction.version" "features"; }

perf() {
  new_topic 4
  holds "$(tool kafka-producer-perf-test --topic "$name" --num-records 20000 --record-size 100 --throughput -1)" \
    "20000 records sent" "producer"
  local shown
  shown=$(tool kafka-consumer-perf-test --topic "$name" --num-records 20000 --timeout 10000 2>&1)
  # The fifth column of the last line is the number of records.
  equal 20000 "$(tail -n 1 <<< "$shown" | awk -F', ' '{ print $5 }')" "records consumed"
}

end_to_end() {
  local shown
  new_topic 1
  shown=$(timeout "$limit_seconds" scripts/kafka/tool.sh kafka-e2e-latency --bootstrap-server "$bootstrap" \
    --topic "$name" --num-records 200 --producer-acks all --record-size 100)
  holds "$shown" "Percentiles: " "answer"
}

verifiable() {
  new_topic 1
  local shown
  shown=$(tool kafka-verifiable-producer --topic "$name" --max-messages 100 --acks -1)
  holds "$shown" '"acked":100' "producer"
}

# A JVM keeps both processors busy while it starts.
at_a_time=2
warm_up
check kafka-consumer-groups consumer_groups
check kafka-topics topics
check kafka-topics-exists topic_exists
check kafka-configs configs
check kafka-configs-broker broker_configs
check kafka-console console
check kafka-get-offsets get_offsets
check kafka-consumer-groups-consumer-protocol groups_state
check kafka-delete-records delete_records
check kafka-transactions transactions
check kafka-log-dirs log_dirs
check kafka-broker-api-versions api_versions
check kafka-cluster cluster_id
check kafka-features features
check kafka-perf-test perf
check kafka-e2e-latency end_to_end
check kafka-verifiable-producer verifiable
finish
