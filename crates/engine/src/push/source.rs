//! The rows of a running push query.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use dataflow::{Received, RowReceiver, Rows};
use types::columns::value_at;
use types::{QueryId, SourceKind, Value};

use super::PushQueries;
use crate::query_stream::RowSource;
use crate::{FinalMessage, Next, Row, Wake};

/// Reads a push query's rows; the query ends when this is dropped.
#[derive(Debug)]
pub struct PushRows {
    /// Where the rows come from.
    pub receiver: RowReceiver,
    /// The query.
    pub query_id: QueryId,
    /// Where it is listed.
    pub pushes: PushQueries,
    /// Why the query was broken off, once it was.
    pub broken_off: Arc<OnceLock<String>>,
    /// For each result column, the key column of the same value.
    pub key_columns: Vec<Option<usize>>,
    /// Whether rows are facts or changes of a table.
    pub kind: SourceKind,
    /// Rows that LIMIT still allows.
    pub rows_left: Option<u64>,
}

impl PushRows {
    /// The rows to hand out. Records of a stream without value are none.
    fn rows(&mut self, received: &Rows) -> Vec<Row> {
        let left =
            self.rows_left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
        let is_table = self.kind == SourceKind::Table;
        let shown = (0..received.len()).filter(|row| is_table || !received.is_tombstone(*row));
        let rows: Vec<Row> = shown.take(left).map(|row| self.row(received, row)).collect();
        self.rows_left = self.rows_left.map(|left| left - rows.len() as u64);
        rows
    }

    fn end(&self) -> Next {
        match self.broken_off.get() {
            Some(reason) => Next::Failed(reason.clone()),
            None => Next::End(None),
        }
    }

    fn row(&self, received: &Rows, row: usize) -> Row {
        let is_tombstone = self.kind == SourceKind::Table && received.is_tombstone(row);
        let columns = match is_tombstone {
            true => self.key_columns.iter().map(|key| key_value(received, *key, row)).collect(),
            false => received.value.iter().map(|column| value_at(column, row)).collect(),
        };
        Row { columns, is_tombstone }
    }
}

/// A tombstone has its key and nothing else.
fn key_value(received: &Rows, key: Option<usize>, row: usize) -> Value {
    let column = key.and_then(|key| received.key.get(key));
    column.map_or(Value::Null, |column| value_at(column, row))
}

impl RowSource for PushRows {
    fn next(&mut self, timeout: Duration) -> Next {
        loop {
            if self.rows_left == Some(0) {
                return Next::End(Some(FinalMessage::LimitReached));
            }
            let received = match timeout.is_zero() {
                true => self.receiver.try_recv(),
                false => self.receiver.recv_timeout(timeout),
            };
            match received {
                Received::Rows(rows) => {
                    let rows = self.rows(&rows);
                    if !rows.is_empty() {
                        return Next::Rows(rows);
                    }
                }
                Received::Nothing => return Next::Nothing,
                Received::Failed(error) => return Next::Failed(error.to_string()),
                Received::Ended => return self.end(),
            }
        }
    }

    fn on_rows(&mut self, wake: Wake) {
        self.receiver.on_rows(wake);
    }
}

impl Drop for PushRows {
    fn drop(&mut self) {
        self.pushes.leave(&self.query_id);
    }
}
