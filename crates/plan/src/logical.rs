//! The logical plan: what a query computes, names resolved, before topics, stores and partitions.
//!
//! A tree of [`Node`]s from the sources (leaves) to the root. Each node knows the layout of the rows
//! it hands on; the expressions of a node refer to the layout of its input (joins: of the node's own
//! concatenated layout, see [`Join`]).

use serde::{Deserialize, Serialize};
use types::{Column, Header, SerdeSpec, SourceKind, WindowKind};

use crate::expression::Expr;

/// Shape of the rows between two nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Stream of facts or table of changes.
    pub kind: SourceKind,
    /// Key columns.
    pub key: Vec<Column>,
    /// Value columns.
    pub value: Vec<Column>,
    /// Set when keys are windowed; then WINDOWSTART and WINDOWEND can be read.
    pub window: Option<WindowKind>,
}

/// A node and the rows it hands on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// What it does.
    pub operator: Operator,
    /// What comes out.
    pub layout: Layout,
}

/// What a node does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Operator {
    /// Reads a declared or derived source.
    Source(Source),
    /// Keeps the rows for which `predicate` is true (tables: spec section 1.13).
    Filter {
        /// The rows' origin.
        input: Box<Node>,
        /// BOOLEAN expression over the input.
        predicate: Expr,
    },
    /// Computes new value columns. The key stays; its columns take the names in this node's layout.
    Project {
        /// The rows' origin.
        input: Box<Node>,
        /// One expression per value column of the layout, over the input.
        value: Vec<Expr>,
    },
    /// Runs table functions; their columns are appended to the input's value columns, zipped by
    /// position (spec section 3.2).
    Explode {
        /// The rows' origin.
        input: Box<Node>,
        /// The calls.
        calls: Vec<TableCall>,
    },
    /// PARTITION BY: gives a stream a new key; rows keep their value. An empty key is PARTITION BY NULL.
    PartitionBy {
        /// The rows' origin.
        input: Box<Node>,
        /// One expression per key column of the layout, over the input.
        key: Vec<Expr>,
    },
    /// GROUP BY with aggregates (spec sections 1.2, 1.13, 3.3, 4).
    Aggregate(Aggregate),
    /// A join (spec section 5).
    Join(Join),
}

/// Reads a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The source's name in the catalog.
    pub name: String,
    /// Its topic.
    pub topic: String,
    /// Format of the key.
    pub key_serde: SerdeSpec,
    /// Format of the value.
    pub value_serde: SerdeSpec,
    /// Column that supplies ROWTIME.
    pub timestamp: Option<TimestampColumn>,
    /// Header columns: they are the last value columns of the layout.
    pub headers: Vec<Header>,
}

/// A column that supplies the record timestamp.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimestampColumn {
    /// The column: BIGINT, TIMESTAMP, or STRING with a format.
    pub column: crate::expression::ColumnRef,
    /// Java DateTimeFormatter pattern for STRING columns.
    pub format: Option<String>,
}

/// A call of a table function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableCall {
    /// Name in the function registry.
    pub function: String,
    /// Arguments over the input, already cast.
    pub arguments: Vec<Expr>,
}

/// GROUP BY with aggregates. The layout's key is the grouping, its value the results of the calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aggregate {
    /// The rows' origin.
    pub input: Box<Node>,
    /// One expression per key column of the layout, over the input.
    pub group_by: Vec<Expr>,
    /// One call per value column of the layout.
    pub calls: Vec<AggregateCall>,
    /// Windows of a windowed aggregation.
    pub window: Option<Window>,
    /// When results leave.
    pub emit: Emit,
    /// Whether `group_by` is exactly the input's key, so that no repartition is needed.
    pub keeps_key: bool,
}

/// A call of an aggregate function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AggregateCall {
    /// Name in the function registry.
    pub function: String,
    /// Column arguments over the input, already cast; empty for COUNT(*).
    pub arguments: Vec<Expr>,
    /// Constant arguments.
    pub constants: Vec<types::Value>,
}

/// Window of an aggregation (spec section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The kind, with its length.
    pub kind: WindowShape,
    /// Grace period; `None` is the default of spec section 4.3.
    pub grace_ms: Option<i64>,
    /// RETENTION.
    pub retention_ms: Option<i64>,
}

/// Shape of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WindowShape {
    /// Fixed windows side by side.
    Tumbling {
        /// Length.
        size_ms: i64,
    },
    /// Fixed windows that overlap.
    Hopping {
        /// Length.
        size_ms: i64,
        /// Distance between starts.
        advance_ms: i64,
    },
    /// Windows that end after a gap.
    Session {
        /// The gap.
        gap_ms: i64,
    },
}

/// When an aggregation's results leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Emit {
    /// After every change.
    Changes,
    /// Once per closed window.
    Final,
}

/// A join. The layout's value columns are all columns of the left (key then value) followed by all of
/// the right (key then value); its key is the join key as spec section 5.5 names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Join {
    /// Left input.
    pub left: Box<Node>,
    /// Right input.
    pub right: Box<Node>,
    /// INNER, LEFT, RIGHT or FULL.
    pub kind: JoinKind,
    /// Join expression over the left input.
    pub left_on: Expr,
    /// Join expression over the right input.
    pub right_on: Expr,
    /// WITHIN of a stream-stream join.
    pub within: Option<Within>,
    /// How the two sides meet.
    pub method: JoinMethod,
}

/// Join types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
}

/// How the two sides of a join meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JoinMethod {
    /// Both streams, buffered for WITHIN.
    StreamStream,
    /// Stream rows look up the table.
    StreamTable,
    /// Tables on their primary keys.
    TableTable,
    /// Left table on a column that holds the right's primary key.
    ForeignKey,
}

/// WITHIN (before, after) [GRACE PERIOD g].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Within {
    /// How far the right may lie before the left.
    pub before_ms: i64,
    /// How far the right may lie after the left.
    pub after_ms: i64,
    /// GRACE PERIOD; `None` when it was not written (eager outer rows).
    pub grace_ms: Option<i64>,
}
