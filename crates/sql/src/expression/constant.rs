//! Constant expressions: typed without any column, evaluated once while planning.

use arrow_array::ArrayRef;
use plan::eval::{Evaluator, Input};
use plan::expression::{ColumnRef, Expr as Typed};
use types::{SqlType, Value, columns};

use super::Names;
use crate::ast::{ColumnName, Expr, Span};
use crate::context::Context;
use crate::error::{Error, Result};

/// Names of a place where no column may stand.
#[derive(Clone, Copy, Debug)]
pub struct NoNames;

impl Names for NoNames {
    fn column(&self, name: &ColumnName, span: Span) -> Result<Typed> {
        let message =
            format!("Column '{}' can't be used here: only constants are allowed.", name.name.name);
        Err(Error::invalid_at("not-constant", message, span))
    }
}

/// The value and type of a constant expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// Its value.
    pub value: Value,
    /// Its type; `None` for NULL without a type.
    pub ty: Option<SqlType>,
}

/// One row without columns.
#[derive(Debug)]
struct OneRow;

impl Input for OneRow {
    fn rows(&self) -> usize {
        1
    }

    fn column(&self, _column: ColumnRef) -> ArrayRef {
        unreachable!("constant expressions were typed without columns")
    }
}

/// Types and evaluates a constant expression.
///
/// # Errors
/// When it is no constant, breaks a rule, or fails.
pub fn constant(expr: &Expr, context: &Context<'_>) -> Result<Constant> {
    let mut typer = super::Typer::new(context.functions, context.catalog, &NoNames);
    match typer.infer(expr)? {
        None => Ok(Constant { value: Value::Null, ty: None }),
        Some(typed) => {
            let value = evaluate(&typed, context, expr.span)?;
            Ok(Constant { value, ty: Some(typed.ty) })
        }
    }
}

/// The value of a typed expression without columns.
///
/// # Errors
/// When it fails.
pub fn evaluate(typed: &Typed, context: &Context<'_>, span: Span) -> Result<Value> {
    if let plan::expression::ExprKind::Literal(value) = &typed.kind {
        return Ok(value.clone());
    }
    let evaluator = Evaluator::try_new(typed, context.functions)
        .map_err(|error| Error::Internal(error.to_string()))?;
    let mut failures = functions::Failures::default();
    let column = evaluator.evaluate(&OneRow, context.environment, &mut failures);
    if let Some((_, message)) = failures.rows.into_iter().next() {
        let message = format!("Failed to evaluate the expression: {message}");
        return Err(Error::invalid_at("constant-failed", message, span));
    }
    Ok(columns::value_at(column.as_ref(), 0))
}
