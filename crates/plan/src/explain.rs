//! The text of a logical plan, for EXPLAIN: one line per node, inputs indented below.
//!
//! ```text
//!  > [ SINK ] | Schema: ID INTEGER KEY, N BIGINT | Logger: CTAS_T_0.T
//!     > [ PROJECT ] | Schema: ID INTEGER KEY, N BIGINT | Logger: CTAS_T_0.Project
//! ```

use std::fmt::Write;

use types::Schema;

use crate::logical::{JoinMethod, Layout, Node, Operator};

/// Columns each level is indented by.
const INDENT: usize = 4;

/// The text of `root` as the query `query_id` runs it.
pub fn explain(root: &Node, query_id: &str) -> String {
    let mut text = String::new();
    write_node(&mut text, root, query_id, 0, "");
    text
}

/// The text of `root` under the sink that its rows are written to.
pub fn explain_sink(root: &Node, sink: &str, query_id: &str) -> String {
    let mut text = String::new();
    write_line(&mut text, 0, "SINK", &root.layout, &format!("{query_id}.{sink}"));
    write_node(&mut text, root, query_id, 1, "");
    text
}

fn write_node(text: &mut String, node: &Node, query_id: &str, depth: usize, path: &str) {
    let (kind, logger) = describe(&node.operator, path);
    write_line(text, depth, kind, &node.layout, &format!("{query_id}.{logger}"));
    match &node.operator {
        Operator::Source(_) => {}
        Operator::Filter { input, .. }
        | Operator::Project { input, .. }
        | Operator::Explode { input, .. }
        | Operator::PartitionBy { input, .. } => {
            write_node(text, input, query_id, depth + 1, path);
        }
        Operator::Aggregate(aggregate) => {
            write_node(text, &aggregate.input, query_id, depth + 1, path);
        }
        Operator::Join(join) => {
            write_node(text, &join.left, query_id, depth + 1, "_Left");
            write_node(text, &join.right, query_id, depth + 1, "_Right");
        }
    }
}

/// A node's kind and the name of its logger.
fn describe(operator: &Operator, path: &str) -> (&'static str, String) {
    match operator {
        Operator::Source(_) if path.is_empty() => ("SOURCE", "KsqlTopic.Source".to_owned()),
        Operator::Source(_) => ("SOURCE", format!("KafkaTopic{path}.Source")),
        Operator::Filter { .. } => ("FILTER", "WhereFilter".to_owned()),
        Operator::Project { .. } => ("PROJECT", "Project".to_owned()),
        Operator::Explode { .. } => ("FLAT_MAP", "FlatMap".to_owned()),
        Operator::PartitionBy { .. } => ("REKEY", "PartitionBy".to_owned()),
        Operator::Aggregate(_) => ("AGGREGATE", "Aggregate.Aggregate".to_owned()),
        Operator::Join(join) => {
            let kind = match join.method {
                JoinMethod::ForeignKey => "FOREIGN_KEY_JOIN",
                _ => "JOIN",
            };
            (kind, "Join".to_owned())
        }
    }
}

fn write_line(text: &mut String, depth: usize, kind: &str, layout: &Layout, logger: &str) {
    let indent = " ".repeat(depth * INDENT);
    let schema =
        Schema { key: layout.key.clone(), value: layout.value.clone(), headers: Vec::new() };
    let schema = schema.to_string().replace('`', "");
    writeln!(text, "{indent} > [ {kind} ] | Schema: {schema} | Logger: {logger}")
        .expect("writing to a string can't fail");
}
