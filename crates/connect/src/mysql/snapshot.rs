//! The snapshot: opens a transaction at a known place, brings what was captured before up to that
//! place, and reads the remaining rows. See the module's head for why this neither repeats nor
//! loses a row.

use mysql_async::{Conn, Row};

use super::catalog::{self, quoted, quoted_table};
use super::cell::Cell;
use super::keys;
use super::output::Origin;
use super::position::{Position, TableSnapshot};
use super::read_ahead::ReadAhead;
use super::session::Session;
use super::source::Run;
use super::table::Table;
use crate::error::Result;
use crate::runtime::TableProgress;

/// A commit is made when it holds this many rows,
const COMMIT_ROWS_MAX: u64 = 20_000;
/// or this many bytes.
const COMMIT_BYTES_MAX: usize = 4 << 20;
/// A table without a key that is larger than this goes through a staging topic.
pub const UNSTAGED_BYTES_MAX: usize = 16 << 20;

/// Which rows of the snapshot are the first and last ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    is_first_table: bool,
    is_last_table: bool,
}

impl Place {
    fn mark(self, is_first: bool, is_last: bool) -> &'static str {
        match (is_first, is_last) {
            (_, true) if self.is_last_table => "last",
            (_, true) => "last_in_data_collection",
            (true, false) if self.is_first_table => "first",
            (true, false) => "first_in_data_collection",
            (false, false) => "true",
        }
    }
}

impl Run<'_> {
    /// Takes or resumes the snapshot, until all rows are captured.
    pub async fn snapshot(&mut self) -> Result<()> {
        self.context.gauges.set_phase("snapshot");
        self.finish_moving().await?;
        let Session { mut conn, position, tables } = Session::open(self.config).await?;
        if self.position.is_some() {
            self.stream(Some(&position)).await?;
        }
        for table in tables {
            self.adopt(table);
        }
        let tables = self.remaining(&mut conn).await?;
        self.set_position(Position { snapshot: true, ..position.clone() });
        self.context.commit(&mut self.outbox).await?;
        let origin = Origin {
            ts_ms: self.context.clock.now_ms(),
            file: position.file.clone(),
            pos: position.pos,
            ..Origin::default()
        };
        let is_fresh = self.snapshots.is_empty();
        let count = tables.len();
        for (number, table) in tables.into_iter().enumerate() {
            let place = Place {
                is_first_table: is_fresh && number == 0,
                is_last_table: number + 1 == count,
            };
            conn = self.read_table(conn, &table, place, &origin).await?;
        }
        self.set_position(position);
        self.context.commit(&mut self.outbox).await?;
        tracing::info!(connector = %self.context.name, "snapshot done");
        Ok(())
    }

    /// The tables whose rows are still to be read; begins to show progress.
    async fn remaining(&mut self, conn: &mut Conn) -> Result<Vec<Table>> {
        let tables = catalog::read(conn, &self.config.filter).await?;
        let estimates = catalog::row_estimates(conn).await?;
        let progress = tables.iter().map(|table| {
            let name = table.full_name();
            let snapshot = self.snapshots.get(&name);
            TableProgress {
                rows: snapshot.map_or(0, TableSnapshot::rows),
                rows_estimated: estimates.get(&name).copied().unwrap_or(0),
                is_done: matches!(snapshot, Some(TableSnapshot::Done { .. })),
                table: name,
            }
        });
        self.context.gauges.begin_snapshot(progress.collect(), self.context.clock.now_ms());
        let is_done = |table: &Table| {
            matches!(self.snapshots.get(&table.full_name()), Some(TableSnapshot::Done { .. }))
        };
        Ok(tables.into_iter().filter(|table| !is_done(table)).collect())
    }

    /// Captures the rows that remain of a table; gives the connection back.
    async fn read_table(
        &mut self,
        conn: Conn,
        table: &Table,
        place: Place,
        origin: &Origin,
    ) -> Result<Conn> {
        let name = table.full_name();
        let (after, rows) = match self.snapshots.get(&name) {
            Some(TableSnapshot::Reading { key, rows }) => (Some(key.clone()), *rows),
            _ => (None, 0),
        };
        self.outputs.ensure(table, self.config, self.context, &mut self.outbox).await?;
        tracing::info!(connector = %self.context.name, table = %name, rows, "reading table");
        let mut ahead = ReadAhead::start(conn, select(table, after.as_deref()));
        let mut reading = Reading {
            table,
            name: name.clone(),
            is_chunkable: table.is_chunkable(),
            place,
            origin: origin.clone(),
            rows,
            noted_rows: rows,
            held: None,
        };
        let mut is_staged = false;
        while let Some(fetched) = self.context.or_stop(ahead.next()).await?? {
            self.write_rows(&mut reading, fetched);
            self.commit_chunk(&mut reading, &mut is_staged).await?;
        }
        let conn = ahead.finish().await?;
        if let Some(row) = reading.held.take() {
            self.write_row(&mut reading, &row, true);
        }
        self.finish_table(&name, reading.rows, is_staged).await?;
        Ok(conn)
    }

    /// Writes all fetched rows but the last, which is held back until it is known whether it is the
    /// table's last. Notes the key of the last one written when the commit is full.
    fn write_rows(&mut self, reading: &mut Reading<'_>, fetched: Vec<Row>) {
        let mut written = None;
        for row in fetched {
            if let Some(row) = reading.held.replace(row) {
                self.write_row(reading, &row, false);
                written = Some(row);
            }
        }
        if let Some(row) = written
            && reading.is_chunkable
            && self.is_full()
        {
            let key = keys::literals(reading.table, &cells(reading.table, &row));
            let snapshot = TableSnapshot::Reading { key, rows: reading.rows };
            self.set_snapshot(&reading.name, Some(snapshot));
            reading.noted_rows = reading.rows;
        }
    }

    fn is_full(&self) -> bool {
        self.outbox.records() >= COMMIT_ROWS_MAX || self.outbox.bytes() >= COMMIT_BYTES_MAX
    }

    fn write_row(&mut self, reading: &mut Reading<'_>, row: &Row, is_last: bool) {
        let Some(output) = self.outputs.find(&reading.name) else { return };
        let cells = cells(reading.table, row);
        reading.origin.snapshot = reading.place.mark(reading.rows == 0, is_last);
        let now_ms = self.context.clock.now_ms();
        let after = Some(cells.as_slice());
        self.emitter.emit(output, None, after, &reading.origin, now_ms, &mut self.outbox);
        reading.rows += 1;
    }

    /// Commits when a chunk is complete: for tables with a key after a row whose key was noted, for
    /// others into the staging topic once they turn out to be large.
    async fn commit_chunk(&mut self, reading: &mut Reading<'_>, staged: &mut bool) -> Result<()> {
        if reading.is_chunkable {
            let is_noted = reading.noted_rows == reading.rows;
            return match is_noted && self.is_full() {
                true => self.context.commit_behind(&mut self.outbox).await,
                false => Ok(()),
            };
        }
        let limit = if *staged { COMMIT_BYTES_MAX } else { UNSTAGED_BYTES_MAX };
        if self.outbox.bytes() < limit {
            return Ok(());
        }
        if !*staged {
            self.begin_staging(reading.table).await?;
            *staged = true;
        }
        self.context.commit_behind(&mut self.outbox).await?;
        self.context.gauges.table_progress(&reading.name, reading.rows, false);
        Ok(())
    }

    async fn finish_table(&mut self, name: &str, rows: u64, is_staged: bool) -> Result<()> {
        if is_staged {
            self.end_staging(name).await?;
        } else {
            self.set_snapshot(name, Some(TableSnapshot::Done { rows }));
        }
        self.context.commit(&mut self.outbox).await?;
        if is_staged {
            self.outbox.redirect(None);
            self.finish_moving().await?;
        }
        Ok(())
    }
}

/// A table in the middle of being read.
struct Reading<'t> {
    table: &'t Table,
    name: String,
    is_chunkable: bool,
    place: Place,
    origin: Origin,
    rows: u64,
    /// How many rows the noted key stands for.
    noted_rows: u64,
    held: Option<Row>,
}

fn select(table: &Table, after: Option<&[String]>) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    let mut statement = format!("SELECT {} FROM {}", columns.join(", "), quoted_table(table));
    if !table.is_chunkable() {
        return statement;
    }
    if let Some(key) = after {
        statement.push_str(&format!(" WHERE {}", keys::after(table, key)));
    }
    statement.push_str(&format!(" ORDER BY {}", keys::order(table)));
    statement
}

fn cells<'r>(table: &Table, row: &'r Row) -> Vec<Cell<'r>> {
    let cell = |(at, column): (usize, &super::table::Column)| match row.as_ref(at) {
        Some(value) => Cell::from_value(value, column.data_type.kind),
        None => Cell::Null,
    };
    table.columns.iter().enumerate().map(cell).collect()
}
