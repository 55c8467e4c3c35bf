#!/usr/bin/env bash
# The main job on real input: a MariaDB database becomes live tables. Everything runs on loopback in a
# fresh directory and is gone afterwards. SHELL_AFTER=1 leaves the shell open before that.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tidemill.sh
. scripts/mariadb.sh

work=$(mktemp -d "${TMPDIR:-/tmp}/tidemill-demo-XXXXXX")

clean_up() {
  tidemill_stop
  mariadb_stop
  rm -rf "$work"
}
trap clean_up EXIT

say() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }
sql() { "$tidemill_binary" sql "http://127.0.0.1:$rest_port" "$@"; }

# Repeats a query until its answer holds the text.
sql_until() {
  local wanted=$1 query=$2 tries=0
  until sql -e "$query" | grep -q "$wanted"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ]; then
      echo "the answer never held '$wanted': $query" >&2
      sql -e "$query" >&2
      tail -n 20 "$work/server.log" >&2
      exit 1
    fi
    sleep 0.1
  done
}

say "A private MariaDB with the tutorial's ten calls"
database_port=$(free_port 23306)
mariadb_start "$work/mariadb" "$database_port"
mariadb_run < scripts/demo/calls.sql
mariadb_run -t -e 'SELECT * FROM `call-center`.calls'

say "Tidemill on a fresh directory; nothing else runs"
rest_port=$(free_port 28088)
registry_port=$(free_port 28081)
connect_port=$(free_port 28083)
kafka_port=$(free_port 29092)
cat > "$work/server.properties" <<PROPERTIES
listeners=http://127.0.0.1:$rest_port
schema.registry.listeners=http://127.0.0.1:$registry_port
connect.rest.listeners=http://127.0.0.1:$connect_port
kafka.listeners=PLAINTEXT://127.0.0.1:$kafka_port
PROPERTIES
tidemill_start "$work"

say "The tutorial's connector, stream and two materialised views"
cat > "$work/statements.sql" <<SQL
SET 'auto.offset.reset' = 'earliest';
CREATE SOURCE CONNECTOR calls_reader WITH (
    'connector.class' = 'io.debezium.connector.mysql.MySqlConnector',
    'database.hostname' = '127.0.0.1',
    'database.port' = '$database_port',
    'database.user' = 'example-user',
    'database.password' = 'example-pw',
    'database.allowPublicKeyRetrieval' = 'true',
    'database.server.id' = '184054',
    'database.server.name' = 'call-center-db',
    'database.whitelist' = 'call-center',
    'database.history.kafka.bootstrap.servers' = 'broker:9092',
    'database.history.kafka.topic' = 'call-center',
    'table.whitelist' = 'call-center.calls',
    'include.schema.changes' = 'false'
);
SQL
sql -f "$work/statements.sql"
sql_until 'call-center-db.call-center.calls' 'SHOW TOPICS;'
{ echo "SET 'auto.offset.reset' = 'earliest';"; cat scripts/demo/views.sql; } > "$work/views.sql"
sql -f "$work/views.sql"

say "How many reasons has derek called for, and what was the last? (expected: 3, refund)"
derek="SELECT name, distinct_reasons, last_reason FROM support_view WHERE name = 'derek';"
sql_until 'refund' "$derek"
sql -e "$derek"
say "How often has michael called, and for how many minutes? (expected: 3, 46)"
michael="SELECT name, total_calls, minutes_engaged FROM lifetime_view WHERE name = 'michael';"
sql_until '46' "$michael"
sql -e "$michael"

say "Calls come in; a push query looks on"
# The first three rows are the table as it is; the next three are the changes.
sql -e "SELECT name, total_calls, minutes_engaged FROM lifetime_view EMIT CHANGES LIMIT 6;" &
watcher=$!
sleep 0.5
for reason in help refund praise; do
  mariadb_run -e "INSERT INTO \`call-center\`.calls VALUES ('derek', '$reason', 600)"
  sleep 0.2
done
wait "$watcher"
sql_until 'praise' "$derek"
sql -e "$derek"

say "A larger table: 100,000 customers with orders, captured with progress shown"
mariadb_run < scripts/demo/shop.sql
sql -e "CREATE SOURCE CONNECTOR shop_reader WITH (
    'connector.class' = 'io.debezium.connector.mysql.MySqlConnector',
    'database.hostname' = '127.0.0.1', 'database.port' = '$database_port',
    'database.user' = 'example-user', 'database.password' = 'example-pw',
    'database.server.id' = '184055', 'topic.prefix' = 'shop',
    'table.include.list' = 'shop.orders,shop.customers', 'decimal.handling.mode' = 'precise');"
for _ in 1 2 3 4; do
  sql -e 'DESCRIBE CONNECTOR shop_reader;' | grep -i -E 'snapshot|stream|rows' || true
  sleep 0.4
done
sql_until 'shop.shop.orders' 'SHOW TOPICS;'
sql -e "SET 'auto.offset.reset' = 'earliest';
CREATE STREAM orders WITH (kafka_topic = 'shop.shop.orders', value_format = 'avro');
CREATE TABLE revenue_by_city AS
    SELECT after->city AS city, count(*) AS orders, sum(after->amount) AS revenue
    FROM orders WHERE op = 'r' OR op = 'c'
    GROUP BY after->city EMIT CHANGES;"

say "Orders and revenue per city, as orders come in"
sql_until '12500' "SELECT * FROM revenue_by_city WHERE city = 'Bergen';"
sql -e "SELECT city, orders, revenue FROM revenue_by_city;"

say "Bergen orders 300 times while we look"
for batch in 0 1 2; do
  mariadb_run -e "INSERT INTO shop.orders
    SELECT 200000 + $batch * 100 + seq, 1, 'Bergen', 10.00 FROM shop.seq_1_to_100"
  sql_until "$((12600 + batch * 100))" "SELECT * FROM revenue_by_city WHERE city = 'Bergen';"
  sql -e "SELECT city, orders, revenue FROM revenue_by_city WHERE city = 'Bergen';"
done

if [ -n "${SHELL_AFTER:-}" ]; then
  say "The shell is yours; leave it with exit"
  sql
fi
say "Done; everything is cleaned up"
