# A private MariaDB on loopback: own directory, own port, binlog on. Sourced by demo.sh.
# mariadb_start DIRECTORY PORT   sets mariadb_pid
# mariadb_stop                   ends it
# mariadb_run [ARGUMENT...]      the client, as root

mariadb_pid=

mariadb_program() {
  command -v "$1" || { [ -x "/usr/sbin/$1" ] && echo "/usr/sbin/$1"; }
}

mariadb_start() {
  mariadb_directory=$1 mariadb_port=$2
  local user=()
  if [ "$(id -u)" = 0 ]; then user=(--user=root); fi
  mkdir -p "$mariadb_directory"
  "$(mariadb_program mariadb-install-db)" --no-defaults "${user[@]}" --skip-test-db \
    --auth-root-authentication-method=normal --datadir="$mariadb_directory/data" \
    --tmpdir="$mariadb_directory" > "$mariadb_directory/install.log" 2>&1
  "$(mariadb_program mariadbd)" --no-defaults "${user[@]}" --datadir="$mariadb_directory/data" \
    --socket="$mariadb_directory/socket" --pid-file="$mariadb_directory/pid" \
    --tmpdir="$mariadb_directory" --bind-address=127.0.0.1 --port="$mariadb_port" \
    --server-id=223344 --log-bin=bin --binlog-format=ROW --gtid-strict-mode=1 \
    --character-set-server=utf8mb4 > "$mariadb_directory/server.log" 2>&1 &
  mariadb_pid=$!
  local tries=0
  until mariadb_run -e 'SELECT 1' > /dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 "$mariadb_pid" 2> /dev/null; then
      echo "MariaDB did not start; see $mariadb_directory/server.log" >&2
      return 1
    fi
    sleep 0.1
  done
}

mariadb_run() {
  mariadb --no-defaults --host=127.0.0.1 --port="$mariadb_port" --user=root \
    --default-character-set=utf8mb4 "$@"
}

mariadb_stop() {
  if [ -n "$mariadb_pid" ] && kill -0 "$mariadb_pid" 2> /dev/null; then
    kill "$mariadb_pid"
    wait "$mariadb_pid" 2> /dev/null || true
  fi
  mariadb_pid=
}
