//! `/connector-plugins`: the connector classes there are.

use connect::{Plugin, Runtime};
use serde_json::{Value, json};

use super::answer::{Answer, ok};
use super::connectors::kind_name;

/// `GET /connector-plugins`.
pub async fn list() -> Answer {
    let plugin = |plugin: &&Plugin| {
        json!({
            "class": plugin.class, "type": kind_name(plugin.kind), "version": plugin.version,
        })
    };
    ok(Runtime::plugins().iter().map(plugin).collect::<Value>())
}
