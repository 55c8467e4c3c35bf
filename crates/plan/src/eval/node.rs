//! The compiled tree and its evaluation; each kind of node is evaluated in its own module.

use arrow_array::ArrayRef;
use functions::{Environment, Failures};
use types::SqlType;

use super::arithmetic::{self, Arithmetic};
use super::call::{self, FunctionCall};
use super::case::{self, Case};
use super::cast;
use super::compare::{self, Comparison};
use super::construct;
use super::input::Scope;
use super::like::{self, Like};
use super::logic::{self, Connective};
use super::nested::{self, Subscript};
use super::outcome::{Column, Outcome, without};
use crate::expression::ColumnRef;

/// What surrounds a node while it runs.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub scope: &'a dyn Scope,
    pub environment: &'a dyn Environment,
}

impl Context<'_> {
    /// Number of rows to evaluate.
    pub fn rows(&self) -> usize {
        self.scope.rows()
    }
}

/// A compiled expression.
#[derive(Debug)]
pub(super) enum Node {
    Literal(ArrayRef),
    Column(ColumnRef),
    Parameter { depth: usize, index: usize },
    Arithmetic(Box<Arithmetic>),
    Negate(Box<Node>),
    Compare(Box<Comparison>),
    Between(Box<(Comparison, Comparison)>),
    In(Vec<Comparison>),
    Connective(Box<Connective>),
    Not(Box<Node>),
    IsNull(Box<Node>),
    Like(Box<Like>),
    Case(Box<Case>),
    Cast(Box<Cast>),
    Subscript(Box<Subscript>),
    Field { base: Box<Node>, index: usize },
    Array { items: Vec<Node>, element: SqlType },
    Map { entries: Vec<(Node, Node)>, key: SqlType, value: SqlType },
    Struct { members: Vec<Node>, ty: SqlType },
    Call(Box<FunctionCall>),
}

/// `CAST(operand AS to)`.
#[derive(Debug)]
pub(super) struct Cast {
    pub operand: Node,
    pub from: SqlType,
    pub to: SqlType,
}

impl Node {
    /// Evaluates the node over every row of the scope.
    pub fn evaluate(&self, context: &Context<'_>, failures: &mut Failures) -> Outcome {
        match self {
            Self::Literal(value) => {
                Outcome { column: Column::Constant(value.clone()), failed: None }
            }
            Self::Column(column) => Outcome::of(context.scope.column(*column)),
            Self::Parameter { depth, index } => {
                Outcome::of(context.scope.parameter(*depth, *index))
            }
            Self::Arithmetic(node) => arithmetic::evaluate(node, context, failures),
            Self::Negate(operand) => arithmetic::negate(operand, context, failures),
            Self::Compare(node) => compare::evaluate(node, context, failures),
            Self::Between(bounds) => logic::between(&bounds.0, &bounds.1, context, failures),
            Self::In(list) => logic::is_in(list, context, failures),
            Self::Connective(node) => logic::connective(node, context, failures),
            Self::Not(operand) => logic::not(operand, context, failures),
            Self::IsNull(operand) => logic::is_null(operand, context, failures),
            Self::Like(node) => like::evaluate(node, context, failures),
            Self::Case(node) => case::evaluate(node, context, failures),
            Self::Cast(node) => evaluate_cast(node, context, failures),
            Self::Subscript(node) => nested::subscript(node, context, failures),
            Self::Field { base, index } => nested::field(base, *index, context, failures),
            Self::Array { items, element } => construct::array(items, element, context, failures),
            Self::Map { entries, key, value } => {
                construct::map(entries, key, value, context, failures)
            }
            Self::Struct { members, ty } => construct::structure(members, ty, context, failures),
            Self::Call(node) => call::evaluate(node, context, failures),
        }
    }

    /// The values alone, for places where a failing part just becomes NULL.
    pub fn evaluate_contained(&self, context: &Context<'_>, failures: &mut Failures) -> Column {
        self.evaluate(context, failures).column
    }

    /// Whether evaluating rows whose result is not needed costs less than selecting the others.
    pub fn is_cheap(&self) -> bool {
        match self {
            Self::Literal(_) | Self::Column(_) | Self::Parameter { .. } => true,
            Self::Negate(operand) | Self::Not(operand) | Self::IsNull(operand) => {
                operand.is_cheap()
            }
            Self::Arithmetic(node) => node.left.is_cheap() && node.right.is_cheap(),
            Self::Compare(node) => node.is_cheap(),
            Self::Between(bounds) => bounds.0.is_cheap() && bounds.1.is_cheap(),
            Self::Connective(node) => node.left.is_cheap() && node.right.is_cheap(),
            Self::Field { base, .. } => base.is_cheap(),
            _ => false,
        }
    }
}

fn evaluate_cast(node: &Cast, context: &Context<'_>, failures: &mut Failures) -> Outcome {
    let operand = node.operand.evaluate_contained(context, failures);
    cast_column(&operand, &node.from, &node.to, context.rows(), failures)
}

/// Casts a column; failing rows become NULL and are noted.
fn cast_column(
    operand: &Column,
    from: &SqlType,
    to: &SqlType,
    rows: usize,
    failures: &mut Failures,
) -> Outcome {
    let array = match operand {
        Column::Rows(array) => array.clone(),
        constant @ Column::Constant(_) => constant.clone().into_rows(rows),
    };
    Outcome::of(cast::cast(&array, from, to, failures))
}

/// Casts a column for an operator: a row that fails fails the operator too.
pub(super) fn convert(
    operand: Outcome,
    from: &SqlType,
    to: &SqlType,
    rows: usize,
    failures: &mut Failures,
) -> Outcome {
    if let Column::Constant(array) = &operand.column {
        let mut local = Failures::default();
        let cast = cast::cast(array, from, to, &mut local);
        if local.rows.is_empty() {
            return Outcome { column: Column::Constant(cast), failed: operand.failed };
        }
    }
    let mut local = Failures::default();
    let converted = cast_column(&operand.column, from, to, rows, &mut local);
    let failed = super::outcome::rows_noted(&local, rows);
    failures.rows.append(&mut local.rows);
    let array = converted.column.into_rows(rows);
    let array = match &operand.failed {
        None => array,
        Some(failed) => without(&array, failed),
    };
    Outcome { column: Column::Rows(array), failed: super::outcome::either(operand.failed, failed) }
}
