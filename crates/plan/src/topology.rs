//! The text of a physical plan: its parts, nodes, stores and topics, one line each. EXPLAIN shows it below
//! the logical plan; tests compare it.

use std::fmt::{self, Write};

use types::Schema;

use crate::logical::Layout;
use crate::physical::{Changelog, Node, Operator, Plan, RowStep, Store, SubTopology};

/// The text of `plan`.
pub fn topology(plan: &Plan) -> String {
    let mut text = String::new();
    write_plan(&mut text, plan).expect("writing to a string can't fail");
    text
}

fn write_plan(text: &mut String, plan: &Plan) -> fmt::Result {
    for (number, part) in plan.sub_topologies.iter().enumerate() {
        writeln!(text, "Sub-topology: {number}")?;
        write_part(text, part, plan)?;
    }
    for store in &plan.stores {
        write_store(text, store)?;
    }
    if let Some(materialized) = &plan.materialized {
        let steps: Vec<&str> = materialized
            .steps
            .iter()
            .map(|step| match step {
                RowStep::Filter(_) => "filter",
                RowStep::Project(_) => "project",
            })
            .collect();
        let store = &plan.stores[materialized.store].name;
        writeln!(text, "Materialized in {store}, then [{}]", steps.join(", "))?;
    }
    Ok(())
}

fn write_part(text: &mut String, part: &SubTopology, plan: &Plan) -> fmt::Result {
    for node in &part.nodes {
        write!(text, "  {}", node.name)?;
        if !node.inputs.is_empty() {
            let inputs: Vec<&str> =
                node.inputs.iter().map(|input| part.nodes[*input].name.as_str()).collect();
            write!(text, " <- {}", inputs.join(", "))?;
        }
        write!(text, ": {}", summary(node, plan))?;
        if node.layout.key.is_empty() && node.layout.value.is_empty() {
            writeln!(text)?;
        } else {
            writeln!(text, " ({})", schema(&node.layout))?;
        }
    }
    Ok(())
}

fn write_store(text: &mut String, store: &Store) -> fmt::Result {
    let topic = match &store.changelog {
        Changelog::Topic(topic) | Changelog::Source(topic) => topic,
    };
    writeln!(text, "Store {}: {:?}, rebuilt from {topic}", store.name, store.kind)
}

/// What a node does, in a few words.
fn summary(node: &Node, plan: &Plan) -> String {
    let store = |index: &usize| plan.stores[*index].name.as_str();
    let stores = |indexes: &[usize]| indexes.iter().map(store).collect::<Vec<_>>().join(", ");
    match &node.operator {
        Operator::Read(read) => {
            let changes = if read.changes { " as changes" } else { "" };
            let formats = format!("{}, {}", read.key_serde.format, read.value_serde.format);
            let kept = read
                .store
                .as_ref()
                .map_or(String::new(), |index| format!(" into {}", store(index)));
            format!("read {}{changes} as {formats}{kept}", read.topic)
        }
        Operator::Filter { .. } => "filter".to_owned(),
        Operator::Project { .. } => "project".to_owned(),
        Operator::Explode { calls } => format!("explode {} calls", calls.len()),
        Operator::Rekey { drop_null: true, .. } => "rekey, without NULL".to_owned(),
        Operator::Rekey { drop_null: false, .. } => "rekey".to_owned(),
        Operator::Aggregate { calls, store: index, emit, .. } => {
            let calls: Vec<&str> = calls.iter().map(|call| call.function.as_str()).collect();
            format!("aggregate {} in {}, emit {emit:?}", calls.join(", "), store(index))
        }
        Operator::StreamStreamJoin { kind, within, stores: indexes } => format!(
            "{kind:?} stream-stream join within -{}..+{} ms in {}",
            within.before_ms,
            within.after_ms,
            stores(indexes)
        ),
        Operator::StreamTableJoin { kind, table_store } => {
            format!("{kind:?} stream-table join with {}", store(table_store))
        }
        Operator::TableTableJoin { kind, stores: indexes } => {
            format!("{kind:?} table-table join of {}", stores(indexes))
        }
        Operator::ForeignKeyJoin { kind, stores: indexes, .. } => {
            format!("{kind:?} foreign-key join of {}", stores(indexes))
        }
        Operator::Materialize { store: index } => format!("materialize in {}", store(index)),
        Operator::Write(write) => {
            let changes = if write.changes { " as changes" } else { "" };
            let formats = format!("{}, {}", write.key_serde.format, write.value_serde.format);
            format!("write {}{changes} as {formats}", write.topic)
        }
        Operator::Return => "return".to_owned(),
    }
}

fn schema(layout: &Layout) -> String {
    let schema =
        Schema { key: layout.key.clone(), value: layout.value.clone(), headers: Vec::new() };
    schema.to_string().replace('`', "")
}
