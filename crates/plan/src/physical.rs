//! The physical plan: what runs. Topics, stores and repartitions have names; the query is cut into
//! sub-topologies, each of which runs as one task per partition.
//!
//! A sub-topology is a list of nodes in topological order: the inputs of a node stand before it. A
//! row enters at a [`Operator::Read`] node and leaves at a [`Operator::Write`] or
//! [`Operator::Return`] node (the plan of a SOURCE TABLE has neither: it only fills a store).
//! Expressions refer to the layout of the node's (only) input; the operators with two inputs have
//! none, except the foreign key, which refers to the left input. The value columns of a join's layout
//! are the left's key and value columns followed by the right's. A table input of a join is always a
//! node that fills the store the join names: a [`Operator::Read`] with a store, or
//! [`Operator::Materialize`]; the rows in that store have exactly that node's layout.

use serde::{Deserialize, Serialize};
use types::{Header, SerdeSpec, SourceKind, WindowKind};

use crate::expression::Expr;
use crate::logical::{
    AggregateCall, Emit, JoinKind, Layout, TableCall, TimestampColumn, Window, Within,
};

/// A query ready to run. Stored as JSON with its statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Format version of this structure; [`Plan::VERSION`] when written by this release.
    pub version: u32,
    /// `_confluent-ksql-<service id>query_<QUERY ID>`: consumer group and prefix of internal topics.
    pub application_id: String,
    /// The parts, upstream first.
    pub sub_topologies: Vec<SubTopology>,
    /// State stores, referred to by index.
    pub stores: Vec<Store>,
    /// Repartition topics to create, with as many partitions as the query's co-partitioned sources.
    pub internal_topics: Vec<String>,
    /// Rows of the result.
    pub output: Layout,
    /// The store that holds the result for pull queries, when the result is a materialised table.
    pub materialized: Option<Materialized>,
}

impl Plan {
    /// The version written now.
    pub const VERSION: u32 = 1;
}

/// Where pull queries find a table's rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Materialized {
    /// Index of the store.
    pub store: usize,
    /// Steps from a stored row to a row of the table: later projections and filters (HAVING), in
    /// order. Each refers to the layout before it; the first to the store's layout.
    pub steps: Vec<RowStep>,
}

/// A stateless step applied to stored rows when they are read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RowStep {
    /// Keeps rows for which the expression is true.
    Filter(Expr),
    /// Replaces the value columns.
    Project(Vec<Expr>),
}

/// A part of the query without repartition inside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubTopology {
    /// The nodes in topological order.
    pub nodes: Vec<Node>,
}

/// A node of a sub-topology.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Name for logs and EXPLAIN, unique in the plan, as in ksqlDB's loggers (`Aggregate.GroupBy`).
    pub name: String,
    /// Indexes of the inputs among the nodes of this sub-topology.
    pub inputs: Vec<usize>,
    /// What it does.
    pub operator: Operator,
    /// What comes out.
    pub layout: Layout,
}

/// What a node does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Operator {
    /// Reads a topic; no input.
    Read(Read),
    /// Keeps rows; tables: spec section 1.13.
    Filter {
        /// BOOLEAN.
        predicate: Expr,
    },
    /// Replaces the value columns; the key columns take the layout's names.
    Project {
        /// One expression per value column.
        value: Vec<Expr>,
    },
    /// Appends the columns of table functions.
    Explode {
        /// The calls.
        calls: Vec<TableCall>,
    },
    /// Gives rows a new key. With `drop_null` a row with a NULL or failing key expression is dropped
    /// (GROUP BY), else it goes on with a NULL key (PARTITION BY). Tables emit old and new under their
    /// own keys.
    Rekey {
        /// One expression per key column.
        key: Vec<Expr>,
        /// GROUP BY's rule.
        drop_null: bool,
    },
    /// Aggregates by key. Rows without value or with NULL in any key column are left out.
    Aggregate {
        /// Index of the store that holds the states and results.
        store: usize,
        /// One call per value column of the layout.
        calls: Vec<AggregateCall>,
        /// Windows.
        window: Option<Window>,
        /// When results leave.
        emit: Emit,
    },
    /// Stream-stream join; inputs left, right.
    StreamStreamJoin {
        /// Type.
        kind: JoinKind,
        /// WITHIN.
        within: Within,
        /// Buffers of left, right and (for outer joins with grace) unmatched rows.
        stores: Vec<usize>,
    },
    /// Stream-table join; inputs stream, table.
    StreamTableJoin {
        /// INNER or LEFT.
        kind: JoinKind,
        /// The table's store.
        table_store: usize,
    },
    /// Table-table join on the key; inputs left, right.
    TableTableJoin {
        /// Type.
        kind: JoinKind,
        /// Stores of left and right.
        stores: [usize; 2],
    },
    /// Foreign-key join; inputs left, right.
    ForeignKeyJoin {
        /// INNER or LEFT.
        kind: JoinKind,
        /// The foreign key over the left input.
        foreign_key: Expr,
        /// Stores of left, right, and the subscriptions by foreign key.
        stores: [usize; 3],
    },
    /// Keeps the rows of a table in a store and hands them on with their old values. Stands wherever
    /// a table's rows are looked up that no other operator stores: join results, projected sources.
    Materialize {
        /// Index of the store.
        store: usize,
    },
    /// Writes to a topic; nothing comes out.
    Write(Write),
    /// Hands rows to whoever asked (push queries); nothing comes out.
    Return,
}

/// Reads a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// The topic.
    pub topic: String,
    /// Name of the source in the catalog; `None` for repartition topics.
    pub source: Option<String>,
    /// Format of the key.
    pub key_serde: SerdeSpec,
    /// Format of the value.
    pub value_serde: SerdeSpec,
    /// How keys carry windows.
    pub window: Option<WindowKind>,
    /// Column that supplies ROWTIME.
    pub timestamp: Option<TimestampColumn>,
    /// Header columns: they are the last value columns of the layout.
    pub headers: Vec<Header>,
    /// Tables: index of the store that holds the present rows, which supplies old values.
    pub store: Option<usize>,
    /// Whether records carry old and new values (repartitioned tables).
    pub changes: bool,
}

/// Writes to a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// The topic.
    pub topic: String,
    /// Format of the key.
    pub key_serde: SerdeSpec,
    /// Format of the value.
    pub value_serde: SerdeSpec,
    /// Column of the layout that supplies the record's timestamp.
    pub timestamp: Option<TimestampColumn>,
    /// Repartition topics of tables: write old and new values.
    pub changes: bool,
    /// Repartition topics are internal: read back by the next sub-topology of the same query.
    pub is_internal: bool,
}

/// A state store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// Name within the application, for instance `Aggregate-Aggregate-Materialize`.
    pub name: String,
    /// What it keeps.
    pub kind: StoreKind,
    /// Columns of its key and value.
    pub layout: Layout,
    /// Topic from which it is rebuilt: its own changelog, or the source topic of a table.
    pub changelog: Changelog,
}

/// What a store keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoreKind {
    /// One row per key.
    KeyValue,
    /// One row per key and window start, kept for `retention_ms` of stream time.
    Window {
        /// How long.
        retention_ms: i64,
    },
    /// One row per key and session, kept for `retention_ms` of stream time.
    Session {
        /// How long.
        retention_ms: i64,
    },
    /// Many rows per key and time (join buffers).
    Buffer {
        /// How long.
        retention_ms: i64,
    },
    /// Foreign key to primary keys.
    ForeignKeyIndex,
}

/// From what a store is rebuilt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Changelog {
    /// A topic of its own, named `<application id>-<store>-changelog`.
    Topic(String),
    /// The table's source topic.
    Source(String),
}

impl Layout {
    /// A layout without columns, for nodes after which nothing comes.
    pub fn empty(kind: SourceKind) -> Self {
        Self { kind, key: Vec::new(), value: Vec::new(), window: None }
    }
}
