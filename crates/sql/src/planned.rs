//! What planning answers: one variant per kind of statement that needs analysis.

use plan::physical::Plan;
use types::{Column, QueryId, SourceKind, SqlType, Value};

use crate::catalog::SourceDefinition;
use crate::logical::ResultColumn;
use crate::pull::PullPlan;

/// A statement ready to be executed.
#[derive(Clone, Debug, PartialEq)]
pub enum Planned {
    /// CREATE STREAM or TABLE over a topic.
    CreateSource(Box<CreateSource>),
    /// CREATE ... AS SELECT.
    CreateAs(Box<CreateAs>),
    /// IF NOT EXISTS, and a source of that name exists.
    AlreadyExists {
        /// Its name.
        name: String,
        /// Stream or table, as written.
        kind: SourceKind,
    },
    /// INSERT INTO ... SELECT.
    InsertInto(Box<InsertInto>),
    /// INSERT INTO ... VALUES.
    InsertValues(Box<InsertValues>),
    /// A bare SELECT with EMIT.
    Push(Box<PushQuery>),
    /// A bare SELECT without EMIT.
    Pull(Box<PullPlan>),
    /// CREATE TYPE.
    CreateType {
        /// Its name.
        name: String,
        /// What it stands for.
        ty: SqlType,
        /// IF NOT EXISTS.
        if_not_exists: bool,
    },
    /// ALTER: the source as it is afterwards.
    AlterSource(Box<SourceDefinition>),
}

/// CREATE STREAM or TABLE over a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateSource {
    /// The new source.
    pub definition: SourceDefinition,
    /// Whether a source of that name is replaced.
    pub replaces: bool,
    /// How to make the topic, if it is missing.
    pub topic: TopicOptions,
    /// What keeps the rows of a SOURCE TABLE.
    pub query: Option<PersistentQuery>,
}

/// CREATE ... AS SELECT.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateAs {
    /// The new source.
    pub definition: SourceDefinition,
    /// Whether a source of that name is replaced; its query id is kept.
    pub replaces: bool,
    /// How to make the topic, if it is missing.
    pub topic: TopicOptions,
    /// The query that fills it.
    pub query: PersistentQuery,
}

/// INSERT INTO ... SELECT.
#[derive(Clone, Debug, PartialEq)]
pub struct InsertInto {
    /// The stream written to.
    pub target: String,
    /// The query.
    pub query: PersistentQuery,
}

/// A query that runs until it is terminated.
#[derive(Clone, Debug, PartialEq)]
pub struct PersistentQuery {
    /// Its id.
    pub id: QueryId,
    /// What runs.
    pub plan: Plan,
    /// Its plan as EXPLAIN shows it.
    pub explanation: String,
    /// Names of the sources it reads.
    pub sources: Vec<String>,
    /// Whether the id used up the context's next query number.
    pub uses_number: bool,
}

/// A push query.
#[derive(Clone, Debug, PartialEq)]
pub struct PushQuery {
    /// Its id.
    pub id: QueryId,
    /// What runs; it ends in `Return`.
    pub plan: Plan,
    /// Its plan as EXPLAIN shows it.
    pub explanation: String,
    /// The columns in the order of the projection; row values come in that order.
    pub columns: Vec<ResultColumn>,
    /// Names of the sources it reads.
    pub sources: Vec<String>,
    /// LIMIT.
    pub limit: Option<u64>,
}

/// INSERT INTO ... VALUES: one record.
#[derive(Clone, Debug, PartialEq)]
pub struct InsertValues {
    /// The source written to.
    pub target: String,
    /// Values of the key columns.
    pub key: Vec<(Column, Value)>,
    /// Values of the value columns.
    pub value: Vec<(Column, Value)>,
    /// ROWTIME, when it was given; else the wall clock.
    pub timestamp_ms: Option<i64>,
}

/// How to make a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicOptions {
    /// Its name.
    pub name: String,
    /// PARTITIONS.
    pub partitions: Option<i32>,
    /// REPLICAS.
    pub replicas: Option<i16>,
    /// RETENTION_MS.
    pub retention_ms: Option<i64>,
    /// What is not set is taken from this topic (CREATE ... AS SELECT).
    pub inherits_from: Option<String>,
    /// `delete`, `compact` or `compact,delete`; empty when the topic must exist.
    pub cleanup_policy: &'static str,
}
