//! Planning of whole statements: the one public function [`plan`], and a module per kind.

mod alter;
mod create_as;
mod create_source;
mod insert_into;
mod insert_values;
mod replace;
mod serde_choice;
mod with;

#[cfg(test)]
mod tests;

use types::SourceKind;

use crate::analysis::{self, Purpose};
use crate::ast::{CreateType, Identifier, Query, Span, Statement, StatementKind};
use crate::catalog::SourceDefinition;
use crate::context::Context;
use crate::data_type;
use crate::error::{Error, Problem, Result};
use crate::logical::{self, Logical};
use crate::physical::{self, Options, Output};
use crate::planned::{Planned, PushQuery};
use crate::pull;

/// Plans a statement.
///
/// # Errors
/// When the statement breaks a rule, or is of a kind that needs no planning.
pub fn plan(statement: &Statement, context: &Context<'_>) -> Result<Planned> {
    let text = statement.text.as_str();
    match &statement.kind {
        StatementKind::Query(query) if query.emit.is_none() => {
            pull::plan(query, context).map(|plan| Planned::Pull(Box::new(plan)))
        }
        StatementKind::Query(query) => push(query, context),
        StatementKind::CreateSource(create) => create_source::plan(create, text, context),
        StatementKind::CreateAsSelect(create) => create_as::plan(create, text, context),
        StatementKind::InsertSelect(insert) => insert_into::plan(insert, context),
        StatementKind::InsertValues(insert) => insert_values::plan(insert, context),
        StatementKind::AlterSource(change) => alter::plan(change, text, context),
        StatementKind::CreateType(create) => create_type(create, context),
        _ => Err(Error::Internal("the statement needs no planning".to_owned())),
    }
}

/// How the ids of push queries begin that only follow what another query writes.
const SCALABLE: &str = "SCALABLE_PUSH_QUERY";

/// Whether a push query is what ksqlDB calls scalable: rows as they come from one source that a query
/// writes, without state. Such queries run like any other here; only their ids tell.
fn is_scalable(query: &Query, analysis: &analysis::Analysis, context: &Context<'_>) -> bool {
    let switches = ["ksql.query.push.v2.enabled", "ksql.query.push.v2.registry.installed"];
    // Both are off unless somebody turns them on.
    let is_on = |name: &&str| {
        context.properties.value(name).is_some_and(|_| context.properties.is_enabled(name))
    };
    let is_simple = query.from.joins.is_empty()
        && query.window.is_none()
        && query.group_by.is_none()
        && query.having.is_none()
        && query.partition_by.is_none();
    let offsets = context.properties.value("auto.offset.reset").unwrap_or("latest");
    let has_writer = analysis.scope.sources[0].definition.query_id.is_some();
    switches.iter().all(is_on) && is_simple && offsets.eq_ignore_ascii_case("latest") && has_writer
}

/// A push query: its rows carry every item of the projection as value, in order.
fn push(query: &Query, context: &Context<'_>) -> Result<Planned> {
    let analysis = analysis::analyze(query, Purpose::Push, context)?;
    let logical = logical::build(&analysis, Purpose::Push, context)?;
    let source = &analysis.scope.sources[0].definition.name;
    let kind = if is_scalable(query, &analysis, context) { SCALABLE } else { "transient" };
    let id = types::QueryId::new(format!("{kind}_{source}_{}", context.next_query_number));
    let application_id = context.properties.transient_application_id(id.as_str());
    let plan = physical_plan(&logical, application_id, Output::Return, context)?;
    let explanation = plan::explain::explain(&logical.root, id.as_str());
    Ok(Planned::Push(Box::new(PushQuery {
        id,
        plan,
        explanation,
        columns: logical.columns,
        sources: source_names(&analysis),
        limit: query.limit.as_ref().map(|limit| limit.node),
    })))
}

fn physical_plan(
    logical: &Logical,
    application_id: String,
    output: Output,
    context: &Context<'_>,
) -> Result<plan::physical::Plan> {
    let default_key_format = context.properties.default_key_format()?;
    let options = Options { application_id, default_key_format, output };
    Ok(physical::build(&logical.root, &options))
}

fn source_names(analysis: &analysis::Analysis) -> Vec<String> {
    analysis.scope.sources.iter().map(|source| source.definition.name.clone()).collect()
}

fn create_type(create: &CreateType, context: &Context<'_>) -> Result<Planned> {
    let ty = data_type::resolve(&create.ty, context.catalog)?;
    let name = create.name.name.clone();
    if context.catalog.custom_type(&name).is_some() && !create.if_not_exists {
        let message = format!(
            "Cannot register custom type '{name}' since it is already registered with type: {ty}"
        );
        return Err(Error::invalid_at("type-exists", message, create.name.span));
    }
    Ok(Planned::CreateType { name, ty, if_not_exists: create.if_not_exists })
}

/// What CREATE does about a source of that name that exists already.
enum Existing<'a> {
    /// There is none.
    None,
    /// IF NOT EXISTS: nothing is done.
    Kept,
    /// OR REPLACE.
    Replaced(&'a SourceDefinition),
}

/// Looks whether a new source's name is free.
///
/// # Errors
/// When it is not and the statement doesn't say what to do.
fn existing<'a>(
    name: &Identifier,
    kind: SourceKind,
    (or_replace, if_not_exists, is_source): (bool, bool, bool),
    context: &Context<'a>,
) -> Result<Existing<'a>> {
    check_source_name(name)?;
    let word = crate::catalog::kind_word(kind);
    let refuse_replace = |word: &str| {
        let message = format!(
            "Cannot add {word} '{}': CREATE OR REPLACE is not supported on source {word}s.",
            name.name
        );
        Err(Error::invalid_at("replace-source", message, name.span))
    };
    if or_replace && is_source {
        return refuse_replace(word);
    }
    let Some(known) = context.catalog.source(&name.name) else { return Ok(Existing::None) };
    if or_replace {
        if known.is_source {
            return refuse_replace(known.kind_word());
        }
        return Ok(Existing::Replaced(known));
    }
    if if_not_exists {
        return Ok(Existing::Kept);
    }
    let message = format!(
        "Cannot add {word} '{}': A {} with the same name already exists",
        name.name,
        known.kind_word()
    );
    Err(Problem::new("source-exists", message).at(name.span).invalid())
}

/// Names of sources are also names of topics and queries.
fn check_source_name(name: &Identifier) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.name.chars().all(allowed) {
        return Ok(());
    }
    let message = format!(
        "Illegal argument at {}. Source name may only contain alphanumeric values, '_' or '-'. Got: '{}'",
        name.name, name.name
    );
    Err(Error::invalid_at("source-name", message, name.span))
}

/// A message about a pseudo column's name given to a declared column.
fn reserved_column(name: &str, span: Span) -> Error {
    let message =
        format!("'{name}' is a reserved column name. You cannot use it as a name for a column.");
    Error::invalid_at("reserved-column", message, span)
}
