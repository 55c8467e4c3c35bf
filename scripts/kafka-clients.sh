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
server_pid=
clean_up() {
  local tries=0
  if [ -n "$server_pid" ] && kill "$server_pid" 2> /dev/null; then
    while kill -0 "$server_pid" 2> /dev/null && [ "$tries" -lt 100 ]; do
      tries=$((tries + 1))
      sleep 0.1
    done
    if kill -9 "$server_pid" 2> /dev/null; then echo "tidemill did not stop within 10 s" >&2; fi
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

start_tidemill() {
  local binary=${TIDEMILL_BIN:-target/release/tidemill} port tries=0 from
  # Runs beside each other begin to look for free ports at different places.
  from=$((20000 + RANDOM % 10000))
  port=$(free_port "$from")
  cat > "$work/server.properties" << PROPERTIES
listeners=http://127.0.0.1:$(free_port $((port + 1)))
schema.registry.listeners=http://127.0.0.1:$(free_port $((port + 100)))
connect.rest.listeners=http://127.0.0.1:$(free_port $((port + 200)))
kafka.listeners=PLAINTEXT://127.0.0.1:$port
kafka.group.initial.rebalance.delay.ms=0
PROPERTIES
  "$binary" server --data "$work/data" --config "$work/server.properties" > "$work/tidemill.log" 2>&1 &
  server_pid=$!
  until (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 200 ] || ! kill -0 "$server_pid" 2> /dev/null; then
      echo "tidemill does not listen on port $port; its log:" >&2
      tail -n 20 "$work/tidemill.log" >&2
      exit 1
    fi
    sleep 0.05
  done
  bootstrap=127.0.0.1:$port
}

# install CLIENT
install() {
  case "$1" in
    java | apache-tools) scripts/install-needs.sh kafka ;;
    confluent-kafka | kafka-python) scripts/install-needs.sh python-clients ;;
    franz-go | kafkajs) scripts/install-needs.sh "$1" ;;
    kcat) scripts/install-needs.sh kcat kafka ;;
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

for client in "${clients[@]}"; do install "$client"; done
if [ -z "$bootstrap" ]; then start_tidemill; fi
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
