//! The rows of a running pull query.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::ArrayRef;
use dataflow::{Rows, Scan};
use functions::Environment;
use types::columns::value_at;

use super::prepare::Prepared;
use crate::query_stream::RowSource;
use crate::services::Surroundings;
use crate::{FinalMessage, Next, Result, Row, Wake};

/// Rows handed out at once at most.
const ROWS_MAX: usize = 4_096;

/// Result columns on their way out.
#[derive(Debug)]
struct Batch {
    columns: Vec<ArrayRef>,
    rows: usize,
    taken: usize,
}

impl Batch {
    /// The next rows, at most `rows_max`.
    fn take(&mut self, rows_max: usize) -> Vec<Row> {
        let end = self.rows.min(self.taken + rows_max);
        let rows = (self.taken..end).map(|row| Row {
            columns: self.columns.iter().map(|column| value_at(column, row)).collect(),
            is_tombstone: false,
        });
        let rows = rows.collect();
        self.taken = end;
        rows
    }

    fn is_empty(&self) -> bool {
        self.taken >= self.rows
    }
}

/// LIMIT as it is used up.
#[derive(Debug)]
struct Limit(Option<u64>);

impl Limit {
    fn rows_max(&self) -> usize {
        let left = self.0.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
        left.min(ROWS_MAX)
    }

    fn use_up(&mut self, rows: usize) {
        self.0 = self.0.map(|left| left.saturating_sub(rows as u64));
    }

    fn is_reached(&self) -> bool {
        self.0 == Some(0)
    }
}

/// Rows of a table: all read, to be handed out.
#[derive(Debug)]
pub struct TableRows {
    batches: VecDeque<Batch>,
    limit: Limit,
}

impl TableRows {
    /// The answer to `prepared` in `found`.
    ///
    /// # Errors
    /// Never with rows of the planned layout.
    pub fn try_new(
        found: &[Rows],
        prepared: &Prepared,
        environment: &dyn Environment,
    ) -> Result<Self> {
        let mut batches = VecDeque::with_capacity(found.len());
        for rows in found.iter().filter(|rows| !rows.is_empty()) {
            let (columns, rows) = prepared.expressions.evaluate(rows, environment)?;
            if rows > 0 {
                batches.push_back(Batch { columns, rows, taken: 0 });
            }
        }
        Ok(Self { batches, limit: Limit(prepared.limit) })
    }
}

impl RowSource for TableRows {
    fn next(&mut self, _timeout: Duration) -> Next {
        if self.limit.is_reached() {
            return Next::End(None);
        }
        let Some(batch) = self.batches.front_mut() else { return Next::End(None) };
        let rows = batch.take(self.limit.rows_max());
        if batch.is_empty() {
            self.batches.pop_front();
        }
        self.limit.use_up(rows.len());
        Next::Rows(rows)
    }

    fn on_rows(&mut self, _wake: Wake) {}
}

/// Rows of a stream: read as the reader goes.
#[derive(Debug)]
pub struct StreamRows {
    scan: Scan,
    prepared: Arc<Prepared>,
    surroundings: Surroundings,
    batch: Option<Batch>,
    limit: Limit,
}

impl StreamRows {
    /// The answer to `prepared` in what `scan` reads.
    pub fn new(scan: Scan, prepared: Arc<Prepared>, surroundings: Surroundings) -> Self {
        let limit = Limit(prepared.limit);
        Self { scan, prepared, surroundings, batch: None, limit }
    }

    /// Fills the batch; false at the end.
    fn fill(&mut self) -> Result<bool> {
        while self.batch.as_ref().is_none_or(Batch::is_empty) {
            let Some(rows) = self.scan.next_rows()? else { return Ok(false) };
            if rows.is_empty() {
                continue;
            }
            let expressions = &self.prepared.expressions;
            let (columns, rows) = expressions.evaluate(&rows, &self.surroundings)?;
            self.batch = Some(Batch { columns, rows, taken: 0 });
        }
        Ok(true)
    }
}

impl RowSource for StreamRows {
    fn next(&mut self, _timeout: Duration) -> Next {
        if self.limit.is_reached() {
            return Next::End(Some(FinalMessage::LimitReached));
        }
        match self.fill() {
            Err(error) => return Next::Failed(error.to_string()),
            Ok(false) => return Next::End(Some(FinalMessage::QueryCompleted)),
            Ok(true) => {}
        }
        let rows_max = self.limit.rows_max();
        let rows = self.batch.as_mut().map(|batch| batch.take(rows_max)).unwrap_or_default();
        self.limit.use_up(rows.len());
        Next::Rows(rows)
    }

    fn on_rows(&mut self, _wake: Wake) {}
}
