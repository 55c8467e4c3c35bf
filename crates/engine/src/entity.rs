//! What statements answer: one [`Entity`] per statement, as data. `server` gives them their JSON.
//!
//! Names and contents: spec section 8.3.

use std::collections::BTreeMap;

use types::{Column, Header, SourceKind, SqlType};

/// The answer to one statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The statement's text, with its semicolon.
    pub statement: String,
    /// What it answered.
    pub entity: Entity,
    /// Things the user should know.
    pub warnings: Vec<String>,
}

/// What a statement answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Entity {
    /// A definition was carried out.
    Status(CommandStatus),
    /// `IF NOT EXISTS` found what it was to make, and the like.
    Warning(String),
    /// LIST STREAMS.
    Streams(Vec<SourceListing>),
    /// LIST TABLES.
    Tables(Vec<SourceListing>),
    /// LIST TOPICS.
    Topics(Vec<TopicListing>),
    /// LIST TOPICS EXTENDED.
    TopicsExtended(Vec<TopicListing>),
    /// LIST QUERIES.
    Queries(Vec<QueryListing>),
    /// LIST QUERIES EXTENDED.
    QueryDescriptions(Vec<QueryDescription>),
    /// LIST PROPERTIES.
    Properties(Vec<PropertyListing>),
    /// LIST FUNCTIONS.
    Functions(Vec<FunctionListing>),
    /// LIST TYPES.
    Types(BTreeMap<String, SqlType>),
    /// LIST VARIABLES.
    Variables(BTreeMap<String, String>),
    /// LIST CONNECTORS.
    Connectors(Vec<ConnectorListing>),
    /// LIST CONNECTOR PLUGINS.
    ConnectorPlugins(Vec<PluginListing>),
    /// DESCRIBE source.
    SourceDescription(Box<SourceDescription>),
    /// DESCRIBE STREAMS, DESCRIBE TABLES, LIST ... EXTENDED.
    SourceDescriptions(Vec<SourceDescription>),
    /// DESCRIBE FUNCTION.
    FunctionDescription(FunctionDescription),
    /// DESCRIBE CONNECTOR.
    ConnectorDescription(Box<ConnectorDescription>),
    /// EXPLAIN.
    QueryDescription(Box<QueryDescription>),
    /// CREATE CONNECTOR.
    ConnectorCreated(ConnectorInfo),
    /// DROP CONNECTOR.
    ConnectorDropped(String),
    /// TERMINATE of a push query.
    QueryTerminated {
        /// The query.
        query_id: String,
        /// Whether it was running.
        was_terminated: bool,
    },
    /// ASSERT TOPIC.
    TopicAsserted {
        /// The topic.
        topic: String,
        /// Whether it was to exist.
        exists: bool,
    },
    /// ASSERT SCHEMA.
    SchemaAsserted {
        /// The subject.
        subject: Option<String>,
        /// The schema id.
        id: Option<i32>,
        /// Whether it was to exist.
        exists: bool,
    },
}

/// How a definition went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandStatus {
    /// `stream/NAME/create`, `terminate/ID/execute`, ...
    pub command_id: String,
    /// ksqlDB's words: `Stream CALLS created and running`, ...
    pub message: String,
    /// The query that runs because of it.
    pub query_id: Option<String>,
    /// Offset of the command in the command topic.
    pub sequence_number: i64,
}

/// A stream or table in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceListing {
    /// Stream or table.
    pub kind: SourceKind,
    /// Its name.
    pub name: String,
    /// Its topic.
    pub topic: String,
    /// Name of its key format.
    pub key_format: String,
    /// Name of its value format.
    pub value_format: String,
    /// Whether keys carry windows.
    pub is_windowed: bool,
}

/// A topic in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicListing {
    /// Its name.
    pub name: String,
    /// Number of partitions.
    pub partitions: usize,
    /// Readers in all groups.
    pub consumers: usize,
    /// Groups with positions in it.
    pub consumer_groups: usize,
}

/// Kinds of queries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueryKind {
    /// It writes a source and goes on over restarts.
    Persistent,
    /// Its rows go to one reader as they come.
    #[default]
    Push,
    /// It is answered once, from what there is.
    Pull,
}

impl QueryKind {
    /// ksqlDB's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Persistent => "PERSISTENT",
            Self::Push => "PUSH",
            Self::Pull => "PULL",
        }
    }
}

/// A query in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryListing {
    /// Its id.
    pub id: String,
    /// The statement that made it.
    pub statement: String,
    /// Names of the sinks.
    pub sinks: Vec<String>,
    /// Topics of the sinks.
    pub sink_topics: Vec<String>,
    /// What kind of query it is.
    pub kind: QueryKind,
    /// RUNNING, PAUSED or ERROR; empty when the query does not run.
    pub state: String,
}

/// A property in effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyListing {
    /// Its name.
    pub name: String,
    /// `KSQL`, `KAFKA`, ...: ksqlDB's scope.
    pub scope: String,
    /// Its value in effect.
    pub value: Option<String>,
    /// Whether SET may change it.
    pub is_editable: bool,
    /// Whether the session overrides it.
    pub is_overridden: bool,
    /// Whether it stands at its default.
    pub is_default: bool,
}

/// A function in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionListing {
    /// Its name.
    pub name: String,
    /// SCALAR, AGGREGATE or TABLE.
    pub kind: String,
    /// ksqlDB's category.
    pub category: String,
}

/// A function with its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionDescription {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// SCALAR, AGGREGATE or TABLE.
    pub kind: String,
    /// Its signatures.
    pub signatures: Vec<Signature>,
}

/// One signature of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Types of the arguments.
    pub arguments: Vec<String>,
    /// Whether the last argument repeats.
    pub is_variadic: bool,
    /// Type of the result.
    pub returns: String,
}

/// A connector in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorListing {
    /// Its name.
    pub name: String,
    /// `source` or `sink`.
    pub kind: String,
    /// Its class.
    pub class: String,
    /// RUNNING, FAILED, ...
    pub state: String,
}

/// A connector class that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginListing {
    /// The class name.
    pub class: String,
    /// `source` or `sink`.
    pub kind: String,
    /// Its version.
    pub version: String,
}

/// A connector that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorInfo {
    /// Its name.
    pub name: String,
    /// `source` or `sink`.
    pub kind: String,
    /// Its configuration.
    pub config: BTreeMap<String, String>,
}

/// A connector in detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorDescription {
    /// Its name.
    pub name: String,
    /// `source` or `sink`.
    pub kind: String,
    /// Its class.
    pub class: String,
    /// RUNNING, FAILED, ...
    pub state: String,
    /// Why it failed.
    pub trace: Option<String>,
    /// State of each task.
    pub tasks: Vec<String>,
    /// Topics it writes.
    pub topics: Vec<String>,
    /// Streams and tables over these topics.
    pub sources: Vec<String>,
    /// How far it is, in lines for people: snapshot progress, position, lag.
    pub progress: Vec<String>,
}

/// A column in a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// Name and type.
    pub column: Column,
    /// What it is besides an ordinary value column.
    pub role: FieldRole,
}

/// What a column is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldRole {
    /// Part of the key.
    Key,
    /// Part of the value.
    Value,
    /// Filled from headers.
    Header(Header),
}

/// A stream or table in detail.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceDescription {
    /// The listing.
    pub listing: SourceListing,
    /// TUMBLING, HOPPING or SESSION.
    pub window_type: Option<String>,
    /// Its columns.
    pub fields: Vec<FieldInfo>,
    /// Name of the column that supplies ROWTIME.
    pub timestamp: Option<String>,
    /// The statement that made it.
    pub statement: String,
    /// Queries that read it.
    pub read_queries: Vec<QueryListing>,
    /// Queries that write it.
    pub write_queries: Vec<QueryListing>,
    /// Sources made from it.
    pub constraints: Vec<String>,
    /// What only EXTENDED tells.
    pub extended: Option<ExtendedDescription>,
}

/// What DESCRIBE EXTENDED tells beyond DESCRIBE.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtendedDescription {
    /// Number of partitions of the topic.
    pub partitions: i32,
    /// Runtime statistics, as text.
    pub statistics: String,
    /// Error statistics, as text.
    pub error_statistics: String,
    /// Positions of the queries that write it.
    pub offsets: Vec<GroupOffsets>,
}

/// Positions of a query's consumer group in one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupOffsets {
    /// The consumer group.
    pub group: String,
    /// The topic it reads.
    pub topic: String,
    /// One row per partition.
    pub partitions: Vec<PartitionOffsets>,
}

/// A group's position in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionOffsets {
    /// The partition.
    pub partition: i32,
    /// First offset kept.
    pub start: i64,
    /// One past the last record.
    pub end: i64,
    /// Where the group is.
    pub position: i64,
}

/// A query in detail.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryDescription {
    /// The listing.
    pub listing: QueryListing,
    /// TUMBLING, HOPPING or SESSION.
    pub window_type: Option<String>,
    /// Columns of the result.
    pub fields: Vec<FieldInfo>,
    /// Names of the sources.
    pub sources: Vec<String>,
    /// The sub-topologies, as text.
    pub topology: String,
    /// The plan, as text.
    pub execution_plan: String,
    /// Session properties it was made with.
    pub overridden_properties: BTreeMap<String, String>,
    /// Errors it met.
    pub errors: Vec<String>,
    /// Its consumer group.
    pub consumer_group: String,
}
