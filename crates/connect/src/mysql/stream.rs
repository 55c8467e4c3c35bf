//! The change stream: reads the binary log's events from the position on and writes row changes.
//!
//! Commits have no timer: what has arrived is committed when nothing more is waiting, or when it is
//! enough. A transaction larger than that is committed in parts, with the number of its row events
//! that are done, so that it never has to fit into memory.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use mysql_async::binlog::events::Event;
use mysql_async::prelude::Queryable;
use mysql_async::{BinlogStream, BinlogStreamRequest, Conn};

use super::binlog::{ChangeKind, Kind, RowsEvent, TableMap, load_parts, mariadb_gtid, query_parts};
use super::catalog;
use super::connection::lost;
use super::ddl::first_word;
use super::gtid::Gtids;
use super::keys;
use super::place::{Place, Transaction};
use super::position::{Position, TableSnapshot};
use super::source::Run;
use super::table::{Column, Table};
use super::tracker::{Effect, Plan};
use crate::error::{Error, Result};

/// A commit is made when it holds this many bytes,
const COMMIT_BYTES_MAX: usize = 2 << 20;
/// or this many records.
const COMMIT_RECORDS_MAX: u64 = 20_000;
/// A position without records is committed at the latest after so many events,
const QUIET_EVENTS_MAX: u64 = 20_000;
/// or this time.
const QUIET_MAX: Duration = Duration::from_secs(5);
/// The server says this often that it is alive, in nanoseconds.
const HEARTBEAT_NS: u64 = 2_000_000_000;
/// A server silent for so long is lost.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// How soon a heartbeat that meets an open transaction is tried again.
const BEAT_RETRY: Duration = Duration::from_millis(10);

/// How a row event is laid out.
#[derive(Clone, Copy)]
struct Layout {
    change: ChangeKind,
    has_extra: bool,
    is_compressed: bool,
}

impl Run<'_> {
    /// Streams from the position on, forever or until `until`; then rows that the snapshot has not
    /// reached are left out.
    pub async fn stream(&mut self, until: Option<&Position>) -> Result<()> {
        let position = self.position.clone().unwrap_or_default();
        if until.is_some_and(|until| position.events == 0 && position.has_reached(until)) {
            return Ok(());
        }
        let (mut stream, gtids, checksum_bytes) = self.dump(&position).await?;
        let mut place = Place {
            gtids,
            skip: position.events,
            position: Position { events: 0, ..position },
            transaction: None,
            seen: 0,
            payload_end: None,
            thread: None,
            query: None,
            is_catching_up: until.is_some(),
            has_format: false,
            checksum_bytes,
            uncommitted: 0,
            committed_at: self.context.clock.monotonic(),
        };
        self.pump(&mut stream, &mut place, until).await
    }

    async fn pump(
        &mut self,
        stream: &mut BinlogStream,
        place: &mut Place,
        until: Option<&Position>,
    ) -> Result<()> {
        loop {
            if self.context.is_stopped() {
                self.flush(place).await?;
                return Err(Error::Stopped);
            }
            let next = match stream.next().now_or_never() {
                Some(next) => next,
                None => self.wait(stream, place).await?,
            };
            let event = next
                .ok_or_else(|| Error::Connection {
                    doing: "reading the binlog",
                    reason: "the server ended the stream".to_owned(),
                })?
                .map_err(|error| lost("reading the binlog", &error))?;
            self.handle(&event, place).await?;
            let is_large = self.outbox.bytes() >= COMMIT_BYTES_MAX
                || self.outbox.records() >= COMMIT_RECORDS_MAX;
            if is_large || (place.uncommitted >= QUIET_EVENTS_MAX && place.is_between()) {
                self.flush(place).await?;
            }
            if until.is_some_and(|until| place.is_between() && place.position.has_reached(until)) {
                self.flush(place).await?;
                return self.context.settle().await;
            }
        }
    }

    /// Nothing has arrived: commits what there is, beats the heart when it is time, then waits.
    async fn wait(
        &mut self,
        stream: &mut BinlogStream,
        place: &mut Place,
    ) -> Result<Option<std::result::Result<Event, mysql_async::Error>>> {
        let silent_since = self.context.clock.monotonic();
        loop {
            let is_quiet = self.outbox.is_empty();
            let now = self.context.clock.monotonic();
            let waited = now.saturating_sub(place.committed_at);
            if place.is_between() && (!is_quiet || (place.uncommitted > 0 && waited > QUIET_MAX)) {
                self.flush(place).await?;
            }
            self.context.settle().await?;
            let beat_in = self.beat(place).await?;
            let silence = self.context.clock.monotonic().saturating_sub(silent_since);
            let Some(patience) = SILENCE_MAX.checked_sub(silence) else {
                return Err(Error::Connection {
                    doing: "reading the binlog",
                    reason: "the server is silent".to_owned(),
                });
            };
            let next = tokio::time::timeout(patience.min(beat_in), stream.next());
            match self.context.or_stop(next).await {
                Ok(Ok(next)) => return Ok(next),
                Ok(Err(_)) => {}
                Err(stopped) => {
                    self.flush(place).await?;
                    return Err(stopped);
                }
            }
        }
    }

    /// Writes a heartbeat with the present place when one is due; how long until the next.
    async fn beat(&mut self, place: &mut Place) -> Result<Duration> {
        let now = self.context.clock.monotonic();
        let Some(wait) = self.heartbeat.wait(now) else { return Ok(SILENCE_MAX) };
        if !wait.is_zero() || !place.is_between() {
            return Ok(wait.max(BEAT_RETRY));
        }
        self.heartbeat.write(now, self.config, self.context, &mut self.outbox).await?;
        self.flush(place).await?;
        Ok(self.heartbeat.wait(now).unwrap_or(SILENCE_MAX))
    }

    /// Begins to commit everything with the place it came from.
    async fn flush(&mut self, place: &mut Place) -> Result<()> {
        let in_transaction = place.seen.max(place.skip);
        let is_moved = self.position.as_ref() != Some(&place.position);
        if self.outbox.is_empty() && !is_moved {
            return Ok(());
        }
        let mut position = place.position.clone();
        position.gtids = place.gtids.text();
        position.events = if place.is_between() { place.skip } else { in_transaction };
        position.snapshot = place.is_catching_up;
        if position.ts_sec > 0 {
            let changed_ms = i64::from(position.ts_sec) * 1000;
            self.context.gauges.set_lag_ms(self.context.clock.now_ms() - changed_ms);
        }
        self.set_position(position);
        place.uncommitted = 0;
        place.committed_at = self.context.clock.monotonic();
        self.context.commit_behind(&mut self.outbox).await
    }

    async fn handle(&mut self, event: &Event, place: &mut Place) -> Result<()> {
        place.uncommitted += 1;
        let header = event.header();
        let data = event.data();
        match Kind::new(header.event_type_raw()) {
            Kind::Rotate => self.rotate(event, place)?,
            Kind::Gtid => place.begin_mysql(event)?,
            Kind::MariaDbGtid => {
                let (number, domain, _) = mariadb_gtid(data)?;
                let server = header.server_id();
                place.transaction = Some(Transaction::MariaDb { domain, server, number });
            }
            Kind::Query { is_compressed } => {
                self.query(event, is_compressed, place).await?;
            }
            Kind::Load => {
                let (database, text) = load_parts(data)?;
                self.statement(&text, &database, place)?;
            }
            Kind::Xid => place.end(u64::from(header.log_pos()), header.timestamp()),
            Kind::TableMap => self.table_map(data, place).await?,
            Kind::Rows { change, has_extra, is_compressed } => {
                place.seen += 1;
                if place.seen > place.skip {
                    let layout = Layout { change, has_extra, is_compressed };
                    let result = self.rows_event(event, layout, place).await;
                    self.config.on_failure.judge(result, &place.position)?;
                }
            }
            Kind::PartialRows => {
                return Err(Error::Unsupported("binlog_row_value_options=PARTIAL_JSON".to_owned()));
            }
            Kind::Incident => {
                return Err(Error::Malformed("the server lost events (incident)".to_owned()));
            }
            Kind::TransactionPayload => place.payload_end = Some(u64::from(header.log_pos())),
            Kind::Format => place.has_format = true,
            // MySQL begins the text with a byte for its length, which is too small to hold it.
            Kind::RowsQuery => place.statement(data.get(1..), self.config.style.has_query),
            Kind::AnnotateRows => {}
            Kind::Heartbeat | Kind::Other => place.pass(u64::from(header.log_pos())),
        }
        Ok(())
    }

    fn rotate(&mut self, event: &Event, place: &mut Place) -> Result<()> {
        let data = event.data();
        // MariaDB, and some MySQLs, end the event before the first format description in a checksum
        // that the driver can't know of yet; then the bytes to the end are no file's name.
        let may_have_checksum = !place.has_format && !ends_in_number(data);
        let checksum = if may_have_checksum { place.checksum_bytes } else { 0 };
        let name_end = data.len().saturating_sub(checksum);
        let (Some(pos), Some(name)) = (data.first_chunk::<8>(), data.get(8..name_end)) else {
            return Err(Error::Malformed("a rotate event without a name".to_owned()));
        };
        let pos = u64::from_le_bytes(*pos);
        let file = String::from_utf8_lossy(name).into_owned();
        if file != place.position.file {
            // A real one; the first event of a stream only repeats where it begins.
            self.tracker.forget_plans();
            place.position.file = file;
            place.position.pos = pos;
        } else if place.position.pos < pos {
            place.position.pos = pos;
        }
        Ok(())
    }

    async fn query(&mut self, event: &Event, is_compressed: bool, place: &mut Place) -> Result<()> {
        let (database, text, thread) = query_parts(event.data(), is_compressed)?;
        place.thread = Some(i64::from(thread));
        let header = event.header();
        match first_word(&text).as_str() {
            "BEGIN" => {
                place.transaction.get_or_insert(Transaction::Anonymous);
                return Ok(());
            }
            "XA" if text.to_ascii_uppercase().starts_with("XA START") => return Ok(()),
            "ROLLBACK" if text.to_ascii_uppercase().starts_with("ROLLBACK TO") => return Ok(()),
            "SAVEPOINT" if !place.is_between() => return Ok(()),
            "CREATE" | "ALTER" | "DROP" | "RENAME" | "TRUNCATE" => {
                self.statement(&text, &database, place)?;
                self.definition(event, &text, &database, place).await?;
            }
            "COMMIT" | "ROLLBACK" => {}
            // Part of a transaction, whose end comes.
            _ if self.statement(&text, &database, place)? && !place.is_between() => return Ok(()),
            _ => {}
        }
        place.end(u64::from(header.log_pos()), header.timestamp());
        Ok(())
    }

    async fn definition(
        &mut self,
        event: &Event,
        text: &str,
        database: &str,
        place: &Place,
    ) -> Result<()> {
        let keys = self.reading_keys();
        let effects = self.tracker.apply(text, database, self.config, &mut self.asking).await?;
        for effect in effects {
            match effect {
                Effect::Changed(name) => self.keep_schema(&name),
                Effect::Truncated(name) => self.truncated(&name, event, place).await?,
                Effect::Dropped(name) => {
                    self.keep_schema(&name);
                    if self.snapshots.contains_key(&name) {
                        self.set_snapshot(&name, None);
                    }
                }
                Effect::Renamed(old, new) => {
                    self.keep_schema(&old);
                    self.keep_schema(&new);
                    if let Some(snapshot) = self.snapshots.get(&old).cloned() {
                        self.set_snapshot(&old, None);
                        self.set_snapshot(&new, Some(snapshot));
                    }
                }
            }
        }
        self.restart_altered(&keys);
        Ok(())
    }

    /// Writes that a table was emptied, unless the snapshot has still to reach the table.
    async fn truncated(&mut self, name: &str, event: &Event, place: &Place) -> Result<()> {
        let is_ahead = matches!(self.snapshots.get(name), None | Some(TableSnapshot::Staging));
        if place.is_catching_up && is_ahead {
            return Ok(());
        }
        self.ensure_output(name).await?;
        let Some(output) = self.outputs.find(name) else { return Ok(()) };
        let (origin, now_ms) = (place.origin(event), self.context.clock.now_ms());
        self.emitter.emit_truncate(output, &origin, now_ms, &mut self.outbox);
        Ok(())
    }

    async fn ensure_output(&mut self, name: &str) -> Result<()> {
        if self.outputs.find(name).is_some() {
            return Ok(());
        }
        let Some(table) = self.tracker.table(name).cloned() else { return Ok(()) };
        self.outputs.ensure(&table, self.config, self.context, &mut self.outbox).await
    }

    /// The keys by which tables are being read.
    fn reading_keys(&self) -> Vec<(String, Vec<Column>)> {
        let reading = self
            .snapshots
            .iter()
            .filter(|(_, snapshot)| matches!(snapshot, TableSnapshot::Reading { .. }));
        let key = |(name, _): (&String, _)| Some((name.clone(), self.tracker.table(name)?.key()));
        reading.filter_map(key).collect()
    }

    /// A table in the middle of its snapshot whose key is another now is read from its beginning:
    /// the last key read no longer tells which rows were.
    fn restart_altered(&mut self, keys: &[(String, Vec<Column>)]) {
        for (name, key) in keys {
            if self.tracker.table(name).is_some_and(|table| table.key() != *key) {
                tracing::warn!(table = %name, "the key changed; its snapshot begins anew");
                self.set_snapshot(name, None);
            }
        }
    }

    async fn table_map(&mut self, data: &[u8], place: &mut Place) -> Result<()> {
        place.transaction.get_or_insert(Transaction::Anonymous);
        let map = TableMap::parse(data)?;
        if self.tracker.is_planned(&map) {
            return Ok(());
        }
        let changed = self.tracker.plan_map(map, self.config, &mut self.asking).await?;
        if let Some(name) = changed {
            self.keep_schema(&name);
        }
        Ok(())
    }

    async fn rows_event(&mut self, event: &Event, layout: Layout, place: &mut Place) -> Result<()> {
        let Layout { change, has_extra, is_compressed } = layout;
        let rows = RowsEvent::parse(event.data(), change, has_extra, is_compressed)?;
        self.rows(event, &rows, place).await
    }

    async fn rows(&mut self, event: &Event, rows: &RowsEvent<'_>, place: &mut Place) -> Result<()> {
        let Some(Plan::Capture { table: name, .. }) = self.tracker.plan(rows.table_id) else {
            return Ok(());
        };
        let name = Arc::clone(name);
        let reach = if place.is_catching_up { self.snapshots.get(&*name).cloned() } else { None };
        let passes = match (place.is_catching_up, reach) {
            (false, _)
            | (true, Some(TableSnapshot::Moving { .. } | TableSnapshot::Done { .. })) => None,
            (true, Some(TableSnapshot::Reading { key, .. })) => {
                let Some(table) = self.tracker.table(&name).cloned() else { return Ok(()) };
                Some(self.reached(rows, &table, &key).await?)
            }
            (true, None | Some(TableSnapshot::Staging)) => return Ok(()),
        };
        self.ensure_output(&name).await?;
        place.position.ts_sec = event.header().timestamp();
        let mut origin = place.origin(event);
        let Some(output) = self.outputs.find(&name) else { return Ok(()) };
        let Some(Plan::Capture { map, unsigned, .. }) = self.tracker.plan(rows.table_id) else {
            return Ok(());
        };
        let now_ms = self.context.clock.now_ms();
        let (emitter, outbox) = (&mut self.emitter, &mut self.outbox);
        let mut images = passes.map(Vec::into_iter);
        rows.for_each(map, unsigned, |change| {
            // One answer per image, in the order of the images.
            let mut keep = |is_present: bool| match &mut images {
                Some(answers) if is_present => answers.next().unwrap_or(true),
                _ => is_present,
            };
            let before = if keep(change.before.is_some()) { change.before } else { None };
            let after = if keep(change.after.is_some()) { change.after } else { None };
            emitter.emit(output, before.as_deref(), after.as_deref(), &origin, now_ms, outbox);
            origin.row += 1;
            Ok(())
        })
    }

    /// For each row image of an event, whether the snapshot had reached the row.
    async fn reached(
        &mut self,
        rows: &RowsEvent<'_>,
        table: &Table,
        key: &[String],
    ) -> Result<Vec<bool>> {
        let Some(Plan::Capture { map, unsigned, .. }) = self.tracker.plan(rows.table_id) else {
            return Ok(Vec::new());
        };
        let mut candidates = Vec::new();
        rows.for_each(map, unsigned, |change| {
            for image in [change.before, change.after].into_iter().flatten() {
                candidates.push(keys::literals(table, &image));
            }
            Ok(())
        })?;
        let mut conn = match self.asking.take() {
            Some(conn) => conn,
            None => self.config.server.connect().await?,
        };
        let after = keys::which_after(&mut conn, table, key, &candidates).await?;
        self.asking = Some(conn);
        Ok(after.into_iter().map(|is_after| !is_after).collect())
    }

    /// Asks the server for its binary log from `position` on.
    async fn dump(&self, position: &Position) -> Result<(BinlogStream, Gtids, usize)> {
        let failed = |error: mysql_async::Error| lost("asking for the binlog", &error);
        let mut conn = self.config.server.connect().await?;
        let is_mariadb = catalog::is_mariadb(&mut conn).await?;
        let checksum: Option<String> =
            conn.query_first("SELECT @@GLOBAL.binlog_checksum").await.map_err(failed)?;
        let checksum_bytes = if checksum.as_deref() == Some("CRC32") { 4 } else { 0 };
        let gtids = position.gtid_set(is_mariadb);
        prepare(&mut conn, is_mariadb, &gtids).await.map_err(failed)?;
        let file = position.file.clone().into_bytes();
        let request = BinlogStreamRequest::new(self.config.server_id);
        let request = match &gtids {
            Gtids::None => request.with_filename(&file).with_pos(position.pos),
            Gtids::MySql(_) => request.with_gtid().with_gtid_set(gtids.sids()),
            Gtids::MariaDb(_) => request,
        };
        let stream = conn.get_binlog_stream(request).await.map_err(failed)?;
        Ok((stream, gtids, checksum_bytes))
    }
}

/// Whether the bytes end as the names of binary logs do: in a point and digits.
fn ends_in_number(name: &[u8]) -> bool {
    let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && name.iter().rev().nth(digits) == Some(&b'.')
}

/// Tells the server what kind of replica this is.
async fn prepare(
    conn: &mut Conn,
    is_mariadb: bool,
    gtids: &Gtids,
) -> std::result::Result<(), mysql_async::Error> {
    let heartbeat = format!(
        "SET @master_heartbeat_period={HEARTBEAT_NS}, @source_heartbeat_period={HEARTBEAT_NS}"
    );
    conn.query_drop(heartbeat).await?;
    if !is_mariadb {
        return Ok(());
    }
    conn.query_drop("SET @mariadb_slave_capability=4").await?;
    if let Gtids::MariaDb(_) = gtids {
        conn.query_drop(format!("SET @slave_connect_state='{gtids}'")).await?;
        conn.query_drop("SET @slave_gtid_strict_mode=0, @slave_gtid_ignore_duplicates=0").await?;
    }
    Ok(())
}
