#!/usr/bin/env bash
# Gets the Kafka clients of the checks, and Apache Kafka itself, into target/peers. Each comes by its
# name from its own registry, in the version that is pinned below tests/kafka; what is there in that
# version already is left alone. The programs it needs are installed by scripts/install-needs.sh.
#
# Usage: fetch.sh jars|java|faults|python|kafkajs|franz-go...
#
#   jars      target/peers/kafka/jars     Apache Kafka's broker, tools and Java client
#   java      target/peers/kafka/checks   the compiled checks of the Java client
#   faults    target/peers/kafka-faults   Kafka Streams, and the compiled load of the fault test
#   python    target/peers/python         a virtual environment with confluent-kafka and kafka-python
#   kafkajs   target/peers/kafkajs        KafkaJS below node_modules
#   franz-go  target/peers/franz-go       the compiled program of the checks
set -euo pipefail
cd "$(dirname "$0")/../.."

sources=$PWD/tests/kafka/clients
faults=$PWD/tests/kafka/faults
peers=$PWD/target/peers
scripts=$PWD/scripts/kafka

# up_to_date STAMP FILE...: the stamp is newer than every file.
up_to_date() {
  local stamp=$1 file
  shift
  for file in "$@"; do
    if [ ! "$stamp" -nt "$file" ]; then return 1; fi
  done
}

say() { echo "tidemill: fetching $1" >&2; }

# copy_jars POM FOLDER WHAT: the jars that the file names into FOLDER/jars.
copy_jars() {
  local pom=$1 folder=$2
  if up_to_date "$folder/stamp" "$pom"; then return; fi
  say "$3 into $folder"
  rm -rf "$folder"
  mkdir -p "$folder"
  mvn -q -B -f "$pom" dependency:copy-dependencies -DoutputDirectory="$folder/jars" > "$folder/fetch.log" 2>&1 ||
    { cat "$folder/fetch.log" >&2; return 1; }
  touch "$folder/stamp"
}

# compile FOLDER CLASSES SOURCE...: Java that needs FOLDER/jars, into FOLDER/CLASSES.
compile() {
  local folder=$1 classes=$1/$2
  shift 2
  if up_to_date "$classes/stamp" "$folder/stamp" "$@"; then return; fi
  rm -rf "$classes"
  mkdir -p "$classes"
  javac -d "$classes" -cp "$folder/jars/*" "$@"
  touch "$classes/stamp"
}

fetch_jars() { copy_jars "$sources/java/pom.xml" "$peers/kafka" "Apache Kafka's jars (60 MB)"; }

fetch_java() { compile "$peers/kafka" checks "$sources"/java/*.java; }

fetch_faults() {
  copy_jars "$faults/pom.xml" "$peers/kafka-faults" "Kafka Streams (80 MB)"
  compile "$peers/kafka-faults" classes "$faults"/*.java
}

fetch_python() {
  local folder=$peers/python
  if up_to_date "$folder/stamp" "$sources/python/requirements.txt"; then return; fi
  say "Python clients into $folder (40 MB)"
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --requirement "$sources/python/requirements.txt"
  touch "$folder/stamp"
}

fetch_kafkajs() {
  local folder=$peers/kafkajs
  if up_to_date "$folder/stamp" "$sources/kafkajs/package.json" "$sources/kafkajs/package-lock.json"; then return; fi
  say "KafkaJS into $folder (2 MB)"
  mkdir -p "$folder"
  cp "$sources/kafkajs/package.json" "$sources/kafkajs/package-lock.json" "$folder"
  npm ci --prefix "$folder" --silent --no-audit --no-fund
  touch "$folder/stamp"
}

fetch_franz_go() {
  local folder=$peers/franz-go
  if up_to_date "$folder/checks" "$sources"/franz-go/*; then return; fi
  say "franz-go, and compiling its checks into $folder"
  mkdir -p "$folder"
  (cd "$sources/franz-go" && "$scripts/go.sh" build -o "$folder/checks" .)
}

for what in "$@"; do
  case "$what" in
    jars) fetch_jars ;;
    java) fetch_java ;;
    faults) fetch_faults ;;
    python) fetch_python ;;
    kafkajs) fetch_kafkajs ;;
    franz-go) fetch_franz_go ;;
    *)
      echo "fetch.sh: unknown '$what'; known: jars, java, faults, python, kafkajs, franz-go" >&2
      exit 2
      ;;
  esac
done
