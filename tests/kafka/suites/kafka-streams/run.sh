#!/usr/bin/env bash
# Kafka Streams' published smoke and exactly-once test clients. Apache runs them as processes against a
# cluster, killing some, and lets their own drivers judge what came out; so does this script.
# Called by scripts/kafka-suites.sh; ../README.md describes the environment. Arguments name the tests to run.
#
#   smoke[exactly_once_v2]    a dozen aggregations, windows and joins over 20,000 records in transactions,
#                             one of two clients killed on the way
# and with SUITE_ALL=yes
#   smoke[at_least_once]      the same without transactions and without a crash
#   eos                       exactly-once clients, one of them killed; every output record is verified
#   eos-complex               the same with a repartition
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../../../scripts/processes.sh"

fetch() {
  if [ "$SUITE_PEER/stamp" -nt "$here/pom.xml" ] && [ "$SUITE_PEER/stamp" -nt "$here/StreamsSuite.java" ]; then return; fi
  rm -rf "$SUITE_PEER"
  mkdir -p "$SUITE_PEER"
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$SUITE_PEER/jars"
  javac -cp "$SUITE_PEER/jars/*" -d "$SUITE_PEER/classes" "$here/StreamsSuite.java"
  touch "$SUITE_PEER/stamp"
}

# java_run CLASS [ARGUMENT...], in the place of the shell.
java_run() {
  exec java -Xmx256m -XX:TieredStopAtLevel=1 -Djava.io.tmpdir="$SUITE_WORK" \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$SUITE_PEER/classes:$SUITE_PEER/jars/*" "$@"
}

# The processes that a test has started and that are to be gone after it.
pids=()
end_processes() {
  local pid
  for pid in "${pids[@]}"; do kill_process "$pid"; done
  pids=()
}
trap end_processes EXIT

# start CLASS NAME GUARANTEE COMMAND: one process of a test; $started is its id.
start() {
  local class=$1 name=$2
  printf '%s\n' "bootstrap.servers=$SUITE_BOOTSTRAP" "processing.guarantee=$3" \
    "state.dir=$SUITE_WORK/state-$name" > "$SUITE_WORK/$name.properties"
  (java_run "org.apache.kafka.streams.tests.$class" "$SUITE_WORK/$name.properties" "$4") \
    > "$SUITE_WORK/$name.log" 2>&1 &
  started=$!
  pids+=("$started")
}

# start_smoke NAME GUARANTEE: starts a client of the smoke test and waits until it has said that it runs.
start_smoke() {
  local log=$SUITE_WORK/$1.log
  start StreamsSmokeTest "$1" "$2" process
  await_process "$started" "$log" 60 grep SMOKE-TEST-CLIENT-STARTED "$log"
}

renew_topics() {
  (java_run StreamsSuite topics "$SUITE_BOOTSTRAP" "$@") > "$SUITE_WORK/topics.log" 2>&1
}

# smoke GUARANTEE CRASH: with CRASH=yes a client is killed without warning and another takes over.
smoke() {
  local guarantee=$1 exactly_once=false first driver verdict=0
  if [ "$guarantee" = exactly_once_v2 ]; then exactly_once=true; fi
  renew_topics SmokeTest data echo max min min-suppressed min-raw dif sum sws-raw sws-suppressed cnt avg tagg || return 1
  start_smoke "smoke-$guarantee-1" "$guarantee" || return 1
  first=$started
  (java_run StreamsSuite smoke "$SUITE_BOOTSTRAP" "$produce_s" "$exactly_once") > "$SUITE_WORK/smoke-$guarantee.log" 2>&1 &
  driver=$!
  pids+=("$driver")
  if [ "$2" = yes ]; then
    sleep 5
    start_smoke "smoke-$guarantee-2" "$guarantee" || return 1
    kill_process "$first"
  fi
  wait "$driver" || verdict=$?
  return "$verdict"
}

# eos NAME SUFFIX INTERNAL_TOPIC...: the suffix chooses the topology. The client asks for three replicas of
# its internal topics, whatever it is told; where they are there already, it uses them as they are.
eos() {
  local name=$1 suffix=$2 producer killed other
  shift 2
  renew_topics EosTest data echo min sum repartition max cnt "$@" || return 1
  start StreamsEosTest "$name-run" exactly_once_v2 run
  producer=$started
  start StreamsEosTest "$name-1" exactly_once_v2 "process$suffix"
  killed=$started
  start StreamsEosTest "$name-2" exactly_once_v2 "process$suffix"
  other=$started
  sleep "$produce_s"
  kill_process "$killed"
  start StreamsEosTest "$name-3" exactly_once_v2 "process$suffix"
  sleep "$produce_s"
  end_process "$producer" "$ends_s"
  end_process "$other" "$ends_s"
  end_process "$started" "$ends_s"
  start StreamsEosTest "$name-verify" exactly_once_v2 "verify$suffix"
  wait "$started" || true
  grep -q ALL-RECORDS-DELIVERED "$SUITE_WORK/$name-verify.log"
}

# judge TEST COMMAND...: runs a test, if it is wanted, and notes its outcome.
only=" $* "
judge() {
  local test=$1 outcome=passed
  shift
  if [[ $only != "  " && $only != *" $test "* ]]; then return; fi
  "$@" || outcome=failed
  end_processes
  printf '%s\t%s\n' "$test" "$outcome" >> "$SUITE_RESULTS"
}

if [ "${1:-}" = --fetch ]; then
  fetch > "$SUITE_WORK/fetch.log" 2>&1
  exit
fi
sed -n 's/.*<kafka.version>\(.*\)<.*/\1/p' "$here/pom.xml" > "$SUITE_WORK/version"
# A client that is asked to end finishes its transactions first.
ends_s=120
produce_s=15
if [ "$SUITE_ALL" = yes ]; then produce_s=30; fi

judge 'smoke[exactly_once_v2]' smoke exactly_once_v2 yes
if [ "$SUITE_ALL" = yes ]; then
  judge 'smoke[at_least_once]' smoke at_least_once no
  judge eos eos eos '' EosTest-KSTREAM-AGGREGATE-STATE-STORE-00000000{03,07}-changelog
  judge eos-complex eos eos-complex -complex EosTest-KSTREAM-AGGREGATE-STATE-STORE-00000000{03,07,14,18}-changelog
fi
