#!/usr/bin/env bash
# Runs one of Apache Kafka's command-line tools, by the name that its distribution gives the script.
# Usage: tool.sh kafka-topics --bootstrap-server HOST:PORT ...
set -euo pipefail
jars="$(cd "$(dirname "$0")/../.." && pwd)/target/peers/kafka/jars"

declare -A main_classes=(
  [kafka-broker-api-versions]=org.apache.kafka.tools.BrokerApiVersionsCommand
  [kafka-cluster]=org.apache.kafka.tools.ClusterTool
  [kafka-configs]=kafka.admin.ConfigCommand
  [kafka-console-consumer]=org.apache.kafka.tools.consumer.ConsoleConsumer
  [kafka-console-producer]=org.apache.kafka.tools.ConsoleProducer
  [kafka-consumer-groups]=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand
  [kafka-consumer-perf-test]=org.apache.kafka.tools.ConsumerPerformance
  [kafka-delete-records]=org.apache.kafka.tools.DeleteRecordsCommand
  [kafka-dump-log]=org.apache.kafka.tools.DumpLogSegments
  [kafka-e2e-latency]=org.apache.kafka.tools.EndToEndLatency
  [kafka-features]=org.apache.kafka.tools.FeatureCommand
  [kafka-get-offsets]=org.apache.kafka.tools.GetOffsetShell
  [kafka-groups]=org.apache.kafka.tools.GroupsCommand
  [kafka-log-dirs]=org.apache.kafka.tools.LogDirsCommand
  [kafka-metadata-quorum]=org.apache.kafka.tools.MetadataQuorumCommand
  [kafka-producer-perf-test]=org.apache.kafka.tools.ProducerPerformance
  [kafka-topics]=org.apache.kafka.tools.TopicCommand
  [kafka-transactions]=org.apache.kafka.tools.TransactionsCommand
  [kafka-verifiable-consumer]=org.apache.kafka.tools.VerifiableConsumer
  [kafka-verifiable-producer]=org.apache.kafka.tools.VerifiableProducer
)

name=${1:-}
if [ -z "${main_classes[$name]:-}" ]; then
  echo "tool.sh: unknown tool '$name'; known: ${!main_classes[*]}" >&2
  exit 2
fi
shift
# A tool lives for a second: a small heap, one compiler, one collector and an archive of classes (when there
# is one) start fastest. KAFKA_TOOL_OPTIONS replaces these, for measurements.
quick="-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:SharedArchiveFile=$jars/../tools.jsa -Xshare:auto"
read -r -a options <<< "${KAFKA_TOOL_OPTIONS:-$quick}"
exec java "${options[@]}" -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$jars/*" "${main_classes[$name]}" "$@"
