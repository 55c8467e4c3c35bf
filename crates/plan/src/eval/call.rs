//! Calls of scalar functions, and lambdas as the functions see them.

use std::cell::RefCell;

use arrow_array::ArrayRef;
use functions::{Argument, Call, Failures, Lambda};
use types::SqlType;

use super::input::Bound;
use super::node::{Context, Node};
use super::outcome::{Outcome, rows_noted};

/// A call of a resolved overload.
#[derive(Debug)]
pub(super) struct FunctionCall {
    pub evaluate: fn(&mut Call<'_>) -> ArrayRef,
    pub arguments: Vec<CallArgument>,
    pub returns: SqlType,
}

/// An argument of a call.
#[derive(Debug)]
pub(super) enum CallArgument {
    /// A value.
    Value(Node),
    /// A lambda's body.
    Lambda(Node),
}

/// A lambda's body where it stands, handed to the function.
struct Body<'a> {
    node: &'a Node,
    context: Context<'a>,
    /// What failed inside without failing the body, by row of the call.
    contained: &'a RefCell<Failures>,
}

impl Lambda for Body<'_> {
    fn call(&self, arguments: &[ArrayRef], rows: &[u32], failures: &mut Failures) -> ArrayRef {
        let scope = Bound::new(self.context.scope, arguments, rows);
        let inner = Context { scope: &scope, environment: self.context.environment };
        let mut local = Failures::default();
        let outcome = self.node.evaluate(&inner, &mut local);
        let mut contained = self.contained.borrow_mut();
        for (entry, message) in local.rows {
            let fails_body = outcome.failed.as_ref().is_some_and(|failed| failed.value(entry));
            let noted = if fails_body { &mut *failures } else { &mut *contained };
            noted.push(rows[entry] as usize, message);
        }
        outcome.column.into_rows(rows.len())
    }
}

/// What an argument needs while the function runs.
enum Prepared<'a> {
    Column(ArrayRef),
    Body(Body<'a>),
}

/// Evaluates a call: failing arguments are NULL, a failing call fails the expression around it.
pub(super) fn evaluate(
    node: &FunctionCall,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Outcome {
    let rows = context.rows();
    let contained = RefCell::new(Failures::default());
    let prepared: Vec<Prepared<'_>> = node
        .arguments
        .iter()
        .map(|argument| match argument {
            CallArgument::Value(value) => {
                Prepared::Column(value.evaluate_contained(context, failures).into_rows(rows))
            }
            CallArgument::Lambda(body) => {
                Prepared::Body(Body { node: body, context: *context, contained: &contained })
            }
        })
        .collect();
    let arguments: Vec<Argument<'_>> = prepared.iter().map(Prepared::as_argument).collect();
    let mut local = Failures::default();
    let array = (node.evaluate)(&mut Call {
        arguments: &arguments,
        rows,
        returns: &node.returns,
        environment: context.environment,
        failures: &mut local,
    });
    let failed = rows_noted(&local, rows);
    failures.rows.append(&mut local.rows);
    failures.rows.append(&mut contained.borrow_mut().rows);
    Outcome::with_failed(array, failed)
}

impl Prepared<'_> {
    fn as_argument(&self) -> Argument<'_> {
        match self {
            Self::Column(column) => Argument::Column(column.clone()),
            Self::Body(body) => Argument::Lambda(body),
        }
    }
}
