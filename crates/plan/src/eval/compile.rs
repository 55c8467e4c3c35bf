//! From typed expressions to nodes: functions are resolved, operands prepared, types checked.

use std::sync::Arc;

use arrow_array::ArrayRef;
use functions::Registry;
use types::columns::{array_of, arrow_type};
use types::{SqlType, Value};

use super::arithmetic::Arithmetic;
use super::call::{CallArgument as NodeArgument, FunctionCall};
use super::case::Case;
use super::compare::Comparison;
use super::like::Like;
use super::logic::Connective;
use super::nested::Subscript;
use super::node::{Cast, Node};
use super::pair::Pair;
use crate::expression::{ArithmeticOp, CallArgument, CompareOp, Expr, ExprKind};
use crate::typing::{castable, comparable};
use crate::{Error, Result};

/// Compiles `expr`.
pub(super) fn compile(expr: &Expr, registry: &Registry) -> Result<Node> {
    Compiler { registry }.node(expr)
}

struct Compiler<'a> {
    registry: &'a Registry,
}

impl Compiler<'_> {
    fn node(&self, expr: &Expr) -> Result<Node> {
        match &expr.kind {
            ExprKind::Literal(value) => Ok(Node::Literal(literal(value, &expr.ty))),
            ExprKind::Column(column) => Ok(Node::Column(*column)),
            ExprKind::LambdaParameter { depth, index } => {
                Ok(Node::Parameter { depth: *depth, index: *index })
            }
            ExprKind::Arithmetic { op, left, right } => self.arithmetic(*op, left, right, &expr.ty),
            ExprKind::Negate(operand) => self.negate(operand),
            ExprKind::Compare { op, left, right } => self.compare(*op, left, right),
            ExprKind::And(left, right) => self.connective(left, right, false),
            ExprKind::Or(left, right) => self.connective(left, right, true),
            ExprKind::Not(operand) => Ok(Node::Not(self.boxed(operand)?)),
            ExprKind::IsNull(operand) => Ok(Node::IsNull(self.boxed(operand)?)),
            ExprKind::Between { operand, low, high } => self.between(operand, low, high),
            ExprKind::In { operand, list } => self.is_in(operand, list),
            ExprKind::Like { operand, pattern, escape } => self.like(operand, pattern, *escape),
            ExprKind::Case { branches, otherwise } => {
                self.case(branches, otherwise.as_deref(), &expr.ty)
            }
            ExprKind::Cast(operand) => self.cast(operand, &expr.ty),
            ExprKind::Subscript { base, index } => self.subscript(base, index),
            ExprKind::Field { base, index } => self.field(base, *index),
            ExprKind::Array(items) => self.array(items, &expr.ty),
            ExprKind::Map(entries) => self.map(entries, &expr.ty),
            ExprKind::Struct(members) => self.structure(members, &expr.ty),
            ExprKind::Call { function, overload, arguments } => {
                self.call(function, *overload, arguments, &expr.ty)
            }
        }
    }

    fn boxed(&self, expr: &Expr) -> Result<Box<Node>> {
        self.node(expr).map(Box::new)
    }

    /// Compiles `expr`, cast to `ty` where the plan left that to the evaluator.
    fn node_as(&self, expr: &Expr, ty: &SqlType) -> Result<Node> {
        if expr.ty == *ty { self.node(expr) } else { self.cast(expr, ty) }
    }

    fn arithmetic(
        &self,
        op: ArithmeticOp,
        left: &Expr,
        right: &Expr,
        ty: &SqlType,
    ) -> Result<Node> {
        if crate::typing::arithmetic_type(op, &left.ty, &right.ty).as_ref() != Some(ty) {
            let (left, right) = (left.ty.clone(), right.ty.clone());
            return Err(Error::UnsupportedArithmetic { left, right });
        }
        Ok(Node::Arithmetic(Box::new(Arithmetic {
            op,
            left: self.node(left)?,
            right: self.node(right)?,
            left_ty: left.ty.clone(),
            right_ty: right.ty.clone(),
            ty: ty.clone(),
        })))
    }

    fn negate(&self, operand: &Expr) -> Result<Node> {
        if !operand.ty.is_numeric() {
            return Err(wrong_type("-", operand));
        }
        Ok(Node::Negate(self.boxed(operand)?))
    }

    fn comparison(
        &self,
        op: CompareOp,
        left: &(Arc<Node>, SqlType),
        right: &Expr,
    ) -> Result<Comparison> {
        if !comparable(op, &left.1, &right.ty) {
            return Err(Error::NotComparable { op, left: left.1.clone(), right: right.ty.clone() });
        }
        Ok(Comparison {
            op,
            left: left.0.clone(),
            right: self.node(right)?,
            pair: Pair::new(&left.1, &right.ty),
        })
    }

    /// An operand that several comparisons share.
    fn shared(&self, operand: &Expr) -> Result<(Arc<Node>, SqlType)> {
        Ok((Arc::new(self.node(operand)?), operand.ty.clone()))
    }

    fn compare(&self, op: CompareOp, left: &Expr, right: &Expr) -> Result<Node> {
        Ok(Node::Compare(Box::new(self.comparison(op, &self.shared(left)?, right)?)))
    }

    fn between(&self, operand: &Expr, low: &Expr, high: &Expr) -> Result<Node> {
        let operand = self.shared(operand)?;
        let low = self.comparison(CompareOp::GreaterOrEqual, &operand, low)?;
        let high = self.comparison(CompareOp::LessOrEqual, &operand, high)?;
        Ok(Node::Between(Box::new((low, high))))
    }

    fn is_in(&self, operand: &Expr, list: &[Expr]) -> Result<Node> {
        let operand = self.shared(operand)?;
        // NULL never matches, whatever its type.
        let candidates = list.iter().filter(|item| !is_null_literal(item));
        let comparisons: Result<Vec<Comparison>> =
            candidates.map(|item| self.comparison(CompareOp::Equal, &operand, item)).collect();
        comparisons.map(Node::In)
    }

    fn connective(&self, left: &Expr, right: &Expr, decisive: bool) -> Result<Node> {
        let (left, right) = (self.node(left)?, self.node(right)?);
        Ok(Node::Connective(Box::new(Connective { left, right, decisive })))
    }

    fn like(&self, operand: &Expr, pattern: &Expr, escape: Option<char>) -> Result<Node> {
        if let Some(other) = [operand, pattern].into_iter().find(|e| e.ty != SqlType::String) {
            return Err(wrong_type("LIKE", other));
        }
        let (operand, pattern) = (self.node(operand)?, self.node(pattern)?);
        Ok(Node::Like(Box::new(Like { operand, pattern, escape })))
    }

    fn case(
        &self,
        branches: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
        ty: &SqlType,
    ) -> Result<Node> {
        let branch = |(condition, result): &(Expr, Expr)| {
            Ok((self.node(condition)?, self.node_as(result, ty)?))
        };
        Ok(Node::Case(Box::new(Case {
            branches: branches.iter().map(branch).collect::<Result<_>>()?,
            otherwise: otherwise.map(|expr| self.node_as(expr, ty)).transpose()?,
            ty: arrow_type(ty),
        })))
    }

    fn cast(&self, operand: &Expr, to: &SqlType) -> Result<Node> {
        if is_null_literal(operand) {
            return Ok(Node::Literal(literal(&Value::Null, to)));
        }
        if operand.ty == *to {
            return self.node(operand);
        }
        if !castable(&operand.ty, to) {
            let (from, to) = (operand.ty.clone(), to.clone());
            return Err(Error::UnsupportedCast { from, to });
        }
        let (from, to) = (operand.ty.clone(), to.clone());
        Ok(Node::Cast(Box::new(Cast { operand: self.node(operand)?, from, to })))
    }

    fn subscript(&self, base: &Expr, index: &Expr) -> Result<Node> {
        let is_map = match &base.ty {
            SqlType::Map(..) => true,
            SqlType::Array(_) => false,
            _ => return Err(wrong_type("[]", base)),
        };
        if !is_map && !matches!(index.ty, SqlType::Integer | SqlType::Bigint) {
            return Err(wrong_type("an array index", index));
        }
        let (base, index) = (self.node(base)?, self.node(index)?);
        Ok(Node::Subscript(Box::new(Subscript { base, index, is_map })))
    }

    fn field(&self, base: &Expr, index: usize) -> Result<Node> {
        match &base.ty {
            SqlType::Struct(fields) if index < fields.len() => {
                Ok(Node::Field { base: self.boxed(base)?, index })
            }
            _ => Err(wrong_type("->", base)),
        }
    }

    fn array(&self, items: &[Expr], ty: &SqlType) -> Result<Node> {
        let SqlType::Array(element) = ty else {
            return Err(Error::WrongType { operation: "ARRAY[]", ty: ty.clone() });
        };
        let items = items.iter().map(|item| self.node_as(item, element)).collect::<Result<_>>()?;
        Ok(Node::Array { items, element: (**element).clone() })
    }

    fn map(&self, entries: &[(Expr, Expr)], ty: &SqlType) -> Result<Node> {
        let SqlType::Map(key, value) = ty else {
            return Err(Error::WrongType { operation: "MAP()", ty: ty.clone() });
        };
        let entry = |(k, v): &(Expr, Expr)| Ok((self.node_as(k, key)?, self.node_as(v, value)?));
        let entries = entries.iter().map(entry).collect::<Result<_>>()?;
        Ok(Node::Map { entries, key: (**key).clone(), value: (**value).clone() })
    }

    fn structure(&self, members: &[Expr], ty: &SqlType) -> Result<Node> {
        let wrong = || Error::WrongType { operation: "STRUCT()", ty: ty.clone() };
        let SqlType::Struct(fields) = ty else {
            return Err(wrong());
        };
        if fields.len() != members.len() {
            return Err(wrong());
        }
        let member = |(expr, field): (&Expr, &types::Field)| self.node_as(expr, &field.ty);
        let members = members.iter().zip(fields).map(member).collect::<Result<_>>()?;
        Ok(Node::Struct { members, ty: ty.clone() })
    }

    fn call(
        &self,
        function: &str,
        overload: usize,
        arguments: &[CallArgument],
        returns: &SqlType,
    ) -> Result<Node> {
        let scalar = self
            .registry
            .scalar(function)
            .ok_or_else(|| Error::UnknownFunction(function.to_owned()))?;
        let chosen = scalar
            .overloads
            .get(overload)
            .ok_or_else(|| Error::UnknownOverload { function: function.to_owned(), overload })?;
        let argument = |argument: &CallArgument| match argument {
            CallArgument::Value(expr) => self.node(expr).map(NodeArgument::Value),
            CallArgument::Lambda { body, .. } => self.node(body).map(NodeArgument::Lambda),
        };
        Ok(Node::Call(Box::new(FunctionCall {
            evaluate: chosen.evaluate,
            arguments: arguments.iter().map(argument).collect::<Result<_>>()?,
            returns: returns.clone(),
        })))
    }
}

fn literal(value: &Value, ty: &SqlType) -> ArrayRef {
    array_of(ty, [value])
}

fn is_null_literal(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(Value::Null))
}

fn wrong_type(operation: &'static str, operand: &Expr) -> Error {
    Error::WrongType { operation, ty: operand.ty.clone() }
}
