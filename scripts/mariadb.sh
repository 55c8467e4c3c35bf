# A private MariaDB on loopback: own directory, own port, binlog on. Sourced by demo.sh.
# mariadb_start DIRECTORY PORT   sets mariadb_pid
# mariadb_stop                   ends it
# mariadb_run [ARGUMENT...]      the client, as root

. scripts/processes.sh

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
    --tmpdir="$mariadb_directory" > "$mariadb_directory/install.log" 2>&1 ||
    { tail -n 20 "$mariadb_directory/install.log" >&2 && return 1; }
  "$(mariadb_program mariadbd)" --no-defaults "${user[@]}" --datadir="$mariadb_directory/data" \
    --socket="$mariadb_directory/socket" --pid-file="$mariadb_directory/pid" \
    --tmpdir="$mariadb_directory" --bind-address=127.0.0.1 --port="$mariadb_port" \
    --server-id=223344 --log-bin=bin --binlog-format=ROW --gtid-strict-mode=1 \
    --character-set-server=utf8mb4 > "$mariadb_directory/server.log" 2>&1 &
  mariadb_pid=$!
  await_process "$mariadb_pid" "$mariadb_directory/server.log" 30 mariadb_run -e 'SELECT 1'
}

mariadb_run() {
  mariadb --no-defaults --host=127.0.0.1 --port="$mariadb_port" --user=root \
    --default-character-set=utf8mb4 "$@"
}

mariadb_stop() {
  if [ -n "$mariadb_pid" ]; then end_process "$mariadb_pid"; fi
  mariadb_pid=
}
