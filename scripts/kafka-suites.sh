#!/usr/bin/env bash
# Runs public test suites of Kafka clients against a broker and holds what passes against
# tests/kafka/suites.ratchet. The suites are not part of this project: tests/kafka/suites/*/run.sh install
# them by package name into target/peers/suites.
#
# Usage: kafka-suites.sh [--bootstrap HOST:PORT [--version VERSION] [--data DIRECTORY]] [--all] [--raise] [SUITE...]
#
#   --bootstrap  the broker under test; without it a Tidemill of its own is started and ended
#   --version    the Apache Kafka version that the given broker is, or answers like (default 4.1.0)
#   --data       the given broker's data directory, for dump-log; nothing may write to it meanwhile
#   --all        every test of every suite (half an hour); else those that take under five minutes together
#   --raise      adds what passes now to the ratchet file
#   SUITE        kafka-python, franz-go, librdkafka, kafka-streams, dump-log (default: all five)
#
# TIDEMILL_BIN is the program to start (default: target/release/tidemill). What is missing is installed.
# target/kafka-suites.tsv gets a line per test: suite, version, test, passed|failed|skipped;
# target/kafka-suites/SUITE holds the logs.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tidemill.sh
root=$PWD

known="kafka-python franz-go librdkafka kafka-streams dump-log"
report=$root/target/kafka-suites.tsv
work=$root/target/kafka-suites
ratchet=$root/tests/kafka/suites.ratchet
bootstrap='' sasl_bootstrap='' ssl_bootstrap='' version=4.1.0 data='' all=no raise=no suites=''

usage() {
  sed -n '/^# Usage/,/^# target/p' "$0" | sed 's/^# \{0,1\}//' >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case "$1" in
    --bootstrap | --version | --data)
      if [ $# -lt 2 ]; then usage; fi
      case "$1" in
        --bootstrap) bootstrap=$2 ;;
        --version) version=$2 ;;
        --data) data=$(cd "$2" && pwd) ;;
      esac
      shift
      ;;
    --all) all=yes ;;
    --raise) raise=yes ;;
    *)
      case " $known " in *" $1 "*) suites="$suites $1" ;; *) usage ;; esac
      ;;
  esac
  shift
done

trap tidemill_stop EXIT

# certify FOLDER: a key and a certificate that is its own authority.
certify() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$1/key" -out "$1/ca-cert" 2> /dev/null
  cat "$1/key" "$1/ca-cert" > "$1/server.pem"
}

# A Tidemill with the settings that the suites' own brokers have; tests/kafka/suites/README.md.
start_server() {
  local port sasl_port listeners
  port=$(free_port)
  sasl_port=$(free_port $((port + 1)))
  bootstrap=127.0.0.1:$port
  sasl_bootstrap=127.0.0.1:$sasl_port
  ssl_bootstrap=127.0.0.1:$(free_port $((sasl_port + 1)))
  listeners=PLAINTEXT://$bootstrap,SASL_PLAINTEXT://$sasl_bootstrap,SSL://$ssl_bootstrap
  data=$work/server/data
  rm -rf "$work/server"
  mkdir -p "$work/server"
  certify "$work/server"
  tidemill_configure "$work/server" << PROPERTIES
kafka.listeners=$listeners
kafka.advertised.listeners=$listeners
kafka.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
kafka.listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-secret";
kafka.sasl.scram.bootstrap.users=SCRAM-SHA-256=[name=alice,password=alice-secret];SCRAM-SHA-512=[name=alice,password=alice-secret]
kafka.ssl.keystore.type=PEM
kafka.ssl.keystore.location=$work/server/server.pem
kafka.broker.id=0
kafka.num.partitions=4
kafka.group.min.session.timeout.ms=1000
kafka.group.initial.rebalance.delay.ms=100
kafka.authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
kafka.allow.everyone.if.no.acl.found=true
PROPERTIES
  tidemill_start "$work/server"
}

# limit SUITE: the seconds that a run may take, far above what it does take.
limit() {
  case "$all $1" in
    "yes librdkafka") echo 3600 ;;
    yes*) echo 1800 ;;
    *) echo 300 ;;
  esac
}

# told SUITE COMMAND...: the command with the environment of a suite's program.
told() {
  local folder=$work/$1
  SUITE_BOOTSTRAP=$bootstrap SUITE_SASL_BOOTSTRAP=$sasl_bootstrap SUITE_SSL_BOOTSTRAP=$ssl_bootstrap \
    SUITE_SSL_DIRECTORY=$work/server SUITE_KAFKA_VERSION=$version SUITE_DATA=$data SUITE_ALL=$all \
    SUITE_PEER=$root/target/peers/suites/$1 SUITE_WORK=$folder SUITE_RESULTS=$folder/results \
    SUITE_JARS=$root/target/peers/kafka/jars "${@:2}"
}

# run SUITE: its lines go to the report, prefixed with its name and version.
run() {
  local suite=$1 folder=$work/$1 program=tests/kafka/suites/$1/run.sh status=0
  rm -rf "$folder"
  mkdir -p "$folder"
  : > "$folder/results"
  # What it needs may have to be built, and that takes as long as it takes.
  { told "$suite" "$program" --fetch && told "$suite" timeout --kill-after=10 "$(limit "$suite")" "$program"; } || status=$?
  if [ ! -s "$folder/results" ] || [ "$status" != 0 ]; then
    printf 'the suite itself\tfailed\n' >> "$folder/results"
    echo "kafka-suites.sh: $suite ended with $status; its logs are in $folder" >&2
  fi
  awk -v OFS='\t' -F '\t' -v suite="$suite" -v version="$(cat "$folder/version" 2> /dev/null || echo unknown)" \
    '{ print suite, version, $1, $2 }' "$folder/results" >> "$report"
}

summary() {
  awk -F '\t' '
    !($1 in version) { order[++suites] = $1; version[$1] = $2 }
    { count[$1, $4]++ }
    END {
      for (i = 1; i <= suites; i++) {
        s = order[i]
        printf "%s %s: %d passed, %d failed, %d skipped\n", s, version[s], count[s, "passed"], count[s, "failed"], count[s, "skipped"]
      }
    }' "$report"
}

# A test of the ratchet that ran must have passed; with --all, each of a suite that ran must have run.
hold_ratchet() {
  awk -F '\t' -v all="$all" '
    FILENAME == ARGV[1] { must[$1, $2]; next }
    { ran[$1]; told[$1, $3] }
    ($1, $3) in must && $4 != "passed" { print "no longer passes: " $1 ": " $3; failed = 1 }
    $3 == "the suite itself" { failed = 1 }
    END {
      for (test in must) {
        split(test, part, SUBSEP)
        if (all == "yes" && part[1] in ran && !(test in told)) { print "did not run: " part[1] ": " part[2]; failed = 1 }
      }
      exit failed
    }' "$ratchet" "$report" >&2
}

raise_ratchet() {
  awk -F '\t' -v OFS='\t' '$4 == "passed" { print $1, $3 }' "$report" | LC_ALL=C sort -u - "$ratchet" > "$work/ratchet"
  mv "$work/ratchet" "$ratchet"
}

mkdir -p "$work"
scripts/install-needs.sh kafka-suites
own=no
if [ -z "$bootstrap" ]; then
  own=yes
  start_server
fi
: > "$report"
for suite in ${suites:-$known}; do
  # Only a server at rest has files that hold everything; and a given one may keep them elsewhere.
  if [ "$suite" = dump-log ]; then
    if [ "$own" = yes ]; then tidemill_stop; fi
    if [ -z "$data" ]; then continue; fi
  fi
  run "$suite"
done
summary
if [ "$raise" = yes ]; then raise_ratchet; fi
hold_ratchet
