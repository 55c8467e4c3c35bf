//! What a planning call is given besides the statement: catalog, functions, properties, and the
//! answers of the schema registry.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use types::{Column, Format, SerdeSpec};

use crate::catalog::Catalog;
use crate::error::{Error, Result};

/// Everything planning may look at.
pub struct Context<'a> {
    /// Sources, types and topics.
    pub catalog: &'a Catalog,
    /// The functions.
    pub functions: &'a functions::Registry,
    /// Session overrides over the server's configuration.
    pub properties: &'a Properties,
    /// Schema inference.
    pub schemas: &'a dyn SchemaLookup,
    /// Clock and randomness for constant expressions (INSERT VALUES, keys of pull queries).
    pub environment: &'a dyn functions::Environment,
    /// The number the next query's id ends in (spec section 7.2).
    pub next_query_number: u64,
}

/// Key or value of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Part {
    Key,
    Value,
}

impl Part {
    /// `KEY` or `VALUE`, the prefix of the part's properties.
    pub fn word(self) -> &'static str {
        match self {
            Self::Key => "KEY",
            Self::Value => "VALUE",
        }
    }

    /// `Key` or `Value`, for messages.
    pub fn title(self) -> &'static str {
        match self {
            Self::Key => "Key",
            Self::Value => "Value",
        }
    }
}

/// Answers what the schema registry knows. Implemented by `engine`.
pub trait SchemaLookup {
    /// Columns of `part` of `topic`'s records by the registered schema: the one `serde` names by id,
    /// else the subject's latest. `Ok(None)` when the subject has none.
    ///
    /// # Errors
    /// The reason, when a schema can't be read or turned into columns.
    fn columns(
        &self,
        topic: &str,
        part: Part,
        serde: &SerdeSpec,
    ) -> std::result::Result<Option<InferredColumns>, String>;
}

/// Columns found in the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InferredColumns {
    /// The columns; a single ROWKEY or ROWVAL when the schema is no record.
    pub columns: Vec<Column>,
    /// Whether the payload is the bare column.
    pub unwrapped: bool,
}

/// A lookup that knows no schema, for places without a registry.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSchemas;

impl SchemaLookup for NoSchemas {
    fn columns(
        &self,
        _topic: &str,
        _part: Part,
        _serde: &SerdeSpec,
    ) -> std::result::Result<Option<InferredColumns>, String> {
        Ok(None)
    }
}

/// Properties of the session over those of the server, by name.
#[derive(Clone, Debug, Default)]
pub struct Properties {
    values: BTreeMap<String, String>,
}

impl Properties {
    /// No property set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a property.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.values.insert(name.into(), value.into());
    }

    /// The value of a property, when it was set.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// `ksql.service.id`.
    pub fn service_id(&self) -> &str {
        self.value("ksql.service.id").unwrap_or("default_")
    }

    /// `ksql.output.topic.name.prefix`.
    pub fn output_topic_prefix(&self) -> &str {
        self.value("ksql.output.topic.name.prefix").unwrap_or("")
    }

    /// `ksql.functions.<function>.limit`: how much an aggregate keeps for a group.
    ///
    /// # Errors
    /// When it is no number.
    pub fn function_limit(&self, function: &str) -> Result<Option<i32>> {
        let name = format!("ksql.functions.{}.limit", function.to_lowercase());
        let Some(text) = self.value(&name) else { return Ok(None) };
        let limit = text.trim().parse().map_err(|_| {
            Error::invalid("function-limit", format!("Invalid value {text} for {name}: no number."))
        })?;
        Ok(Some(limit))
    }

    /// `ksql.persistence.default.format.key`.
    ///
    /// # Errors
    /// When it names no format.
    pub fn default_key_format(&self) -> Result<Format> {
        let format = self.format("ksql.persistence.default.format.key")?;
        Ok(format.unwrap_or(Format::Kafka))
    }

    /// `ksql.persistence.default.format.value`, which has no default of its own.
    ///
    /// # Errors
    /// When it names no format.
    pub fn default_value_format(&self) -> Result<Option<Format>> {
        self.format("ksql.persistence.default.format.value")
    }

    fn format(&self, name: &str) -> Result<Option<Format>> {
        let Some(text) = self.value(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        let format = Format::from_str(text);
        format.map(Some).map_err(|error| Error::invalid("unknown-format", error.to_string()))
    }

    /// `ksql.persistence.wrap.single.values`, when it was set.
    pub fn wrap_single_values(&self) -> Option<bool> {
        let text = self.value("ksql.persistence.wrap.single.values")?;
        Some(text.eq_ignore_ascii_case("true"))
    }

    /// A switch that is on unless it was set to something other than `true`.
    pub fn is_enabled(&self, name: &str) -> bool {
        self.value(name).is_none_or(|text| text.eq_ignore_ascii_case("true"))
    }

    /// `_confluent-ksql-<service id>query_<query id>`.
    pub fn application_id(&self, query_id: &str) -> String {
        format!("_confluent-ksql-{}query_{query_id}", self.service_id())
    }

    /// Application id of a push query: `_confluent-ksql-<service id><query id>`.
    pub fn transient_application_id(&self, query_id: &str) -> String {
        format!("_confluent-ksql-{}{query_id}", self.service_id())
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("next_query_number", &self.next_query_number).finish()
    }
}
