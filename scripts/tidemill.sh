# A Tidemill of the script's own on loopback. Sourced; the script's trap on EXIT calls tidemill_stop or tidemill_kill.
#
# tidemill_configure DIRECTORY  writes DIRECTORY/server.properties: what is on standard input, and of the other
#                               servers only the one that can't be left out, on a port that nobody asks for
# tidemill_start DIRECTORY      runs the binary on DIRECTORY/data and returns once it is ready; its words are
#                               added to DIRECTORY/server.log
# tidemill_launch DIRECTORY     the same without waiting
# tidemill_stop                 ends it, if it runs
# tidemill_kill                 ends it without a warning, if it runs
#
# tidemill_binary is target/release/tidemill, or TIDEMILL_BIN; tidemill_pid is the process, or empty.

. scripts/processes.sh

tidemill_binary=${TIDEMILL_BIN:-target/release/tidemill}
tidemill_pid=

tidemill_configure() {
  mkdir -p "$1"
  {
    printf '%s\n' listeners=http://127.0.0.1:0 schema.registry.listeners= connect.rest.listeners=
    cat
  } > "$1/server.properties"
}

tidemill_launch() {
  if [ ! -x "$tidemill_binary" ]; then
    echo "$(basename "$0"): $tidemill_binary is not there; run 'make build' first, or set TIDEMILL_BIN" >&2
    exit 1
  fi
  "$tidemill_binary" server --data "$1/data" --config "$1/server.properties" >> "$1/server.log" 2>&1 &
  tidemill_pid=$!
}

tidemill_start() {
  local log=$1/server.log said
  touch "$log"
  said=$(wc -c < "$log")
  tidemill_launch "$1"
  await_process "$tidemill_pid" "$log" 30 tidemill_is_ready "$log" "$said"
}

# tidemill_is_ready LOG SAID: this start has said so, after the SAID bytes of the former ones.
tidemill_is_ready() { tail -c "+$(($2 + 1))" "$1" | grep '^Tidemill is ready'; }

tidemill_stop() {
  if [ -n "$tidemill_pid" ]; then end_process "$tidemill_pid"; fi
  tidemill_pid=
}

tidemill_kill() {
  if [ -n "$tidemill_pid" ]; then kill_process "$tidemill_pid"; fi
  tidemill_pid=
}
