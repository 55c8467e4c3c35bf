#!/usr/bin/env bash
# librdkafka's own test suite, as far as it runs against a given broker. Its sources, tests included, are
# part of Confluent's npm package; they are built here.
# Called by scripts/kafka-suites.sh; ../README.md describes the environment.
#
# The tests of one number are a process with a time limit, so that none takes others along. Left out are the
# tests that bring their own broker (mocks), that want another cluster (scenarios, SSL_ and OIDC
# variables), and those of share groups.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sources=$SUITE_PEER/package/deps/librdkafka
jobs=${SUITE_JOBS:-3}

# Some tests read librdkafka's statistics with RapidJSON: headers only, taken from Debian's package. Where
# that can't be had, the tests say so and are counted as skipped.
fetch_rapidjson() {
  mkdir -p "$SUITE_PEER/debian"
  (cd "$SUITE_PEER/debian" && apt-get download -qq rapidjson-dev && dpkg-deb -x rapidjson-dev_*.deb .) || true
}

fetch() {
  if [ "$sources/tests/test-runner" -nt "$here/package.json" ]; then return; fi
  rm -rf "$SUITE_PEER"
  mkdir -p "$SUITE_PEER"
  local name version
  name=$(node -p 'Object.keys(require(process.argv[1]).dependencies)[0]' "$here/package.json")
  version=$(node -p 'Object.values(require(process.argv[1]).dependencies)[0]' "$here/package.json")
  (cd "$SUITE_PEER" && npm pack --silent "$name@$version" && tar xzf ./*.tgz --warning=no-unknown-keyword)
  fetch_rapidjson
  cd "$sources"
  # The tests of transactions ask for three replicas of their topics; they need one.
  sed -i 's/\(create_topic_wait_exists(.*\), 3, 5000)/\1, 1, 5000)/' tests/0098-consumer-txn.cpp tests/0103-transactions.c
  CPPFLAGS="-isystem $SUITE_PEER/debian/usr/include" ./configure \
    --disable-optimization --disable-debug-symbols --disable-curl --disable-gssapi --disable-lz4-ext
  make -j2 libs
  make -j2 -C tests test-runner
}

# The tests alter topics and access rules with scripts of Apache Kafka's distribution, and run Java clients
# of their own. These stand for the distribution.
write_kafka_distribution() {
  local bin=$SUITE_WORK/kafka/bin script
  mkdir -p "$bin"
  ln -sfn "$SUITE_JARS" "$SUITE_WORK/kafka/libs"
  cat > "$bin/kafka-run-class.sh" << SCRIPT
#!/bin/sh
exec java -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \\
  -cp "\${CLASSPATH:-.}:$SUITE_JARS/*" "\$@"
SCRIPT
  for script in topics:TopicCommand acls:AclCommand; do
    printf '#!/bin/sh\nexec "%s/kafka-run-class.sh" org.apache.kafka.tools.%s "$@"\n' \
      "$bin" "${script#*:}" > "$bin/kafka-${script%:*}.sh"
  done
  chmod +x "$bin"/*
}

# run_one NUMBER LIMIT: the tests of a number; the log and the report are named after it.
run_one() {
  TESTS=$1 TEST_REPORT=$SUITE_WORK/reports/$1.json \
    nice timeout --kill-after=5 "$2" ./test-runner -p1 -L -K -Q > "$SUITE_WORK/reports/$1.log" 2>&1 || true
}

if [ "${1:-}" = --fetch ]; then
  fetch > "$SUITE_WORK/fetch.log" 2>&1
  exit
fi
sed -n 's/^#define RD_KAFKA_VERSION 0x\(..\)\(..\)\(..\).*/\1 \2 \3/p' "$sources/src/rdkafka.h" |
  { read -r major minor patch; echo "$((16#$major)).$((16#$minor)).$((16#$patch))"; } > "$SUITE_WORK/version"
write_kafka_distribution
mkdir -p "$SUITE_WORK/reports"

cd "$sources/tests"
# configure NAME ADDRESS [PROPERTY=VALUE...]: the configuration of a run. Time-outs allow for the seconds
# that Kafka's scripts take to start, and for busy machines.
configure() {
  export RDKAFKA_TEST_CONF=$SUITE_WORK/$1.conf
  printf '%s\n' "metadata.broker.list=$2" test.topic.random=true test.timeout.multiplier=3 "${@:3}" \
    > "$RDKAFKA_TEST_CONF"
}

export LD_LIBRARY_PATH=../src:../src-cpp TEST_LEVEL=1
export TEST_KAFKA_VERSION=$SUITE_KAFKA_VERSION KAFKA_PATH=$SUITE_WORK/kafka BROKERS=$SUITE_BOOTSTRAP
export SUITE_WORK
export -f run_one

if [ "$SUITE_ALL" = yes ]; then
  limit=240
  sed -n 's/^ *_TEST(\(0[0-9a-z_]*\),.*/\1/p' test.c | grep -v share_ > "$SUITE_WORK/tests"
else
  limit=60
  grep -v '^#' "$here/quick" > "$SUITE_WORK/tests"
fi

numbers() { cut -c 1-4 | sort -u; }
# run_numbers JOBS, of the numbers on its input.
run_numbers() { xargs -P "$1" -I {} bash -c "run_one {} $limit" 2> /dev/null; }
outcomes() { node "$here/outcomes.js" "$SUITE_WORK/tests" "$SUITE_WORK/reports"; }

configure plain "$SUITE_BOOTSTRAP"
numbers < "$SUITE_WORK/tests" | run_numbers "$jobs"
# Some tests see other tests' topics come and go, so a failure counts when it comes alone too.
outcomes | sed -n 's/\tfailed$//p' | numbers > "$SUITE_WORK/again"
run_numbers 1 < "$SUITE_WORK/again"
if [ "$SUITE_ALL" = yes ] && [ -n "${SUITE_SASL_BOOTSTRAP:-}" ]; then
  configure sasl "$SUITE_SASL_BOOTSTRAP" security.protocol=SASL_PLAINTEXT sasl.mechanism=SCRAM-SHA-256 \
    sasl.username=alice sasl.password=alice-secret
  echo 0135 | run_numbers 1
fi
outcomes >> "$SUITE_RESULTS"
