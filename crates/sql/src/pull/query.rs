//! From a bare SELECT to a [`PullPlan`].

use std::collections::BTreeSet;

use plan::expression::Expr as Typed;
use types::{Column, SourceKind, SqlType};

use super::access::{access, window_bounds};
use super::scan::Condition;
use super::{Access, PullPlan};
use crate::analysis::{Clause, Place, Pseudo, Scope, ScopeSource, lookup};
use crate::ast::{ColumnName, Expr, ExprKind, Query, SelectItem, Span};
use crate::context::Context;
use crate::error::{Error, Problem, Result};
use crate::expression::{Names, Typer};
use crate::logical::{Bindings, ResultColumn};
use crate::rewrite;
use crate::text::quoted;

/// Names over the rows of the source.
struct PullNames<'a> {
    scope: &'a Scope,
    bindings: &'a Bindings,
}

impl Names for PullNames<'_> {
    fn column(&self, name: &ColumnName, span: Span) -> Result<Typed> {
        let place = self.scope.place(name);
        let found = place.and_then(|(source, place, ty)| {
            self.bindings.column(source, place).map(|column| Typed::column(column, ty))
        });
        found.ok_or_else(|| {
            let message = format!("Unknown column {}.", name.name.name);
            Error::invalid_at("unknown-column", message, span)
        })
    }
}

/// Plans a pull query.
///
/// # Errors
/// When it asks for more than a look at one source, or the source can't be looked at.
pub fn plan(query: &Query, context: &Context<'_>) -> Result<PullPlan> {
    check_clauses(query, context)?;
    let definition = lookup(context.catalog, &query.from.source.name)?;
    let alias = query.from.source.qualifier().name.clone();
    let source = ScopeSource { alias, definition: definition.clone() };
    let bindings = Bindings::of_source(0, &definition.layout());
    let scope =
        Scope { sources: vec![source.clone()], synthetic_key: None, windowed_aggregate: false };
    let names = PullNames { scope: &scope, bindings: &bindings };
    let (projection, columns) = projection(query, &names, context)?;
    check_duplicates(&columns)?;
    check_source(&source, query, context)?;
    let (qualified, filter) = match &query.filter {
        Some(filter) => {
            let (qualified, typed) = condition(filter, &names, context)?;
            (Some(qualified), Some(typed))
        }
        None => (None, None),
    };
    let layout = definition.layout();
    let found = access(filter.as_ref(), &layout, context)?;
    if definition.kind == SourceKind::Table {
        check_scan(qualified.as_ref(), &found, &names, query, context)?;
    }
    Ok(PullPlan {
        source: definition.name.clone(),
        kind: definition.kind,
        access: found,
        windows: window_bounds(filter.as_ref(), context),
        filter,
        projection,
        columns,
        limit: query.limit.as_ref().map(|limit| limit.node),
    })
}

fn check_clauses(query: &Query, context: &Context<'_>) -> Result<()> {
    if !context.properties.is_enabled("ksql.pull.queries.enable") {
        let message = "Pull queries are disabled. Please set ksql.pull.queries.enable=true to enable this feature.";
        return Err(Error::invalid("pull-disabled", message));
    }
    let join = query.from.joins.first().map(|join| ("JOIN", join.place.span));
    let window = query.window.as_ref().map(|window| ("WINDOW", window.span));
    let group_by = query.group_by.as_ref().map(|group_by| ("GROUP BY", group_by.span));
    let partition_by = query.partition_by.as_ref().map(|by| ("PARTITION BY", by.span));
    let having = query.having.as_ref().map(|having| ("HAVING", having.span));
    let refused = [join, window, group_by, partition_by, having].into_iter().flatten().next();
    match refused {
        None => Ok(()),
        Some((clause, span)) => {
            let message = format!(
                "Pull queries don't support {clause} clauses. See https://cnfl.io/queries for more info."
            );
            Err(Problem::new("pull-clause", message)
                .at(span)
                .hint("Add EMIT CHANGES if you intended to issue a push query.")
                .invalid())
        }
    }
}

/// Refuses a result with two columns of one name outside its key.
fn check_duplicates(columns: &[ResultColumn]) -> Result<()> {
    let mut seen = BTreeSet::new();
    let values = columns.iter().filter(|result| !result.is_key).map(|result| &result.column);
    for column in values {
        if !seen.insert(&column.name) {
            let (name, ty) = (quoted(&column.name), &column.ty);
            let message = format!("Duplicate value columns found in schema: {name} {ty}");
            return Err(Error::invalid("duplicate-column", message));
        }
    }
    Ok(())
}

/// Tables are looked at where a query keeps their rows.
fn check_source(source: &ScopeSource, query: &Query, context: &Context<'_>) -> Result<()> {
    let definition = &source.definition;
    let span = query.from.source.name.span;
    match definition.kind {
        SourceKind::Stream if !context.properties.is_enabled("ksql.query.pull.stream.enabled") => {
            let message = "Pull queries on streams are disabled. To create a push query on the stream, add EMIT CHANGES to the end.";
            Err(Error::invalid_at("pull-stream", message, span))
        }
        SourceKind::Table if definition.query_id.is_none() => {
            let name = &definition.name;
            let message = format!(
                "The {} table isn't queryable. To derive a queryable table, you can do 'CREATE TABLE QUERYABLE_{name} AS SELECT * FROM {name}'. See https://cnfl.io/queries for more info.",
                quoted(name)
            );
            Err(Problem::new("pull-table", message)
                .at(span)
                .hint("Add EMIT CHANGES if you intended to issue a push query.")
                .invalid())
        }
        _ => Ok(()),
    }
}

/// Refuses what needs a scan of the table, unless scans are on.
fn check_scan(
    filter: Option<&Expr>,
    found: &Access,
    names: &PullNames<'_>,
    query: &Query,
    context: &Context<'_>,
) -> Result<()> {
    if context.properties.is_enabled("ksql.query.pull.table.scan.enabled") {
        return Ok(());
    }
    if let Some(filter) = filter {
        Condition { filter, scope: names.scope, names }.check(context)?;
    }
    if *found != Access::Scan {
        return Ok(());
    }
    let message = "Missing WHERE clause, or a WHERE clause that does not give every key column. See https://cnfl.io/queries for more info.";
    let hint = "To scan the whole table, set ksql.query.pull.table.scan.enabled=true.";
    Err(Problem::new("pull-scan", message).at(query.from.source.name.span).hint(hint).invalid())
}

/// WHERE with its columns qualified, and typed.
fn condition(filter: &Expr, names: &PullNames<'_>, context: &Context<'_>) -> Result<(Expr, Typed)> {
    let qualified = names.scope.qualify(filter, Clause::Where, context.functions)?;
    refuse_record_columns(&qualified, "WHERE")?;
    let typed = Typer::new(context.functions, context.catalog, names).typed(&qualified);
    let typed = typed.map_err(|error| in_condition(error, &qualified, names))?;
    if typed.ty == SqlType::Boolean {
        return Ok((qualified, typed));
    }
    let message = format!(
        "Type error in WHERE expression: Should evaluate to boolean but is {} ({}) instead.",
        crate::expression::text(&qualified, names),
        typed.ty
    );
    Err(Error::invalid_at("not-boolean", message, filter.span))
}

/// Tells with a comparison that can't be made which condition it stands in.
fn in_condition(mut error: Error, filter: &Expr, names: &PullNames<'_>) -> Error {
    if let Some(problem) = error.problem_mut().filter(|problem| problem.code == "not-comparable") {
        problem.message.insert_str(0, "Error in WHERE expression: ");
        problem.detail = Some(format!("Statement: {}", crate::expression::text(filter, names)));
    }
    error
}

/// ROWPARTITION and ROWOFFSET are not kept with a table's rows.
fn refuse_record_columns(expr: &Expr, clause: &str) -> Result<()> {
    let is_used = |pseudo: Pseudo| {
        rewrite::any(expr, &|node: &Expr| match &node.kind {
            ExprKind::Column(name) => Pseudo::named(&name.name.name) == Some(pseudo),
            _ => false,
        })
    };
    let refused = [Pseudo::RowPartition, Pseudo::RowOffset].into_iter();
    let refused: Vec<String> =
        refused.filter(|pseudo| is_used(*pseudo)).map(|pseudo| quoted(pseudo.name())).collect();
    if refused.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Pull queries don't support the following columns in {clause} clauses: {}",
        refused.join(", ")
    );
    Err(Error::invalid_at("pull-columns", message, expr.span))
}

fn projection(
    query: &Query,
    names: &PullNames<'_>,
    context: &Context<'_>,
) -> Result<(Vec<Typed>, Vec<ResultColumn>)> {
    let (mut values, mut columns) = (Vec::new(), Vec::new());
    let mut unnamed = 0;
    for item in &query.select {
        match item {
            SelectItem::Expr { expr, alias } => {
                let typed = selected(expr, names, context)?;
                let name = match (alias, &expr.kind) {
                    (Some(alias), _) => alias.name.clone(),
                    (None, ExprKind::Column(name)) => name.name.name.clone(),
                    (None, ExprKind::Field { field, .. }) => field.name.clone(),
                    (None, _) => {
                        unnamed += 1;
                        format!("KSQL_COL_{}", unnamed - 1)
                    }
                };
                columns.push(result_column(name, &typed));
                values.push(typed);
            }
            SelectItem::Fields(base) => {
                let typed = selected(base, names, context)?;
                let SqlType::Struct(fields) = &typed.ty else {
                    let message = format!("Expected STRUCT type, got: {}", typed.ty);
                    return Err(Error::invalid_at("not-a-struct", message, base.span));
                };
                for (index, field) in fields.iter().enumerate() {
                    let base = Box::new(typed.clone());
                    let kind = plan::expression::ExprKind::Field { base, index };
                    let value = Typed { kind, ty: field.ty.clone() };
                    columns.push(result_column(field.name.clone(), &value));
                    values.push(value);
                }
            }
            SelectItem::SourceColumns(qualifier) => {
                names.scope.source(qualifier)?;
                all_columns(names, &mut values, &mut columns);
            }
            SelectItem::AllColumns(_) => all_columns(names, &mut values, &mut columns),
        }
    }
    Ok((values, columns))
}

fn selected(expr: &Expr, names: &PullNames<'_>, context: &Context<'_>) -> Result<Typed> {
    let qualified = names.scope.qualify(expr, Clause::Select, context.functions)?;
    refuse_record_columns(&qualified, "SELECT")?;
    Typer::new(context.functions, context.catalog, names).typed(&qualified)
}

/// A result column; a plain key column or window bound is part of the key.
fn result_column(name: String, typed: &Typed) -> ResultColumn {
    use plan::expression::{ColumnRef, ExprKind};
    let is_key = matches!(
        typed.kind,
        ExprKind::Column(ColumnRef::Key(_) | ColumnRef::WindowStart | ColumnRef::WindowEnd)
    );
    ResultColumn { column: Column::new(name, typed.ty.clone()), is_key }
}

/// Key columns, window bounds, value columns.
fn all_columns(names: &PullNames<'_>, values: &mut Vec<Typed>, columns: &mut Vec<ResultColumn>) {
    let definition = &names.scope.sources[0].definition;
    let mut places: Vec<(String, Place, SqlType)> = Vec::new();
    for (index, column) in definition.schema.key.iter().enumerate() {
        places.push((column.name.clone(), Place::Key(index), column.ty.clone()));
    }
    if definition.window.is_some() {
        for bound in [Pseudo::WindowStart, Pseudo::WindowEnd] {
            places.push((bound.name().to_owned(), Place::Pseudo(bound), bound.ty()));
        }
    }
    for (index, column) in definition.value_columns().enumerate() {
        places.push((column.name.clone(), Place::Value(index), column.ty.clone()));
    }
    for (name, place, ty) in places {
        let column = names.bindings.column(0, place).expect("a source binds all its columns");
        let typed = Typed::column(column, ty);
        columns.push(result_column(name, &typed));
        values.push(typed);
    }
}
