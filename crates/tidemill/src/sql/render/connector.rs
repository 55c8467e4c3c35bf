//! Connectors: SHOW CONNECTORS and DESCRIBE CONNECTOR, with its progress.

use serde_json::Value;

use super::describe::push_member;
use super::entity::table;
use super::list::list;
use super::sql_type::text;

/// SHOW CONNECTORS.
pub fn connectors(items: &Value) -> String {
    let columns =
        [("Connector Name", "name"), ("Type", "type"), ("Class", "className"), ("Status", "state")];
    table(items, &columns)
}

/// SHOW CONNECTOR PLUGINS.
pub fn plugins(items: &Value) -> String {
    table(items, &[("Class", "className"), ("Type", "type"), ("Version", "version")])
}

/// DESCRIBE CONNECTOR.
pub fn description(entity: &Value) -> String {
    let status = &entity["status"];
    let connector = &status["connector"];
    let mut out = String::from("\n");
    push_member(&mut out, "Name", &text(status, "name"));
    push_member(&mut out, "Class", &text(entity, "connectorClass"));
    push_member(&mut out, "Type", &text(status, "type"));
    push_member(&mut out, "State", &text(connector, "state"));
    push_member(&mut out, "WorkerId", &text(connector, "worker_id"));
    let trace = text(connector, "trace");
    if !trace.is_empty() {
        push_member(&mut out, "Trace", &trace);
    }
    out.push('\n');
    out.push_str(&table(
        &status["tasks"],
        &[("Task ID", "id"), ("State", "state"), ("Error Trace", "trace")],
    ));
    push_names(&mut out, "Progress", &entity["progress"]);
    push_names(&mut out, "Source name", &entity["sources"]);
    push_names(&mut out, "Related Topics", &entity["topics"]);
    out
}

fn push_names(out: &mut String, title: &str, names: &Value) {
    let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
    let rows: Vec<Vec<String>> = names.map(|name| vec![name.to_owned()]).collect();
    if !rows.is_empty() {
        out.push('\n');
        out.push_str(&list(&[title], &rows));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::description;

    #[test]
    fn a_description_shows_progress_and_what_went_wrong() {
        let shown = description(&json!({
            "connectorClass": "c",
            "status": {
                "name": "calls_reader", "type": "source",
                "connector": { "state": "FAILED", "worker_id": "tidemill", "trace": "no luck" },
                "tasks": [{ "id": 0, "state": "FAILED", "worker_id": "tidemill" }],
            },
            "progress": ["snapshot: 10 of 20 rows"], "sources": [], "topics": ["a.b.calls"],
        }));
        for line in ["State                : FAILED\n", " snapshot: 10 of 20 rows \n", "no luck\n"]
        {
            assert!(shown.contains(line), "{shown}");
        }
        assert!(!shown.contains("Source name"), "{shown}");
    }
}
