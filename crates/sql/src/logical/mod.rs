//! From analysis to the logical plan: expressions get types, names become columns of the rows between
//! nodes.
//!
//! The tree grows from the sources: joins, WHERE, table functions, then either grouping or a new key,
//! and the projection on top.

mod aggregate;
mod names;
mod project;
mod sources;

use plan::logical::{Node, Operator};
use types::{Column, SqlType};

pub(crate) use names::Bindings;
use names::InputNames;

use crate::analysis::{Analysis, Clause, Purpose};
use crate::ast::Expr;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::expression::{self, Typer};

/// A typed query.
#[derive(Clone, Debug)]
pub struct Logical {
    /// The root of the tree.
    pub root: Node,
    /// The result's columns in the order of the projection, and which of them are key columns.
    pub columns: Vec<ResultColumn>,
}

/// A column of a query's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultColumn {
    /// Name and type.
    pub column: Column,
    /// Whether it is a key column.
    pub is_key: bool,
}

/// Rows on their way up the tree: the node that gives them, and where the sources' columns are in them.
struct Flow {
    node: Node,
    bindings: Bindings,
}

/// Builds the logical plan.
///
/// # Errors
/// When an expression breaks a rule about types, or a join's sides don't fit.
pub fn build(analysis: &Analysis, purpose: Purpose<'_>, context: &Context<'_>) -> Result<Logical> {
    let mut flow = sources::build(analysis, context)?;
    if let Some(filter) = &analysis.filter {
        let names = InputNames::new(analysis, &flow.bindings);
        let predicate = predicate(filter, Clause::Where, &names, context)?;
        flow.node = filtered(flow.node, predicate);
    }
    let explode = project::explode(flow, analysis, context)?;
    let logical = match &analysis.group_by {
        Some(group_by) => aggregate::build(explode.0, group_by, analysis, purpose, context)?,
        None => project::build(explode.0, explode.1, analysis, purpose, context)?,
    };
    project::check_duplicates(&logical)?;
    Ok(logical)
}

fn filtered(input: Node, predicate: plan::expression::Expr) -> Node {
    let layout = input.layout.clone();
    Node { operator: Operator::Filter { input: Box::new(input), predicate }, layout }
}

/// Types a condition.
fn predicate(
    expr: &Expr,
    clause: Clause,
    names: &InputNames<'_>,
    context: &Context<'_>,
) -> Result<plan::expression::Expr> {
    let mut typer = Typer::new(context.functions, context.catalog, names);
    let typed = typer.typed(expr).map_err(|error| in_clause(error, clause))?;
    if typed.ty == SqlType::Boolean {
        return Ok(typed);
    }
    let text = typer.text(expr);
    let message = format!(
        "Type error in {} expression: Should evaluate to boolean but is {text} ({}) instead.",
        clause.words(),
        typed.ty
    );
    Err(Error::invalid_at("not-boolean", message, expr.span))
}

/// Says in which clause a complaint about types arose, as ksqlDB does.
fn in_clause(mut error: Error, clause: Clause) -> Error {
    let Some(problem) = error.problem_mut() else { return error };
    let is_early = [expression::CAST, expression::COERCION].contains(&problem.code);
    let prefix = match (clause, is_early) {
        (Clause::Where | Clause::Having, true) => "Invalid Predicate: ".to_owned(),
        (Clause::Where | Clause::Having, false) => {
            format!("Error in {} expression: ", clause.words())
        }
        (_, true) => "Invalid Select: ".to_owned(),
        (_, false) => return error,
    };
    problem.message.insert_str(0, &prefix);
    error
}
