//! DESCRIBE of streams, tables and functions.

use std::fmt::Write as _;

use serde_json::Value;

use super::list::list;
use super::sql_type::{fields, text};

/// Adds `Name                 : value`.
pub fn push_member(out: &mut String, name: &str, value: &str) {
    writeln!(out, "{name:<20} : {value}").expect("writing to a string can't fail");
}

/// A stream or table.
pub fn source(described: &Value) -> String {
    let kind = text(described, "type");
    let is_table = kind == "TABLE";
    let mut out = String::from("\n");
    push_member(&mut out, "Name", &text(described, "name"));
    if !described["extended"].as_bool().unwrap_or_default() {
        out.push_str(&fields(described, is_table));
        out.push_str(
            "For runtime statistics and query details run: DESCRIBE <Stream,Table> EXTENDED;\n",
        );
        return out;
    }
    push_member(&mut out, "Type", &kind);
    let timestamp = text(described, "timestamp");
    let unset = "Not set - using <ROWTIME>";
    push_member(&mut out, "Timestamp field", if timestamp.is_empty() { unset } else { &timestamp });
    push_member(&mut out, "Key format", &text(described, "keyFormat"));
    push_member(&mut out, "Value format", &text(described, "valueFormat"));
    let topic = format!(
        "{} (partitions: {}, replication: {})",
        text(described, "topic"),
        described["partitions"],
        described["replication"]
    );
    push_member(&mut out, "Kafka topic", &topic);
    push_member(&mut out, "Statement", &text(described, "statement"));
    out.push('\n');
    out.push_str(&fields(described, is_table));
    push_queries(
        &mut out,
        &format!("Queries that read from this {kind}"),
        &described["readQueries"],
    );
    push_queries(
        &mut out,
        &format!("Queries that write into this {kind}"),
        &described["writeQueries"],
    );
    push_constraints(&mut out, &described["sourceConstraints"], &kind);
    out.push_str("\nLocal runtime statistics\n------------------------\n");
    out.push_str(&format!(
        "{}\n{}\n",
        text(described, "statistics"),
        text(described, "errorStats")
    ));
    push_offsets(&mut out, &described["queryOffsetSummaries"]);
    out
}

fn push_title(out: &mut String, title: &str) {
    out.push_str(&format!("\n{title}\n{}\n", "-".repeat(title.chars().count())));
}

fn push_queries(out: &mut String, title: &str, queries: &Value) {
    let queries = queries.as_array().map(Vec::as_slice).unwrap_or_default();
    if queries.is_empty() {
        return;
    }
    push_title(out, title);
    for query in queries {
        let (id, state) = (text(query, "id"), text(query, "state"));
        out.push_str(&format!("{id} ({state}) : {}\n", text(query, "queryString")));
    }
    out.push_str("\nFor query topology and execution plan please run: EXPLAIN <QueryId>\n");
}

fn push_constraints(out: &mut String, constraints: &Value, kind: &str) {
    let constraints = constraints.as_array().map(Vec::as_slice).unwrap_or_default();
    if constraints.is_empty() {
        return;
    }
    push_title(out, &format!("Sources that have a DROP constraint on this {kind}"));
    for name in constraints {
        out.push_str(&format!("{}\n", name.as_str().unwrap_or_default()));
    }
}

fn push_offsets(out: &mut String, summaries: &Value) {
    for summary in summaries.as_array().into_iter().flatten() {
        out.push_str("\nConsumer Groups summary:\n\n");
        push_member(out, "Consumer Group", &text(summary, "groupId"));
        for topic in summary["topicSummaries"].as_array().into_iter().flatten() {
            out.push('\n');
            push_member(out, "Kafka topic", &text(topic, "kafkaTopic"));
            let offsets = topic["offsets"].as_array().into_iter().flatten();
            let lag = |o: &Value| {
                let end = o["logEndOffset"].as_i64().unwrap_or_default();
                end - o["consumerOffset"].as_i64().unwrap_or_default()
            };
            push_member(out, "Max lag", &offsets.clone().map(lag).max().unwrap_or(0).to_string());
            let rows: Vec<Vec<String>> = offsets
                .map(|o| {
                    let members = ["partition", "logStartOffset", "logEndOffset", "consumerOffset"];
                    let mut cells: Vec<String> = members.map(|member| text(o, member)).into();
                    cells.push(lag(o).to_string());
                    cells
                })
                .collect();
            out.push('\n');
            out.push_str(&list(
                &["Partition", "Start Offset", "End Offset", "Offset", "Lag"],
                &rows,
            ));
        }
    }
}

/// A function with its signatures.
pub fn function(described: &Value) -> String {
    let mut out = String::from("\n");
    let name = text(described, "name");
    for (title, member) in [
        ("Name", "name"),
        ("Author", "author"),
        ("Version", "version"),
        ("Overview", "description"),
        ("Type", "type"),
        ("Jar", "path"),
    ] {
        let value = text(described, member);
        if !value.is_empty() {
            push_member(&mut out, title, &value);
        }
    }
    push_member(&mut out, "Variations", "");
    for signature in described["functions"].as_array().into_iter().flatten() {
        let arguments = signature["arguments"].as_array().into_iter().flatten();
        let arguments = arguments.map(|argument| {
            let dots = if argument["isVariadic"] == true { "..." } else { "" };
            format!("{}{dots}", text(argument, "type"))
        });
        let arguments = arguments.collect::<Vec<String>>().join(", ");
        out.push_str(&format!("\n\tVariation   : {name}({arguments})\n"));
        out.push_str(&format!("\tReturns     : {}\n", text(signature, "returnType")));
        let description = text(signature, "description");
        if !description.is_empty() {
            out.push_str(&format!("\tDescription : {description}\n"));
        }
    }
    out
}
