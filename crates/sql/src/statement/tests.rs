//! Whole statements, from text to plan, as golden files.
//!
//! In `testdata` the input of a case are statements, of which all but the last build the catalog; its
//! answer is what the last one gives.

use std::path::Path;

use types::Column;

use crate::ast::SourceText;
use crate::catalog::{Catalog, SourceDefinition};
use crate::context::{Context, NoSchemas, Properties};
use crate::logical::ResultColumn;
use crate::parser::parse;
use crate::planned::{PersistentQuery, Planned};
use crate::statement::plan;

/// A clock that stands still and dice that always show the same.
#[derive(Debug)]
struct Still;

impl functions::Environment for Still {
    fn now_ms(&self) -> i64 {
        0
    }

    fn random_u64(&self) -> u64 {
        4
    }
}

#[test]
fn plans() {
    golden("plans.txt");
}

#[test]
fn joins() {
    golden("joins.txt");
}

#[test]
fn pull_queries() {
    golden("pull.txt");
}

#[test]
fn refusals() {
    golden("errors.txt");
}

#[test]
fn expressions() {
    golden("expressions.txt");
}

#[test]
fn inserted_values() {
    golden("values.txt");
}

fn golden(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/statement/testdata").join(file);
    let functions = functions::Registry::builtin();
    testkit::golden::check(path, |text| outcome(text, &functions));
}

/// What the last statement of `text` gives, or the first error.
fn outcome(text: &str, functions: &functions::Registry) -> String {
    let statements = match parse(text) {
        Ok(statements) => statements,
        Err(error) => return error.render(SourceText::whole(text)),
    };
    let properties = Properties::new();
    let mut catalog = Catalog::default();
    let mut next_query_number = 0;
    let mut last = String::new();
    for statement in &statements {
        let context = Context {
            catalog: &catalog,
            functions,
            properties: &properties,
            schemas: &NoSchemas,
            environment: &Still,
            next_query_number,
        };
        match plan(statement, &context) {
            Ok(planned) => {
                last = described(&planned);
                apply(&planned, &mut catalog, &mut next_query_number);
            }
            Err(error) => return error.render(statement.source()),
        }
    }
    last
}

fn apply(planned: &Planned, catalog: &mut Catalog, next_query_number: &mut u64) {
    match planned {
        Planned::CreateSource(create) => {
            catalog.set_topic(create.topic.name.clone(), create.topic.partitions.unwrap_or(1));
            catalog.add_source(create.definition.clone());
            *next_query_number += u64::from(create.query.is_some());
        }
        Planned::CreateAs(create) => {
            catalog.set_topic(create.topic.name.clone(), create.topic.partitions.unwrap_or(1));
            catalog.add_source(create.definition.clone());
            *next_query_number += u64::from(create.query.uses_number);
        }
        Planned::CreateType { name, ty, .. } => catalog.add_type(name.clone(), ty.clone()),
        Planned::AlterSource(definition) => catalog.add_source((**definition).clone()),
        _ => {}
    }
}

fn described(planned: &Planned) -> String {
    match planned {
        Planned::CreateSource(create) => {
            let mut text = definition(&create.definition);
            if let Some(found) = &create.query {
                text.push_str(&query(found));
            }
            text
        }
        Planned::CreateAs(create) => {
            format!("{}{}", definition(&create.definition), query(&create.query))
        }
        Planned::InsertInto(insert) => format!("into {}\n{}", insert.target, query(&insert.query)),
        Planned::Push(push) => format!(
            "push {} limit {:?}\n{}{}",
            columns(&push.columns),
            push.limit,
            push.explanation,
            plan::topology::topology(&push.plan)
        ),
        Planned::Pull(pull) => format!(
            "pull {} from {}: {:?}\nwindows: {:?}\nfilter: {}, limit {:?}",
            columns(&pull.columns),
            pull.source,
            pull.access,
            pull.windows,
            pull.filter.is_some(),
            pull.limit
        ),
        Planned::AlterSource(altered) => definition(altered),
        Planned::InsertValues(insert) => format!(
            "into {} at {:?}\nkey {:?}\nvalue {:?}",
            insert.target, insert.timestamp_ms, insert.key, insert.value
        ),
        other => format!("{other:?}"),
    }
}

fn definition(source: &SourceDefinition) -> String {
    format!(
        "{} {}: {}\ntopic {} as {}, {}; window {:?}; timestamp {:?}\n",
        source.kind_word(),
        source.name,
        source.schema,
        source.topic,
        source.key_serde.format,
        source.value_serde.format,
        source.window,
        source.timestamp
    )
}

fn query(query: &PersistentQuery) -> String {
    let stored = serde_json::to_string(&query.plan).expect("plans can be stored");
    let read: plan::physical::Plan = serde_json::from_str(&stored).expect("and read back");
    assert_eq!(read, query.plan, "a stored plan differs from the planned one");
    format!("{}\n{}{}", query.id, query.explanation, plan::topology::topology(&query.plan))
}

fn columns(columns: &[ResultColumn]) -> String {
    let texts: Vec<String> = columns
        .iter()
        .map(|ResultColumn { column: Column { name, ty }, is_key }| {
            format!("{name} {ty}{}", if *is_key { " KEY" } else { "" })
        })
        .collect();
    format!("[{}]", texts.join(", "))
}
