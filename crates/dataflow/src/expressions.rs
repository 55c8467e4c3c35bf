//! Expressions of an operator, ready to be evaluated over chunks.

use arrow_array::ArrayRef;
use arrow_buffer::BooleanBuffer;
use functions::{Failures, Registry};
use plan::eval::{Evaluator, Input};
use plan::expression::Expr;

use crate::context::Context;
use crate::{Error, Result};

/// A list of expressions of one plan node.
#[derive(Debug)]
pub(crate) struct Expressions {
    node: String,
    evaluators: Vec<Evaluator>,
}

impl Expressions {
    /// Prepares `expressions` of the plan node called `node`.
    pub fn try_new<'a>(
        node: &str,
        expressions: impl IntoIterator<Item = &'a Expr>,
        registry: &Registry,
    ) -> Result<Self> {
        let prepare = |expression: &Expr| {
            Evaluator::try_new(expression, registry).map_err(|error| Error::Plan(error.to_string()))
        };
        let evaluators = expressions.into_iter().map(prepare).collect::<Result<_>>()?;
        Ok(Self { node: node.to_owned(), evaluators })
    }

    /// One column per expression; a row that fails is NULL and reported if it `counts`.
    pub fn evaluate(
        &self,
        input: &dyn Input,
        counts: impl Fn(usize) -> bool,
        context: &Context<'_>,
    ) -> Vec<ArrayRef> {
        let mut failures = Failures::default();
        let columns = self
            .evaluators
            .iter()
            .map(|evaluator| evaluator.evaluate(input, context.surroundings, &mut failures))
            .collect();
        context.reporter.failures(&self.node, &failures, counts);
        columns
    }

    /// The first expression as a predicate; NULL and failing rows are false.
    pub fn test(
        &self,
        input: &dyn Input,
        counts: impl Fn(usize) -> bool,
        context: &Context<'_>,
    ) -> BooleanBuffer {
        let mut failures = Failures::default();
        let evaluator = self.evaluators.first().expect("a filter has one expression");
        let passed = evaluator.evaluate_predicate(input, context.surroundings, &mut failures);
        context.reporter.failures(&self.node, &failures, counts);
        passed
    }
}
