//! The JSON of requests (spec section 8.2). Keys that mean nothing here are ignored.

use std::collections::BTreeMap;

use engine::Request;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Body of `/ksql` and `/query`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KsqlRequest {
    /// The statements.
    pub ksql: String,
    /// Session overrides.
    #[serde(default)]
    pub streams_properties: Option<Map<String, Value>>,
    /// Session variables.
    #[serde(default)]
    pub session_variables: Option<Map<String, Value>>,
}

/// Body of `/query-stream`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryStreamArgs {
    /// The query.
    pub sql: String,
    /// Session overrides.
    #[serde(default)]
    pub properties: Option<Map<String, Value>>,
    /// Session variables.
    #[serde(default)]
    pub session_variables: Option<Map<String, Value>>,
}

/// Body of `/close-query`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CloseQuery {
    /// The query.
    pub query_id: String,
}

impl From<KsqlRequest> for Request {
    fn from(request: KsqlRequest) -> Self {
        let properties = texts(request.streams_properties);
        Self { text: request.ksql, properties, variables: texts(request.session_variables) }
    }
}

impl From<QueryStreamArgs> for Request {
    fn from(request: QueryStreamArgs) -> Self {
        let properties = texts(request.properties);
        Self { text: request.sql, properties, variables: texts(request.session_variables) }
    }
}

/// Values as text, whatever JSON they were written in; NULL is as if it were not there.
pub fn texts(object: Option<Map<String, Value>>) -> BTreeMap<String, String> {
    let members = object.unwrap_or_default().into_iter();
    members.filter_map(|(name, value)| Some((name, text(value)?))).collect()
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}
