//! INSERT INTO ... VALUES: one record of constants (spec section 1.6).

use plan::expression::Expr as Typed;
use plan::typing;
use types::{Column, SourceKind, SqlType, Value, topics};

use crate::analysis::{is_pseudo, similar_name_hint};
use crate::ast::{self, Expr, ExprKind, Identifier, Literal, Span};
use crate::catalog::SourceDefinition;
use crate::context::Context;
use crate::error::{Error, Problem, Result};
use crate::expression::{NoNames, Typer, evaluate};
use crate::format;
use crate::planned::{InsertValues, Planned};
use crate::text::quoted;

/// Plans the statement.
///
/// # Errors
/// When the target can't be written to, or the values don't fit its columns.
pub fn plan(insert: &ast::InsertValues, context: &Context<'_>) -> Result<Planned> {
    let target = target(&insert.target, context)?;
    check_target(target, insert, context)?;
    let columns = columns(insert, target)?;
    if columns.len() != insert.values.len() {
        let message = format!(
            "Expected {} values, got {}: the number of columns and values must be the same.",
            columns.len(),
            insert.values.len()
        );
        let problem = Problem::new("insert-count", message).at(insert.target.span);
        if insert.columns.is_empty() {
            return Err(problem.invalid());
        }
        let wire = format!(
            "Failed to prepare statement: Expected number columns and values to match: {}, {}",
            columns.len(),
            insert.values.len()
        );
        return Err(problem.wire(wire).wire_without_place().invalid());
    }
    let mut given: Vec<(String, Value)> = Vec::with_capacity(columns.len());
    for (column, expr) in columns.iter().zip(&insert.values) {
        given.push((column.name.clone(), value_as(expr, column, context)?));
    }
    let take = |column: &Column| {
        let found = given.iter().find(|(name, _)| *name == column.name);
        (column.clone(), found.map_or(Value::Null, |(_, value)| value.clone()))
    };
    let key: Vec<(Column, Value)> = target.schema.key.iter().map(take).collect();
    if let (SourceKind::Table, Some((column, _))) =
        (target.kind, key.iter().find(|(_, value)| value.is_null()))
    {
        let message = format!(
            "Failed to insert values into '{}'. Value for primary key column(s) {} is required for tables",
            target.name,
            quoted(&column.name)
        );
        return Err(Error::invalid_at("insert-key", message, insert.target.span));
    }
    let timestamp_ms = match given.iter().find(|(name, _)| name == "ROWTIME") {
        Some((_, Value::Bigint(timestamp_ms))) => Some(*timestamp_ms),
        _ => None,
    };
    let value = target.schema.value.iter().map(take).collect();
    let planned = InsertValues { target: target.name.clone(), key, value, timestamp_ms };
    Ok(Planned::InsertValues(Box::new(planned)))
}

fn target<'a>(name: &Identifier, context: &Context<'a>) -> Result<&'a SourceDefinition> {
    context.catalog.source(&name.name).map(AsRef::as_ref).ok_or_else(|| {
        let message =
            format!("Cannot insert values into an unknown stream/table: {}", quoted(&name.name));
        let problem = Problem::new("unknown-source", message).at(name.span);
        match similar_name_hint(context.catalog, &name.name) {
            Some(hint) => problem.detail(hint),
            None => problem,
        }
        .invalid()
    })
}

fn check_target(
    target: &SourceDefinition,
    insert: &ast::InsertValues,
    context: &Context<'_>,
) -> Result<()> {
    let refuse =
        |message: String| Err(Error::invalid_at("insert-target", message, insert.target.span));
    if !context.properties.is_enabled("ksql.insert.into.values.enabled") {
        return refuse("The server has disabled INSERT INTO ... VALUES functionality.".to_owned());
    }
    if target.is_source {
        return refuse(format!(
            "Cannot insert values into read-only {}: {}",
            target.kind_word(),
            target.name
        ));
    }
    if target.window.is_some() {
        return refuse("Cannot insert values into windowed stream/table!".to_owned());
    }
    if topics::is_internal(&target.topic) {
        return refuse(format!("Cannot insert values into read-only topic: {}", target.topic));
    }
    let headers: Vec<&str> =
        target.schema.headers.iter().map(|(column, _)| column.name.as_str()).collect();
    let named = insert.columns.iter().find(|column| headers.contains(&column.name.as_str()));
    if let Some(column) = named {
        return refuse(format!("Cannot insert into HEADER columns: {}", column.name));
    }
    let width = target.schema.key.len() + target.schema.value.len();
    if insert.columns.is_empty() && !headers.is_empty() && insert.values.len() > width {
        return refuse(format!("Cannot insert into HEADER columns: {}", headers.join(", ")));
    }
    Ok(())
}

/// The columns the values are for, in order.
fn columns(insert: &ast::InsertValues, target: &SourceDefinition) -> Result<Vec<Column>> {
    let declared = || target.schema.key.iter().chain(&target.schema.value);
    if insert.columns.is_empty() {
        return Ok(declared().cloned().collect());
    }
    let mut columns: Vec<Column> = Vec::with_capacity(insert.columns.len());
    for name in &insert.columns {
        let found = match name.name.as_str() {
            "ROWTIME" => Some(Column::new("ROWTIME", SqlType::Bigint)),
            pseudo if is_pseudo(pseudo) => {
                let message = format!("Inserting into column {} is not allowed.", quoted(pseudo));
                return Err(Error::invalid_at("insert-column", message, name.span));
            }
            name => declared().find(|column| column.name == name).cloned(),
        };
        let Some(column) = found else {
            let message = format!("Column name {} does not exist.", quoted(&name.name));
            return Err(Error::invalid_at("unknown-column", message, name.span));
        };
        if columns.contains(&column) {
            let message = format!("Column {} is given twice.", quoted(&name.name));
            return Err(Error::invalid_at("duplicate-column", message, name.span));
        }
        columns.push(column);
    }
    Ok(columns)
}

/// The value of `expr` as `column` holds it: implicit casts for expressions, more freedom for literals.
fn value_as(expr: &Expr, column: &Column, context: &Context<'_>) -> Result<Value> {
    let mut typer = Typer::new(context.functions, context.catalog, &NoNames);
    let Some(typed) = typer.infer(expr)? else { return Ok(Value::Null) };
    let found = typed.ty.clone();
    let is_literal = matches!(expr.kind, ExprKind::Literal(_));
    if !coercible(&typed.ty, &column.ty, is_literal) {
        return Err(mismatch(expr, &found, column));
    }
    let exact = exact_decimal(expr, &column.ty);
    if exact == Some(false) {
        return Err(mismatch(expr, &found, column));
    }
    cast(typed, &column.ty, context, expr.span)
}

fn cast(typed: Typed, ty: &SqlType, context: &Context<'_>, span: Span) -> Result<Value> {
    evaluate(&typed.cast_to(ty.clone()), context, span)
}

fn coercible(from: &SqlType, to: &SqlType, is_literal: bool) -> bool {
    if typing::implicitly_castable(from, to) {
        return true;
    }
    match (from, to) {
        (from, SqlType::Decimal { .. }) if from.is_numeric() && *from != SqlType::Double => true,
        (SqlType::Decimal { .. }, SqlType::Double) => true,
        (SqlType::Double, SqlType::Decimal { .. }) => is_literal,
        (SqlType::String, to) => is_literal && (to.is_numeric() || *to == SqlType::Boolean),
        (SqlType::Array(from), SqlType::Array(to)) => coercible(from, to, is_literal),
        (SqlType::Map(from_key, from), SqlType::Map(to_key, to)) => {
            coercible(from_key, to_key, is_literal) && coercible(from, to, is_literal)
        }
        (SqlType::Struct(from), SqlType::Struct(to)) => from.iter().all(|field| {
            to.iter().any(|other| {
                other.name == field.name && coercible(&field.ty, &other.ty, is_literal)
            })
        }),
        _ => false,
    }
}

/// Whether a number written down fits a DECIMAL column without rounding; `None` when it is no such thing.
fn exact_decimal(expr: &Expr, ty: &SqlType) -> Option<bool> {
    let (ExprKind::Literal(Literal::Decimal(decimal)), SqlType::Decimal { scale, .. }) =
        (&expr.kind, ty)
    else {
        return None;
    };
    Some(decimal.scale <= *scale)
}

fn mismatch(expr: &Expr, found: &SqlType, column: &Column) -> Error {
    let message = format!(
        "Failed to insert values: expected type {} for field {} but got {found}({})",
        column.ty,
        quoted(&column.name),
        format::expression(expr)
    );
    Error::invalid_at("insert-type", message, expr.span)
}
