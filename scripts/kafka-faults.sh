#!/usr/bin/env bash
# Kills, stops and starves the built binary under load, and checks what Kafka clients were told against what
# is there afterwards: no acknowledged record lost, doubled, reordered or moved, no aborted one read, no
# transaction torn, no group's committed offset gone back, Kafka Streams' counts exact.
#
# Usage: kafka-faults.sh [--cycles N] [--faults LIST] [--prove] [--keep]
#   --cycles N     how often it is done (default: CYCLES, or 100)
#   --faults LIST  which of kill,pause,cut,disk (default: all). A cycle is at random moments one of pause
#                  (SIGSTOP for a while), cut (half of the connections, answers lost) and disk (no space
#                  left), or none; then kill -9 and a new start
#   --prove        afterwards damages what was read in every way that the checks know, and fails unless each
#                  is noticed
#   --keep         keeps the directory even when nothing has failed
#
# The binary is target/release/tidemill, or TIDEMILL_BIN. A run that fails keeps its directory and names it.
# The load is tests/kafka/faults; what it needs is fetched into target/peers/kafka-faults.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tidemill.sh

peers=target/peers/kafka-faults
cycles=${CYCLES:-100} faults=kill,pause,cut,disk prove=() keep=no

usage() {
  sed -n '/^# Usage/,/^#$/p' "$0" | sed 's/^# \{0,1\}//' >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case "$1" in
    --cycles) cycles=${2:?a number} && shift ;;
    --faults) faults=${2:?a list} && shift ;;
    --prove) prove=(--prove) ;;
    --keep) keep=yes ;;
    *) usage ;;
  esac
  shift
done
if ! [[ $faults =~ ^(kill|pause|cut|disk)(,(kill|pause|cut|disk))*$ ]]; then usage; fi
has() { [[ ",$faults," == *",$1,"* ]]; }

work=$(mktemp -d "${TMPDIR:-/tmp}/tidemill-kafka-faults-XXXXXX")
data=$work/data
load_pid= is_mounted=no verdict=1

clean_up() {
  if [ -n "$load_pid" ]; then kill_process "$load_pid"; fi
  tidemill_kill
  if [ "$verdict" != 0 ]; then keep=yes; fi
  if [ "$is_mounted" = yes ]; then
    # What is to be kept of the small disk goes to the large one.
    if [ "$keep" = yes ]; then cp -a "$data" "$work/kept"; fi
    umount "$data"
  fi
  if [ "$keep" = yes ]; then echo "kafka-faults.sh: all is kept in $work" >&2; else rm -rf "$work"; fi
}
trap clean_up EXIT

# The data directory is a small file system of its own, which can be made full at once.
mount_disk() {
  if mount -t tmpfs -o size=100% tidemill-faults "$data" 2> /dev/null; then
    is_mounted=yes
  else
    echo "kafka-faults.sh: NO FULL DISKS in this run: mounting a file system is not allowed here" >&2
    faults=$(tr , '\n' <<< "$faults" | grep -v '^disk$' | paste -sd,)
  fi
}

configure() {
  port=$(free_port)
  proxy_port=$(free_port $((port + 1)))
  tidemill_configure "$work" << PROPERTIES
kafka.listeners=PLAINTEXT://127.0.0.1:$port
kafka.advertised.listeners=PLAINTEXT://127.0.0.1:$proxy_port
kafka.group.initial.rebalance.delay.ms=0
kafka.group.min.session.timeout.ms=1000
kafka.group.consumer.min.session.timeout.ms=1000
kafka.group.consumer.session.timeout.ms=5000
kafka.group.consumer.min.heartbeat.interval.ms=100
kafka.group.consumer.heartbeat.interval.ms=300
PROPERTIES
}

# One start in eight is killed itself, on its way.
restart_server() {
  tidemill_kill
  if [ $((RANDOM % 8)) = 0 ]; then
    tidemill_launch "$work"
    rest 1 150
    tidemill_kill
  fi
  tidemill_start "$work"
}

start_load() {
  mkfifo "$work/commands"
  java -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
    -cp "$peers/classes:$peers/jars/*" Main "$port" "$proxy_port" "$work" "${prove[@]}" \
    < "$work/commands" > "$work/table" 2> "$work/load.log" &
  load_pid=$!
  exec 4> "$work/commands"
  await_process "$load_pid" "$work/load.log" 150 grep '^ready' "$work/table"
}

# rest LEAST MOST: sleeps for a random time, in milliseconds.
rest() {
  local ms=$(($1 + RANDOM % ($2 - $1)))
  sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
}

fault_pause() {
  kill -STOP "$tidemill_pid"
  rest 100 1500
  kill -CONT "$tidemill_pid"
}

fault_cut() { echo cut >&4; }

# After an operator has made room, a server that has seen a full disk is started anew.
fault_disk() {
  mount -o "remount,size=$(($(df --output=used -k "$data" | tail -n 1) + RANDOM % 300))k" "$data"
  rest 200 1200
  mount -o remount,size=100% "$data"
  restart_server
}

cycle() {
  local choices=(none) fault
  for fault in pause cut disk; do if has "$fault"; then choices+=("$fault"); fi; done
  fault=${choices[RANDOM % ${#choices[@]}]}
  rest 50 900
  if [ "$fault" != none ]; then
    "fault_$fault"
    done_count[$fault]=$((${done_count[$fault]:-0} + 1))
    rest 50 600
  fi
  if has kill; then
    restart_server
    done_count[kill]=$((${done_count[kill]:-0} + 1))
  fi
}

declare -A done_count=()
scripts/install-needs.sh kafka-faults
mkdir -p "$data"
if has disk; then mount_disk; fi
configure
tidemill_start "$work"
start_load
began=$SECONDS
for ((number = 1; number <= cycles; number++)); do cycle; done
echo "$cycles cycles in $((SECONDS - began)) s"
for fault in "${!done_count[@]}"; do printf '%-40s %10d\n' "$fault" "${done_count[$fault]}"; done | sort
echo stop >&4
verdict=0
wait "$load_pid" || verdict=$?
load_pid=
sed 1d "$work/table"
if has disk; then
  printf '%-40s %10d\n' "lines of the server about a full disk" "$(grep -c 'No space left' "$work/server.log" || true)"
fi
if [ "$verdict" != 0 ]; then grep VIOLATION "$work/load.log" >&2 || tail -n 20 "$work/load.log" >&2; fi
exit "$verdict"
