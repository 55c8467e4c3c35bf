//! Definitions as the command topic keeps them: enough to be what was planned after any restart.

use std::collections::BTreeMap;

use plan::physical::Plan;
use serde::{Deserialize, Serialize};
use sql::catalog::SourceDefinition;
use types::{QueryId, SourceKind, SqlType};

/// One carried-out definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Command {
    /// CREATE STREAM, CREATE TABLE, also OR REPLACE and ALTER: the source as it is from now on. A
    /// SOURCE table has a query that holds its rows.
    CreateSource {
        /// The source.
        definition: SourceDefinition,
        /// The query of a SOURCE table.
        query: Option<Box<PersistentQuery>>,
    },
    /// CREATE ... AS SELECT: the sink and the query that fills it.
    CreateAs {
        /// The sink.
        definition: SourceDefinition,
        /// Its query; with the id of an earlier one it replaces that.
        query: Box<PersistentQuery>,
    },
    /// INSERT INTO ... SELECT.
    InsertInto {
        /// The query.
        query: Box<PersistentQuery>,
    },
    /// DROP STREAM, DROP TABLE; ends the query that made the source.
    DropSource {
        /// The source.
        name: String,
        /// Stream or table.
        kind: SourceKind,
    },
    /// TERMINATE.
    Terminate {
        /// The query.
        query_id: QueryId,
    },
    /// PAUSE.
    Pause {
        /// The query.
        query_id: QueryId,
    },
    /// RESUME.
    Resume {
        /// The query.
        query_id: QueryId,
    },
    /// CREATE TYPE.
    CreateType {
        /// The name.
        name: String,
        /// What it stands for.
        ty: SqlType,
    },
    /// DROP TYPE.
    DropType {
        /// The name.
        name: String,
    },
}

/// A query that runs until it is terminated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersistentQuery {
    /// Its id.
    pub id: QueryId,
    /// The statement that made it.
    pub statement: String,
    /// What runs.
    pub plan: Plan,
    /// Name of the source it writes; `None` for the queries of SOURCE tables.
    pub sink: Option<String>,
    /// Topic it writes.
    pub sink_topic: Option<String>,
    /// Names of the sources it reads.
    pub sources: Vec<String>,
    /// Session properties it was made with.
    pub properties: BTreeMap<String, String>,
}

impl Command {
    /// ksqlDB's id of the command: `stream/NAME/create`, `terminate/ID/execute`, ...
    pub fn id(&self) -> String {
        match self {
            Self::CreateSource { definition, .. } | Self::CreateAs { definition, .. } => {
                format!("{}/`{}`/create", definition.kind_word(), definition.name)
            }
            Self::InsertInto { query } => {
                format!("stream/`{}`/create", query.sink.as_deref().unwrap_or_default())
            }
            Self::DropSource { name, kind } => {
                format!("{}/{name}/drop", sql::catalog::kind_word(*kind))
            }
            Self::Terminate { query_id } => format!("terminate/{query_id}/execute"),
            Self::Pause { query_id } => format!("pause/{query_id}/execute"),
            Self::Resume { query_id } => format!("resume/{query_id}/execute"),
            Self::CreateType { name, .. } => format!("type/{name}/create"),
            Self::DropType { name } => format!("type/{name}/drop"),
        }
    }

    /// The query that this command starts.
    pub fn query(&self) -> Option<&PersistentQuery> {
        match self {
            Self::CreateAs { query, .. } | Self::InsertInto { query } => Some(query),
            Self::CreateSource { query, .. } => query.as_deref(),
            _ => None,
        }
    }
}
