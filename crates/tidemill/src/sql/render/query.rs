//! Queries: SHOW QUERIES and EXPLAIN.

use serde_json::Value;

use super::describe::push_member;
use super::list::list;
use super::sql_type::{fields, text};

/// SHOW QUERIES.
pub fn queries(items: &Value) -> String {
    let row = |query: &Value| {
        let joined = |member: &str| {
            let names = query[member].as_array().into_iter().flatten().filter_map(Value::as_str);
            names.collect::<Vec<&str>>().join(",")
        };
        let counts = query["statusCount"].as_object().into_iter().flatten();
        let status = counts.map(|(state, count)| format!("{state}:{count}"));
        vec![
            text(query, "id"),
            text(query, "queryType"),
            status.collect::<Vec<String>>().join(","),
            joined("sinks"),
            joined("sinkKafkaTopics"),
            on_one_line(&text(query, "queryString")),
        ]
    };
    let rows: Vec<Vec<String>> = items.as_array().into_iter().flatten().map(row).collect();
    let headers =
        ["Query ID", "Query Type", "Status", "Sink Name", "Sink Kafka Topic", "Query String"];
    let shown = list(&headers, &rows);
    format!("{shown}For detailed information on a Query run: EXPLAIN <Query ID>;\n")
}

fn on_one_line(statement: &str) -> String {
    statement.split_whitespace().collect::<Vec<&str>>().join(" ")
}

/// EXPLAIN.
pub fn description(query: &Value) -> String {
    let mut out = String::from("\n");
    let members = [("ID", "id"), ("Query Type", "queryType"), ("SQL", "statementText")];
    for (title, member) in members {
        let value = text(query, member);
        if !value.is_empty() {
            push_member(&mut out, title, &value);
        }
    }
    let hosts = query["ksqlHostQueryStatus"].as_object().into_iter().flatten();
    let hosts = hosts.map(|(host, state)| format!("{host}:{}", state.as_str().unwrap_or_default()));
    let hosts = hosts.collect::<Vec<String>>().join(", ");
    if !hosts.is_empty() {
        push_member(&mut out, "Host Query Status", &hosts);
    }
    out.push('\n');
    out.push_str(&fields(query, false));
    push_names(&mut out, "Sources that this query reads from", &query["sources"]);
    push_names(&mut out, "Sinks that this query writes to", &query["sinks"]);
    for (title, member) in
        [("Execution plan", "executionPlan"), ("Processing topology", "topology")]
    {
        out.push_str(&format!("\n{title}\n{}\n", "-".repeat(title.len())));
        out.push_str(text(query, member).trim_end());
        out.push('\n');
    }
    let overrides = query["overriddenProperties"].as_object().into_iter().flatten();
    let rows: Vec<Vec<String>> = overrides
        .map(|(name, value)| vec![name.clone(), value.as_str().unwrap_or_default().to_owned()])
        .collect();
    if !rows.is_empty() {
        out.push_str("\nOverridden properties\n");
        out.push_str(&list(&["Property", "Value"], &rows));
    }
    push_names(&mut out, "Errors", &query["queryErrors"]);
    out
}

fn push_names(out: &mut String, title: &str, names: &Value) {
    let names = names.as_array().map(Vec::as_slice).unwrap_or_default();
    if names.is_empty() {
        return;
    }
    out.push_str(&format!("\n{title}: \n{}\n", "-".repeat(title.len())));
    for name in names {
        out.push_str(&name.as_str().map_or_else(|| name.to_string(), str::to_owned));
        out.push('\n');
    }
}
