//! INSERT INTO ... SELECT (spec section 1.6).

use plan::expression::{ColumnRef, Expr};
use plan::logical::{Layout, Node, Operator};
use plan::physical::Write;
use plan::typing;
use types::{Column, QueryId, Schema, SourceKind, SqlType, topics};

use super::{physical_plan, source_names};
use crate::analysis::{self, Purpose, lookup};
use crate::ast::{self, Literal};
use crate::catalog::SourceDefinition;
use crate::context::Context;
use crate::error::{Error, Problem, Result};
use crate::logical::{self, Logical};
use crate::physical::Output;
use crate::planned::{InsertInto, PersistentQuery, Planned};

/// Query ids that statements can't choose.
const RESERVED_PREFIXES: [&str; 4] = ["INSERTQUERY_", "CTAS_", "CSAS_", "CST_"];

/// Plans the statement.
///
/// # Errors
/// When the target can't be written to, or the result does not fit it.
pub fn plan(insert: &ast::InsertSelect, context: &Context<'_>) -> Result<Planned> {
    let target = lookup(context.catalog, &insert.target)?;
    check_target(target, insert)?;
    let (id, uses_number) = query_id(insert, context)?;
    let purpose = Purpose::Persistent { sink: &target.name, statement: "INSERT INTO" };
    let analysis = analysis::analyze(&insert.query, purpose, context)?;
    if analysis.result_kind() == SourceKind::Table {
        let message = "Incompatible data sink and query result. Data sink is a STREAM while the result is a TABLE.";
        return Err(Error::invalid_at("insert-kind", message, insert.target.span));
    }
    let mut logical = logical::build(&analysis, purpose, context)?;
    analysis::check_keys(&analysis, &target.name)?;
    fit(&mut logical, target)?;
    let write = Write {
        topic: target.topic.clone(),
        key_serde: target.key_serde.clone(),
        value_serde: target.value_serde.clone(),
        timestamp: target.timestamp_column(),
        changes: false,
        is_internal: false,
    };
    let application_id = context.properties.application_id(id.as_str());
    let query = PersistentQuery {
        plan: physical_plan(&logical, application_id, Output::Topic(write), context)?,
        explanation: plan::explain::explain_sink(&logical.root, &target.name, id.as_str()),
        sources: source_names(&analysis),
        id,
        uses_number,
    };
    Ok(Planned::InsertInto(Box::new(InsertInto { target: target.name.clone(), query })))
}

fn check_target(target: &SourceDefinition, insert: &ast::InsertSelect) -> Result<()> {
    let refuse =
        |message: String| Err(Error::invalid_at("insert-target", message, insert.target.span));
    let name = &target.name;
    if target.kind == SourceKind::Table {
        return refuse(format!(
            "INSERT INTO can only be used to insert into a stream. {name} is a table."
        ));
    }
    if target.is_source {
        return refuse(format!("Cannot insert into read-only stream: {name}"));
    }
    if topics::is_internal(&target.topic) {
        return refuse(format!("Cannot insert into read-only topic: {}", target.topic));
    }
    if !target.schema.headers.is_empty() {
        return refuse(format!("Cannot insert into {name} because it has header columns"));
    }
    Ok(())
}

fn query_id(insert: &ast::InsertSelect, context: &Context<'_>) -> Result<(QueryId, bool)> {
    if let Some(unknown) =
        insert.properties.entries.iter().find(|entry| entry.name.node != "QUERY_ID")
    {
        let message =
            format!("Invalid config variable(s) in the WITH clause: {}", unknown.name.node);
        return Err(Error::invalid_at("with-name", message, unknown.name.span));
    }
    let Some(value) = insert.properties.value("QUERY_ID") else {
        let id = format!("INSERTQUERY_{}", context.next_query_number);
        return Ok((QueryId::new(id), true));
    };
    let refuse = |message: String| Err(Error::invalid_at("query-id", message, value.span));
    let Literal::String(text) = &value.node else {
        return refuse("QUERY_ID must be a string.".to_owned());
    };
    let id = text.to_uppercase();
    let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if id.is_empty() || !id.chars().all(allowed) {
        return refuse(format!(
            "Query IDs may contain only alphanumeric characters and '_'. Got: '{id}'"
        ));
    }
    if RESERVED_PREFIXES.iter().any(|prefix| id.starts_with(prefix)) {
        return refuse(format!(
            "Query IDs must not start with a reserved query ID prefix ({}). Got: '{id}'",
            RESERVED_PREFIXES.join(", ")
        ));
    }
    let taken = |source: &SourceDefinition| {
        source.query_id.as_ref().is_some_and(|known| known.as_str() == id)
    };
    if context.catalog.sources().any(|source| taken(source)) {
        return refuse(format!("Query ID '{id}' already exists."));
    }
    Ok((QueryId::new(id), false))
}

/// Makes the result fit the target: the same columns, numbers widened where they must.
fn fit(logical: &mut Logical, target: &SourceDefinition) -> Result<()> {
    let layout = &logical.root.layout;
    let keys_fit = layout.key == target.schema.key;
    let values_fit = layout.value.len() == target.schema.value.len()
        && layout.value.iter().zip(&target.schema.value).all(|(ours, theirs)| fits(ours, theirs));
    if !keys_fit || !values_fit {
        let result =
            Schema { key: layout.key.clone(), value: layout.value.clone(), headers: Vec::new() };
        let detail = format!("Query schema is {result}\nSink schema is {}", target.schema);
        let message = "Incompatible schema between results and sink.";
        return Err(Problem::new("insert-schema", message).detail(detail).invalid());
    }
    if layout.value == target.schema.value {
        return Ok(());
    }
    let value = layout
        .value
        .iter()
        .zip(&target.schema.value)
        .enumerate()
        .map(|(at, (ours, theirs))| {
            Expr::column(ColumnRef::Value(at), ours.ty.clone()).cast_to(theirs.ty.clone())
        })
        .collect();
    let layout = Layout { value: target.schema.value.clone(), ..layout.clone() };
    let input = Box::new(logical.root.clone());
    logical.root = Node { operator: Operator::Project { input, value }, layout };
    Ok(())
}

fn fits(ours: &Column, theirs: &Column) -> bool {
    let is_exact = matches!(ours.ty, SqlType::Integer | SqlType::Bigint);
    let widens = is_exact && matches!(theirs.ty, SqlType::Decimal { .. });
    ours.name == theirs.name && (widens || typing::implicitly_castable(&ours.ty, &theirs.ty))
}
