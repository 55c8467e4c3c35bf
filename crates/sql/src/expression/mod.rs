//! Typing of expressions: from names and literals to [`plan::expression::Expr`], by the rules of spec
//! sections 2.2 to 2.5.
//!
//! Called by every part of analysis that meets an expression. What names mean is the caller's
//! business ([`Names`]). The texts in messages show columns as the caller labels them.

mod calls;
mod coerce;
mod constant;
mod literals;
mod operators;

use functions::Registry;
use plan::expression::{Expr as Typed, ExprKind as TypedKind};
use types::{SqlType, Value};

pub use constant::{Constant, NoNames, constant, evaluate};
pub use literals::{literal, literal_value};

use crate::ast::{ColumnName, Expr, ExprKind, Identifier, LogicalOp, Span};
use crate::catalog::Catalog;
use crate::data_type;
use crate::error::{Error, Result};
use crate::format;
use crate::rewrite;

/// What the names in an expression mean.
pub trait Names {
    /// The typed expression that stands for the whole of `expr`, if any: a grouping expression or an
    /// aggregate's result after GROUP BY, the column of a table function.
    fn replacement(&self, _expr: &Expr) -> Option<Typed> {
        None
    }

    /// The column.
    ///
    /// # Errors
    /// When there is no such column.
    fn column(&self, name: &ColumnName, span: Span) -> Result<Typed>;

    /// How messages call the column.
    fn label(&self, name: &ColumnName) -> String {
        name.name.name.clone()
    }
}

/// Types expressions over some names.
pub struct Typer<'a> {
    functions: &'a Registry,
    catalog: &'a Catalog,
    names: &'a dyn Names,
    lambdas: Vec<LambdaScope>,
}

/// Parameters of a lambda whose body is being typed.
struct LambdaScope {
    names: Vec<Identifier>,
    types: Vec<SqlType>,
}

/// Stable codes of the complaints that ksqlDB raises before it looks at the clause.
pub const COERCION: &str = "coercion";
/// As [`COERCION`], for CAST.
pub const CAST: &str = "cast";

impl<'a> Typer<'a> {
    /// A typer over `names`.
    pub fn new(functions: &'a Registry, catalog: &'a Catalog, names: &'a dyn Names) -> Self {
        Self { functions, catalog, names, lambdas: Vec::new() }
    }

    /// Types `expr`, which must have a type.
    ///
    /// # Errors
    /// When it breaks a rule, or is an untyped NULL.
    pub fn typed(&mut self, expr: &Expr) -> Result<Typed> {
        self.infer(expr)?.ok_or_else(|| {
            let message = "Can't infer a type of null. Please explicitly cast it to a required \
                           type, e.g. CAST(null AS VARCHAR).";
            Error::invalid_at("untyped-null", message, expr.span)
        })
    }

    /// Types `expr` as `ty`; an untyped NULL takes it.
    fn typed_or_null(&mut self, expr: &Expr, ty: &SqlType) -> Result<Typed> {
        let typed = self.infer(expr)?;
        Ok(typed.unwrap_or_else(|| Typed::literal(Value::Null, ty.clone())))
    }

    /// Types `expr`; `None` for a NULL without a type.
    ///
    /// # Errors
    /// When it breaks a rule.
    pub fn infer(&mut self, expr: &Expr) -> Result<Option<Typed>> {
        if let Some(replacement) = self.names.replacement(expr) {
            return Ok(Some(replacement));
        }
        match &expr.kind {
            ExprKind::Literal(value) => Ok(literal(value)),
            ExprKind::Column(name) => self.column(name, expr.span).map(Some),
            ExprKind::Unit(unit) => {
                let message =
                    format!("Unit {} can only be the argument of a function", unit.word());
                Err(Error::invalid_at("misplaced-unit", message, expr.span))
            }
            ExprKind::Negate(operand) => self.negate(expr, operand).map(Some),
            ExprKind::Plus(operand) => self.infer(operand),
            ExprKind::Arithmetic { op, left, right } => {
                self.arithmetic(expr, op.node, left, right).map(Some)
            }
            ExprKind::Compare { op, left, right } => {
                self.compare(expr, op.node, left, right).map(Some)
            }
            ExprKind::Logical { op, left, right } => self.logical(*op, left, right).map(Some),
            ExprKind::Not(operand) => self.not(operand).map(Some),
            ExprKind::IsNull { operand, negated } => self.is_null(operand, *negated).map(Some),
            ExprKind::Between { .. } => self.between(expr).map(Some),
            ExprKind::In { operand, list, negated } => {
                self.in_list(operand, list, *negated).map(Some)
            }
            ExprKind::Like { .. } => self.like(expr).map(Some),
            ExprKind::Case(case) => self.case(case, expr.span),
            ExprKind::Cast { operand, ty } => {
                let ty = data_type::resolve(ty, self.catalog)?;
                self.cast(operand, ty, expr.span).map(Some)
            }
            ExprKind::Subscript { base, index } => self.subscript(base, index).map(Some),
            ExprKind::Field { base, field } => self.field(base, field).map(Some),
            ExprKind::Array(elements) => self.array(elements, expr.span).map(Some),
            ExprKind::Map(entries) => self.map(entries, expr.span).map(Some),
            ExprKind::Struct(fields) => self.structure(fields).map(Some),
            ExprKind::Call(call) => self.call(call, expr.span).map(Some),
            ExprKind::Lambda(_) => Err(Error::invalid_at(
                "misplaced-lambda",
                "A lambda can only be the argument of a function.",
                expr.span,
            )),
            ExprKind::AtTimeZone { .. } => {
                Err(Error::invalid_at("at-time-zone", "AT TIME ZONE is not supported.", expr.span))
            }
        }
    }

    fn column(&mut self, name: &ColumnName, span: Span) -> Result<Typed> {
        if name.source.is_none() {
            for (depth, scope) in self.lambdas.iter().rev().enumerate() {
                if let Some(index) = scope.names.iter().position(|known| *known == name.name) {
                    let ty = scope.types[index].clone();
                    return Ok(Typed { kind: TypedKind::LambdaParameter { depth, index }, ty });
                }
            }
        }
        self.names.column(name, span)
    }

    fn logical(&mut self, op: LogicalOp, left: &Expr, right: &Expr) -> Result<Typed> {
        let left = Box::new(self.boolean(left)?);
        let right = Box::new(self.boolean(right)?);
        let kind = match op {
            LogicalOp::And => TypedKind::And(left, right),
            LogicalOp::Or => TypedKind::Or(left, right),
        };
        Ok(Typed { kind, ty: SqlType::Boolean })
    }

    /// Types an operand that must be BOOLEAN.
    fn boolean(&mut self, expr: &Expr) -> Result<Typed> {
        let typed = self.typed_or_null(expr, &SqlType::Boolean)?;
        if typed.ty == SqlType::Boolean {
            return Ok(typed);
        }
        let message = format!(
            "Type error: Should evaluate to boolean but is {} ({}) instead.",
            self.text(expr),
            typed.ty
        );
        Err(Error::invalid_at("not-boolean", message, expr.span))
    }

    /// The text of `expr` for messages.
    pub fn text(&self, expr: &Expr) -> String {
        text(expr, self.names)
    }
}

/// The text of `expr` with columns as `names` labels them.
pub fn text(expr: &Expr, names: &dyn Names) -> String {
    let labelled = rewrite::replace(expr, &mut |node| {
        let ExprKind::Column(name) = &node.kind else { return Ok::<_, Error>(None) };
        let label = Identifier::synthetic(names.label(name));
        let column = ColumnName { source: None, name: label };
        Ok(Some(Expr::new(ExprKind::Column(column), node.span)))
    });
    format::expression(&labelled.expect("labelling never fails"))
}
