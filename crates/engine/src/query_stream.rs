//! Rows on their way to a client: the answer to a pull query or a push query.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use types::{Column, Value};

/// What comes first: the shape of the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Id of a push query or a pull query over a stream; pull queries over tables have one too, which
    /// nobody can terminate.
    pub query_id: String,
    /// The columns of a row, in SELECT order.
    pub columns: Vec<Column>,
    /// Which of them are key columns (pull queries over tables only; spec section 8.4).
    pub keys: Vec<bool>,
    /// Whether this is a push query.
    pub is_push: bool,
}

/// What a query's reader gets next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Rows.
    Rows(Vec<Row>),
    /// Nothing for now; more may come.
    Nothing,
    /// Nothing more: all rows were sent.
    End(Option<FinalMessage>),
    /// The query failed.
    Failed(String),
}

/// A row of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// One value per column; all NULL for tombstones save the key.
    pub columns: Vec<Value>,
    /// Whether it tells that the key's row was deleted.
    pub is_tombstone: bool,
}

/// Why a query ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalMessage {
    /// LIMIT was reached.
    LimitReached,
    /// A pull query over a stream has read all.
    QueryCompleted,
}

/// Called when a reader that found nothing should look again; must not block.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Where the rows of an answer come from: one type per kind of query.
pub(crate) trait RowSource: Send {
    /// The next rows, waiting for them up to `timeout`.
    fn next(&mut self, timeout: Duration) -> Next;

    /// Has `wake` called when there may be more. Sources that never answer [`Next::Nothing`] need
    /// not.
    fn on_rows(&mut self, wake: Wake);
}

/// The answer to one query. Dropping it ends a push query.
pub struct QueryAnswer {
    /// The shape of the rows.
    pub head: Head,
    source: Box<dyn RowSource>,
}

impl QueryAnswer {
    pub(crate) fn new(head: Head, source: impl RowSource + 'static) -> Self {
        Self { head, source: Box::new(source) }
    }

    /// The next rows, waiting for them up to `timeout`; [`Next::Nothing`] when none came. After
    /// [`Next::End`] or [`Next::Failed`] nothing more comes.
    pub fn next(&mut self, timeout: Duration) -> Next {
        self.source.next(timeout)
    }

    /// The rows that are there now. Pull queries read the log or tables here, so it may block on
    /// the disk, though never for want of rows.
    pub fn try_next(&mut self) -> Next {
        self.source.next(Duration::ZERO)
    }

    /// Has `wake` called whenever rows, a failure or the end arrived after [`Next::Nothing`]; it is
    /// called from worker threads and must not block.
    pub fn on_rows(&mut self, wake: Wake) {
        self.source.on_rows(wake);
    }
}

impl fmt::Debug for QueryAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryAnswer").field("head", &self.head).finish_non_exhaustive()
    }
}
