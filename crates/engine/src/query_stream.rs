//! Rows on their way to a client: the answer to a pull query, a push query or PRINT.

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
