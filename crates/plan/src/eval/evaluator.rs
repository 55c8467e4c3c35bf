//! The public face: an expression compiled for evaluation.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::BooleanBuffer;
use functions::{Environment, Failures, Registry};
use types::SqlType;

use super::compile::compile;
use super::input::{Input, Root};
use super::node::{Context, Node};
use crate::Result;
use crate::expression::Expr;

/// An expression ready to run on batch after batch. It keeps no state between batches.
#[derive(Debug)]
pub struct Evaluator {
    node: Node,
    ty: SqlType,
}

impl Evaluator {
    /// Compiles `expr`, resolving its function calls in `registry`.
    ///
    /// # Errors
    /// If the expression names a function or overload that does not exist, or applies an operator to
    /// types it does not take; analysis normally excludes both.
    pub fn try_new(expr: &Expr, registry: &Registry) -> Result<Self> {
        Ok(Self { node: compile(expr, registry)?, ty: expr.ty.clone() })
    }

    /// Type of the result.
    pub fn ty(&self) -> &SqlType {
        &self.ty
    }

    /// One value per row of `input`; a row that fails is NULL and noted in `failures`.
    pub fn evaluate(
        &self,
        input: &dyn Input,
        environment: &dyn Environment,
        failures: &mut Failures,
    ) -> ArrayRef {
        let root = Root(input);
        let outcome = self.node.evaluate(&Context { scope: &root, environment }, failures);
        outcome.column.into_rows(input.rows())
    }

    /// The rows for which a BOOLEAN expression is true; NULL and failing rows are not.
    pub fn evaluate_predicate(
        &self,
        input: &dyn Input,
        environment: &dyn Environment,
        failures: &mut Failures,
    ) -> BooleanBuffer {
        let array = self.evaluate(input, environment, failures);
        let booleans = array.as_boolean();
        match booleans.nulls() {
            None => booleans.values().clone(),
            Some(nulls) => booleans.values() & nulls.inner(),
        }
    }
}
