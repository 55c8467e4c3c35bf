//! Statements that look, steer or assert: LIST, DESCRIBE, EXPLAIN, PRINT, connectors, ASSERT.

use types::SourceKind;

use super::{ColumnDefinition, Duration, Expr, Identifier, Properties, Spanned, Statement};

/// What TERMINATE, PAUSE and RESUME act on.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// One query.
    Query(Identifier),
    /// Every query.
    All,
}

/// `LIST ...` or `SHOW ...`.
#[derive(Clone, Debug, PartialEq)]
pub enum List {
    /// `STREAMS [EXTENDED]`, also `DESCRIBE STREAMS [EXTENDED]`.
    Streams {
        /// EXTENDED.
        extended: bool,
        /// Written with DESCRIBE: full descriptions.
        describe: bool,
    },
    /// `TABLES [EXTENDED]`, also `DESCRIBE TABLES [EXTENDED]`.
    Tables {
        /// EXTENDED.
        extended: bool,
        /// Written with DESCRIBE: full descriptions.
        describe: bool,
    },
    /// `[ALL] TOPICS [EXTENDED]`.
    Topics {
        /// ALL: internal ones too.
        all: bool,
        /// EXTENDED.
        extended: bool,
    },
    /// `QUERIES [EXTENDED]`.
    Queries {
        /// EXTENDED.
        extended: bool,
    },
    /// `FUNCTIONS`.
    Functions,
    /// `PROPERTIES`.
    Properties,
    /// `TYPES`.
    Types,
    /// `VARIABLES`.
    Variables,
    /// `[SOURCE|SINK] CONNECTORS`.
    Connectors(ConnectorScope),
    /// `CONNECTOR PLUGINS`.
    ConnectorPlugins,
}

/// Which connectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectorScope {
    /// Both kinds.
    All,
    /// Those that read an outside system.
    Source,
    /// Those that write to one.
    Sink,
}

/// `DESCRIBE ...` of one thing.
#[derive(Clone, Debug, PartialEq)]
pub enum Describe {
    /// `[EXTENDED] name [EXTENDED]`: a stream or table.
    Source {
        /// Its name.
        name: Identifier,
        /// EXTENDED.
        extended: bool,
    },
    /// `FUNCTION name`.
    Function(Identifier),
    /// `CONNECTOR name`.
    Connector(Identifier),
}

/// `EXPLAIN ...`.
#[derive(Clone, Debug, PartialEq)]
pub enum Explain {
    /// A statement that is not run.
    Statement(Box<Statement>),
    /// A query by id.
    Query(Identifier),
}

/// `PRINT topic [FROM BEGINNING] [(INTERVAL|SAMPLE) n] [LIMIT n]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Print {
    /// The topic, in the case it was written.
    pub topic: Spanned<String>,
    /// FROM BEGINNING.
    pub from_beginning: bool,
    /// Every n-th record only.
    pub sampling: Option<Sampling>,
    /// LIMIT.
    pub limit: Option<u64>,
}

/// Which records PRINT shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// Every how many records; INTERVAL and SAMPLE mean the same.
    pub every: u64,
}

/// `CREATE (SOURCE|SINK) CONNECTOR [IF NOT EXISTS] name WITH (...)`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateConnector {
    /// Its name.
    pub name: Identifier,
    /// `Source` or `Sink`.
    pub scope: ConnectorScope,
    /// Its configuration; names in the case they were written.
    pub properties: Properties,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
}

/// `DROP CONNECTOR [IF EXISTS] name`.
#[derive(Clone, Debug, PartialEq)]
pub struct DropConnector {
    /// Its name.
    pub name: Identifier,
    /// IF EXISTS.
    pub if_exists: bool,
}

/// `ASSERT [NOT EXISTS] TOPIC name [WITH (...)] [TIMEOUT duration]`.
#[derive(Clone, Debug, PartialEq)]
pub struct AssertTopic {
    /// The topic, in the case it was written.
    pub topic: Spanned<String>,
    /// What the topic's configuration must be.
    pub properties: Properties,
    /// How long to retry.
    pub timeout: Option<Duration>,
    /// False for NOT EXISTS.
    pub exists: bool,
}

/// `ASSERT [NOT EXISTS] SCHEMA [SUBJECT name] [ID n] [TIMEOUT duration]`.
#[derive(Clone, Debug, PartialEq)]
pub struct AssertSchema {
    /// The subject, in the case it was written.
    pub subject: Option<Spanned<String>>,
    /// The schema id.
    pub id: Option<Spanned<u64>>,
    /// How long to retry.
    pub timeout: Option<Duration>,
    /// False for NOT EXISTS.
    pub exists: bool,
}

/// `ASSERT VALUES source (columns) VALUES (values)`, of the test tools.
#[derive(Clone, Debug, PartialEq)]
pub struct AssertValues {
    /// The source whose next record is taken.
    pub source: Identifier,
    /// The columns compared; empty when no list was written.
    pub columns: Vec<Identifier>,
    /// The expected values.
    pub values: Vec<Expr>,
}

/// `ASSERT NULL VALUES source (key columns) KEY (values)`, of the test tools.
#[derive(Clone, Debug, PartialEq)]
pub struct AssertTombstone {
    /// The source whose next record is taken.
    pub source: Identifier,
    /// The key columns compared; empty when no list was written.
    pub columns: Vec<Identifier>,
    /// The expected key.
    pub values: Vec<Expr>,
}

/// `ASSERT (STREAM|TABLE) source [(elements)] [WITH (...)]`, of the test tools.
#[derive(Clone, Debug, PartialEq)]
pub struct AssertSource {
    /// Stream or table.
    pub kind: SourceKind,
    /// The source.
    pub name: Identifier,
    /// Its expected columns.
    pub columns: Vec<ColumnDefinition>,
    /// Its expected properties.
    pub properties: Properties,
}
