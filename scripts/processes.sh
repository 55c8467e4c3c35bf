# Ports and processes. Sourced by the scripts that start servers, so that each server is awaited and ended in
# the same way, by its process id.
#
# listens PORT                           whether somebody listens on that port of loopback
# free_port [FROM]                       prints the first port from FROM on (else from a random one) without a listener
# await_process PID LOG SECONDS COMMAND  repeats the command until it succeeds; fails and shows the end of the
#                                        log when the process has ended before, or the time is over
# end_process PID [SECONDS]              asks a process to end; after 20 s, or as many, it has to
# kill_process PID                       ends it without a warning

listens() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

# Random ports keep runs beside each other apart. They lie below those that the system gives to outgoing
# connections, so that a server finds its port free again after a kill.
free_port() {
  local port=${1:-$((10000 + RANDOM % 20000))}
  while listens "$port"; do port=$((port + 1)); done
  echo "$port"
}

await_process() {
  local pid=$1 log=$2 until=$((SECONDS + $3))
  shift 3
  until "$@" > /dev/null 2>&1; do
    if [ "$SECONDS" -gt "$until" ] || ! kill -0 "$pid" 2> /dev/null; then
      echo "$(basename "$0"): a process is not ready; the end of $log:" >&2
      tail -n 20 "$log" >&2
      return 1
    fi
    sleep 0.05
  done
}

# The process need not be a child of this shell.
end_process() {
  local seconds=${2:-20} until
  until=$((SECONDS + seconds))
  kill "$1" 2> /dev/null || true
  while kill -0 "$1" 2> /dev/null; do
    if [ "$SECONDS" -gt "$until" ]; then
      echo "$(basename "$0"): process $1 does not end within $seconds s of being asked to" >&2
      kill -9 "$1" 2> /dev/null || true
      break
    fi
    sleep 0.05
  done
  wait "$1" 2> /dev/null || true
}

# Waiting for it takes in the shell's word on a killed child.
kill_process() {
  kill -9 "$1" 2> /dev/null || true
  wait "$1" 2> /dev/null || true
}
