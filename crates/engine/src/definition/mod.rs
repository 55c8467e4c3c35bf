//! From what was planned to what is defined: the step shared by the server and by whoever runs
//! statements without one (the test runner).

mod drop;
mod insert;
mod options;
mod schemas;

use std::collections::BTreeMap;

use sql::planned::Planned;

pub use drop::check_drop;
pub use insert::record as insert_record;
pub use options::query_options;
pub use schemas::{StoreLookup, register as register_schemas};

use crate::catalog::{Command, PersistentQuery};

/// The command that a planned definition comes to; `None` for what defines nothing.
pub fn command(
    planned: &Planned,
    statement: &str,
    properties: &BTreeMap<String, String>,
) -> Option<Command> {
    let query = |query: &sql::planned::PersistentQuery, sink: Option<(&str, &str)>| {
        Box::new(PersistentQuery {
            id: query.id.clone(),
            statement: statement.to_owned(),
            plan: query.plan.clone(),
            sink: sink.map(|(name, _)| name.to_owned()),
            sink_topic: sink.map(|(_, topic)| topic.to_owned()),
            sources: query.sources.clone(),
            properties: properties.clone(),
        })
    };
    match planned {
        Planned::CreateSource(create) => Some(Command::CreateSource {
            definition: create.definition.clone(),
            query: create.query.as_ref().map(|planned| query(planned, None)),
        }),
        Planned::CreateAs(create) => {
            let sink = (create.definition.name.as_str(), create.definition.topic.as_str());
            Some(Command::CreateAs {
                definition: create.definition.clone(),
                query: query(&create.query, Some(sink)),
            })
        }
        Planned::InsertInto(insert) => {
            let topic = sink_topic(&insert.query.plan);
            let sink = (insert.target.as_str(), topic.as_str());
            Some(Command::InsertInto { query: query(&insert.query, Some(sink)) })
        }
        Planned::AlterSource(definition) => {
            Some(Command::CreateSource { definition: (**definition).clone(), query: None })
        }
        Planned::CreateType { name, ty, .. } => {
            Some(Command::CreateType { name: name.clone(), ty: ty.clone() })
        }
        Planned::AlreadyExists { .. }
        | Planned::InsertValues(_)
        | Planned::Push(_)
        | Planned::Pull(_) => None,
    }
}

/// The topic that a plan writes its results to.
fn sink_topic(plan: &plan::physical::Plan) -> String {
    let nodes = plan.sub_topologies.iter().flat_map(|part| &part.nodes);
    let mut written = nodes.filter_map(|node| match &node.operator {
        plan::physical::Operator::Write(write) if !write.is_internal => Some(write.topic.clone()),
        _ => None,
    });
    written.next_back().unwrap_or_default()
}
