//! CREATE OR REPLACE: what may change without losing what was computed (spec section 1.5).

use types::{Column, SourceKind};

use crate::analysis::{self, Analysis, Purpose};
use crate::ast::StatementKind;
use crate::catalog::SourceDefinition;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::parser::parse_statement;
use crate::text::quoted;

/// Checks a source that replaces `known`: the same kind, topic, formats, timestamp and key; value columns
/// unchanged and in place, new ones at the end.
///
/// # Errors
/// Naming what differs.
pub fn check_source(known: &SourceDefinition, new: &SourceDefinition) -> Result<()> {
    if known.kind != new.kind {
        return Err(refusal(
            new,
            &format!(
                "DataSource '{}' is a {} and can't become a {}",
                known.name,
                known.kind_word(),
                new.kind_word()
            ),
        ));
    }
    if known.is_derived != new.is_derived {
        return Err(refusal(
            new,
            "a source made by a query and one declared over a topic can't replace each other",
        ));
    }
    if known.topic != new.topic {
        return Err(refusal(
            new,
            &format!("topic has changed from '{}' to '{}'", known.topic, new.topic),
        ));
    }
    if known.key_serde != new.key_serde || known.value_serde != new.value_serde {
        return Err(refusal(new, "the formats of key or value have changed"));
    }
    if known.timestamp != new.timestamp {
        return Err(refusal(new, "the timestamp column has changed"));
    }
    if known.window != new.window {
        return Err(refusal(new, "the window has changed"));
    }
    check_columns(known, new)
}

fn check_columns(known: &SourceDefinition, new: &SourceDefinition) -> Result<()> {
    if known.schema.key != new.schema.key {
        let message = format!(
            "Key columns must be identical. The following key columns are changed, missing or reordered: [{}]",
            listed(&known.schema.key)
        );
        return Err(refusal(new, &message));
    }
    let changed: Vec<Column> = known
        .schema
        .value
        .iter()
        .enumerate()
        .filter(|(index, column)| new.schema.value.get(*index) != Some(column))
        .map(|(_, column)| column.clone())
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let message =
        format!("The following columns are changed, missing or reordered: [{}]", listed(&changed));
    Err(refusal(new, &message))
}

/// Checks a derived source that replaces `known`: besides the columns, its query must be able to go on
/// where the old one stopped.
///
/// # Errors
/// Naming what can't change.
pub fn check_derived(
    known: &SourceDefinition,
    new: &SourceDefinition,
    analysis: &Analysis,
    context: &Context<'_>,
) -> Result<()> {
    check_source(known, new)?;
    if analysis.scope.is_join() {
        return Err(refusal(new, "upgrades of queries with joins are not supported"));
    }
    if analysis.window.is_some() {
        return Err(refusal(new, "upgrades of windowed aggregations are not supported"));
    }
    if known.made_from != new.made_from {
        return Err(refusal(new, "the query reads other sources"));
    }
    match analysis_of(known, context)? {
        Some(before) => check_state(&before, analysis, new),
        None => Ok(()),
    }
}

/// The analysis of the query that made `known`, by its stored statement.
fn analysis_of(known: &SourceDefinition, context: &Context<'_>) -> Result<Option<Analysis>> {
    let statement = parse_statement(&known.statement)?;
    let StatementKind::CreateAsSelect(create) = statement.kind else { return Ok(None) };
    let purpose = Purpose::Persistent { sink: &known.name, statement: "CREATE AS SELECT" };
    analysis::analyze(&create.query, purpose, context).map(Some)
}

/// What is stored under the keys of the old query must be what the new one would have stored.
fn check_state(before: &Analysis, after: &Analysis, new: &SourceDefinition) -> Result<()> {
    if before.group_by != after.group_by {
        return Err(refusal(new, "the GROUP BY expressions have changed"));
    }
    if before.partition_by != after.partition_by {
        return Err(refusal(new, "the PARTITION BY expressions have changed"));
    }
    if !after.aggregates.starts_with(&before.aggregates) {
        return Err(refusal(new, "aggregates can only be added behind the present ones"));
    }
    if before.table_calls != after.table_calls {
        return Err(refusal(new, "the table functions have changed"));
    }
    Ok(())
}

fn refusal(new: &SourceDefinition, reason: &str) -> Error {
    let kind = match new.kind {
        SourceKind::Stream => "stream",
        SourceKind::Table => "table",
    };
    let message = format!("Cannot upgrade {kind} '{}': {reason}.", new.name);
    Error::invalid("replace", message)
}

fn listed(columns: &[Column]) -> String {
    let texts: Vec<String> =
        columns.iter().map(|column| format!("{} {}", quoted(&column.name), column.ty)).collect();
    texts.join(", ")
}
