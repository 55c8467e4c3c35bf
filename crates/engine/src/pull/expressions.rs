//! WHERE and the projection of a pull query, compiled once.

use arrow_array::{ArrayRef, BooleanArray};
use dataflow::Rows;
use functions::{Environment, Failures};
use plan::eval::Evaluator;
use sql::PullPlan;

use super::input::{RowsInput, filtered};
use crate::{Error, Result};

/// Compiled expressions over the rows of the source.
#[derive(Debug)]
pub struct Expressions {
    filter: Option<Evaluator>,
    projection: Vec<Evaluator>,
}

impl Expressions {
    /// Compiles the expressions of `plan`.
    ///
    /// # Errors
    /// When one can't be compiled, which analysis excludes.
    pub fn try_new(plan: &PullPlan, functions: &functions::Registry) -> Result<Self> {
        let compile = |expr: &plan::expression::Expr| {
            Evaluator::try_new(expr, functions).map_err(|error| Error::Internal(error.to_string()))
        };
        Ok(Self {
            filter: plan.filter.as_ref().map(compile).transpose()?,
            projection: plan.projection.iter().map(compile).collect::<Result<_>>()?,
        })
    }

    /// Whether every row looked at belongs to the answer.
    pub fn keeps_all(&self) -> bool {
        self.filter.is_none()
    }

    /// The result columns of the rows that WHERE keeps, and their number. A value that fails is
    /// NULL; rows without value are left out.
    ///
    /// # Errors
    /// Never with rows of the planned layout.
    pub fn evaluate(
        &self,
        rows: &Rows,
        environment: &dyn Environment,
    ) -> Result<(Vec<ArrayRef>, usize)> {
        let mut failures = Failures::default();
        let mut kept = rows.present.as_ref().map(|present| present.inner().clone());
        if let Some(filter) = &self.filter {
            let mask = filter.evaluate_predicate(&RowsInput(rows), environment, &mut failures);
            kept = Some(kept.map_or_else(|| mask.clone(), |present| &present & &mask));
        }
        let selected = match kept {
            Some(kept) if kept.count_set_bits() < rows.len() => {
                Some(filtered(rows, &BooleanArray::new(kept, None))?)
            }
            _ => None,
        };
        let rows = selected.as_ref().unwrap_or(rows);
        let input = RowsInput(rows);
        let project =
            |value: &Evaluator| value.evaluate(&input, environment, &mut Failures::default());
        Ok((self.projection.iter().map(project).collect(), rows.len()))
    }
}
