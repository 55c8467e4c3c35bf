#!/usr/bin/env bash
# Checks the built binary, or any Kafka broker, with the clients that people use: each client's program
# below tests/kafka/clients runs its named checks; in the end all read what each of them has written.
#
# Usage: kafka-clients.sh [--bootstrap HOST:PORT] [--raise] [CLIENT...]
#   clients: java apache-tools franz-go confluent-kafka kafka-python kafkajs kcat (default: all)
#   --bootstrap  checks that broker; else target/release/tidemill (or TIDEMILL_BIN) is started afresh
#   --raise      adds what passes to the ratchet
#
# Installs what is missing. Prints a table, keeps the results in target/kafka-clients.tsv (client, check,
# outcome, reason), and fails when a check that tests/kafka/clients.ratchet names has not passed.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tidemill.sh

results=target/kafka-clients.tsv
ratchet=tests/kafka/clients.ratchet
all_clients=(java apache-tools franz-go confluent-kafka kafka-python kafkajs kcat)
# A client whose checks nearly all hang is cut off; what it has not said has not passed.
client_seconds_max=180

bootstrap= raise=no clients=()
while [ $# -gt 0 ]; do
  case "$1" in
    --bootstrap) bootstrap=$2 && shift ;;
    --raise) raise=yes ;;
    -*) sed -n '/^# Usage/,/^#$/p' "$0" | sed 's/^# \{0,1\}//' >&2 && exit 2 ;;
    *) clients+=("$1") ;;
  esac
  shift
done
if [ ${#clients[@]} = 0 ]; then clients=("${all_clients[@]}"); fi

work=$(mktemp -d "${TMPDIR:-/tmp}/tidemill-kafka-clients-XXXXXX")
clean_up() {
  tidemill_stop
  rm -rf "$work"
}
trap clean_up EXIT

start_server() {
  bootstrap=127.0.0.1:$(free_port)
  tidemill_configure "$work" << PROPERTIES
kafka.listeners=PLAINTEXT://$bootstrap
kafka.group.initial.rebalance.delay.ms=0
PROPERTIES
  tidemill_start "$work"
}

# need_of CLIENT: what install-needs.sh calls it
need_of() {
  case "$1" in
    java) echo java-client ;;
    apache-tools) echo kafka ;;
    confluent-kafka | kafka-python) echo python-clients ;;
    franz-go | kafkajs | kcat) echo "$1" ;;
    *)
      echo "kafka-clients.sh: unknown client '$1'; known: ${all_clients[*]}" >&2
      exit 2
      ;;
  esac
}

# program CLIENT ARGUMENT...: runs a client's program; see there for the arguments.
program() {
  local client=$1 sources=tests/kafka/clients peers=target/peers
  shift
  case "$client" in
    java)
      timeout "$client_seconds_max" java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
        -Dorg.slf4j.simpleLogger.defaultLogLevel=off -cp "$peers/kafka/checks:$peers/kafka/jars/*" Main "$@"
      ;;
    apache-tools) timeout "$client_seconds_max" "$sources/shell/apache-tools.sh" "$@" ;;
    kcat) timeout "$client_seconds_max" "$sources/shell/kcat.sh" "$@" ;;
    franz-go) timeout "$client_seconds_max" "$peers/franz-go/checks" "$@" ;;
    confluent-kafka) timeout "$client_seconds_max" "$peers/python/bin/python" "$sources/python/confluent_checks.py" "$@" ;;
    kafka-python) timeout "$client_seconds_max" "$peers/python/bin/python" "$sources/python/kafka_python_checks.py" "$@" ;;
    kafkajs) NODE_PATH=$peers/kafkajs/node_modules timeout "$client_seconds_max" node "$sources/kafkajs/main.js" "$@" ;;
  esac
}

# check CLIENT PHASE...: runs a phase and notes its outcomes.
check() {
  local client=$1
  shift
  # A failing check is no error here: the ratchet decides.
  { program "$client" "$bootstrap" "$run" "$@" 2> "$work/$client.err" || true; } > "$work/$client.out"
  sed -n -E "s/^ok (\S+)$/$client\t\1\tok\t/p; s/^FAILED (\S+): (.*)$/$client\t\1\tFAILED\t\2/p" \
    "$work/$client.out" | tee -a "$results" | sed -n -E 's/^(\S+)\t(\S+)\tFAILED\t(.*)$/  \1 \2: \3/p'
}

summary() {
  printf '%-16s %7s %7s\n' client passed failed
  awk -F'\t' '
    { seen[$1] = 1; count[$1, $3]++; total[$3]++ }
    END {
      for (client in seen) printf "%-16s %7d %7d\n", client, count[client, "ok"], count[client, "FAILED"]
      printf "%-16s %7d %7d\n", "~all", total["ok"], total["FAILED"]
    }' "$results" | sort | sed 's/^~all/all /'
}

passing() { awk -F'\t' '$3 == "ok" { print $1, $2 }' "$results" | sort; }

# What the ratchet holds and this run should have shown: of the clients that ran, and read by and from them.
held() {
  local among
  among=$(IFS='|' && echo "${clients[*]}")
  { grep -v '^#' "$ratchet" || true; } | awk -v among="^($among)\$" '
    $1 ~ among { writer = $2; if (sub(/^cross-read-/, "", writer) == 0 || writer ~ among) print }' | sort
}

needs=()
for client in "${clients[@]}"; do needs+=("$(need_of "$client")"); done
scripts/install-needs.sh "${needs[@]}"
if [ -z "$bootstrap" ]; then start_server; fi
mkdir -p target
: > "$results"
run=r$(date +%s)
echo "checking the broker at $bootstrap; checks that fail:"
for client in "${clients[@]}"; do check "$client" checks; done
# The tools read and write nothing that the Java client does not.
libraries=()
for client in "${clients[@]}"; do if [ "$client" != apache-tools ]; then libraries+=("$client"); fi; done
for client in "${libraries[@]}"; do check "$client" write; done
for client in "${libraries[@]}"; do check "$client" read "${libraries[@]}"; done
summary

touch "$ratchet"
if [ "$raise" = yes ]; then
  {
    echo "# Checks of scripts/kafka-clients.sh that pass against the built binary: client and name."
    { grep -v '^#' "$ratchet" || true; passing; } | sort -u
  } > "$work/ratchet"
  mv "$work/ratchet" "$ratchet"
fi
lost=$(comm -13 <(passing) <(held))
if [ -n "$lost" ]; then
  echo "these passed before and do not now (reasons in $results):" >&2
  echo "$lost" >&2
  exit 1
fi
