# Runs named checks written in bash and prints a line for each: `ok NAME` or `FAILED NAME: reason`. Sourced by
# the checks of programs that have no library: kcat and Apache Kafka's own tools. A few run beside each other;
# each has its own topics.
#
# check NAME FUNCTION [ARGUMENT...]   runs a function soon; it fails when one of its commands does
# equal EXPECTED ACTUAL WHAT          fails the running check unless both are equal
# holds TEXT PART WHAT                fails the running check unless the text has the part
# new_name STEM                       sets `name` to one that nobody has used
# finish                              waits, prints the count; its status says whether all passed
#
# The sourcing program may set `at_a_time` and `wanted`, a pattern of names.

# A command that takes longer has failed: clients retry for minutes what a broker never answers.
limit_seconds=20
reason_length_max=300

at_a_time=4
wanted=
# A place for files; checks that share a name in it must not run beside each other.
work=$(mktemp -d "${TMPDIR:-/tmp}/tidemill-checks-XXXXXX")
trap 'rm -rf "$work"' EXIT

check() {
  if [[ ! $1 =~ $wanted ]]; then return; fi
  while [ "$(jobs -rp | wc -l)" -ge "$at_a_time" ]; do wait -n; done
  check_now "$@" &
}

check_now() {
  local name=$1 output status
  shift
  # A subshell of its own, so that a failing command ends the check and nothing else.
  output=$(set -eu -o pipefail; "$@" 2>&1)
  status=$?
  if [ "$status" = 0 ]; then
    echo "ok $name" | tee -a "$work/outcomes"
  else
    output=$(tr -s '[:space:]' ' ' <<< "$output")
    echo "FAILED $name: ${output:0:$reason_length_max} (status $status)" | tee -a "$work/outcomes"
  fi
}

equal() {
  if [ "$1" != "$2" ]; then
    echo "$3: expected $1, got $2"
    return 1
  fi
}

holds() {
  if [[ $1 != *"$2"* ]]; then
    echo "$3: expected '$2' in: $1"
    return 1
  fi
}

new_name() {
  # A check runs in a subshell, so a counter would be lost with it.
  name="$run_prefix-$1-$BASHPID-$RANDOM"
}

finish() {
  local passed failed
  wait
  touch "$work/outcomes"
  passed=$(grep -c '^ok ' "$work/outcomes")
  failed=$(grep -c '^FAILED ' "$work/outcomes")
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
