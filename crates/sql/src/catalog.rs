//! What planning knows of the world: a snapshot of sources, custom types and topics.
//!
//! Kept and persisted by `engine`, read by every planning step, never changed here.

use std::collections::BTreeMap;
use std::sync::Arc;

use plan::expression::ColumnRef;
use plan::logical::{Layout, TimestampColumn};
use serde::{Deserialize, Serialize};
use types::{Column, QueryId, Schema, SerdeSpec, SourceKind, SqlType, WindowKind};

/// A stream or table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceDefinition {
    /// Its name.
    pub name: String,
    /// Stream or table.
    pub kind: SourceKind,
    /// Its columns.
    pub schema: Schema,
    /// The topic that holds its records.
    pub topic: String,
    /// How keys are written.
    pub key_serde: SerdeSpec,
    /// How values are written.
    pub value_serde: SerdeSpec,
    /// How keys carry windows, if they do.
    pub window: Option<WindowKind>,
    /// The column that supplies ROWTIME.
    pub timestamp: Option<TimestampSpec>,
    /// Made by CREATE SOURCE: read-only.
    pub is_source: bool,
    /// Made by CREATE ... AS SELECT.
    pub is_derived: bool,
    /// The statement that made it.
    pub statement: String,
    /// The query that fills it (derived sources) or holds its rows (SOURCE tables).
    pub query_id: Option<QueryId>,
    /// Names of the sources it is made from.
    #[serde(default)]
    pub made_from: Vec<String>,
}

/// A column that supplies record timestamps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimestampSpec {
    /// Name of the column.
    pub column: String,
    /// Pattern of a STRING column.
    pub format: Option<String>,
}

impl SourceDefinition {
    /// Value columns in the order rows carry them: those of the value, then those from headers.
    pub fn value_columns(&self) -> impl Iterator<Item = &Column> {
        self.schema.value.iter().chain(self.schema.headers.iter().map(|(column, _)| column))
    }

    /// The rows that reading this source gives.
    pub fn layout(&self) -> Layout {
        Layout {
            kind: self.kind,
            key: self.schema.key.clone(),
            value: self.value_columns().cloned().collect(),
            window: self.window,
        }
    }

    /// Where the timestamp column stands in [`Self::layout`].
    pub fn timestamp_column(&self) -> Option<TimestampColumn> {
        let spec = self.timestamp.as_ref()?;
        let column = column_position(&self.schema.key, &spec.column)
            .map(ColumnRef::Key)
            .or_else(|| column_position(&self.schema.value, &spec.column).map(ColumnRef::Value))?;
        Some(TimestampColumn { column, format: spec.format.clone() })
    }

    /// `stream` or `table`.
    pub fn kind_word(&self) -> &'static str {
        kind_word(self.kind)
    }
}

/// `stream` or `table`.
pub fn kind_word(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Stream => "stream",
        SourceKind::Table => "table",
    }
}

fn column_position(columns: &[Column], name: &str) -> Option<usize> {
    columns.iter().position(|column| column.name == name)
}

/// A snapshot of everything named.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    sources: BTreeMap<String, Arc<SourceDefinition>>,
    types: BTreeMap<String, SqlType>,
    topics: BTreeMap<String, i32>,
}

impl Catalog {
    /// The source called `name`.
    pub fn source(&self, name: &str) -> Option<&Arc<SourceDefinition>> {
        self.sources.get(name)
    }

    /// Every source, by name.
    pub fn sources(&self) -> impl Iterator<Item = &Arc<SourceDefinition>> {
        self.sources.values()
    }

    /// Adds a source, replacing one of the same name.
    pub fn add_source(&mut self, source: SourceDefinition) {
        self.sources.insert(source.name.clone(), Arc::new(source));
    }

    /// Removes a source; `None` when there was none.
    pub fn remove_source(&mut self, name: &str) -> Option<Arc<SourceDefinition>> {
        self.sources.remove(name)
    }

    /// The type that CREATE TYPE called `name`.
    pub fn custom_type(&self, name: &str) -> Option<&SqlType> {
        self.types.get(name)
    }

    /// Every custom type, by name.
    pub fn custom_types(&self) -> impl Iterator<Item = (&String, &SqlType)> {
        self.types.iter()
    }

    /// Adds a custom type, replacing one of the same name.
    pub fn add_type(&mut self, name: impl Into<String>, ty: SqlType) {
        self.types.insert(name.into(), ty);
    }

    /// Removes a custom type and tells whether there was one.
    pub fn remove_type(&mut self, name: &str) -> bool {
        self.types.remove(name).is_some()
    }

    /// Number of partitions of a topic, if it exists.
    pub fn partitions(&self, topic: &str) -> Option<i32> {
        self.topics.get(topic).copied()
    }

    /// Notes a topic and its number of partitions.
    pub fn set_topic(&mut self, topic: impl Into<String>, partitions: i32) {
        self.topics.insert(topic.into(), partitions);
    }

    /// Forgets a topic.
    pub fn remove_topic(&mut self, topic: &str) {
        self.topics.remove(topic);
    }
}
